//! What both forms of an export share: who reports, and why an export can't be read.

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// Why nothing of an export could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The bytes are no export in the form that they are said to be in.
    #[error(
        "the body is no OTLP export in {form}: {why}. Check the exporter's address and protocol, then send it again"
    )]
    Form {
        /// `protobuf` or `JSON`.
        form: &'static str,
        /// What is wrong.
        why: String,
    },
    /// More than is taken at once.
    #[error("the export has more than {0} items: set the exporter's batch size lower")]
    TooMany(usize),
    /// Resource and scope are kept with each of their groups, so a long one with many scopes would become far more than
    /// was sent.
    #[error(
        "what the export says of its resources is more than {0} bytes, counted for each scope: have the source send \
         fewer resource attributes"
    )]
    Resources(usize),
}

/// The bytes that resources and scopes may have, counted for each group of items.
const MOST_AROUND: usize = 32 << 20;

/// The bytes of resources and scopes that go with rejected items into exports of their own; further ones go without.
const MOST_ALONE: usize = 8 << 20;

/// Counts bytes that are few in what was sent and may become many in what is made of it.
#[derive(Debug)]
pub(super) struct Spare {
    around: usize,
    alone: usize,
}

impl Spare {
    pub(super) fn new() -> Self {
        Self { around: MOST_AROUND, alone: MOST_ALONE }
    }

    /// Counts a group.
    pub(super) fn group(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.around = self.around.checked_sub(bytes).ok_or(Unreadable::Resources(MOST_AROUND))?;
        Ok(())
    }

    /// Whether a rejected item may take along what is around it.
    pub(super) fn alone(&mut self, bytes: usize) -> bool {
        let left = self.alone.checked_sub(bytes);
        self.alone = left.unwrap_or_default();
        left.is_some()
    }
}

/// Who reports what: one resource and scope.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    /// The application.
    pub(super) service: String,
    /// Resource and scope as they were sent, shared by all spans.
    pub(super) whole: Arc<Value>,
    /// The resource's attributes.
    pub(super) resource: Arc<Map<String, Value>>,
}

/// A scope as it was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) attributes: Map<String, Value>,
}

impl Reporter {
    pub(super) fn new(resource: &Arc<Map<String, Value>>, scope: &Scope) -> Self {
        let service = resource.get("service.name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut said = Map::new();
        let mut put = |key: &str, value: Value, there: bool| {
            if there {
                said.insert(key.to_owned(), value);
            }
        };
        put("name", json!(scope.name), !scope.name.is_empty());
        put("version", json!(scope.version), !scope.version.is_empty());
        put("attributes", json!(scope.attributes), !scope.attributes.is_empty());
        let whole = json!({ "resource": **resource, "scope": said });
        Self { service, whole: Arc::new(whole), resource: Arc::clone(resource) }
    }
}
