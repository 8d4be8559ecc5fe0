//! Two sightings of a schema compared: what was added, changed and removed, and what that does to who reads the table.
//!
//! Schemas are compared as OpenLineage's `schema` facet has them (`fields` with `name`, `type`, `fields`), with
//! `nullable`, `format` and `primaryKey` beside where a source says so. Order of columns and descriptions don't count.

use std::{cmp::Ordering, collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::Value;

mod types;

use types::Change as TypeChange;

/// What a change does to who reads the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SchemaRating")]
pub enum Rating {
    /// Whoever could read it before can still.
    Compatible,
    /// It can be read, but what was counted on may not hold: a value may be missing or less exact.
    Risky,
    /// Something that was there is gone or of another type.
    Breaking,
}

/// How a schema differs from the one before in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SchemaDifference")]
pub enum Difference {
    /// It was not there.
    Added,
    /// It is there still, and different.
    Changed,
    /// It is there no longer.
    Removed,
}

/// What of a column differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SchemaWhat")]
pub enum What {
    /// The column as a whole.
    Column,
    /// Its type.
    Type,
    /// Whether it may hold nothing.
    Nullable,
    /// What form its texts have.
    Format,
    /// The columns that tell rows apart.
    Key,
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "SchemaChange")]
pub struct Change {
    /// Which column; a nested one's path with dots. Empty for the table as a whole.
    pub path: String,
    /// How it differs.
    pub difference: Difference,
    /// What of it.
    pub what: What,
    /// What was there.
    pub before: Option<String>,
    /// What is there.
    pub after: Option<String>,
    /// What that does to who reads it.
    pub rating: Rating,
}

/// A semantic version: what breaks moves the first number, what is risky the second, what is compatible the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Moved by what breaks.
    pub major: u32,
    /// Moved by what is risky.
    pub minor: u32,
    /// Moved by what is compatible.
    pub patch: u32,
}

