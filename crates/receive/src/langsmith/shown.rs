//! A run as the API gives it, made of its span.

use std::collections::BTreeMap;

use catena_ingest::langsmith::{Object, feedback};
use catena_model::{
    span::{Span, SpanId, SpanKind, SpanStatus},
    time::Timestamp,
};
use catena_store::{Reader, StoreResult, table::span};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::finding::{self, Found};

/// Makes runs of spans, and remembers what many of them share.
#[derive(Default)]
pub(super) struct Showing {
    /// Ids of projects, by name.
    projects: BTreeMap<String, Option<Value>>,
}

impl Showing {
    /// The run that a span is.
    pub(super) fn run(&mut self, reader: &Reader<'_>, found: &Found) -> StoreResult<Object> {
        let Found { place, trace, span } = found;
        let project = span.attributes.get("session_name").and_then(Value::as_str);
        let project_id = match project {
            Some(name) => self.project(reader, name)?,
            None => None,
        };
        let mut run = of_span(*trace, span);
        run.insert("session_id".to_owned(), project_id.unwrap_or(Value::Null));
        let feedback = feedback_on(reader, *place, span.id)?;
        run.insert("feedback_stats".to_owned(), stats(&feedback));
        Ok(run)
    }

    fn project(&mut self, reader: &Reader<'_>, name: &str) -> StoreResult<Option<Value>> {
        if let Some(held) = self.projects.get(name) {
            return Ok(held.clone());
        }
        let id = finding::project_named(reader, name)?.and_then(|(_, project)| project.get("id").cloned());
        self.projects.insert(name.to_owned(), id.clone());
        Ok(id)
    }
}

/// The feedback on one run of a trace.
pub(super) fn feedback_on(
    reader: &Reader<'_>,
    trace: catena_store::table::entity::Ix,
    run: SpanId,
) -> StoreResult<Vec<Object>> {
    let spans = span::of_kind(reader.db(), trace, SpanKind::Evaluation)?;
    Ok(spans
        .iter()
        .filter(|span| span.parent == Some(run))
        .filter_map(|span| feedback::of_span(span).cloned())
        .collect())
}

fn stats(feedback: &[Object]) -> Value {
    let mut by_key: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for said in feedback {
        let Some(key) = said.get("key").and_then(Value::as_str) else { continue };
        let scores = by_key.entry(key).or_default();
        scores.extend(said.get("score").and_then(number));
    }
    let stats = by_key.into_iter().map(|(key, scores)| {
        let mean = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
        (key.to_owned(), json!({ "n": scores.len(), "avg": mean, "values": {} }))
    });
    Value::Object(stats.collect())
}

pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|yes| f64::from(u8::from(yes))))
}

fn moment(nanos: Option<i64>) -> Value {
    nanos
        .map_or(Value::Null, |nanos| Value::from(Timestamp::from_micros(nanos.div_euclid(1_000)).to_string()))
}

fn id(id: SpanId) -> Value {
    Value::from(Uuid::from_u128(id.0).hyphenated().to_string())
}

fn of_span(trace: Uuid, span: &Span) -> Object {
    let said = |key: &str| span.attributes.get(key).cloned().unwrap_or(Value::Null);
    let mut extra = match said("extra") {
        Value::Object(extra) => extra,
        _ => Map::new(),
    };
    if span.resource.as_object().is_some_and(|resource| !resource.is_empty()) {
        extra.insert("runtime".to_owned(), (*span.resource).clone());
    }
    let run_type = span.attributes.get("run_type").and_then(Value::as_str).unwrap_or(match span.kind {
        SpanKind::Llm => "llm",
        SpanKind::Embedding => "embedding",
        SpanKind::Retrieval => "retriever",
        SpanKind::Tool => "tool",
        _ => "chain",
    });
    let status = match (span.status, span.end) {
        (SpanStatus::Error, _) => "error",
        (_, Some(_)) => "success",
        (_, None) => "pending",
    };
    let usage = &span.usage;
    let total = match (usage.input_tokens, usage.output_tokens) {
        (None, None) => None,
        (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
    };
    // Clients can't do without a beginning.
    let start = span.start.or(span.end).unwrap_or(0);
    let ancestors: Vec<Value> = span
        .attributes
        .get("dotted_order")
        .and_then(Value::as_str)
        .map(|way| way.split('.').filter_map(|step| Some(Value::from(step.split_once('Z')?.1))).collect())
        .unwrap_or_default();
    let parents = ancestors.split_last().map(|(_, parents)| parents.to_vec()).unwrap_or_default();
    let run = json!({
        "id": id(span.id),
        "name": if span.name.is_empty() { "Unnamed" } else { &span.name },
        "run_type": run_type,
        "start_time": moment(Some(start)),
        "end_time": moment(span.end),
        "status": status,
        "error": said("status.message"),
        "extra": extra,
        "serialized": said("serialized"),
        "events": span.events,
        "inputs": span.attributes.get("inputs").cloned().unwrap_or_else(|| json!({})),
        "outputs": said("outputs"),
        "reference_example_id": said("reference_example_id"),
        "parent_run_id": span.parent.map_or(Value::Null, id),
        "parent_run_ids": parents,
        "tags": span.attributes.get("tags").cloned().unwrap_or_else(|| json!([])),
        "trace_id": trace.hyphenated().to_string(),
        "dotted_order": span.attributes.get("dotted_order").cloned().unwrap_or_else(|| json!("")),
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": total,
        "total_cost": usage.cost,
        "app_path": Value::Null,
    });
    match run {
        Value::Object(run) => run,
        _ => Map::new(),
    }
}
