//! Columns as the project's author wrote about them.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    statement::Thing,
};
use serde_json::{Map, Value};

use super::{
    catalog::Found,
    node::{tags, tell_meta},
};
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// What an entry declares, for the catalog that was found beside it.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// The columns' names.
    pub(super) columns: Vec<String>,
    /// The columns that have a description.
    described: Vec<String>,
    /// Whether the entry has one.
    pub(super) is_described: bool,
}

impl Declared {
    /// The declared name of a column that the warehouse may write in another case, or else its own.
    pub(super) fn name<'a>(&'a self, found: &'a str) -> &'a str {
        let exact = self.columns.iter().find(|column| *column == found);
        exact.or_else(|| self.columns.iter().find(|column| same(column, found))).map_or(found, String::as_str)
    }

    pub(super) fn describes(&self, column: &str) -> bool {
        self.described.iter().any(|described| described == column)
    }
}

/// Whether two names are one to a warehouse that changes their case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Tells of the columns of an entry.
pub(super) fn tell(
    telling: &mut Telling,
    dataset: &Thing,
    table: Option<&QualifiedName>,
    node: &Map<String, Value>,
    found: &Found,
) -> Result<Declared, Fault> {
    let mut declared = Declared::default();
    let text = node.get("description").and_then(Value::as_str).unwrap_or_default();
    declared.is_described = !text.trim().is_empty();
    let columns_path = Path::Root.key("columns");
    let empty = Map::new();
    let columns = match node.get("columns") {
        None | Some(Value::Null) => &empty,
        Some(columns) => columns_path.object(columns)?,
    };
    for (key, column) in columns {
        let path = columns_path.key(key);
        let column = path.object(column)?;
        let name = path.text_in(column, "name")?.unwrap_or(key);
        let thing = place(telling, dataset, table, name, &path)?;
        let description = path.text_in(column, "description")?.filter(|text| !text.trim().is_empty());
        let seen = found.column(name);
        if description.is_some() || seen.is_none_or(|seen| seen.comment.is_none()) {
            telling.text(&thing, Single::Description, description);
        }
        // What the warehouse has holds over what was written down.
        if seen.is_none_or(|seen| seen.data_type.is_none()) {
            telling.text(&thing, Single::DataType, path.text_in(column, "data_type")?);
        }
        if is_not_null(column, &path)? {
            telling.claim(&thing, Field::Single(Single::Nullable), Some(Value::Bool(false)));
        }
        telling.set(&thing, Group::Tags, tags(column, &path)?);
        tell_meta(telling, &thing, column, &path)?;
        if description.is_some() {
            declared.described.push(name.to_owned());
        }
        declared.columns.push(name.to_owned());
    }
    Ok(declared)
}

/// Tells that a column is there, also under the name that it has at the warehouse.
pub(super) fn place(
    telling: &mut Telling,
    dataset: &Thing,
    table: Option<&QualifiedName>,
    name: &str,
    path: &Path<'_>,
) -> Result<Thing, Fault> {
    let part = dataset.name.part(name).map_err(|problem| path.bad_name(&problem))?;
    let thing = Thing::new(Kind::Column, part);
    telling.part_of(&thing, dataset);
    if let Some(table) = table {
        let other = table.part(name).map_err(|problem| path.bad_name(&problem))?;
        telling.also_named(&thing, other);
    }
    Ok(thing)
}

fn is_not_null(column: &Map<String, Value>, path: &Path<'_>) -> Result<bool, Fault> {
    let constraints = path.list_in(column, "constraints")?;
    Ok(constraints
        .iter()
        .any(|constraint| matches!(constraint["type"].as_str(), Some("not_null" | "primary_key"))))
}
