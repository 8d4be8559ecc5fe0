//! Runs: one telling of one step of a trace.
//!
//! A client tells of a run when it starts and again when it ends, or once of all of it. Each telling becomes what it
//! says and nothing more; the span joins them in whatever order they come.

use std::sync::Arc;

use catena_model::{
    kind::Kind,
    span::{Span, SpanId, SpanKind, SpanStatus, Usage},
    statement::{Read, Record, Statement, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    dotted, names, shape,
    wire::{self, Object},
};
use crate::{
    fault::{Fault, Path, quote},
    genai::{self, Agent, Prompt, Step, Store, Tool},
};

/// How the telling was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The run is new.
    Post,
    /// There is more to say of it.
    Patch,
}

impl Verb {
    /// As it stands in the names of parts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Patch => "patch",
        }
    }
}

/// What a telling must have to be read by itself: a PATCH may leave it out, and then whoever has the catalog at hand
/// fills it in from what was told before.
pub const PLACE: [&str; 6] =
    ["trace_id", "parent_run_id", "dotted_order", "run_type", "name", "session_name"];

/// Reads one telling of a run.
pub fn read(place: &str, verb: Verb, object: Object) -> Read {
    wire::told(place, tell(place, verb, object))
}

/// What a run's place in its trace is.
struct Place {
    id: Uuid,
    trace: Uuid,
    parent: Option<Uuid>,
    start: Option<Timestamp>,
}

fn place(verb: Verb, object: &Object) -> Result<Place, Fault> {
    let id = wire::required_id(object, "id")?;
    let way = match Path::Root.text_in(object, "dotted_order")?.map(str::trim) {
        None | Some("") => Vec::new(),
        Some(text) => dotted::read(text).ok_or_else(|| {
            Path::Root.key("dotted_order").fault(format!(
                "{} is no way through a trace: expected TIMEZid.TIMEZid... such as 20261124T124038800684Z01a2...",
                quote(text)
            ))
        })?,
    };
    let contradiction = |key: &str| {
        Path::Root
            .key(key)
            .fault("it says another run than dotted_order does: have the client send both alike")
    };
    if way.last().is_some_and(|step| step.id != id) {
        return Err(contradiction("id"));
    }
    let parent_on_way = way.len().checked_sub(2).map(|parent| way[parent].id);
    let parent = wire::id_in(object, "parent_run_id")?;
    if !way.is_empty() && parent.is_some() && parent != parent_on_way {
        return Err(contradiction("parent_run_id"));
    }
    let parent = parent.or(parent_on_way);
    let root = way.first().map(|step| step.id);
    let trace = wire::id_in(object, "trace_id")?;
    if root.is_some() && trace.is_some() && root != trace {
        return Err(contradiction("trace_id"));
    }
    // A new run that nothing caused is the root of its own trace.
    let alone = (verb == Verb::Post && parent.is_none()).then_some(id);
    let trace = trace.or(root).or(alone).ok_or_else(|| {
        Path::Root.key("trace_id").fault(
            "it is missing, and no run of this id is known: have the client send trace_id or dotted_order, or tell of \
             the run's beginning first",
        )
    })?;
    let start = match wire::time_in(object, "start_time")? {
        Some(start) => Some(start),
        None => way.last().map(|step| step.start),
    };
    Ok(Place { id, trace, parent, start })
}

