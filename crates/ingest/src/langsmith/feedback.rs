//! Feedback: what somebody, or another model, thinks of a run.
//!
//! Each is a span of its own beneath the run that it is about, so that it can be told of in any order, again, and be
//! found by its id. Its versions are kept side by side, by when they were written; the last one holds.

use std::sync::Arc;

use catena_model::{
    source::{Known, Source},
    span::{Span, SpanId, SpanKind, SpanStatus, Usage},
    statement::{Read, Record, Statement},
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    names, shape,
    wire::{self, Object},
};
use crate::{
    fault::{Fault, Path, shorten},
    genai,
    telling::Telling,
};

/// What the names of the attributes that hold the versions of a feedback begin with.
const VERSION: &str = "feedback.";

/// What feedback is about, as far as whoever has the catalog at hand knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A model's answer: its output bears the score.
    Answer,
    /// A run of any other sort, or one that isn't known.
    Run,
}

/// Reads one feedback: as the SDK sends it, with `trace_id` filled in where it leaves it out.
pub fn read(place: &str, object: Object, about: About) -> Read {
    wire::told(place, tell(place, object, about))
}

fn tell(at: &str, object: Object, about: About) -> Result<Record, Fault> {
    let id = wire::required_id(&object, "id")?;
    let run = wire::id_in(&object, "run_id")?;
    let trace = wire::id_in(&object, "trace_id")?.or(run);
    let key = Path::Root.required_in(&object, "key")?.trim().to_owned();
    if key.is_empty() {
        return Err(Path::Root.key("key").fault("it is empty: say what was measured"));
    }
    let created = wire::time_in(&object, "created_at")?;
    let written = wire::time_in(&object, "modified_at")?.or(created).unwrap_or_default();
    let Some(trace) = trace else {
        return of_project(at, id, &key, written, object);
    };
    let run = run.unwrap_or(trace);
    let (trace_thing, answer) =
        (genai::names::trace(trace.as_u128()), genai::names::output(trace.as_u128(), SpanId(run.as_u128())));
    let mut telling = Telling::at(written);
    let bearer = match about {
        About::Answer => Some(&answer),
        // Another step's score would stand for the whole trace's.
        About::Run => (run == trace).then_some(&trace_thing),
    };
    if let Some(bearer) = bearer {
        telling.facet(bearer, &format!("score.{}", shorten(&key, 200)), score(&object, Some(run)));
    }
    let counted = match object.get("score") {
        Some(Value::Bool(yes)) => Some(f64::from(u8::from(*yes))),
        Some(number) => number.as_f64(),
        None => None,
    };
    if let (Some(value), Some(_)) = (counted, bearer) {
        genai::count_score(&mut telling, trace_thing.clone(), SpanId(run.as_u128()), &key, value);
    }
    let instance = shape::text(&object, "session_name").unwrap_or_else(|| names::HANDLE.to_owned());
    let span = Span {
        id: SpanId(id.as_u128()),
        parent: Some(SpanId(run.as_u128())),
        name: key,
        kind: SpanKind::Evaluation,
        start: created.map(nanos),
        end: created.map(nanos),
        status: SpanStatus::Unset,
        usage: Usage::default(),
        attributes: Map::from_iter([(version(written), Value::Object(wire::without_nulls(object)))]),
        events: Vec::new(),
        resource: Arc::new(json!({})),
    };
    telling.push(Statement::Span { trace: trace_thing, span: Box::new(span) });
    Ok(telling.record(at.to_owned(), Source::system("langsmith", &instance), Known::Detected))
}

/// What is thought of a whole project: an evaluation's summary.
fn of_project(at: &str, id: Uuid, key: &str, written: Timestamp, object: Object) -> Result<Record, Fault> {
    let Some(project) = wire::id_in(&object, "session_id")? else {
        return Err(Path::Root.key("run_id").fault(
            "it is missing, and so is session_id: feedback is kept on the run or the project that it is about",
        ));
    };
    let project = names::project_by_id(project).map_err(|problem| wire::bad_name("session_id", &problem))?;
    let mut telling = Telling::at(written);
    telling.facet(&project, &format!("score.{}", shorten(key, 200)), score(&object, None));
    telling.facet(&project, &facet_of(id), Value::Object(wire::without_nulls(object)));
    Ok(telling.record(at.to_owned(), names::source(), Known::Detected))
}

/// The facet of a project that holds this feedback.
pub fn facet_of(id: Uuid) -> String {
    format!("{OF_PROJECT}{}", id.hyphenated())
}

/// What the facets that hold a project's feedback begin with.
pub const OF_PROJECT: &str = "feedback/";

fn nanos(time: Timestamp) -> i64 {
    time.micros().saturating_mul(1_000)
}

/// In the shape that scores of all systems have.
fn score(object: &Object, run: Option<Uuid>) -> Value {
    let by = object.get("feedback_source").and_then(Value::as_object);
    let by = by.and_then(|by| shape::text(by, "user_name").or_else(|| shape::text(by, "type")));
    let value = match object.get("score") {
        Some(Value::Bool(yes)) => Some(json!(u8::from(*yes))),
        Some(number @ Value::Number(_)) => Some(number.clone()),
        _ => None,
    };
    let label = match object.get("value") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Value::from(text.as_str())),
        Some(other) => Some(Value::from(other.to_string())),
    };
    let entries = [
        ("value", value),
        ("label", label),
        ("explanation", shape::text(object, "comment").map(Value::from)),
        ("by", by.map(Value::from)),
        ("span", run.map(|run| Value::from(SpanId(run.as_u128()).to_string()))),
    ];
    entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Versions sort by the time in their names.
fn version(written: Timestamp) -> String {
    format!("{VERSION}{:020}", written.micros().max(0))
}

/// The feedback that a span is, as it was last written; none when the span is something else, or the feedback was
/// taken back.
pub fn of_span(span: &Span) -> Option<&Object> {
    let (_, last) =
        span.attributes.iter().filter(|(name, _)| name.starts_with(VERSION)).max_by_key(|(name, _)| *name)?;
    last.as_object().filter(|last| span.kind == SpanKind::Evaluation && !last.contains_key("deleted"))
}

/// Whether a span is feedback rather than a run.
pub fn is_feedback(span: &Span) -> bool {
    span.kind == SpanKind::Evaluation && span.attributes.keys().any(|name| name.starts_with(VERSION))
}
