//! Storing MLflow's objects: each becomes the record that an import of it would be, and is kept whole beside.

use bytes::Bytes;
use catena_ingest::{
    langsmith::Object,
    mlflow::{Mapping, rest},
};
use catena_model::{
    field::{Field, Single},
    kind::Kind,
    statement::{Read, Record, Rejection, Statement, Thing},
    time::Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::held::{self, Held, NAMESPACE, OBJECT};
use crate::{commit::Piece, desk::Desk, refusal::Refusal};

pub(super) const EXPERIMENT: &str = "experiment";
pub(super) const RUN: &str = "run";
pub(super) const METRICS: &str = "metrics";
pub(super) const LOGGED_MODEL: &str = "logged model";
pub(super) const REGISTERED: &str = "registered model";
pub(super) const VERSION: &str = "model version";
pub(super) const TRACE: &str = "trace";
pub(super) const ARTIFACT: &str = "artifact";

/// Every form that a dead letter of this protocol's own may have.
pub(super) const FORMS: [&str; 8] =
    [EXPERIMENT, RUN, METRICS, LOGGED_MODEL, REGISTERED, VERSION, TRACE, ARTIFACT];

/// The time at which an object is stored: later than it was before, whatever the clock says, or the change would be
/// taken for an old one.
pub(super) fn moment(desk: &Desk, before: Option<&Held>) -> Timestamp {
    let after = before.map(|held| Timestamp::from_micros(held.at.micros().saturating_add(1)));
    after.map_or(desk.now(), |after| after.max(desk.now()))
}

/// A piece of what `parts` say together.
pub(super) fn piece<const N: usize>(form: &'static str, at: Timestamp, parts: [(&str, Value); N]) -> Piece {
    let mut whole = super::said::object(parts);
    whole.insert("at".to_owned(), json!(at.micros()));
    let raw = serde_json::to_vec(&whole).map(Bytes::from).unwrap_or_default();
    Piece { read: read(form, whole), raw, form }
}

/// Stores pieces that are answered as one.
pub(super) async fn keep(desk: &Desk, pieces: Vec<Piece>) -> Result<(), Refusal> {
    let receipt = desk.keep(pieces).await?;
    match receipt.rejected.into_iter().next() {
        None => Ok(()),
        Some(rejected) => {
            Err(Refusal::Unreadable(format!("{}: {}", rejected.rejection.place, rejected.rejection.why)))
        }
    }
}

/// Reads what a piece is made of.
pub(super) fn read(form: &'static str, mut whole: Object) -> Read {
    let at = whole.get("at").and_then(Value::as_i64).map(Timestamp::from_micros).unwrap_or_default();
    let object = whole.remove("object").unwrap_or_else(|| json!({}));
    let mapping = Mapping::new(NAMESPACE, at).map_err(|error| broken(form, &error.to_string()))?;
    let (record, thing) = match form {
        EXPERIMENT => {
            let said: rest::Experiment = parsed(form, &object)?;
            (mapping.experiment(&said)?, held::experiment(&said.experiment_id))
        }
        RUN => {
            let mut said: rest::Run = parsed(form, &object)?;
            said.data.metrics = parsed(form, whole.get("metrics").unwrap_or(&json!([])))?;
            (mapping.run(&said)?, held::run(said.info.id()))
        }
        METRICS => return points(&mapping, &object, whole.get("metrics")),
        LOGGED_MODEL => {
            let said: rest::LoggedModel = parsed(form, &object)?;
            let run: Option<rest::Run> = whole.get("run").map(|run| parsed(form, run)).transpose()?;
            (mapping.logged_model(&said, run.as_ref())?, held::logged_model(&said.info.model_id))
        }
        REGISTERED => {
            let said: rest::RegisteredModel = parsed(form, &object)?;
            (mapping.registered_model(&said)?, registered(&said.name, is_prompt(&object)))
        }
        VERSION => {
            let said: rest::ModelVersion = parsed(form, &object)?;
            let aliases: Vec<rest::Alias> = parsed(form, whole.get("aliases").unwrap_or(&json!([])))?;
            let run: Option<rest::Run> = whole.get("run").map(|run| parsed(form, run)).transpose()?;
            let thing = version(&said.name, &said.version, is_prompt(&object));
            (mapping.model_version(&said, &aliases, run.as_ref())?, thing)
        }
        TRACE => {
            let id = object["trace_id"].as_str().unwrap_or_default().to_owned();
            let thing = held::trace(&id).ok_or_else(|| broken(form, "its trace_id is none of MLflow's"))?;
            (mapping.trace(&thing, &object)?, Some(thing))
        }
        ARTIFACT => return artifact(&mapping, at, &whole, object),
        _ => return Err(broken(form, "it is of no kind that is known here")),
    };
    let thing = thing.ok_or_else(|| broken(form, "it can't be called so"))?;
    Ok(beside(record, thing, at, object))
}

/// Adds the object itself to what it says; and, of what has no such field at MLflow, whether it was deleted.
fn beside(mut record: Record, thing: Thing, at: Timestamp, object: Value) -> Record {
    if let Some(deleted) = object.get("deleted").and_then(Value::as_bool) {
        record.statements.push(Statement::Claim {
            thing: thing.clone(),
            field: Field::Single(Single::Lifecycle),
            value: deleted.then(|| json!("deleted")),
            at,
        });
    }
    record.statements.push(Statement::Facet {
        thing,
        about: None,
        name: OBJECT.to_owned(),
        body: object,
        at,
    });
    record
}

/// Values of metrics, without what else is known of their run.
fn points(mapping: &Mapping, run: &Value, metrics: Option<&Value>) -> Read {
    let metrics: Vec<rest::Metric> = parsed(METRICS, metrics.unwrap_or(&json!([])))?;
    let run = run["run_id"].as_str().unwrap_or_default();
    let mut whole: Option<Record> = None;
    for metric in &metrics {
        let record = mapping.metric_history(run, &metric.key, std::slice::from_ref(metric))?;
        match &mut whole {
            None => whole = Some(record),
            Some(whole) => whole.statements.extend(record.statements),
        }
    }
    whole.ok_or_else(|| broken(METRICS, "there are none"))
}

/// A file of a run, a logged model or an experiment.
fn artifact(mapping: &Mapping, at: Timestamp, whole: &Object, object: Value) -> Read {
    let said = |key: &str| whole.get(key).and_then(Value::as_str).unwrap_or_default();
    let owner = match said("of") {
        "run" => held::run(said("id")),
        "logged_model" => held::logged_model(said("id")),
        _ => held::experiment(said("id")),
    };
    let thing = owner.ok_or_else(|| broken(ARTIFACT, "what it belongs to can't be called so"))?;
    let name = format!("{ARTIFACTS}{}", said("path"));
    Ok(Record {
        at: format!("artifact {}", said("path")),
        event: None,
        source: mapping.source().clone(),
        known: catena_model::source::Known::Synced,
        statements: vec![Statement::Facet { thing, about: None, name, body: object, at }],
    })
}

/// What the names of the facets begin with that say where an artifact's bytes are.
pub(super) const ARTIFACTS: &str = "artifact/";

fn parsed<T: DeserializeOwned>(form: &str, value: &Value) -> Result<T, Rejection> {
    T::deserialize(value).map_err(|error| broken(form, &error.to_string()))
}

fn broken(form: &str, why: &str) -> Rejection {
    Rejection { place: format!("the {form}"), why: why.to_owned() }
}

/// With this tag, a registered model is a prompt.
pub(super) const PROMPT_TAG: &str = "mlflow.prompt.is_prompt";

pub(super) fn is_prompt(object: &Value) -> bool {
    let tags = object["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let value = tags.iter().find(|tag| tag["key"] == PROMPT_TAG).and_then(|tag| tag["value"].as_str());
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

pub(super) fn registered(name: &str, prompt: bool) -> Option<Thing> {
    match prompt {
        true => held::thing(Kind::Prompt, "prompts", name),
        false => held::thing(Kind::Model, "models", name),
    }
}

pub(super) fn version(name: &str, version: &str, prompt: bool) -> Option<Thing> {
    match prompt {
        true => held::thing(Kind::PromptVersion, "prompts", &format!("{name}/{version}")),
        false => held::thing(Kind::ModelVersion, "models", &format!("{name}/{version}")),
    }
}
