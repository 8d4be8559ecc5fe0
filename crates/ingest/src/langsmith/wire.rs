//! What is common to LangSmith's objects: their ids and times.

use catena_model::{name::BadName, statement::Read, time::Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::fault::{Fault, Path, quote, rejected};

/// A JSON object.
pub type Object = Map<String, Value>;

/// The id under `key`; clients write null for what they don't know.
pub(super) fn id_in(object: &Object, key: &str) -> Result<Option<Uuid>, Fault> {
    match Path::Root.text_in(object, key)?.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => id(text, &Path::Root.key(key)).map(Some),
    }
}

/// The id under `key`, which must be there.
pub(super) fn required_id(object: &Object, key: &str) -> Result<Uuid, Fault> {
    id_in(object, key)?.ok_or_else(|| Path::Root.key(key).fault("it is missing: have the client send it"))
}

pub(super) fn id(text: &str, path: &Path<'_>) -> Result<Uuid, Fault> {
    Uuid::try_parse(text.trim()).map_err(|_| {
        path.fault(format!("{} is not a UUID: LangSmith's ids are, so have the client send one", quote(text)))
    })
}

/// The time under `key`: RFC 3339, or milliseconds since the epoch as the npm client writes them.
pub(super) fn time_in(object: &Object, key: &str) -> Result<Option<Timestamp>, Fault> {
    let path = Path::Root.key(key);
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number
            .as_i64()
            // No client means a time within a day of the epoch's ends: `i64` has room to spare.
            .map(|millis| Some(Timestamp::from_millis(millis)))
            .or_else(|| number.as_f64().map(|millis| Some(Timestamp::from_micros((millis * 1_000.0) as i64))))
            .ok_or_else(|| path.fault("it is not a time: send RFC 3339, or milliseconds since the epoch")),
        Some(_) => match Path::Root.text_in(object, key)? {
            None | Some("") => Ok(None),
            Some(_) => Path::Root.time_in(object, key).map(Some),
        },
    }
}

/// The object under `key`, or an empty one.
pub(super) fn object_in<'a>(object: &'a Object, key: &str) -> Result<Option<&'a Object>, Fault> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_object() {
            Some(inner) => Ok(Some(inner)),
            None => Err(Path::Root.key(key).fault("it is not an object: have the client send one")),
        },
    }
}

/// The texts of the list under `key`; what is no text in it is passed over.
pub(super) fn texts_in(object: &Object, key: &str) -> Result<Vec<String>, Fault> {
    Ok(Path::Root.list_in(object, key)?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// A name that can't be kept, as a fault of the text under `key`.
pub(super) fn bad_name(key: &str, problem: &BadName) -> Fault {
    Path::Root.key(key).bad_name(problem)
}

/// What `read` makes of an object, or its fault as a rejection that stood at `place`.
pub(super) fn told(place: &str, read: Result<catena_model::statement::Record, Fault>) -> Read {
    read.map_err(|fault| rejected(place, &fault.to_string()))
}

/// `object` without what is null: clients write null for what they don't know.
pub(super) fn without_nulls(object: Object) -> Object {
    object.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Content that is kept as what it is, not as its bytes.
pub(super) fn attachment(media: &str, body: &[u8]) -> Value {
    use sha2::{Digest, Sha256};
    let media = media.split(';').next().unwrap_or_default().trim();
    let digest: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "mime_type": media, "bytes": body.len(), "sha256": digest })
}
