//! What is wrong with a piece of input, and where in it.

use std::fmt;

use catena_model::{name::BadName, statement::Rejection, time::Timestamp};
use serde_json::{Map, Value};

use crate::json::join;

/// A rejection in words that fit a report, however long what was sent is.
pub fn rejected(place: &str, why: &str) -> Rejection {
    Rejection { place: shorten(place, 300), why: shorten(why, 1_000) }
}

/// The beginning of a text, marked as such when it is longer than `most` bytes.
pub fn shorten(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}...", &text[..end])
}

/// A text within a message.
pub(crate) fn quote(text: &str) -> String {
    format!("{:?}", shorten(text, 100))
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// From `$`, the whole piece.
    path: String,
    why: String,
    /// Whether the whole piece can't be taken, even if only a part of it is wrong that could be done without.
    pub(crate) fatal: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.why)
    }
}

/// Where in the piece something stands. Built only to be told, so it costs nothing while all is well.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => f.write_str("$"),
            Path::Key(within, key) => f.write_str(&join(&within.to_string(), key)),
            Path::Index(within, index) => write!(f, "{within}[{index}]"),
        }
    }
}

impl<'a> Path<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(self, key)
    }

    pub(crate) fn index(&'a self, index: usize) -> Path<'a> {
        Path::Index(self, index)
    }

    pub(crate) fn fault(&self, why: impl Into<String>) -> Fault {
        Fault { path: shorten(&self.to_string(), 300), why: why.into(), fatal: false }
    }

    /// A name that can't be kept. A NUL in one rejects the piece wherever it is: what follows it would be shown of
    /// some systems and not of others.
    pub(crate) fn bad_name(&self, problem: &BadName) -> Fault {
        Fault { fatal: matches!(problem, BadName::Nul(_)), ..self.fault(problem.to_string()) }
    }

    fn wrong(&self, expected: &str, found: &Value) -> Fault {
        self.fault(format!("expected {expected}, found {}: correct it at the source", kind(found)))
    }

    pub(crate) fn object(&self, value: &'a Value) -> Result<&'a Map<String, Value>, Fault> {
        value.as_object().ok_or_else(|| self.wrong("an object", value))
    }

    pub(crate) fn into_object(self, value: Value) -> Result<Map<String, Value>, Fault> {
        match value {
            Value::Object(map) => Ok(map),
            other => Err(self.wrong("an object", &other)),
        }
    }

    pub(crate) fn into_list(self, value: Value) -> Result<Vec<Value>, Fault> {
        match value {
            Value::Array(items) => Ok(items),
            Value::Null => Ok(Vec::new()),
            other => Err(self.wrong("an array", &other)),
        }
    }

    /// The list under `key`; clients write null for what they don't know.
    pub(crate) fn list_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], Fault> {
        match map.get(key) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(Path::Key(self, key).wrong("an array", other)),
        }
    }

    /// The text under `key`, if there is any.
    pub(crate) fn text_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Fault> {
        match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Path::Key(self, key).wrong("a text", other)),
        }
    }

    /// The time under `key`, which must be there.
    pub(crate) fn time_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<Timestamp, Fault> {
        let text = self.required_in(map, key)?;
        text.parse().map_err(|_| {
            let why =
                format!("{} is not a time: expected RFC 3339, such as 2026-11-24T12:35:26.788Z", quote(text));
            Path::Key(self, key).fault(why)
        })
    }

    /// The text under `key`, which must be there.
    pub(crate) fn required_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<&'a str, Fault> {
        self.text_in(map, key)?
            .ok_or_else(|| Path::Key(self, key).fault("it is missing: have the source send it"))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
