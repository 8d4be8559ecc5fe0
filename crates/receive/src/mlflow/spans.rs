//! Spans as MLflow's client takes them: OTLP's message in protobuf's own JSON, where bytes are base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use catena_model::span::{Span, SpanStatus};
use serde_json::{Map, Value, json};

/// The span; none when its trace's id is none of MLflow's, or its own is too long to be OpenTelemetry's.
pub(super) fn shown(trace: &str, span: &Span) -> Option<Value> {
    let trace = u128::from_str_radix(trace.strip_prefix("tr-")?, 16).ok()?;
    let id = |id: u128| u64::try_from(id).ok().map(|id| STANDARD.encode(id.to_be_bytes()));
    let said = |key: &str| span.attributes.get(key).and_then(Value::as_str).unwrap_or_default();
    let code = match span.status {
        SpanStatus::Unset => "STATUS_CODE_UNSET",
        SpanStatus::Ok => "STATUS_CODE_OK",
        SpanStatus::Error => "STATUS_CODE_ERROR",
    };
    // Those that OTLP has in fields of their own.
    let attributes: Map<String, Value> = span
        .attributes
        .iter()
        .filter(|(key, _)| !["status.message", "span.kind", "trace_state", "links"].contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut whole = json!({
        "trace_id": STANDARD.encode(trace.to_be_bytes()),
        "span_id": id(span.id.0)?,
        "name": span.name,
        "start_time_unix_nano": span.start.unwrap_or(0).to_string(),
        "attributes": pairs(&attributes),
        "events": span.events.iter().map(event).collect::<Vec<_>>(),
        "status": { "code": code, "message": said("status.message") },
    });
    if let Some(parent) = span.parent.and_then(|parent| id(parent.0)) {
        whole["parent_span_id"] = json!(parent);
    }
    if let Some(end) = span.end {
        whole["end_time_unix_nano"] = json!(end.to_string());
    }
    Some(whole)
}

fn event(event: &Value) -> Value {
    json!({
        "name": event["name"],
        "time_unix_nano": event["timeUnixNano"].as_str().unwrap_or("0"),
        "attributes": event["attributes"].as_object().map(pairs).unwrap_or_default(),
    })
}

fn pairs(map: &Map<String, Value>) -> Vec<Value> {
    map.iter().map(|(key, value)| json!({ "key": key, "value": any(value) })).collect()
}

/// OTLP's `AnyValue`.
fn any(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(yes) => json!({ "bool_value": yes }),
        Value::Number(number) => match number.as_i64() {
            Some(number) => json!({ "int_value": number.to_string() }),
            None => json!({ "double_value": number }),
        },
        Value::String(text) => json!({ "string_value": text }),
        Value::Array(items) => {
            json!({ "array_value": { "values": items.iter().map(any).collect::<Vec<_>>() } })
        }
        Value::Object(map) => json!({ "kvlist_value": { "values": pairs(map) } }),
    }
}