fn tell(at: &str, verb: Verb, object: Object) -> Result<Record, Fault> {
    let place = place(verb, &object)?;
    let object = wire::without_nulls(object);
    let end = wire::time_in(&object, "end_time")?;
    let run_type = shape::text(&object, "run_type");
    let empty = Map::new();
    let extra = wire::object_in(&object, "extra")?.unwrap_or(&empty);
    let metadata = extra.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    let inputs = values(&object, "inputs");
    let outputs = values(&object, "outputs");
    let kind = kind(run_type.as_deref(), place.id == place.trace);
    let counts = matches!(kind, SpanKind::Llm | SpanKind::Embedding);
    let answer = if counts { shape::answer(&outputs) } else { shape::Answer::default() };
    // A chain's own sum of what its steps used up would count them twice.
    let usage = if counts {
        shape::usage_in(metadata).or(answer.usage).unwrap_or_default()
    } else {
        Usage::default()
    };
    let error = shape::text(&object, "error");
    let events: Vec<Value> = Path::Root.list_in(&object, "events")?.to_vec();
    let span = Span {
        id: SpanId(place.id.as_u128()),
        parent: place.parent.map(|parent| SpanId(parent.as_u128())),
        name: shape::text(&object, "name").unwrap_or_default(),
        kind,
        start: place.start.map(nanos),
        end: end.map(nanos),
        status: match (&error, end) {
            (Some(_), _) => SpanStatus::Error,
            (None, Some(_)) => SpanStatus::Ok,
            (None, None) => SpanStatus::Unset,
        },
        usage,
        attributes: Map::new(),
        events: Vec::new(),
        resource: Arc::new(Value::Object(runtime(extra))),
    };
    let mut step =
        Step::new(place.trace.as_u128(), span, &shape::text(&object, "session_name").unwrap_or_default());
    step.session =
        ["session_id", "thread_id", "conversation_id"].iter().find_map(|key| shape::text(metadata, key));
    step.user = shape::text(metadata, "user_id");
    step.prompt = prompt(metadata);
    step.agent = shape::text(metadata, "lc_agent_name").map(|name| Agent { name, description: None });
    step.error.clone_from(&error);
    match kind {
        SpanKind::Workflow => step.workflow = Some(step.span.name.clone()).filter(|name| !name.is_empty()),
        SpanKind::Tool => {
            step.operation = Some("execute_tool".to_owned());
            let serialized = wire::object_in(&object, "serialized")?.unwrap_or(&empty);
            step.tool = Some(Tool {
                name: step.span.name.clone(),
                description: shape::text(serialized, "description"),
            })
            .filter(|tool| !tool.name.is_empty());
        }
        SpanKind::Retrieval => {
            step.operation = Some("retrieval".to_owned());
            step.retrieved = shape::passages(&outputs);
            step.store = store(metadata);
        }
        SpanKind::Llm | SpanKind::Embedding => {
            of_model(&mut step, kind, &inputs, extra, metadata);
            if kind == SpanKind::Llm {
                step.input = shape::input(&inputs);
                step.output = answer.output;
                step.finish_reasons = answer.finish_reasons;
            }
            step.response_model = answer.model;
            step.response_id = answer.id;
            step.first_token_ms = first_token(&events, place.start);
        }
        _ => {}
    }
    step.span.events = events;
    let project = shape::text(&object, "session_name");
    step.span.attributes = attributes(object);
    // Only the root may speak for its trace: a run whose parent isn't said here is still no root.
    let parent = step.span.parent;
    if place.id != place.trace {
        step.span.parent.get_or_insert(SpanId(place.trace.as_u128()));
    }
    let trace = genai::names::trace(step.trace);
    let mut record = step.record(at.to_owned(), "langsmith");
    settle(&mut record, parent, project.is_some());
    if let Some(project) = project {
        let project = names::project(&project).map_err(|problem| wire::bad_name("session_name", &problem))?;
        let at = end.or(place.start).unwrap_or_default();
        if place.id == place.trace
            && let Some(id) = made_alias(&project)
        {
            record.statements.insert(0, Statement::AlsoNamed { thing: project.clone(), name: id.name });
        }
        record.statements.insert(0, Statement::PartOf { thing: trace, whole: project, at });
    }
    Ok(record)
}

/// The id under which a project is asked for that only runs tell of.
fn made_alias(project: &Thing) -> Option<Thing> {
    let name = project.name.name.strip_prefix(names::PROJECTS)?;
    names::project_by_id(super::project::made_id(name)).ok()
}

/// Takes back what this telling doesn't know: it may be a part of the whole only.
fn settle(record: &mut Record, parent: Option<SpanId>, knows_project: bool) {
    let unnamed = genai::names::own(Kind::Service, "", "-").map(|thing| thing.name.namespace);
    let of_no_project = |thing: &Thing| Some(&thing.name.namespace) == unnamed.as_ref();
    record.statements.retain(|statement| match statement {
        // Nothing is withdrawn: what isn't said here was or will be said elsewhere.
        Statement::Claim { value, .. } if value.is_none() => false,
        _ if knows_project => true,
        Statement::Claim { thing, .. } | Statement::Facet { thing, .. } => !of_no_project(thing),
        Statement::PartOf { thing: from, whole: to, .. } | Statement::Related { from, to, .. } => {
            !of_no_project(from) && !of_no_project(to)
        }
        _ => true,
    });
    for statement in &mut record.statements {
        if let Statement::Span { span, .. } = statement {
            span.parent = parent;
        }
    }
}

fn nanos(time: Timestamp) -> i64 {
    time.micros().saturating_mul(1_000)
}

/// An object as it is; anything else that clients send there (a text, a list) under the key that LangSmith gives it.
fn values(object: &Object, key: &str) -> Object {
    match object.get(key) {
        Some(Value::Object(map)) => map.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(other) => {
            let word = if key == "inputs" { "input" } else { "output" };
            Map::from_iter([(word.to_owned(), other.clone())])
        }
    }
}

fn kind(run_type: Option<&str>, is_root: bool) -> SpanKind {
    match run_type {
        Some("llm") => SpanKind::Llm,
        Some("embedding") => SpanKind::Embedding,
        Some("retriever") => SpanKind::Retrieval,
        Some("tool") => SpanKind::Tool,
        Some("chain") if is_root => SpanKind::Workflow,
        Some("chain" | "prompt" | "parser") => SpanKind::Task,
        _ => SpanKind::Other,
    }
}

