//! What the records of a collection have in their metadata, found by looking at them.

use std::collections::BTreeMap;

use catena_model::{
    field::{Field, Single},
    kind::Kind,
    statement::Thing,
};
use serde_json::Value;

use super::Entry;
use crate::telling::Telling;

/// How many fields are kept; whoever uses ids as keys has more.
const MOST: usize = 200;

/// The fields of the records that were seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    fields: BTreeMap<String, Seen>,
    records: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    data_type: Option<&'static str>,
    times: u64,
}

impl Fields {
    /// Looks at a record.
    pub fn see(&mut self, entry: &Entry) {
        self.records += 1;
        for (key, value) in entry.metadata.iter().flatten() {
            if !self.fields.contains_key(key) && self.fields.len() >= MOST {
                continue;
            }
            let seen = self.fields.entry(key.clone()).or_default();
            let Some(found) = type_of(value) else { continue };
            seen.times += 1;
            seen.data_type = Some(seen.data_type.map_or(found, |known| joined(known, found)));
        }
    }

    /// Whether no record had any.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn tell(
        &self,
        telling: &mut Telling,
        whole: &Thing,
        all_were_read: bool,
        declared: impl Fn(&str) -> bool,
        first: usize,
    ) {
        for (at, (name, seen)) in self.fields.iter().filter(|(name, _)| !declared(name)).enumerate() {
            // That no record of a part lacked it says nothing of the rest.
            let nullable = match seen.times < self.records {
                true => Some(true),
                false => all_were_read.then_some(false),
            };
            tell(telling, whole, name, seen.data_type.unwrap_or("null"), nullable, first + at);
        }
    }
}

/// A field as a column; one whose name can't be kept is left out.
pub(super) fn tell(
    telling: &mut Telling,
    whole: &Thing,
    name: &str,
    data_type: &str,
    nullable: Option<bool>,
    position: usize,
) {
    let Ok(name) = whole.name.part(name) else { return };
    let thing = Thing::new(Kind::Column, name);
    telling.part_of(&thing, whole);
    telling.claim(&thing, Field::Single(Single::Position), Some(position.into()));
    telling.text(&thing, Single::DataType, Some(data_type));
    telling.claim(&thing, Field::Single(Single::Nullable), nullable.map(Value::from));
}

fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn joined(one: &'static str, other: &'static str) -> &'static str {
    match (one, other) {
        (one, other) if one == other => one,
        ("integer" | "number", "integer" | "number") => "number",
        _ => "mixed",
    }
}
