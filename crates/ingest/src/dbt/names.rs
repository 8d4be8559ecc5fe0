//! What dbt's things are, and what they are called here and at their warehouse.

use catena_model::{
    kind::Kind,
    name::{BadName, QualifiedName},
    statement::Thing,
};
use serde_json::{Map, Value};

use crate::fault::{Fault, Path};

/// The kind of thing that a unique id names, if it is one that the catalog has.
pub(super) fn kind(unique_id: &str) -> Option<Kind> {
    match unique_id.split('.').next()? {
        "model" | "seed" | "snapshot" | "source" => Some(Kind::Dataset),
        "test" | "unit_test" => Some(Kind::Test),
        "exposure" => Some(Kind::Dashboard),
        "metric" | "semantic_model" | "saved_query" => Some(Kind::Metric),
        _ => None,
    }
}

/// How the project's things are named.
#[derive(Debug)]
pub(super) struct Names {
    namespace: String,
    warehouse: String,
}

impl Names {
    pub(super) fn new(project: &str, adapter: Option<&str>) -> Self {
        Self { namespace: format!("dbt://{project}"), warehouse: warehouse(adapter) }
    }

    /// The thing with this unique id; `None` if the catalog has no such kind.
    pub(super) fn thing(&self, unique_id: &str) -> Result<Option<Thing>, BadName> {
        let Some(kind) = kind(unique_id) else { return Ok(None) };
        QualifiedName::new(&self.namespace, unique_id).map(|name| Some(Thing::new(kind, name)))
    }

    /// The project itself.
    pub(super) fn project(&self, project: &str) -> Result<Thing, BadName> {
        QualifiedName::new(&self.namespace, project).map(|name| Thing::new(Kind::Pipeline, name))
    }

    /// The name of the table that a node stands for, as OpenLineage's dbt integration writes it.
    pub(super) fn table(&self, parts: [Option<&str>; 3]) -> Option<QualifiedName> {
        let [_, schema, table] = parts;
        if schema.is_none() || table.is_none() {
            return None;
        }
        let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        QualifiedName::new(&self.warehouse, &parts.join(".")).ok()
    }
}

/// The table that a manifest's node stands for; none for what is never built.
pub(super) fn relation(
    names: &Names,
    node: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<Option<QualifiedName>, Fault> {
    if node.get("config").is_some_and(|config| config["materialized"] == "ephemeral") {
        return Ok(None);
    }
    let identifier = match path.text_in(node, "identifier")? {
        Some(identifier) => Some(identifier),
        None => path.text_in(node, "alias")?.or(path.text_in(node, "name")?),
    };
    Ok(names.table([path.text_in(node, "database")?, path.text_in(node, "schema")?, identifier]))
}

/// The namespace of the tables of an adapter: which one it is, the manifest doesn't say.
fn warehouse(adapter: Option<&str>) -> String {
    let scheme = match adapter {
        // There is only one BigQuery.
        Some("bigquery") => return "bigquery".to_owned(),
        Some("sqlserver" | "fabric" | "synapse") => "mssql",
        Some("athena") => "awsathena",
        Some(adapter) if !adapter.is_empty() && adapter.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            adapter
        }
        _ => "*",
    };
    format!("{scheme}://*")
}
