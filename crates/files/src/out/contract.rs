//! A dataset as an Open Data Contract (3.0.2).

use serde_json::{Value, json};

use super::{Column, Described, known, plain_type};

/// The contract that describes the dataset as it is.
pub fn contract(of: &Described) -> Value {
    let named = of.qualified_name.as_deref().unwrap_or(&of.name);
    let physical = named.rsplit('/').next().unwrap_or(named);
    let properties: Vec<Value> = of.columns.iter().map(property).collect();
    let team: Vec<Value> =
        of.owners.iter().map(|owner| json!({ "username": owner, "role": "owner" })).collect();
    known(json!({
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": of.id,
        "name": of.name,
        "version": of.version.clone().unwrap_or_else(|| "1.0.0".to_owned()),
        "status": of.lifecycle.clone().unwrap_or_else(|| "active".to_owned()),
        "domain": of.text("domain"),
        "description": of.description.as_ref().map(|purpose| json!({ "purpose": purpose })),
        "tags": of.tags,
        "team": team,
        "schema": [known(json!({
            "name": of.name,
            "physicalName": physical,
            "logicalType": "object",
            "physicalType": of.text("subtype").unwrap_or("table"),
            "description": of.description,
            "properties": properties,
        }))],
    }))
}

fn property(column: &Column) -> Value {
    // A moment is a date with a time there.
    let logical = match plain_type(column.data_type.as_deref()) {
        "timestamp" => "date",
        other => other,
    };
    let inner: Vec<Value> = column.columns.iter().map(property).collect();
    known(json!({
        "name": column.name,
        "logicalType": logical,
        "physicalType": column.data_type,
        "description": column.description,
        "required": column.nullable.map(|nullable| !nullable),
        "primaryKey": column.key.then_some(true),
        "properties": inner,
    }))
}
