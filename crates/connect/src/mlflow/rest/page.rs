//! One page of a listing, of which a single bad object does not spoil the others.

use catena_model::statement::Rejection;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::http::{HttpError, Json};

/// One page of a listing.
pub(super) struct Page<T> {
    /// What could be read.
    pub(super) items: Vec<T>,
    /// What could not.
    pub(super) rejections: Vec<Rejection>,
    /// Where the next page is.
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
struct Body<T> {
    #[serde(
        default = "none",
        alias = "experiments",
        alias = "runs",
        alias = "models",
        alias = "registered_models",
        alias = "model_versions",
        alias = "metrics",
        alias = "traces",
        alias = "datasets"
    )]
    items: Option<Vec<T>>,
    #[serde(default)]
    next_page_token: Option<String>,
}

fn none<T>() -> Option<Vec<T>> {
    None
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads the page; `what` names one of its objects: `run`.
    pub(super) fn of(answer: &Json, what: &str) -> Result<Self, HttpError> {
        // Nearly always all of them are good, and then one pass does.
        if let Ok(body) = answer.read::<Body<T>>() {
            return Ok(Self {
                items: body.items.unwrap_or_default(),
                rejections: Vec::new(),
                next: token(body.next_page_token),
            });
        }
        let body = answer.read::<Body<Value>>()?;
        let mut page = Self { items: Vec::new(), rejections: Vec::new(), next: token(body.next_page_token) };
        for (at, value) in body.items.unwrap_or_default().into_iter().enumerate() {
            let place = place(what, at, &value);
            match serde_json::from_value(value) {
                Ok(item) => page.items.push(item),
                Err(error) => {
                    let why = format!("the server sent what can't be read: {error}");
                    page.rejections.push(Rejection { place, why });
                }
            }
        }
        Ok(page)
    }
}

/// MLflow leaves the token out at the end, some servers send an empty one.
fn token(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

/// What the object is called, as far as that can be told from something that can't be read.
fn place(what: &str, at: usize, value: &Value) -> String {
    let head = if value["info"].is_object() { &value["info"] } else { value };
    let name = ["run_id", "model_id", "experiment_id", "name", "key"]
        .into_iter()
        .find_map(|key| head[key].as_str().filter(|text| !text.is_empty()));
    match name {
        Some(name) => format!("{what} {}", name.chars().take(200).collect::<String>()),
        None => format!("{what} {} of a page", at + 1),
    }
}
