//! Experiments.

use catena_ingest::langsmith::Object;
use catena_model::kind::Kind;
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};

use super::{
    Mlflow,
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{EXPERIMENT, keep, moment, piece},
    pairs,
    said::{Answered, asked, done, int, invalid, millis, object, ok, page, required, text, texts, unknown},
};
use crate::{commit::Piece, desk::Desk, protocol::Request, refusal::Refusal};

/// The longest tag of an experiment.
const LONGEST_TAG: usize = 5_000;

/// Every MLflow begins with this experiment.
pub(super) const FIRST: &str = "0";

/// The experiment of this id. The first one is there before anything was stored.
pub(super) fn find(reader: &Reader<'_>, id: &str) -> StoreResult<Option<Object>> {
    Ok(match held::one(reader, held::experiment(id))? {
        Some(held) => Some(held.object),
        None => (id == FIRST).then(|| first(None)),
    })
}

pub(super) fn first(at: Option<i64>) -> Object {
    object([
        ("experiment_id", json!(FIRST)),
        ("name", json!("Default")),
        ("artifact_location", json!("mlflow-artifacts:/0")),
        ("lifecycle_stage", json!("active")),
        ("creation_time", json!(at)),
        ("last_update_time", json!(at)),
    ])
}

fn all(reader: &Reader<'_>) -> StoreResult<Vec<Object>> {
    let held = held::all(reader, Kind::Experiment, "experiments/")?;
    let mut found: Vec<Object> = held.into_iter().map(|held| held.object).collect();
    if !found.iter().any(|one| text(one, "experiment_id") == Some(FIRST)) {
        found.push(first(None));
    }
    Ok(found)
}

/// The experiment of this id, which must be there and active.
pub(super) async fn active(desk: &Desk, id: &str) -> Result<Object, Refusal> {
    let asked = id.to_owned();
    let found =
        desk.read(move |reader| find(reader, &asked)).await?.ok_or_else(|| unknown("experiment", id))?;
    match is_deleted(&found) {
        true => Err(invalid(format!("The experiment {id} must be in the 'active' state: restore it"))),
        false => Ok(found),
    }
}

/// The first experiment, stored with what comes after it, if it isn't yet.
pub(super) async fn with_first(desk: &Desk) -> Result<Vec<Piece>, Refusal> {
    let held = desk.read(|reader| held::one(reader, held::experiment(FIRST))).await?;
    Ok(match held {
        Some(_) => Vec::new(),
        None => {
            let object = Value::Object(first(Some(millis(desk))));
            vec![piece(EXPERIMENT, desk.now(), [("object", object)])]
        }
    })
}

pub(super) fn is_deleted(object: &Object) -> bool {
    text(object, "lifecycle_stage") == Some("deleted")
}

/// `POST experiments/create`
pub(super) async fn create(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let name = required(&said, "name")?;
    if name.trim().is_empty() || name.chars().count() > 500 || name.chars().any(char::is_control) {
        return Err(invalid("Invalid experiment name: it has 1 to 500 characters that can be printed"));
    }
    let tags = pairs::pairs(&said, "tags", "Experiment tag", LONGEST_TAG)?;
    let _alone = system.changing.lock().await;
    let all = desk.read(all).await?;
    if all.iter().any(|held| text(held, "name") == Some(&name)) {
        return Err(Refusal::Conflict(format!(
            "Experiment(name={name}) already exists: choose another name, or restore it if it was deleted"
        )));
    }
    let last = all.iter().filter_map(|held| int(held, "experiment_id")).max().unwrap_or(0);
    let id = last.saturating_add(1).to_string();
    let location = text(&said, "artifact_location").map(str::to_owned);
    let at = millis(desk);
    let mut whole = object([
        ("experiment_id", json!(id)),
        ("name", json!(name)),
        ("artifact_location", json!(location.unwrap_or_else(|| format!("mlflow-artifacts:/{id}")))),
        ("lifecycle_stage", json!("active")),
        ("creation_time", json!(at)),
        ("last_update_time", json!(at)),
    ]);
    if !tags.is_empty() {
        whole.insert("tags".to_owned(), pairs::listed(&tags));
    }
    let mut pieces = with_first(desk).await?;
    pieces.push(piece(EXPERIMENT, desk.now(), [("object", Value::Object(whole))]));
    keep(desk, pieces).await?;
    ok(&json!({ "experiment_id": id }))
}

/// `GET experiments/get`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let id = required(&asked(&request, desk)?, "experiment_id")?;
    let wanted = id.clone();
    let found = desk.read(move |reader| find(reader, &wanted)).await?;
    ok(&json!({ "experiment": found.ok_or_else(|| unknown("experiment", &id))? }))
}

/// `GET experiments/get-by-name`
pub(super) async fn get_by_name(request: Request, desk: &Desk) -> Answered {
    let name = required(&asked(&request, desk)?, "experiment_name")?;
    let all = desk.read(all).await?;
    let found = all.into_iter().find(|held| text(held, "name") == Some(&name));
    ok(&json!({ "experiment": found.ok_or_else(|| unknown("experiment", &name))? }))
}

