//! The JSON Schemas of the facets that are known: those of the OpenLineage standard and of the systems that are read,
//! and Catena's own of a run's events.
//!
//! A facet that does not fit its schema is kept just as it was sent; the schema says what in it is not as expected.
//! Facets are told apart by the system that sends them: several call something `tags`.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value};

macro_rules! schemas {
    ($($system:literal: $($name:literal)*;)*) => {
        /// Each known facet's system, name and schema as text.
        const TEXTS: &[(&str, &str, &str)] = &[$($(
            ($system, $name, include_str!(concat!("../schemas/", $system, "/", $name, ".json"))),
        )*)*];
    };
}

schemas! {
    "openlineage": "abort" "columnLineage" "complete" "dataQualityAssertions" "dataQualityMetrics"
        "dataSource" "datasetType" "documentation" "environmentVariables" "errorMessage" "externalQuery"
        "extractionError" "fail" "inputStatistics" "inputs" "jobType" "lifecycleStateChange" "nominalTime"
        "other" "outputStatistics" "outputs" "ownership" "parent" "processing_engine" "running" "schema"
        "sourceCode" "sourceCodeLocation" "sql" "start" "storage" "symlinks" "tags" "test" "version";
    "dbt": "dbt_catalog" "dbt_node" "dbt_project" "dbt_run_result";
    "mlflow": "experiment" "input" "logged_model" "metrics" "model_version" "params" "prompt"
        "registered_model" "run" "tags";
}

/// What is known of a facet.
#[derive(Debug)]
pub struct FacetSchema {
    /// What it is called.
    pub title: String,
    /// What it holds.
    pub description: String,
    /// What its fields mean.
    pub fields: Vec<FieldMeaning>,
    validator: Validator,
}

/// What a field of a facet means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMeaning {
    /// Its path: `owners[].name`; `*` stands for any key.
    pub path: String,
    /// What it holds.
    pub description: String,
}

/// What in a facet is not as its schema has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where in it: `owners[0].name`; empty for the facet as a whole.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// The most misfits of one facet that are told: the first few tell enough.
const MOST_MISFITS: usize = 20;
/// The longest that is told of one, in letters: a facet's own text may be part of it.
const LONGEST: usize = 300;
/// How deep the meanings of fields are listed; fields may be nested without end.
const DEEPEST: usize = 8;

impl FacetSchema {
    fn read(text: &str) -> Option<Self> {
        let schema: Value = serde_json::from_str(text).ok()?;
        let said = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut fields = Vec::new();
        meanings(&schema, "", 0, &mut fields);
        Some(Self {
            title: said("title"),
            description: said("description"),
            fields,
            validator: jsonschema::validator_for(&schema).ok()?,
        })
    }

    /// What in the facet does not fit; empty when all does.
    pub fn misfits(&self, facet: &Value) -> Vec<Misfit> {
        // What takes an earlier facet back has nothing else to say.
        if facet.get("_deleted") == Some(&Value::Bool(true)) {
            return Vec::new();
        }
        self.validator
            .iter_errors(facet)
            .take(MOST_MISFITS)
            .map(|error| Misfit {
                place: place(&error.instance_path().to_string()),
                what: error.masked_with("the value").to_string().chars().take(LONGEST).collect(),
            })
            .collect()
    }
}

/// A JSON pointer as people write a path.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if !step.is_empty() && step.chars().all(|c| c.is_ascii_digit()) {
            place.push_str(&format!("[{step}]"));
        } else if place.is_empty() {
            place = step;
        } else {
            place.push_str(&format!(".{step}"));
        }
    }
    place
}

/// Lists what the fields below a schema mean, outer ones first.
fn meanings(schema: &Value, within: &str, depth: usize, out: &mut Vec<FieldMeaning>) {
    if depth > DEEPEST {
        return;
    }
    let below = |step: &str| if within.is_empty() { step.to_owned() } else { format!("{within}.{step}") };
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let any = schema.get("additionalProperties").filter(|any| any.is_object());
    for (name, part) in
        properties.iter().map(|(name, part)| (name.as_str(), part)).chain(any.map(|any| ("*", any)))
    {
        let path = below(name);
        if let Some(description) = part.get("description").and_then(Value::as_str) {
            out.push(FieldMeaning { path: path.clone(), description: description.to_owned() });
        }
        meanings(part, &path, depth + 1, out);
    }
    if let Some(items) = schema.get("items") {
        meanings(items, &format!("{within}[]"), depth + 1, out);
    }
}

/// The schema of a facet that a system sends; none when the facet is not a known one.
pub fn find(system: &str, name: &str) -> Option<&'static FacetSchema> {
    static SCHEMAS: OnceLock<Vec<(&str, &str, FacetSchema)>> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(|| {
        let read = |(system, name, text): &(&'static str, &'static str, &str)| {
            Some((*system, *name, FacetSchema::read(text)?))
        };
        TEXTS.iter().filter_map(read).collect()
    });
    schemas.iter().find(|known| (known.0, known.1) == (system, name)).map(|known| &known.2)
}
