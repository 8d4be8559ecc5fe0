//! What the handlers of LangSmith's API share: reading a body, storing one object, cutting a list into pages.

use bytes::Bytes;
use catena_ingest::langsmith::{Object, batch};
use catena_model::{statement::Read, time::Timestamp};
use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    commit::Piece,
    desk::Desk,
    protocol::{Answer, Request},
    refusal::Refusal,
};

/// What a handler comes to.
pub(super) type Answered = Result<Answer, Refusal>;

/// A good answer.
pub(super) fn ok(body: &impl Serialize) -> Answered {
    Ok(Answer::json(StatusCode::OK, body))
}

/// The object that the body is.
pub(super) fn object(request: &Request, desk: &Desk) -> Result<Object, Refusal> {
    batch::object(&request.body, &desk.limits().json).map_err(Refusal::Unreadable)
}

/// Stores what `read` says; `whole` is what it was read from, to be kept if it can't be taken.
pub(super) async fn keep(desk: &Desk, form: &'static str, whole: &Object, read: Read) -> Result<(), Refusal> {
    let raw = serde_json::to_vec(whole).map(Bytes::from).unwrap_or_default();
    keep_all(desk, vec![Piece { read, raw, form }]).await
}

/// Stores pieces that are answered as one.
pub(super) async fn keep_all(desk: &Desk, pieces: Vec<Piece>) -> Result<(), Refusal> {
    let receipt = desk.keep(pieces).await?;
    match receipt.rejected.into_iter().next() {
        None => Ok(()),
        Some(rejected) => {
            let why = format!("{}: {}", rejected.rejection.place, rejected.rejection.why);
            Err(if rejected.conflict { Refusal::Conflict(why) } else { Refusal::Unreadable(why) })
        }
    }
}

/// The id that a parameter of the path is.
pub(super) fn id_of_path(request: &Request, name: &str) -> Result<Uuid, Refusal> {
    id(request.parameter(name))
}

pub(super) fn id(text: &str) -> Result<Uuid, Refusal> {
    Uuid::try_parse(text)
        .map_err(|_| Refusal::Unreadable(format!("{text:?} is not a UUID: LangSmith's ids are")))
}

/// The ids of all values of a key in the query.
pub(super) fn ids_asked(request: &Request, key: &str) -> Result<Vec<Uuid>, Refusal> {
    request.all_asked(key).iter().filter(|text| !text.is_empty()).map(|text| id(text)).collect()
}

/// The text under a key of an object.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Puts in what isn't there or is null.
pub(super) fn fill(object: &mut Object, key: &str, value: impl Into<Value>) {
    if object.get(key).is_none_or(Value::is_null) {
        object.insert(key.to_owned(), value.into());
    }
}

/// A moment as the API writes it.
pub(super) fn moment(at: Timestamp) -> Value {
    Value::from(at.to_string())
}

/// A moment later than what is there, whatever the clock says: of two changes the later holds, and a clock that was set
/// back must not undo the second.
pub(super) fn later(now: Timestamp, held: Option<&str>) -> Timestamp {
    let held = held.and_then(|text| text.parse::<Timestamp>().ok());
    held.map_or(now, |held| now.max(Timestamp::from_micros(held.micros().saturating_add(1))))
}

/// Lays changes over an object; null leaves what is there.
pub(super) fn lay_over(object: &mut Object, changes: Object) {
    for (key, value) in changes {
        if !value.is_null() {
            object.insert(key, value);
        }
    }
}

/// The most that one page of a list has.
const MOST_LISTED: usize = 100;

/// A page of a list, by `limit` and `offset` of the query.
pub(super) fn page<T>(request: &Request, list: Vec<T>) -> Vec<T> {
    let (offset, limit) = range(request);
    list.into_iter().skip(offset).take(limit).collect()
}

/// How much of a list must be read for the page that is asked for.
pub(super) fn last_listed(request: &Request) -> usize {
    let (offset, limit) = range(request);
    offset.saturating_add(limit)
}

fn range(request: &Request) -> (usize, usize) {
    let number = |key: &str| request.asked(key).and_then(|text| text.parse::<usize>().ok());
    (number("offset").unwrap_or(0), number("limit").unwrap_or(MOST_LISTED).min(MOST_LISTED))
}
