//! What comes back of a query, whichever way it was asked.

use serde_json::{Map, Value};

use crate::{connector::ReadError, handover::Stop, http::HttpError, pause::Pending};

/// Rows, each an object from its columns' names in small letters to texts.
pub(super) type Rows = Vec<Value>;

/// A way to ask Snowflake in SQL.
pub(super) trait Query: Send + Sync {
    /// Asks, and waits for all rows.
    fn rows<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Rows, QueryError>>;

    /// Says goodbye, where that is the custom.
    fn close(&self) -> Pending<'_, ()>;
}

/// Why there are no rows.
#[derive(Debug)]
pub(super) enum QueryError {
    /// The server was not reached, or said what can't be understood.
    Http(HttpError),
    /// The query was refused: there is no such table, or this role may not read it.
    Refused(String),
}

impl From<HttpError> for QueryError {
    fn from(error: HttpError) -> Self {
        match error {
            // The SQL API says so with a status.
            HttpError::Refused { status: 422, message, .. } => {
                Self::Refused(message.unwrap_or_else(|| "it said no more".to_owned()))
            }
            other => Self::Http(other),
        }
    }
}

impl QueryError {
    pub(super) fn of(self, what: &str) -> ReadError {
        match self {
            Self::Http(error) => error.into(),
            Self::Refused(why) => ReadError::Refused { system: "Snowflake", what: what.to_owned(), why },
        }
    }
}

impl From<(QueryError, &str)> for Stop {
    fn from((error, what): (QueryError, &str)) -> Self {
        error.of(what).into()
    }
}

/// What a server said, in a length that fits a message.
pub(super) fn said(answer: &Value) -> String {
    let text = answer["message"].as_str().unwrap_or("it said no more");
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// The names of a result's columns.
pub(super) fn names(columns: &Value) -> Vec<String> {
    let all = columns.as_array().map_or(&[][..], Vec::as_slice);
    all.iter().map(|column| column["name"].as_str().unwrap_or_default().to_lowercase()).collect()
}

/// A row of JSON, of whatever length.
pub(super) fn row(names: &[String], values: &Value) -> Value {
    let values = values.as_array().map_or(&[][..], Vec::as_slice);
    named(names, values.iter().cloned())
}

/// A row under its columns' names.
pub(super) fn named(names: &[String], values: impl Iterator<Item = Value>) -> Value {
    Value::Object(names.iter().cloned().zip(values).collect::<Map<_, _>>())
}
