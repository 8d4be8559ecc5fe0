//! Out again: an entity as the standards that are for exchange write it.

mod bill;
mod contract;
mod croissant;

pub use bill::bill;
pub use contract::contract;
pub use croissant::croissant;

use serde_json::{Map, Value};

/// What is told of an entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// Its id in the catalog.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How its system names it.
    pub qualified_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where it can be looked at.
    pub url: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Where it stands in its life.
    pub lifecycle: Option<String>,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// What it is marked with.
    pub tags: Vec<String>,
    /// Anything else, by key.
    pub properties: Map<String, Value>,
    /// Its columns, those within others after them.
    pub columns: Vec<Column>,
}

/// A column, as it is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// Its own name.
    pub name: String,
    /// Its type, as its system writes it.
    pub data_type: Option<String>,
    /// Whether it may hold nothing.
    pub nullable: Option<bool>,
    /// Whether it is part of the key.
    pub key: bool,
    /// What it holds.
    pub description: Option<String>,
    /// The columns within it.
    pub columns: Vec<Column>,
}

/// A thing in a lineage, and what of it is known by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Names it within the lineage.
    pub id: String,
    /// What sort of thing it is.
    pub sort: Sort,
    /// What it is called.
    pub name: String,
    /// How its system names it.
    pub qualified_name: Option<String>,
}

/// What a standard tells apart of a lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A dataset, document or the like.
    Data,
    /// A model or a version of one.
    Model,
    /// What makes one of another.
    Process,
}

impl Described {
    fn text(&self, key: &str) -> Option<&str> {
        self.properties.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// A type in the words that standards share: `integer`, `number`, `boolean`, `date`, `timestamp`, `array`, `object`,
/// `string`.
fn plain_type(of: Option<&str>) -> &'static str {
    let of = of.unwrap_or_default().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| of.starts_with(word));
    if begins(&["interval"]) {
        "string"
    } else if begins(&[
        "int",
        "bigint",
        "smallint",
        "tinyint",
        "long",
        "short",
        "uint",
        "serial",
        "sc:integer",
    ]) {
        "integer"
    } else if begins(&[
        "float",
        "double",
        "decimal",
        "numeric",
        "number",
        "real",
        "money",
        "sc:float",
        "sc:number",
    ]) {
        "number"
    } else if begins(&["bool", "sc:boolean"]) {
        "boolean"
    } else if begins(&["timestamp", "datetime", "sc:datetime"]) {
        "timestamp"
    } else if begins(&["date", "sc:date"]) {
        "date"
    } else if begins(&["list", "array"]) {
        "array"
    } else if begins(&["struct", "object", "record", "map", "json"]) {
        "object"
    } else {
        "string"
    }
}

/// An object without what is not known.
fn known(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let empty = |value: &Value| match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                _ => false,
            };
            Value::Object(map.into_iter().filter(|(_, value)| !empty(value)).collect())
        }
        other => other,
    }
}
