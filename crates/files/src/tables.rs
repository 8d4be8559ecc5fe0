//! Tables: what a data file's own header declares, or what its values show.

pub(crate) mod arrow;
pub(crate) mod avro;
pub(crate) mod delimited;
pub mod lake;
pub(crate) mod parquet;
pub(crate) mod rows;
mod thrift;

use serde_json::{Value, json};

use crate::{detect, table::Table};

/// What was seen of a table by its values.
pub(crate) struct Sampled {
    pub(crate) columns: detect::Columns,
    pub(crate) watch: detect::Watch,
    /// Whether all of the file was seen.
    pub(crate) complete: bool,
    pub(crate) bytes: u64,
}

impl Sampled {
    /// The table that was seen, with its profile.
    pub(crate) fn table(self, format: &'static str) -> Table {
        let Self { columns, watch, complete, bytes } = self;
        // On a part of the rows, no column can be said to tell all of them apart.
        let keys = if complete { columns.keys() } else { Vec::new() };
        let profile = json!({
            "rows": columns.rows,
            "bytes": bytes,
            "complete": complete,
            "bounds": { "rows": detect::SAMPLE_ROWS, "bytes": detect::SAMPLE_BYTES },
            "columns": columns.profile(),
        });
        let mut facets: Vec<(&'static str, Value)> = vec![("profile", profile)];
        if !keys.is_empty() {
            facets.push(("candidateKeys", json!({ "columns": keys })));
        }
        if !watch.steps.is_empty() {
            facets.push(("schemaEvolution", json!({ "steps": watch.steps })));
        }
        let mut properties = serde_json::Map::new();
        if complete {
            properties.insert("rows".to_owned(), columns.rows.into());
        }
        Table {
            format,
            subtype: "file",
            fields: columns.fields(),
            facets,
            properties,
            guessed: true,
            ..Table::default()
        }
    }
}
