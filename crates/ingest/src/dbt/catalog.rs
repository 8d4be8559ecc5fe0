//! What `dbt docs generate` found in the warehouse.

use catena_model::{
    field::{Field, Single},
    kind::Kind,
    source::Known,
    statement::Record,
    time::Timestamp,
};
use serde_json::{Map, Value};

use super::{
    columns::{self, Declared},
    project::Project,
};
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// What was found of a table, as far as what was declared gives way to it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) comment: Option<String>,
    columns: Vec<Column>,
}

/// A column that was found.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    index: Option<u64>,
    pub(super) data_type: Option<String>,
    pub(super) comment: Option<String>,
}

impl Found {
    pub(super) fn of(entry: &Map<String, Value>) -> Result<Self, Fault> {
        let path = Path::Root.key("metadata");
        let comment = match entry.get("metadata") {
            None | Some(Value::Null) => None,
            Some(metadata) => said(path.text_in(path.object(metadata)?, "comment")?),
        };
        let columns_path = Path::Root.key("columns");
        let mut columns = Vec::new();
        if let Some(found) = entry.get("columns").filter(|columns| !columns.is_null()) {
            for (key, column) in columns_path.object(found)? {
                let path = columns_path.key(key);
                let column = path.object(column)?;
                columns.push(Column {
                    name: path.text_in(column, "name")?.unwrap_or(key).to_owned(),
                    index: column.get("index").and_then(Value::as_u64),
                    data_type: said(path.text_in(column, "type")?),
                    comment: said(path.text_in(column, "comment")?),
                });
            }
        }
        Ok(Self { comment, columns })
    }

    /// The column of this name, in whichever case.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        let exact = self.columns.iter().find(|column| column.name == name);
        exact.or_else(|| self.columns.iter().find(|column| columns::same(&column.name, name)))
    }
}

fn said(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// Tells of what was found; `None` for what is no table.
pub(super) fn tell(
    project: &Project,
    id: &str,
    entry: Map<String, Value>,
    declared: &Declared,
    at: Timestamp,
) -> Result<Option<Record>, Fault> {
    let path = Path::Root;
    let thing = project.names.thing(id).map_err(|problem| path.bad_name(&problem))?;
    let Some(thing) = thing.filter(|thing| thing.kind == Kind::Dataset) else { return Ok(None) };
    let found = Found::of(&entry)?;
    let mut telling = Telling::at(at);
    telling.exists(&thing);
    let metadata_path = path.key("metadata");
    let table = match entry.get("metadata") {
        Some(Value::Object(metadata)) => project.names.table([
            metadata_path.text_in(metadata, "database")?,
            metadata_path.text_in(metadata, "schema")?,
            metadata_path.text_in(metadata, "name")?,
        ]),
        _ => None,
    };
    if let Some(table) = &table {
        telling.also_named(&thing, table.clone());
    }
    if let Some(comment) = found.comment.as_deref().filter(|_| !declared.is_described) {
        telling.text(&thing, Single::Description, Some(comment));
    }
    let columns_path = path.key("columns");
    for column in &found.columns {
        let name = declared.name(&column.name);
        let part = columns::place(&mut telling, &thing, table.as_ref(), name, &columns_path)?;
        telling.text(&part, Single::DataType, column.data_type.as_deref());
        if let Some(position) = column.index.and_then(|index| index.checked_sub(1)) {
            telling.claim(&part, Field::Single(Single::Position), Some(position.into()));
        }
        if let Some(comment) = column.comment.as_deref().filter(|_| !declared.describes(name)) {
            telling.text(&part, Single::Description, Some(comment));
        }
    }
    telling.facet(&thing, "dbt_catalog", Value::Object(entry));
    Ok(Some(telling.record(id.to_owned(), project.source.clone(), Known::Detected)))
}
