//! A span as OTLP has it, and what it says.

use std::sync::Arc;

use catena_model::{
    json::canonical,
    span::{Span, SpanId, SpanKind, SpanStatus, Usage},
    statement::Record,
};
use serde_json::{Map, Value, json};

use super::{attributes::Attributes, export::Reporter, genai_semconv, mlflow, openinference, openllmetry};
use crate::genai::Step;

/// The names of OTLP's span kinds, in the order of their numbers.
pub(super) const KINDS: &[&str] = &["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/// A span in either form.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub(super) trace: Vec<u8>,
    pub(super) id: Vec<u8>,
    pub(super) parent: Vec<u8>,
    pub(super) trace_state: String,
    pub(super) name: String,
    pub(super) kind: i64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) attributes: Map<String, Value>,
    pub(super) events: Vec<Event>,
    pub(super) links: Vec<Link>,
    pub(super) status: i64,
    pub(super) message: String,
}

/// Something that happened during a span.
#[derive(Debug, Default)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) time: u64,
    pub(super) attributes: Map<String, Value>,
}

/// A span of another trace that led to this one.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) trace: Vec<u8>,
    pub(super) id: Vec<u8>,
    pub(super) attributes: Map<String, Value>,
}

/// What a span says.
pub(super) fn record(reported: Reported, reporter: &Reporter, place: &str) -> Result<Record, String> {
    let trace = trace_id(&reported.trace)?;
    let id = span_id(&reported.id)?;
    let parent = match reported.parent.as_slice() {
        [] | [0, 0, 0, 0, 0, 0, 0, 0] => None,
        parent => Some(span_id(parent).map_err(|why| format!("its parent: {why}"))?),
    };
    let span = Span {
        id,
        parent: parent.filter(|parent| *parent != id),
        name: reported.name,
        kind: SpanKind::Other,
        start: nanos(reported.start),
        end: nanos(reported.end),
        status: match reported.status {
            1 => SpanStatus::Ok,
            2 => SpanStatus::Error,
            _ => SpanStatus::Unset,
        },
        usage: Usage::default(),
        attributes: reported.attributes,
        events: sorted(reported.events.iter().map(Event::value).collect()),
        resource: Arc::clone(&reporter.whole),
    };
    let mut step = Step::new(trace, span, &reporter.service);
    fill(&mut step, &reported.events);
    step.error = error(&reported.message, &step, &reported.events);
    let attributes = &mut step.span.attributes;
    let mut more = |key: &str, value: Value| {
        attributes.entry(key.to_owned()).or_insert(value);
    };
    if !reported.message.is_empty() {
        more("status.message", Value::from(reported.message));
    }
    if !reported.trace_state.is_empty() {
        more("trace_state", Value::from(reported.trace_state));
    }
    if let Some(kind) =
        usize::try_from(reported.kind).ok().filter(|kind| *kind > 1).and_then(|kind| KINDS.get(kind))
    {
        more("span.kind", Value::from(kind.to_lowercase()));
    }
    if !reported.links.is_empty() {
        more("links", reported.links.iter().map(Link::value).collect());
    }
    let place = format!("{place} ({id} of trace {trace:032x})");
    Ok(step.record(place, "otel"))
}

/// Fills in what the attributes say, in whichever dialects they are. Each leaves alone what one before it knew.
pub(super) fn fill(step: &mut Step, events: &[Event]) {
    let span_attributes = std::mem::take(&mut step.span.attributes);
    let attributes = Attributes::of(&span_attributes);
    if attributes.is_any("gen_ai.") {
        genai_semconv::fill(step, &attributes, events);
    }
    if attributes.is_any("openinference.") {
        openinference::fill(step, &attributes, events);
    }
    if attributes.is_any("mlflow.") {
        mlflow::fill(step, &attributes);
    }
    openllmetry::fill(step, &attributes, events);
    step.span.attributes = span_attributes;
}

/// What went wrong, in words: the status', else that of an exception, else its type.
fn error(message: &str, step: &Step, events: &[Event]) -> Option<String> {
    if step.span.status != SpanStatus::Error {
        return None;
    }
    let exception = events.iter().find(|event| event.name == "exception");
    let said = |key: &str| exception.and_then(|event| event.attributes.get(key)?.as_str());
    let kind = step.span.attributes.get("error.type").and_then(Value::as_str);
    let words = [Some(message), said("exception.message"), kind, said("exception.type")];
    words.into_iter().flatten().find(|text| !text.trim().is_empty()).map(str::to_owned)
}

impl Event {
    pub(super) fn value(&self) -> Value {
        let mut event = Map::from_iter([("name".to_owned(), Value::from(self.name.as_str()))]);
        event.insert("timeUnixNano".to_owned(), Value::from(self.time.to_string()));
        if !self.attributes.is_empty() {
            event.insert("attributes".to_owned(), Value::Object(self.attributes.clone()));
        }
        Value::Object(event)
    }
}

impl Link {
    fn value(&self) -> Value {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        json!({ "traceId": hex(&self.trace), "spanId": hex(&self.id), "attributes": self.attributes })
    }
}

/// Events in the order in which tellings of a span are joined.
pub(super) fn sorted(mut events: Vec<Value>) -> Vec<Value> {
    events.sort_by_cached_key(canonical);
    events.dedup();
    events
}

pub(super) fn trace_id(bytes: &[u8]) -> Result<u128, String> {
    let id: [u8; 16] = bytes.try_into().map_err(|_| {
        format!("its trace id is {} bytes long instead of 16: have the source send a whole one", bytes.len())
    })?;
    match u128::from_be_bytes(id) {
        0 => Err("its trace id is all zeros, which OpenTelemetry says is none".to_owned()),
        id => Ok(id),
    }
}

pub(super) fn span_id(bytes: &[u8]) -> Result<SpanId, String> {
    let id: [u8; 8] = bytes.try_into().map_err(|_| {
        format!("its span id is {} bytes long instead of 8: have the source send a whole one", bytes.len())
    })?;
    match u64::from_be_bytes(id) {
        0 => Err("its span id is all zeros, which OpenTelemetry says is none".to_owned()),
        id => Ok(SpanId(u128::from(id))),
    }
}

/// A time, unless it is none or later than can be counted.
pub(super) fn nanos(time: u64) -> Option<i64> {
    i64::try_from(time).ok().filter(|time| *time > 0)
}