/// `experiments/search`
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let order =
        OrderBy::read(&texts(&said, "order_by"))?.then("creation_time", false).then("experiment_id", false);
    let view = View::of(text(&said, "view_type"))?;
    let mut all = desk.read(all).await?;
    all.retain(|held| view.shows(held) && filter.fits(|key| value(held, key)));
    let (found, next) = page(&said, 1_000, order.sort(all, value))?;
    ok(&json!({ "experiments": found, "next_page_token": next }))
}

fn value(held: &Object, key: &Key) -> Option<Operand> {
    match key.scope {
        Scope::Tag => pairs::value_of(held, "tags", &key.name).map(Operand::text),
        Scope::Attribute => field(held, &key.name),
        _ => None,
    }
}

/// A field of an object, as a filter compares it. Ids that are numbers count as such.
pub(super) fn field(held: &Object, name: &str) -> Option<Operand> {
    match held.get(name)? {
        Value::String(text) if name == "experiment_id" => {
            text.parse().map(Operand::Number).ok().or(Some(Operand::text(text)))
        }
        Value::String(text) => Some(Operand::text(text)),
        Value::Number(number) => number.as_f64().map(Operand::Number),
        _ => None,
    }
}

/// Which of what is there and what was deleted are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Active,
    Deleted,
    All,
}

impl View {
    pub(super) fn of(word: Option<&str>) -> Result<Self, Refusal> {
        match word {
            None | Some("ACTIVE_ONLY" | "1") => Ok(Self::Active),
            Some("DELETED_ONLY" | "2") => Ok(Self::Deleted),
            Some("ALL" | "3") => Ok(Self::All),
            Some(other) => {
                Err(invalid(format!("Invalid view type {other:?}: send ACTIVE_ONLY, DELETED_ONLY or ALL")))
            }
        }
    }

    pub(super) fn shows(self, held: &Object) -> bool {
        self == Self::All || is_deleted(held) == (self == Self::Deleted)
    }
}

async fn change(
    system: &Mlflow,
    desk: &Desk,
    id: &str,
    change: impl FnOnce(&mut Object) -> Result<(), Refusal>,
) -> Answered {
    let _alone = system.changing.lock().await;
    change_alone(desk, id, change).await?;
    done()
}

async fn change_alone(
    desk: &Desk,
    id: &str,
    change: impl FnOnce(&mut Object) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let thing = held::experiment(id);
    let held: Option<Held> = desk.read(move |reader| held::one(reader, thing)).await?;
    let mut whole = match &held {
        Some(held) => held.object.clone(),
        None if id == FIRST => first(Some(millis(desk))),
        None => return Err(unknown("experiment", id)),
    };
    change(&mut whole)?;
    whole.insert("last_update_time".to_owned(), json!(millis(desk)));
    let at = moment(desk, held.as_ref());
    keep(desk, vec![piece(EXPERIMENT, at, [("object", Value::Object(whole))])]).await
}

/// `POST experiments/update`: renames it.
pub(super) async fn update(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = required(&said, "experiment_id")?;
    let Some(name) = text(&said, "new_name").map(str::to_owned) else { return done() };
    let _alone = system.changing.lock().await;
    let all = desk.read(all).await?;
    let taken = |held: &Object| text(held, "name") == Some(&name) && text(held, "experiment_id") != Some(&id);
    if all.iter().any(taken) {
        return Err(Refusal::Conflict(format!(
            "Experiment(name={name}) already exists: choose another name"
        )));
    }
    change_alone(desk, &id, |whole| match is_deleted(whole) {
        true => Err(invalid("Cannot rename a non-active experiment: restore it first")),
        false => {
            whole.insert("name".to_owned(), json!(name));
            Ok(())
        }
    })
    .await?;
    done()
}

/// `POST experiments/delete` and `restore`
pub(super) async fn set_stage(system: &Mlflow, request: Request, desk: &Desk, stage: &str) -> Answered {
    let id = required(&asked(&request, desk)?, "experiment_id")?;
    change(system, desk, &id, |whole| {
        whole.insert("lifecycle_stage".to_owned(), json!(stage));
        Ok(())
    })
    .await
}

/// `POST experiments/set-experiment-tag`
pub(super) async fn set_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (key, tag) = pairs::pair(&said, "Experiment tag", LONGEST_TAG)?;
    change(system, desk, &required(&said, "experiment_id")?, |whole| {
        pairs::set(whole, "tags", &key, &tag);
        Ok(())
    })
    .await
}

/// `POST experiments/delete-experiment-tag`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let key = pairs::key(&said, "Experiment tag")?;
    change(system, desk, &required(&said, "experiment_id")?, |whole| {
        match pairs::take_out(whole, "tags", &key) {
            true => Ok(()),
            false => Err(unknown("tag of this experiment", &key)),
        }
    })
    .await
}
