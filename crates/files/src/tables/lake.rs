//! Tables that are folders: Delta (its log) and Iceberg (its metadata). One dataset each, with its versions.

use std::collections::BTreeMap;

use catena_ingest::json::{self, Limits};
use catena_model::{statement::Read, time::Timestamp};
use serde_json::{Map, Value, json};

use crate::{
    FileError,
    schema::Field,
    table::{Place, Table},
};

/// The most versions that are told one by one.
const MOST_VERSIONS: usize = 1_000;
const DEEPEST: usize = 24;
/// The longest line of a Delta log and the largest metadata of an Iceberg table that are read.
const LIMITS: Limits = Limits { depth: 64, items: 500_000, string_bytes: 8 << 20 };

/// A Delta table from the JSON commits of its `_delta_log`, in the order of their names.
///
/// # Errors
///
/// When no commit of it says what its schema is.
pub fn delta(place: &Place, commits: &[(String, Vec<u8>)]) -> Result<Vec<Read>, FileError> {
    let (mut metadata, mut versions, mut faults) = (None, Vec::new(), Vec::new());
    let mut files: BTreeMap<String, (u64, Option<u64>)> = BTreeMap::new();
    let mut schemas: Vec<(u64, Vec<Field>)> = Vec::new();
    let mut times: BTreeMap<u64, Timestamp> = BTreeMap::new();
    for (name, bytes) in commits {
        let version: u64 = name.split('.').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let mut said = json!({ "version": version });
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let action = match json::read(line, &LIMITS) {
                Ok(action) => action,
                Err(error) => {
                    faults.push((name.clone(), error.to_string()));
                    continue;
                }
            };
            if let Some(found) = action.get("metaData") {
                let schema = found.get("schemaString").and_then(Value::as_str).unwrap_or_default();
                let schema = json::read(schema.as_bytes(), &LIMITS)?;
                schemas.push((version, spark_fields(&schema, 0)));
                metadata = Some(found.clone());
            } else if let Some(info) = action.get("commitInfo") {
                said["operation"] = info.get("operation").cloned().unwrap_or_default();
                let at = info.get("timestamp").and_then(Value::as_i64).map(Timestamp::from_millis);
                times.extend(at.map(|at| (version, at)));
                said["at"] = at.map(|at| at.to_string()).into();
            } else if let Some(add) = action.get("add") {
                let path = add.get("path").and_then(Value::as_str).unwrap_or_default();
                let rows = add
                    .get("stats")
                    .and_then(Value::as_str)
                    .and_then(|stats| json::read(stats.as_bytes(), &LIMITS).ok())
                    .and_then(|stats| stats.get("numRecords")?.as_u64());
                files.insert(
                    path.to_owned(),
                    (add.get("size").and_then(Value::as_u64).unwrap_or_default(), rows),
                );
            } else if let Some(path) = action.get("remove").and_then(|remove| remove.get("path")?.as_str()) {
                files.remove(path);
            }
        }
        versions.push(said);
    }
    let metadata = metadata.ok_or_else(|| {
        FileError::Unsupported(
            "its log has no metadata in JSON: the commits that had it were folded into a checkpoint, which is not read"
                .to_owned(),
        )
    })?;
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut properties = Map::new();
    properties.insert(
        "version".to_owned(),
        versions.last().and_then(|last| last.get("version")).cloned().unwrap_or_default(),
    );
    properties.insert("files".to_owned(), files.len().into());
    properties.insert("bytes".to_owned(), files.values().map(|(bytes, _)| bytes).sum::<u64>().into());
    if let Some(rows) = files.values().map(|(_, rows)| *rows).sum::<Option<u64>>() {
        properties.insert("rows".to_owned(), rows.into());
    }
    if let Some(partitions) = metadata
        .get("partitionColumns")
        .filter(|columns| columns.as_array().is_some_and(|columns| !columns.is_empty()))
    {
        properties.insert("partitioned_by".to_owned(), partitions.clone());
    }
    let past = schemas.iter().filter_map(|(version, fields)| Some((*times.get(version)?, fields.clone())));
    let past = past.collect();
    let fields = schemas.last().map(|(_, fields)| fields.clone()).unwrap_or_default();
    let table = Table {
        format: "delta",
        subtype: "table",
        title: text("name"),
        description: text("description"),
        fields,
        past,
        properties,
        facets: vec![
            ("versions", told(versions)),
            (
                "schemaVersions",
                json!({ "versions": schemas.iter().map(|(version, fields)| json!({ "version": version, "schema": crate::schema::facet(fields, &[]) })).collect::<Vec<_>>() }),
            ),
        ],
        ..Table::default()
    };
    let mut reads = table.tell(place);
    reads.extend(faults.iter().take(20).map(|(name, why)| place.rejection(name, why)));
    Ok(reads)
}

