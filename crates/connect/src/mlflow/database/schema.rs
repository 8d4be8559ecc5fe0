//! Which tables and columns a database has: MLflow changed them some sixty times.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row};

/// The last layout that was looked at (MLflow 3.17).
pub(super) const NEWEST_SEEN: &str = "dc11669786a5";

/// The tables of a database and their columns.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    tables: BTreeMap<String, BTreeSet<String>>,
    /// MLflow's own word for the layout, from `alembic_version`.
    pub(super) revision: Option<String>,
    /// The index that finds a run's points in the order of their rows, as it is written in SQL.
    pub(super) metrics_by_run: Option<String>,
}

/// Every table that is read.
const READ: [&str; 18] = [
    "experiments",
    "experiment_tags",
    "runs",
    "params",
    "tags",
    "metrics",
    "latest_metrics",
    "inputs",
    "input_tags",
    "datasets",
    "logged_models",
    "logged_model_params",
    "logged_model_tags",
    "logged_model_metrics",
    "registered_models",
    "registered_model_tags",
    "model_versions",
    "model_version_tags",
];

impl Schema {
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let mut tables = BTreeMap::new();
        let mut is_table =
            connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
        let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        for table in READ.into_iter().chain(["registered_model_aliases", "alembic_version"]) {
            // A view of that name could do anything; MLflow has none.
            if is_table.exists([table])? {
                let names = columns.query_map([table], |row| row.get(0))?;
                tables.insert(table.to_owned(), names.collect::<rusqlite::Result<_>>()?);
            }
        }
        let mut schema = Self { tables, revision: None, metrics_by_run: None };
        if schema.has("alembic_version", "version_num") {
            let sql = "SELECT CAST(version_num AS TEXT) FROM alembic_version LIMIT 1";
            schema.revision = connection.query_row(sql, [], |row| row.get(0)).optional()?;
        }
        if schema.has("metrics", "run_uuid") {
            // One with more columns would have each page sorted anew.
            let index = "SELECT list.name FROM pragma_index_list('metrics') AS list \
                         JOIN pragma_index_info(list.name) AS columns \
                         WHERE list.partial = 0 GROUP BY list.name \
                         HAVING count(*) = 1 AND max(columns.name) = 'run_uuid' LIMIT 1";
            let quoted = |row: &Row<'_>| Ok(format!("\"{}\"", row.get::<_, String>(0)?.replace('"', "\"\"")));
            schema.metrics_by_run = connection.query_row(index, [], quoted).optional()?;
        }
        Ok(schema)
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|columns| columns.contains(column))
    }

    /// `table.column` for each, or NULL for a column that this database does not have, so that every version is
    /// read with the same places.
    pub(super) fn columns(&self, table: &str, names: &[&str]) -> String {
        let column = |name: &&str| match self.has(table, name) {
            true => format!("{table}.\"{name}\""),
            false => "NULL".to_owned(),
        };
        names.iter().map(column).collect::<Vec<_>>().join(", ")
    }
}
