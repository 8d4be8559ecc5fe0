//! What the handlers of MLflow's API share: what was asked, and how it is answered.

use catena_ingest::{json, langsmith::Object};
use hyper::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    desk::Desk,
    protocol::{Answer, Request},
    refusal::Refusal,
    route::percent_decoded,
};

/// What a handler comes to.
pub(super) type Answered = Result<Answer, Refusal>;

/// A good answer.
pub(super) fn ok(body: &impl Serialize) -> Answered {
    Ok(Answer::json(StatusCode::OK, body))
}

/// A good answer with nothing to say.
pub(super) fn done() -> Answered {
    ok(&json!({}))
}

pub(super) fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::Unreadable(why.into())
}

pub(super) fn unknown(what: &str, id: &str) -> Refusal {
    Refusal::NotFound(format!("No {what} with {id:?} is known: check it, or create it first"))
}

/// What was asked: the object that the body is, or what stands in the query. A key that is there several times is a
/// list. What the path says comes last and holds.
pub(super) fn asked(request: &Request, desk: &Desk) -> Result<Object, Refusal> {
    let mut said = match json::read(&request.body, &desk.limits().json) {
        _ if request.body.is_empty() => Map::new(),
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(invalid("the body is no JSON object: send one")),
        Err(error) => return Err(invalid(error.to_string())),
    };
    for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |text: &str| percent_decoded(&text.replace('+', " "));
        let (Some(name), Some(value)) = (plain(name), plain(value)) else {
            return Err(invalid("the query is not well encoded: send it again"));
        };
        match said.get_mut(&name) {
            Some(Value::Array(values)) => values.push(Value::from(value)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::from(value)]),
            None => {
                said.insert(name, Value::from(value));
            }
        }
    }
    for (name, value) in &request.parameters {
        said.insert((*name).to_owned(), Value::from(value.as_str()));
    }
    Ok(said)
}

/// The text under a key; none when it is empty.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The text under a key that must be there; a number counts as one.
pub(super) fn required(object: &Object, key: &str) -> Result<String, Refusal> {
    match object.get(key) {
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => text(object, key)
            .map(str::to_owned)
            .ok_or_else(|| invalid(format!("Missing value for required parameter '{key}': send it"))),
    }
}

/// The whole number under a key, which protobuf's JSON and queries write as a text.
pub(super) fn int(object: &Object, key: &str) -> Option<i64> {
    match object.get(key)? {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64(),
    }
}

/// The number under a key; `NaN` and the infinities are texts.
pub(super) fn float(object: &Object, key: &str) -> Option<f64> {
    match object.get(key)? {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    }
}

/// The texts under a key, be they one or many.
pub(super) fn texts(object: &Object, key: &str) -> Vec<String> {
    match object.get(key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The objects under a key.
pub(super) fn objects(object: &Object, key: &str) -> Vec<Object> {
    match object.get(key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).cloned().collect(),
        _ => Vec::new(),
    }
}

/// Changes the object under a key; it is made if it isn't there.
pub(super) fn within<T>(object: &mut Object, key: &str, change: impl FnOnce(&mut Object) -> T) -> T {
    let mut inner = match object.get_mut(key).map(Value::take) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    let value = change(&mut inner);
    object.insert(key.to_owned(), Value::Object(inner));
    value
}

/// An object of what is there.
pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Object {
    let there = entries.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A number in JSON, where NaN and the infinities are written as MLflow writes them.
pub(super) fn number(value: f64) -> Value {
    match value {
        value if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value),
    }
}

/// The most that a list gives at once, whatever it is asked for.
const MOST_LISTED: usize = 50_000;

/// A page of a list, by `max_results` and `page_token`, and the token of the next one.
pub(super) fn page<T>(
    said: &Object,
    usual: usize,
    list: Vec<T>,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let most = match int(said, "max_results") {
        None => usual,
        Some(most) => {
            usize::try_from(most).ok().filter(|most| (1..=MOST_LISTED).contains(most)).ok_or_else(|| {
                invalid(format!("Invalid value {most} for parameter 'max_results': send 1 to {MOST_LISTED}"))
            })?
        }
    };
    let from = match text(said, "page_token") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| invalid("the page_token is none that was given: start again without it"))?,
    };
    let more = list.len() > from.saturating_add(most);
    let page = list.into_iter().skip(from).take(most).collect();
    Ok((page, more.then(|| (from + most).to_string())))
}

/// Milliseconds since the epoch.
pub(super) fn millis(desk: &Desk) -> i64 {
    desk.now().millis()
}
