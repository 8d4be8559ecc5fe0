//! Runs: what they were given, what they measured, what they read and made.

use std::collections::BTreeMap;

use catena_model::{
    evidence::Method,
    field::{Field, Single},
    json::canonical,
    kind::Kind,
    point::Point,
    relation::RelationKind,
    span::{SpanId, SpanStatus},
    statement::{Read, Statement, Thing},
    work::{self, Work},
};
use serde_json::{Map, Value, json};

use super::{
    dataset::Role,
    mapping::{Mapping, note, object, present, tag, tell_lifecycle, tell_tags},
    rest::{Metric, Run},
};
use crate::telling::Telling;

impl Mapping {
    /// What a run says, with the last value of each of its metrics.
    pub fn run(&self, run: &Run) -> Read {
        let place = format!("run {}", run.info.id());
        let thing = self.thing(Kind::Run, "runs", run.info.id(), &place)?;
        let mut telling = self.telling();
        telling.exists(&thing);
        if !run.info.experiment_id.is_empty() {
            let experiment = self.thing(Kind::Experiment, "experiments", &run.info.experiment_id, &place)?;
            telling.part_of(&thing, &experiment);
        }
        let name = run.info.run_name.as_deref().or_else(|| tag(&run.data.tags, "mlflow.runName"));
        telling.text(&thing, Single::Name, name);
        telling.text(&thing, Single::Description, note(None, &run.data.tags));
        tell_lifecycle(&mut telling, &thing, run.info.lifecycle_stage.as_deref());
        let source_type = tag(&run.data.tags, "mlflow.source.type").map(str::to_lowercase);
        telling.claim(&thing, Field::Single(Single::Subtype), source_type.map(Value::from));
        tell_tags(&mut telling, &thing, &run.data.tags);
        self.count(&mut telling, &thing, run);
        telling.facet(&thing, "run", head(run));
        if !run.data.params.is_empty() {
            telling.facet(&thing, "params", object(&run.data.params));
        }
        tell_last_values(&mut telling, &thing, &run.data.metrics);
        if let Some(parent) = tag(&run.data.tags, "mlflow.parentRunId") {
            let parent = self.thing(Kind::Run, "runs", parent, &place)?;
            telling.related(
                &thing,
                RelationKind::RelatedTo,
                &parent,
                Method::Declared,
                Some(json!({"role": "parent"})),
            );
        }
        self.tell_prompts(&mut telling, &thing, &run.data.tags, &place)?;
        self.tell_inputs(&mut telling, &thing, run);
        for link in &run.inputs.model_inputs {
            let model = self.thing(Kind::LoggedModel, "logged_models", &link.model_id, &place)?;
            telling.related(&thing, RelationKind::UsesModel, &model, Method::Declared, None);
        }
        for link in &run.outputs.model_outputs {
            let model = self.thing(Kind::LoggedModel, "logged_models", &link.model_id, &place)?;
            telling.related(&model, RelationKind::ProducedBy, &thing, Method::Declared, None);
        }
        self.record(place, telling)
    }

    /// Counts the run for its experiment.
    fn count(&self, telling: &mut Telling, thing: &Thing, run: &Run) {
        let nanos = |millis: i64| millis.saturating_mul(1_000_000);
        let Ok(experiment) = self.thing(Kind::Experiment, "experiments", &run.info.experiment_id, "") else {
            return;
        };
        let mut work = Work::new(thing.clone(), SpanId(0));
        (work.start, work.end) = (run.info.start_time.map(nanos), run.info.end_time.map(nanos));
        work.status = match run.info.status.as_deref() {
            Some("FINISHED") => SpanStatus::Ok,
            Some("FAILED" | "KILLED") => SpanStatus::Error,
            _ => SpanStatus::Unset,
        };
        work.roles.push((work::Role::Called, experiment));
        telling.push(Statement::Work(Box::new(work)));
    }

    /// The history of one metric of a run; pages may be told one by one.
    pub fn metric_history(&self, run_id: &str, key: &str, values: &[Metric]) -> Read {
        let place = format!("run {run_id}, metric {key}");
        let run = self.thing(Kind::Run, "runs", run_id, &place)?;
        let mut telling = self.telling();
        tell_points(&mut telling, &run, key, values);
        self.record(place, telling)
    }

    fn tell_inputs(&self, telling: &mut Telling, thing: &Thing, run: &Run) {
        let mut by_role: BTreeMap<RelationKind, Vec<Thing>> =
            Role::KINDS.into_iter().map(|kind| (kind, Vec::new())).collect();
        let mut seen: BTreeMap<Thing, Vec<Value>> = BTreeMap::new();
        for input in &run.inputs.dataset_inputs {
            let Some(dataset) = self.tell_dataset(telling, &input.dataset) else { continue };
            let targets = by_role.entry(Role::of(&input.tags).kind()).or_default();
            if !targets.contains(&dataset) {
                targets.push(dataset.clone());
            }
            seen.entry(dataset).or_default().push(super::dataset::body(input));
        }
        // A server lists inputs in any order.
        for (dataset, mut bodies) in seen {
            bodies.sort_by_cached_key(canonical);
            telling.pair_facet(thing, Some(&dataset), "input", json!({"inputs": bodies}));
        }
        for (kind, mut targets) in by_role {
            targets.sort_unstable();
            telling.only_related(thing, kind, targets);
        }
    }
}

fn head(run: &Run) -> Value {
    present(
        [
            ("status", json!(run.info.status)),
            ("start_time", json!(run.info.start_time)),
            ("end_time", json!(run.info.end_time)),
            ("user_id", json!(run.info.user_id)),
            ("artifact_uri", json!(run.info.artifact_uri)),
        ],
        &run.info.other,
    )
}

fn tell_last_values(telling: &mut Telling, run: &Thing, metrics: &[Metric]) {
    if metrics.is_empty() {
        return;
    }
    let last: Map<String, Value> =
        metrics.iter().map(|metric| (metric.key.clone(), number(metric.value))).collect();
    telling.facet(run, "metrics", Value::Object(last));
    for metric in metrics {
        tell_points(telling, run, &metric.key, std::slice::from_ref(metric));
    }
}

fn tell_points(telling: &mut Telling, run: &Thing, key: &str, values: &[Metric]) {
    let points = values
        .iter()
        .map(|metric| Point { step: metric.step, at_millis: metric.timestamp, value: metric.value })
        .collect();
    telling.push(Statement::Points { run: run.clone(), metric: key.to_owned(), points });
}

/// A number in JSON, where NaN and the infinities are written as MLflow writes them.
pub(super) fn number(value: f64) -> Value {
    match value {
        value if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value),
    }
}
