//! JSON that is sent as a text within something else.

use serde_json::Value;

use crate::json;

/// What a text holds, when it is a JSON array or object within limits; else the text itself.
pub(crate) fn embedded(text: &str) -> Value {
    let looks = matches!(text.trim_ascii_start().as_bytes().first(), Some(b'[' | b'{'));
    let limits = json::Limits { depth: 48, items: 200_000, ..json::Limits::default() };
    let read = looks.then(|| json::read(text.as_bytes(), &limits).ok()).flatten();
    read.unwrap_or_else(|| Value::from(text))
}