impl Version {
    /// The version of the first sighting.
    pub const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// The version after a change of this rating.
    #[must_use]
    pub fn after(self, rating: Rating) -> Self {
        match rating {
            Rating::Breaking => Self { major: self.major.saturating_add(1), minor: 0, patch: 0 },
            Rating::Risky => Self { minor: self.minor.saturating_add(1), patch: 0, ..self },
            Rating::Compatible => Self { patch: self.patch.saturating_add(1), ..self },
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A column as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Column {
    data_type: Option<String>,
    nullable: Option<bool>,
    format: Option<String>,
}

/// How deep fields are followed, and how many are compared.
const DEEPEST: usize = 32;
const MOST: usize = 50_000;

fn flatten(of: &Value, within: &str, depth: usize, out: &mut BTreeMap<String, Column>) {
    for field in of.get("fields").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = field.get("name").and_then(Value::as_str) else { continue };
        let path = if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") };
        let text = |key: &str| field.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        if out.len() == MOST {
            return;
        }
        if depth < DEEPEST {
            flatten(field, &path, depth + 1, out);
        }
        let column = Column {
            data_type: text("type").map(str::to_owned),
            nullable: field.get("nullable").and_then(Value::as_bool),
            format: text("format").map(str::to_owned),
        };
        out.insert(path, column);
    }
}

fn key(of: &Value) -> Option<Vec<&str>> {
    Some(of.get("primaryKey")?.as_array()?.iter().filter_map(Value::as_str).collect())
}

/// Whether a schema says what a table is: one without any type is only somebody's notes on some columns.
pub fn is_sighting(schema: &Value) -> bool {
    let mut columns = BTreeMap::new();
    flatten(schema, "", 0, &mut columns);
    columns.values().any(|column| column.data_type.is_some())
}

/// The paths of a schema's columns.
pub fn paths(schema: &Value) -> Vec<String> {
    let mut columns = BTreeMap::new();
    flatten(schema, "", 0, &mut columns);
    columns.into_keys().collect()
}

/// What is different in `after`, by path. What only one of the two says anything about is no difference.
pub fn compare(before: &Value, after: &Value) -> Vec<Change> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    flatten(before, "", 0, &mut old);
    flatten(after, "", 0, &mut new);
    let mut changes = Vec::new();
    for (path, was) in &old {
        match new.get(path) {
            None => changes.push(Change {
                path: path.clone(),
                difference: Difference::Removed,
                what: What::Column,
                before: was.data_type.clone(),
                after: None,
                rating: Rating::Breaking,
            }),
            Some(is) => differences(path, was, is, &mut changes),
        }
    }
    for (path, is) in new.iter().filter(|(path, _)| !old.contains_key(*path)) {
        // Who writes rows without knowing of it can't any more.
        let rating = if is.nullable == Some(false) { Rating::Risky } else { Rating::Compatible };
        changes.push(Change {
            path: path.clone(),
            difference: Difference::Added,
            what: What::Column,
            before: None,
            after: is.data_type.clone(),
            rating,
        });
    }
    if let (Some(was), Some(is)) = (key(before), key(after))
        && was != is
    {
        changes.push(Change {
            path: String::new(),
            difference: Difference::Changed,
            what: What::Key,
            before: Some(was.join(", ")),
            after: Some(is.join(", ")),
            rating: Rating::Breaking,
        });
    }
    changes.sort_by(|a, b| b.rating.cmp(&a.rating).then_with(|| (&a.path, a.what).cmp(&(&b.path, b.what))));
    changes
}

fn differences(path: &str, was: &Column, is: &Column, changes: &mut Vec<Change>) {
    let mut changed = |what, before: String, after: String, rating| {
        changes.push(Change {
            path: path.to_owned(),
            difference: Difference::Changed,
            what,
            before: Some(before),
            after: Some(after),
            rating,
        });
    };
    if let (Some(was), Some(is)) = (&was.data_type, &is.data_type)
        && was != is
    {
        let rating = match types::change(was, is) {
            TypeChange::Same => None,
            TypeChange::Wider => Some(Rating::Compatible),
            TypeChange::Inexact | TypeChange::Narrower => Some(Rating::Risky),
            TypeChange::Other => Some(Rating::Breaking),
        };
        if let Some(rating) = rating {
            changed(What::Type, was.clone(), is.clone(), rating);
        }
    }
    let word = |nullable| if nullable { "optional" } else { "required" }.to_owned();
    match (was.nullable, is.nullable) {
        (Some(false), Some(true)) => changed(What::Nullable, word(false), word(true), Rating::Risky),
        (Some(true), Some(false)) => changed(What::Nullable, word(true), word(false), Rating::Compatible),
        _ => {}
    }
    if let Some(form) = &was.format
        && was.format != is.format
    {
        let now = is.format.clone().unwrap_or_else(|| "any text".to_owned());
        changed(What::Format, form.clone(), now, Rating::Risky);
    }
}

/// The worst that any of the changes does; none when there is none.
pub fn worst(changes: &[Change]) -> Option<Rating> {
    changes.iter().map(|change| change.rating).max()
}

/// A schema as it was first seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting<T> {
    /// When.
    pub at: T,
    /// The schema.
    pub schema: Value,
}

/// A version of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<T> {
    /// When it was first seen.
    pub at: T,
    /// Its version.
    pub version: Version,
    /// What is different from the one before; empty for the first.
    pub changes: Vec<Change>,
    /// The worst of it.
    pub rating: Option<Rating>,
}

/// The versions that the sightings of one source come to, the first one first. Sightings between which nothing that
/// counts is different are one version.
pub fn versions<T: Ord + Clone>(sightings: &[Sighting<T>]) -> Vec<Step<T>> {
    let mut order: Vec<&Sighting<T>> =
        sightings.iter().filter(|sighting| is_sighting(&sighting.schema)).collect();
    order.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| written(&a.schema, &b.schema)));
    let Some((first, rest)) = order.split_first() else { return Vec::new() };
    let mut steps =
        vec![Step { at: first.at.clone(), version: Version::FIRST, changes: Vec::new(), rating: None }];
    let (mut before, mut version) = (&first.schema, Version::FIRST);
    for sighting in rest {
        let changes = compare(before, &sighting.schema);
        before = &sighting.schema;
        let Some(rating) = worst(&changes) else { continue };
        version = version.after(rating);
        steps.push(Step { at: sighting.at.clone(), version, changes, rating: Some(rating) });
    }
    steps
}

/// An order of schemas, so that two at the same instant always follow each other in the same way.
fn written(a: &Value, b: &Value) -> Ordering {
    a.to_string().cmp(&b.to_string())
}

#[cfg(test)]
mod tests;
