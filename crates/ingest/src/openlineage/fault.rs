//! What is wrong with an event, and where in it.

use std::fmt;

use catena_model::name::BadName;
use serde_json::{Map, Value};

use crate::json::join;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From `$`, the event.
    path: String,
    why: String,
    /// Whether the whole event can't be taken, even if it is only a facet that is wrong.
    pub(super) fatal: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.why)
    }
}

/// Where in the event something stands. Built only to be told, so it costs nothing while all is well.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'a> {
    Event,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Event => f.write_str("$"),
            Path::Key(within, key) => f.write_str(&join(&within.to_string(), key)),
            Path::Index(within, index) => write!(f, "{within}[{index}]"),
        }
    }
}

impl<'a> Path<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(self, key)
    }

    pub(super) fn index(&'a self, index: usize) -> Path<'a> {
        Path::Index(self, index)
    }

    pub(super) fn fault(&self, why: impl Into<String>) -> Fault {
        Fault { path: self.to_string(), why: why.into(), fatal: false }
    }

    /// A name that can't be kept. A NUL in one rejects the event wherever it is: what follows it would be shown of
    /// some systems and not of others.
    pub(super) fn bad_name(&self, problem: &BadName) -> Fault {
        Fault { fatal: matches!(problem, BadName::Nul(_)), ..self.fault(problem.to_string()) }
    }

    fn wrong(&self, expected: &str, found: &Value) -> Fault {
        self.fault(format!("expected {expected}, found {}: correct it at the source", kind(found)))
    }

    pub(super) fn object(&self, value: &'a Value) -> Result<&'a Map<String, Value>, Fault> {
        value.as_object().ok_or_else(|| self.wrong("an object", value))
    }

    pub(super) fn into_object(self, value: Value) -> Result<Map<String, Value>, Fault> {
        match value {
            Value::Object(map) => Ok(map),
            other => Err(self.wrong("an object", &other)),
        }
    }

    pub(super) fn into_list(self, value: Value) -> Result<Vec<Value>, Fault> {
        match value {
            Value::Array(items) => Ok(items),
            Value::Null => Ok(Vec::new()),
            other => Err(self.wrong("an array", &other)),
        }
    }

    /// The list under `key`; clients write null for what they don't know.
    pub(super) fn list_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], Fault> {
        match map.get(key) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(Path::Key(self, key).wrong("an array", other)),
        }
    }

    /// The text under `key`, if there is any.
    pub(super) fn text_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Fault> {
        match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Path::Key(self, key).wrong("a text", other)),
        }
    }

    /// The text under `key`, which must be there.
    pub(super) fn required_in(&self, map: &'a Map<String, Value>, key: &str) -> Result<&'a str, Fault> {
        self.text_in(map, key)?.ok_or_else(|| {
            Path::Key(self, key).fault("it is missing: OpenLineage requires it, so have the source send it")
        })
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
