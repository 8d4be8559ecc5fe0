//! Log records that tell of generative AI: what was said, apart from the span in which it was said, and evaluations.
//! All others are left out.

use std::sync::Arc;

use catena_model::{
    source::{Known, Source},
    span::{Span, SpanKind, SpanStatus, Usage},
    statement::{Record, Statement},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use super::{
    attributes::Attributes,
    export::Reporter,
    genai_semconv::{said_in, score},
    span::{nanos, span_id, trace_id},
};
use crate::{
    genai::{Message, Step, messages, names},
    telling::Telling,
};

/// A log record in either form.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub(super) time: u64,
    pub(super) observed: u64,
    pub(super) trace: Vec<u8>,
    pub(super) span: Vec<u8>,
    pub(super) event: String,
    pub(super) body: Value,
    pub(super) attributes: Map<String, Value>,
}

/// What an event says of its span; nothing when it is none of generative AI, or of no span.
pub(super) fn record(log: Reported, reporter: &Reporter, place: &str) -> Result<Option<Record>, String> {
    // Before events had a name of their own, it was an attribute.
    let event = match log.event.as_str() {
        "" => log.attributes.get("event.name").and_then(Value::as_str).unwrap_or_default(),
        event => event,
    };
    if !event.starts_with("gen_ai.") || log.trace.is_empty() || log.span.is_empty() {
        return Ok(None);
    }
    let trace = trace_id(&log.trace)?;
    let id = span_id(&log.span)?;
    let time = if log.time > 0 { log.time } else { log.observed };
    let mut told = Map::from_iter([("name".to_owned(), Value::from(event))]);
    told.insert("timeUnixNano".to_owned(), Value::from(time.to_string()));
    if !log.attributes.is_empty() {
        told.insert("attributes".to_owned(), Value::Object(log.attributes.clone()));
    }
    if !log.body.is_null() {
        told.insert("body".to_owned(), log.body.clone());
    }
    let span = Span {
        id,
        parent: None,
        name: String::new(),
        kind: SpanKind::Other,
        start: None,
        end: None,
        status: SpanStatus::Unset,
        usage: Usage::default(),
        attributes: Map::new(),
        events: vec![Value::Object(told)],
        resource: Arc::clone(&reporter.whole),
    };
    let mut step = Step::new(trace, span, &reporter.service);
    step.is_root = false;
    let mut telling = Telling::at(Timestamp::from_micros(nanos(time).unwrap_or_default() / 1_000));
    let said = Attributes::of(&log.attributes);
    (step.input, step.output) = said_in(&said);
    step.scores.extend(score(event, &log.attributes));
    step.tell_messages(&mut telling);
    if let Some((name, message)) = one_message(event, time, &log.body) {
        let output = names::output(trace, id);
        telling.facet(&output, &name, json!({ "messages": message }));
    }
    let output = names::output(trace, id);
    step.tell_scores(&mut telling, &output);
    step.count_scores(&mut telling);
    telling.push(Statement::Span { trace: names::trace(trace), span: Box::new(step.span) });
    let place = format!("{place} ({event} of span {id} of trace {trace:032x})");
    let source = Source::system("otel", &names::application(&reporter.service));
    Ok(Some(telling.record(place, source, Known::Detected)))
}

/// The one message that an event is, and the facet that it becomes: `gen_ai.user.message`, `gen_ai.choice` and the like.
fn one_message(event: &str, time: u64, body: &Value) -> Option<(String, Vec<Message>)> {
    if body.is_null() {
        return None;
    }
    if event == "gen_ai.choice" {
        let said = body.get("message").unwrap_or(body);
        let mut messages = messages("assistant", said);
        let reason = body.get("finish_reason").and_then(Value::as_str);
        for message in &mut messages {
            message.finish_reason = message.finish_reason.take().or_else(|| reason.map(str::to_owned));
        }
        return Some((format!("gen_ai.output.{time:020}"), messages));
    }
    let role = event.strip_prefix("gen_ai.")?.strip_suffix(".message")?;
    let mut body = body.clone();
    if let (Value::Object(map), "tool") = (&mut body, role)
        && let Some(id) = map.remove("id")
    {
        map.insert("tool_call_id".to_owned(), id);
    }
    if let Value::Object(map) = &mut body {
        map.entry("role").or_insert_with(|| Value::from(role));
    }
    Some((format!("gen_ai.input.{time:020}"), messages(role, &body)))
}