/// The latest versions, and how many there are.
fn told(mut versions: Vec<Value>) -> Value {
    let count = versions.len();
    versions.drain(..count.saturating_sub(MOST_VERSIONS));
    json!({ "count": count, "versions": versions })
}

/// Spark's way to write a schema, which is Delta's.
fn spark_fields(schema: &Value, depth: usize) -> Vec<Field> {
    let list = schema.get("fields").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|field| {
            let (data_type, inner) = spark_type(field.get("type")?, depth);
            let mut made = Field::new(field.get("name")?.as_str()?, data_type);
            made.nullable = field.get("nullable").and_then(Value::as_bool);
            made.description = field.pointer("/metadata/comment").and_then(Value::as_str).map(str::to_owned);
            if let Some(inner) = inner.filter(|_| depth < DEEPEST) {
                made.fields = spark_fields(inner, depth + 1);
            }
            Some(made)
        })
        .collect()
}

fn spark_type(of: &Value, depth: usize) -> (String, Option<&Value>) {
    if let Some(name) = of.as_str() {
        return (name.to_owned(), None);
    }
    let inner = |key: &str| {
        of.get(key)
            .filter(|_| depth < DEEPEST)
            .map_or(("any".to_owned(), None), |of| spark_type(of, depth + 1))
    };
    match of.get("type").and_then(Value::as_str) {
        Some("array") => {
            let (name, fields) = inner("elementType");
            (format!("array<{name}>"), fields)
        }
        Some("map") => {
            let (name, fields) = inner("valueType");
            (format!("map<{}, {name}>", inner("keyType").0), fields)
        }
        Some("struct") => ("struct".to_owned(), Some(of)),
        other => (other.unwrap_or("any").to_owned(), None),
    }
}

