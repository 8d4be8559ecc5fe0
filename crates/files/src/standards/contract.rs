//! Open Data Contract Standard (3): what an owner promises of tables.

use catena_model::{
    field::{Field as Aspect, Group, Single},
    kind::Kind,
    name::QualifiedName,
    source::Known,
    statement::Read,
};
use serde_json::{Map, Value, json};

use super::{items, text};
use crate::{
    FileError,
    schema::{self, Field},
    table::{MOST_COLUMNS, Place, tell_fields},
};

const DEEPEST: usize = 16;

pub(crate) fn tell(place: &Place, contract: &Value) -> Result<Vec<Read>, FileError> {
    let objects = items(contract, "schema");
    if objects.is_empty() {
        return Err(FileError::damaged("data contract", "it has no schema, so it is about no table"));
    }
    let (mut telling, mut faults) = (place.telling(), Vec::new());
    for object in objects {
        let name = text(object, "name").or_else(|| text(object, "physicalName")).unwrap_or("table");
        let thing = if objects.len() == 1 {
            place.thing(Kind::Dataset)
        } else {
            place.within(Kind::Dataset, name)?
        };
        telling.exists(&thing);
        telling.text(&thing, Single::Name, text(object, "businessName").or(Some(name)));
        let purpose = contract.pointer("/description/purpose").and_then(Value::as_str);
        telling.text(&thing, Single::Description, text(object, "description").or(purpose));
        telling.text(&thing, Single::Version, text(contract, "version"));
        telling.text(&thing, Single::Lifecycle, text(contract, "status"));
        telling.text(&thing, Single::Subtype, text(object, "physicalType").or(Some("contract")));
        let tags = items(object, "tags").iter().chain(items(contract, "tags"));
        telling.set(&thing, Group::Tags, tags.filter_map(Value::as_str).map(str::to_owned).collect());
        telling.set(&thing, Group::Owners, owners(contract));
        let mut properties = Map::new();
        for key in ["domain", "dataProduct", "tenant", "id", "apiVersion"] {
            if let Some(value) = text(contract, key) {
                properties.insert(key.to_owned(), value.into());
            }
        }
        telling.claim(
            &thing,
            Aspect::Group(Group::Properties),
            (!properties.is_empty()).then_some(Value::Object(properties)),
        );
        if let Some(other) = physical(contract, text(object, "physicalName").unwrap_or(name)) {
            telling.also_named(&thing, other);
        }
        let (fields, key) = columns(object, 0);
        let mut left = MOST_COLUMNS;
        tell_fields(&mut telling, &thing, &fields, &mut left, &mut faults);
        telling.facet(&thing, "schema", schema::facet(&fields, &key));
        let quality: Vec<&Value> =
            items(object, "quality").iter().chain(items(contract, "quality")).collect();
        if !quality.is_empty() {
            telling.facet(&thing, "quality", json!({ "rules": quality }));
        }
        if let Some(levels) = contract.get("slaProperties") {
            telling.facet(&thing, "serviceLevels", json!({ "properties": levels }));
        }
    }
    let mut reads = vec![place.record(telling, "odcs", Known::Declared)];
    reads.extend(faults.iter().map(|why| place.rejection("", why)));
    Ok(reads)
}

/// The team's members, and whoever is named as the team.
fn owners(contract: &Value) -> Vec<String> {
    let team = contract.get("team").unwrap_or(&Value::Null);
    let members = if team.is_array() { items(contract, "team") } else { items(team, "members") };
    let one = text(team, "name").map(str::to_owned);
    members
        .iter()
        .filter_map(|member| text(member, "username").or_else(|| text(member, "name")))
        .map(str::to_owned)
        .chain(one)
        .collect()
}

/// The table that the contract is about, as OpenLineage names it.
fn physical(contract: &Value, table: &str) -> Option<QualifiedName> {
    let server = items(contract, "servers").first()?;
    let kind = text(server, "type")?;
    let port = server.get("port").and_then(Value::as_u64);
    let host = text(server, "host");
    let within: Vec<&str> = ["database", "schema"].iter().filter_map(|key| text(server, key)).collect();
    let scheme = match kind {
        "postgresql" | "postgres" => "postgres",
        other => other,
    };
    let (namespace, path) = match (scheme, host) {
        ("snowflake", _) => (format!("snowflake://{}", text(server, "account")?), within.join(".")),
        ("duckdb", _) => (format!("duckdb://{}", text(server, "database")?), String::new()),
        (scheme, Some(host)) => {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            (format!("{scheme}://{host}{port}"), within.join("."))
        }
        _ => return None,
    };
    let name = if path.is_empty() { table.to_owned() } else { format!("{path}.{table}") };
    QualifiedName::new(&namespace, &name).ok()
}

fn columns(object: &Value, depth: usize) -> (Vec<Field>, Vec<String>) {
    let (mut fields, mut key) = (Vec::new(), Vec::new());
    let flag = |of: &Value, key: &str| of.get(key).and_then(Value::as_bool).unwrap_or(false);
    for property in items(object, "properties") {
        let Some(name) = text(property, "name") else { continue };
        let data_type =
            text(property, "physicalType").or_else(|| text(property, "logicalType")).unwrap_or("any");
        let mut field = Field::new(name, data_type);
        field.nullable = Some(!(flag(property, "required") || flag(property, "primaryKey")));
        field.description = text(property, "description").map(str::to_owned);
        for said in ["classification", "unique", "criticalDataElement", "businessName"] {
            if let Some(value) = property.get(said).filter(|value| !value.is_null()) {
                field.properties.insert(said.to_owned(), value.clone());
            }
        }
        if flag(property, "primaryKey") {
            field.properties.insert("key".to_owned(), "primary".into());
            key.push(name.to_owned());
        }
        if depth < DEEPEST {
            field.fields = columns(property, depth + 1).0;
        }
        fields.push(field);
    }
    (fields, key)
}
