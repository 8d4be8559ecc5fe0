//! Models as runs logged them, before anybody registered them.

use catena_model::{
    evidence::Method,
    field::Single,
    json::canonical,
    kind::Kind,
    relation::RelationKind,
    statement::{Read, Thing},
};
use serde_json::{Value, json};

use super::{
    dataset::Role,
    mapping::{Mapping, note, object, present, tell_lifecycle, tell_tags},
    rest::{LoggedModel, Metric, Run},
    run::number,
};
use crate::telling::Telling;

impl Mapping {
    /// What a logged model says. With the run that made it, it also says which data the model was trained and
    /// measured on.
    pub fn logged_model(&self, model: &LoggedModel, run: Option<&Run>) -> Read {
        let info = &model.info;
        let place = format!("logged model {}", info.model_id);
        let thing = self.thing(Kind::LoggedModel, "logged_models", &info.model_id, &place)?;
        let mut telling = self.telling();
        telling.exists(&thing);
        if !info.experiment_id.is_empty() {
            let experiment = self.thing(Kind::Experiment, "experiments", &info.experiment_id, &place)?;
            telling.part_of(&thing, &experiment);
        }
        telling.text(&thing, Single::Name, info.name.as_deref());
        telling.text(&thing, Single::Description, note(None, &info.tags));
        telling.text(&thing, Single::Subtype, info.model_type.as_deref());
        tell_lifecycle(&mut telling, &thing, info.lifecycle_stage.as_deref());
        tell_tags(&mut telling, &thing, &info.tags);
        let head = present(
            [
                ("status", json!(info.status)),
                ("creation_timestamp_ms", json!(info.creation_timestamp_ms)),
                ("last_updated_timestamp_ms", json!(info.last_updated_timestamp_ms)),
                ("artifact_uri", json!(info.artifact_uri)),
                ("source_run_id", json!(info.source_run_id)),
            ],
            &info.other,
        );
        telling.facet(&thing, "logged_model", head);
        if !model.data.params.is_empty() {
            telling.facet(&thing, "params", object(&model.data.params));
        }
        if !model.data.metrics.is_empty() {
            let mut metrics: Vec<Value> = model.data.metrics.iter().map(measured).collect();
            // A server lists them in any order.
            metrics.sort_by_cached_key(canonical);
            telling.facet(&thing, "metrics", json!({"metrics": metrics}));
        }
        if let Some(source_run) = info.source_run_id.as_deref().filter(|id| !id.is_empty()) {
            let source_run = self.thing(Kind::Run, "runs", source_run, &place)?;
            telling.related(&thing, RelationKind::ProducedBy, &source_run, Method::Declared, None);
        }
        self.tell_prompts(&mut telling, &thing, &info.tags, &place)?;
        if let Some(run) = run {
            self.tell_training(&mut telling, &thing, run);
            telling.only_related(&thing, RelationKind::EvaluatedOn, self.measured_on(model, run));
        }
        self.record(place, telling)
    }

    /// Tells that what a run made learned from what the run was trained on.
    pub(super) fn tell_training(&self, telling: &mut Telling, thing: &Thing, run: &Run) {
        let mut datasets = Vec::new();
        for input in &run.inputs.dataset_inputs {
            if Role::of(&input.tags) == Role::Training {
                datasets.extend(self.dataset(&input.dataset).filter(|dataset| !datasets.contains(dataset)));
            }
        }
        datasets.sort_unstable();
        telling.only_related(thing, RelationKind::TrainedOn, datasets);
    }

    /// The datasets that the model's metrics name, which are inputs of its run: a metric has no more than name and
    /// digest.
    fn measured_on(&self, model: &LoggedModel, run: &Run) -> Vec<Thing> {
        let mut datasets = Vec::new();
        for metric in &model.data.metrics {
            let measured = run.inputs.dataset_inputs.iter().map(|input| &input.dataset).find(|dataset| {
                metric.dataset_name.as_deref() == Some(&dataset.name)
                    && metric.dataset_digest.as_deref() == Some(&dataset.digest)
            });
            let thing = measured.and_then(|dataset| self.dataset(dataset));
            datasets.extend(thing.filter(|dataset| !datasets.contains(dataset)));
        }
        datasets.sort_unstable();
        datasets
    }
}

fn measured(metric: &Metric) -> Value {
    let mut body = json!({
        "key": metric.key,
        "value": number(metric.value),
        "timestamp": metric.timestamp,
        "step": metric.step,
    });
    for (key, text) in [
        ("run_id", &metric.run_id),
        ("dataset_name", &metric.dataset_name),
        ("dataset_digest", &metric.dataset_digest),
    ] {
        if let Some(text) = text {
            body[key] = json!(text);
        }
    }
    body
}
