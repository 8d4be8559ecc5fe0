//! An entity's facets: as their sources sent them, with what is known of what they say.

use catena_ingest::facet_schema::{self, FacetSchema};
use catena_model::{source::Source, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    table::{entity::EntityRow, facet::FacetRow},
};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::named::Named;

/// A facet as its source sent it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FacetValue {
    /// Its name at the source.
    pub name: String,
    /// The second entity, where the facet is about a pair.
    pub about: Option<Named>,
    /// Who sent it.
    pub source: String,
    /// When.
    pub at: Timestamp,
    /// The facet itself.
    #[ts(type = "Json")]
    pub value: Value,
    /// What its schema calls it; none where no schema is known.
    pub title: Option<String>,
    /// What it holds, by its schema.
    pub description: Option<String>,
    /// What its fields mean, by its schema: those that it has.
    pub fields: Vec<FacetField>,
    /// What in it is not as its schema has it. It is kept all the same.
    pub problems: Vec<FacetProblem>,
}

/// What a field of a facet means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FacetField {
    /// Its path: `owners[].name`; `*` stands for any key.
    pub path: String,
    /// What it holds.
    pub description: String,
}

/// What in a facet is not as its schema has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FacetProblem {
    /// Where in it: `owners[0].name`; empty for the facet as a whole.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// The facets of an entity's group.
pub(crate) fn of(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Vec<FacetValue>> {
    reader.facets(head.ix)?.into_iter().map(|facet| shown(reader, facet)).collect()
}

fn shown(reader: &Reader<'_>, facet: FacetRow) -> StoreResult<FacetValue> {
    let system = match &facet.source {
        Source::System { system, .. } => system.as_str(),
        Source::Person => "person",
        Source::Catena => "catena",
    };
    let schema = facet_schema::find(system, &facet.name);
    Ok(FacetValue {
        about: facet.about.map(|ix| reader.head(ix).map(|row| Named::from(&row))).transpose()?,
        source: facet.source.to_string(),
        at: facet.at,
        title: schema.map(|schema| schema.title.clone()),
        description: schema.map(|schema| schema.description.clone()),
        fields: schema.map(|schema| fields(schema, &facet.body)).unwrap_or_default(),
        problems: schema.map(|schema| problems(schema, &facet.body)).unwrap_or_default(),
        name: facet.name,
        value: facet.body,
    })
}

fn fields(schema: &FacetSchema, body: &Value) -> Vec<FacetField> {
    schema
        .fields
        .iter()
        .filter(|field| has(body, &field.path))
        .map(|field| FacetField { path: field.path.clone(), description: field.description.clone() })
        .collect()
}

fn problems(schema: &FacetSchema, body: &Value) -> Vec<FacetProblem> {
    let misfits = schema.misfits(body).into_iter();
    misfits.map(|misfit| FacetProblem { place: misfit.place, what: misfit.what }).collect()
}

/// Whether a value has something at a path such as `owners[].name` or `fields.*.type`.
fn has(value: &Value, path: &str) -> bool {
    if let Some(rest) = path.strip_prefix("[]") {
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        return value.as_array().is_some_and(|items| items.iter().any(|item| has(item, rest)));
    }
    if path.is_empty() {
        return true;
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (step, rest) = path.split_at(end);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let Some(map) = value.as_object() else { return false };
    match step {
        "*" => map.values().any(|item| has(item, rest)),
        step => map.get(step).is_some_and(|item| has(item, rest)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_fields_that_a_facet_has_are_explained() {
        let schema = facet_schema::find("openlineage", "ownership").unwrap();
        let paths =
            |body: Value| fields(schema, &body).into_iter().map(|field| field.path).collect::<Vec<_>>();
        assert_eq!(paths(json!({ "owners": [{ "name": "ada" }] })), ["owners", "owners[].name"]);
        assert_eq!(paths(json!({ "owners": [] })), ["owners"]);
        assert_eq!(paths(json!("text")), Vec::<String>::new());
    }

    #[test]
    fn a_path_is_followed_through_lists_and_any_key() {
        let body = json!({ "fields": { "a": { "inputFields": [{}, { "field": "x" }] } } });
        assert!(has(&body, "fields.*.inputFields[].field"));
        assert!(!has(&body, "fields.*.inputFields[].name"));
        assert!(has(&json!([{ "name": "x" }]), "[].name"));
    }
}