/// An Iceberg table from the latest of its `metadata.json` files.
///
/// # Errors
///
/// When it is no metadata of Iceberg.
pub fn iceberg(place: &Place, metadata: &[u8]) -> Result<Vec<Read>, FileError> {
    let metadata = json::read(metadata, &LIMITS)?;
    let version = metadata.get("format-version").and_then(Value::as_u64);
    let version =
        version.ok_or_else(|| FileError::damaged("Iceberg metadata", "it has no format-version"))?;
    let none = Vec::new();
    let list = |key: &str| metadata.get(key).and_then(Value::as_array).unwrap_or(&none);
    let current = metadata.get("current-schema-id");
    let schema = list("schemas")
        .iter()
        .find(|schema| schema.get("schema-id") == current)
        .or_else(|| metadata.get("schema"))
        .cloned()
        .unwrap_or_default();
    let fields = iceberg_fields(&schema, 0);
    let named = |id: &Value| {
        list("schemas").iter().chain(metadata.get("schema")).find_map(|schema| {
            schema
                .get("fields")?
                .as_array()?
                .iter()
                .find(|field| field.get("id") == Some(id))?
                .get("name")?
                .as_str()
        })
    };
    let key: Vec<String> = schema
        .get("identifier-field-ids")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(named)
        .map(str::to_owned)
        .collect();
    let spec = metadata.get("default-spec-id");
    let parts: Vec<String> = list("partition-specs")
        .iter()
        .find(|one| one.get("spec-id") == spec)
        .and_then(|one| one.get("fields")?.as_array())
        .into_iter()
        .flatten()
        .map(|part| {
            let transform = part.get("transform").and_then(Value::as_str).unwrap_or("identity");
            let of = part.get("source-id").and_then(named).unwrap_or("?");
            if transform == "identity" { of.to_owned() } else { format!("{transform}({of})") }
        })
        .collect();
    let versions: Vec<Value> = list("snapshots").iter().map(|snapshot| json!({
        "version": snapshot.get("snapshot-id").map(Value::to_string), "operation": snapshot.pointer("/summary/operation"),
        "at": snapshot.get("timestamp-ms").and_then(Value::as_i64).map(|at| Timestamp::from_millis(at).to_string()),
        "schema": snapshot.get("schema-id"), "rows": snapshot.pointer("/summary/total-records"),
    })).collect();
    let mut properties = Map::new();
    properties.insert("format_version".to_owned(), version.into());
    properties.insert("snapshots".to_owned(), versions.len().into());
    let latest = metadata.get("current-snapshot-id");
    let rows = list("snapshots")
        .iter()
        .find(|snapshot| snapshot.get("snapshot-id") == latest)
        .and_then(|snapshot| snapshot.pointer("/summary/total-records")?.as_str()?.parse::<u64>().ok());
    if let Some(rows) = rows {
        properties.insert("rows".to_owned(), rows.into());
    }
    if !parts.is_empty() {
        properties.insert("partitioned_by".to_owned(), parts.into());
    }
    if let Some(location) = metadata.get("location").and_then(Value::as_str) {
        properties.insert("location".to_owned(), location.into());
    }
    let schemas: Vec<Value> = list("schemas").iter().map(|schema| json!({ "version": schema.get("schema-id"), "schema": crate::schema::facet(&iceberg_fields(schema, 0), &[]) })).collect();
    // A schema is as old as the first snapshot that was written with it.
    let since = |id: Option<&Value>| {
        let snapshots = list("snapshots").iter().filter(|snapshot| snapshot.get("schema-id") == id);
        snapshots
            .filter_map(|snapshot| snapshot.get("timestamp-ms")?.as_i64())
            .min()
            .map(Timestamp::from_millis)
    };
    let past = list("schemas")
        .iter()
        .filter_map(|schema| Some((since(schema.get("schema-id"))?, iceberg_fields(schema, 0))))
        .collect();
    let table = Table {
        format: "iceberg",
        subtype: "table",
        fields,
        past,
        key,
        properties,
        facets: vec![("versions", told(versions)), ("schemaVersions", json!({ "versions": schemas }))],
        ..Table::default()
    };
    Ok(table.tell(place))
}

fn iceberg_fields(schema: &Value, depth: usize) -> Vec<Field> {
    let list = schema.get("fields").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|field| {
            let (data_type, inner) = iceberg_type(field.get("type")?, depth);
            let mut made = Field::new(field.get("name")?.as_str()?, data_type);
            made.nullable = field.get("required").and_then(Value::as_bool).map(|required| !required);
            made.description = field.get("doc").and_then(Value::as_str).map(str::to_owned);
            if let Some(inner) = inner.filter(|_| depth < DEEPEST) {
                made.fields = iceberg_fields(inner, depth + 1);
            }
            Some(made)
        })
        .collect()
}

fn iceberg_type(of: &Value, depth: usize) -> (String, Option<&Value>) {
    if let Some(name) = of.as_str() {
        return (name.to_owned(), None);
    }
    let inner = |key: &str| {
        of.get(key)
            .filter(|_| depth < DEEPEST)
            .map_or(("any".to_owned(), None), |of| iceberg_type(of, depth + 1))
    };
    match of.get("type").and_then(Value::as_str) {
        Some("list") => {
            let (name, fields) = inner("element");
            (format!("list<{name}>"), fields)
        }
        Some("map") => {
            let (name, fields) = inner("value");
            (format!("map<{}, {name}>", inner("key").0), fields)
        }
        Some("struct") => ("struct".to_owned(), Some(of)),
        other => (other.unwrap_or("any").to_owned(), None),
    }
}