/// What reported it: the same for all runs of a program, and kept once for all of them.
fn runtime(extra: &Object) -> Object {
    extra.get("runtime").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// What is kept of the run beside what the span has fields for, by the names that LangSmith gives it.
fn attributes(mut object: Object) -> Object {
    if let Some(Value::Object(extra)) = object.get_mut("extra") {
        extra.shift_remove("runtime");
        // The key of whoever sends it is none of the catalog's business, and the address is our own.
        if let Some(Value::Object(metadata)) = extra.get_mut("metadata") {
            metadata.retain(|key, _| !is_environment_secret(key));
        }
    }
    if let Some(error) = object.shift_remove("error") {
        object.insert("status.message".to_owned(), error);
    }
    let in_fields =
        ["id", "trace_id", "parent_run_id", "name", "start_time", "end_time", "events", "child_runs"];
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    object
        .into_iter()
        .filter(|(key, value)| !in_fields.contains(&key.as_str()) && (key == "outputs" || !empty(value)))
        .collect()
}

/// The SDK sends environment variables along, and leaves out those that look like secrets to it; what looks so to us is
/// left out too.
fn is_environment_secret(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let of_environment = key.starts_with("LANGSMITH_") || key.starts_with("LANGCHAIN_");
    of_environment && ["KEY", "TOKEN", "SECRET", "PASSWORD"].iter().any(|word| key.contains(word))
}

/// The prompt's commit that LangChain's hub notes in the metadata of what it pulled.
fn prompt(metadata: &Object) -> Option<Prompt> {
    let name = shape::text(metadata, "lc_hub_repo")?;
    let owner = shape::text(metadata, "lc_hub_owner").unwrap_or_default();
    let (namespace, name) = names::prompt(&owner, &name);
    Some(Prompt {
        namespace: Some(namespace.to_owned()),
        name: Some(name),
        version: shape::text(metadata, "lc_hub_commit_hash"),
        template: None,
        variables: None,
    })
}

fn store(metadata: &Object) -> Option<Store> {
    let system = shape::text(metadata, "ls_vector_store_provider").map(|name| name.to_ascii_lowercase());
    let collection = ["ls_collection_name", "collection_name", "index_name"]
        .iter()
        .find_map(|key| shape::text(metadata, key));
    (system.is_some() || collection.is_some()).then_some(Store { system, address: None, collection })
}

/// OpenTelemetry's names of the parameters that LangSmith calls otherwise.
const PARAMETERS: [(&str, &str); 12] = [
    ("temperature", "temperature"),
    ("max_tokens", "max_tokens"),
    ("max_completion_tokens", "max_tokens"),
    ("max_output_tokens", "max_tokens"),
    ("top_p", "top_p"),
    ("top_k", "top_k"),
    ("stop", "stop_sequences"),
    ("seed", "seed"),
    ("frequency_penalty", "frequency_penalty"),
    ("presence_penalty", "presence_penalty"),
    ("n", "choice.count"),
    ("reasoning_effort", "reasoning_effort"),
];

fn of_model(step: &mut Step, kind: SpanKind, inputs: &Object, extra: &Object, metadata: &Object) {
    let empty = Map::new();
    let invocation = ["invocation_params", "options"]
        .iter()
        .find_map(|key| extra.get(*key)?.as_object().filter(|map| !map.is_empty()))
        .or_else(|| metadata.get("ls_invocation_params").and_then(Value::as_object))
        .unwrap_or(&empty);
    step.provider =
        ["ls_provider", "ls_embedding_provider"].iter().find_map(|key| shape::text(metadata, key));
    let named =
        |object: &Object| ["model", "model_name", "model_id"].iter().find_map(|key| shape::text(object, key));
    step.request_model =
        shape::text(metadata, "ls_model_name").or_else(|| named(inputs)).or_else(|| named(invocation));
    for (theirs, ours) in PARAMETERS {
        let value = metadata
            .get(&format!("ls_{theirs}"))
            .or_else(|| invocation.get(theirs))
            .or_else(|| inputs.get(theirs).filter(|value| !value.is_object()))
            .filter(|value| !value.is_null());
        if let Some(value) = value {
            step.parameters.entry(ours).or_insert_with(|| value.clone());
        }
    }
    step.tools =
        invocation.get("tools").or_else(|| inputs.get("tools")).filter(|value| !value.is_null()).cloned();
    let chat =
        inputs.contains_key("messages") || shape::text(metadata, "ls_model_type").as_deref() == Some("chat");
    step.operation = Some(
        match (kind, chat) {
            (SpanKind::Embedding, _) => "embeddings",
            (_, true) => "chat",
            _ => "text_completion",
        }
        .to_owned(),
    );
}

/// How long it took until the first token came, by the run's events.
fn first_token(events: &[Value], start: Option<Timestamp>) -> Option<f64> {
    let first = events.iter().find(|event| event.get("name").and_then(Value::as_str) == Some("new_token"))?;
    let at = wire::time_in(first.as_object()?, "time").ok()??;
    let micros = at.micros().checked_sub(start?.micros()).filter(|micros| *micros >= 0)?;
    Some(micros as f64 / 1_000.0)
}
