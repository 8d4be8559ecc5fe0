//! Traces: their heads, tags and assessments; their spans come as OTLP and are given back as such.

use bytes::Bytes;
use catena_ingest::{
    langsmith::Object,
    otlp::{self, Form, Signal},
};
use catena_model::{
    kind::Kind,
    statement::{Statement, Thing},
    time::Timestamp,
};
use catena_store::{Reader, StoreResult};
use hyper::StatusCode;
use serde_json::{Value, json};

use super::{
    Mlflow,
    assessments::settled,
    experiments::{self, field},
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{TRACE, keep, moment, piece},
    registry::is_gone,
    said::{
        Answered, asked, done, int, invalid, object, objects, ok, page, required, text, texts, unknown,
        within,
    },
    spans,
};
use crate::{
    commit::Piece,
    desk::Desk,
    otlp_pieces,
    protocol::{Answer, Request},
    refusal::Refusal,
    route::Media,
};

/// With this tag a client asks the server for the spans, and not the files.
const SPANS: (&str, &str) = ("mlflow.trace.spansLocation", "TRACKING_STORE");

pub(super) async fn find(desk: &Desk, id: &str) -> Result<Held, Refusal> {
    let thing = held::trace(id);
    let found = desk.read(move |reader| held::one(reader, thing)).await?;
    found
        .filter(|held| !is_gone(&held.object))
        .ok_or_else(|| Refusal::NotFound(format!("Trace with ID '{id}' not found: check the id")))
}

pub(super) fn told(desk: &Desk, held: &Held) -> Piece {
    piece(TRACE, moment(desk, Some(held)), [("object", Value::Object(held.object.clone()))])
}

/// What was stored and what is sent now: tags and metadata are joined, and assessments are kept.
fn joined(mut whole: Object, new: Object) -> Object {
    for (key, value) in new {
        match (key.as_str(), value) {
            ("tags" | "trace_metadata", Value::Object(pairs)) => {
                within(&mut whole, &key, |held| held.extend(pairs));
            }
            ("assessments", Value::Array(new)) => {
                let mut held = objects(&whole, "assessments");
                let new: Vec<Object> = new.iter().filter_map(Value::as_object).cloned().collect();
                held.retain(|held| !new.iter().any(|new| same(new, held)));
                held.extend(new);
                whole.insert(key, json!(held));
            }
            (_, Value::Null) => {}
            (_, value) => {
                whole.insert(key, value);
            }
        }
    }
    whole
}

fn same(one: &Object, other: &Object) -> bool {
    text(one, "assessment_id").is_some() && text(one, "assessment_id") == text(other, "assessment_id")
}

/// `POST traces` of API 3.0: told at the trace's end, or its beginning
pub(super) async fn start(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let info = said.get("trace").and_then(|trace| trace.get("trace_info")).and_then(Value::as_object);
    let mut info =
        info.cloned().ok_or_else(|| invalid("Missing value for required parameter 'trace.trace_info'"))?;
    let id = required(&info, "trace_id")?;
    let thing =
        held::trace(&id).ok_or_else(|| invalid("a trace_id is 'tr-' and 32 hexadecimal digits: send one"))?;
    let experiment = experiment_of(&info).unwrap_or_else(|| experiments::FIRST.to_owned());
    let assessments = objects(&info, "assessments").into_iter().map(|one| settled(one, &id, desk));
    let assessments: Vec<_> = assessments.collect();
    info.insert("assessments".to_owned(), json!(assessments));
    let _alone = system.changing.lock().await;
    experiments::active(desk, &experiment).await?;
    let mut pieces = experiments::with_first(desk).await?;
    let held = desk.read(move |reader| held::one(reader, Some(thing))).await?;
    let before = held.as_ref().map(|held| held.object.clone());
    let mut whole = joined(before.unwrap_or_else(|| head(&id, &experiment)), info);
    whole.shift_remove("deleted");
    let at = moment(desk, held.as_ref());
    pieces.push(piece(TRACE, at, [("object", Value::Object(whole.clone()))]));
    keep(desk, pieces).await?;
    ok(&json!({ "trace": { "trace_info": whole } }))
}

fn head(id: &str, experiment: &str) -> Object {
    let location =
        json!({ "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": { "experiment_id": experiment } });
    object([
        ("trace_id", json!(id)),
        ("trace_location", location),
        ("state", json!("IN_PROGRESS")),
        (
            "tags",
            json!({ SPANS.0: SPANS.1, "mlflow.artifactLocation":
            format!("mlflow-artifacts:/{experiment}/traces/{id}/artifacts") }),
        ),
        ("trace_metadata", json!({})),
    ])
}

fn experiment_of(info: &Object) -> Option<String> {
    let location = info.get("trace_location")?.get("mlflow_experiment")?;
    location["experiment_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// `POST /v1/traces`: spans, with the experiment in a header
pub(super) async fn spans(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let Some(experiment) = request.header("x-mlflow-experiment-id").map(str::to_owned) else {
        return Err(invalid("the header x-mlflow-experiment-id is missing: name the experiment in it"));
    };
    let form = if request.media == Media::Json { Form::Json } else { Form::Protobuf };
    experiments::active(desk, &experiment).await?;
    heads(system, desk, &experiment, form, &request.body).await?;
    let outcome = otlp_pieces::keep(Signal::Traces, form, request.body, desk).await?;
    Ok(match form {
        Form::Json => Answer::json(StatusCode::OK, &outcome.json(Signal::Traces)),
        Form::Protobuf => Answer::bytes(StatusCode::OK, "application/x-protobuf", outcome.protobuf().into()),
    })
}

/// Tells of the traces that spans came for before their heads did.
async fn heads(
    system: &Mlflow,
    desk: &Desk,
    experiment: &str,
    form: Form,
    body: &Bytes,
) -> Result<(), Refusal> {
    let mut things = otlp_pieces::heavy(body.len(), || traces_in(form, body));
    things.sort_unstable();
    things.dedup();
    let _alone = system.changing.lock().await;
    let unknown = desk
        .read(move |reader| {
            let mut unknown = Vec::new();
            for thing in things {
                if held::one(reader, Some(thing.clone()))?.is_none() {
                    unknown.push(thing);
                }
            }
            Ok(unknown)
        })
        .await?;
    if unknown.is_empty() {
        return Ok(());
    }
    let mut pieces = experiments::with_first(desk).await?;
    pieces.extend(unknown.iter().map(|thing| {
        let whole = head(&format!("tr-{}", thing.name.name), experiment);
        piece(TRACE, desk.now(), [("object", Value::Object(whole))])
    }));
    keep(desk, pieces).await
}

/// The traces that an export has spans of.
fn traces_in(form: Form, body: &Bytes) -> Vec<Thing> {
    let told = otlp::read(Signal::Traces, form, body, &otlp::Limits::default());
    let records = told.into_iter().flatten().filter_map(|told| told.read.ok());
    let statements = records.flat_map(|record| record.statements);
    let traces = statements.filter_map(|statement| match statement {
        Statement::Span { trace, .. } => Some(trace),
        _ => None,
    });
    traces.collect()
}

/// `GET traces/{trace_id}` of API 3.0: the head alone
pub(super) async fn info(request: Request, desk: &Desk) -> Answered {
    let held = find(desk, &required(&asked(&request, desk)?, "trace_id")?).await?;
    ok(&json!({ "trace": { "trace_info": held.object } }))
}

/// `GET traces/get`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let held = find(desk, &required(&asked(&request, desk)?, "trace_id")?).await?;
    let found = desk.read(move |reader| whole(reader, &held)).await?;
    ok(&json!({ "trace": found }))
}

fn whole(reader: &Reader<'_>, held: &Held) -> StoreResult<Value> {
    let id = text(&held.object, "trace_id").unwrap_or_default();
    let spans: Vec<Value> =
        reader.spans(held.place)?.iter().filter_map(|span| spans::shown(id, span)).collect();
    Ok(json!({ "trace_info": held.object, "spans": spans }))
}

async fn of_ids(desk: &Desk, ids: Vec<String>) -> Result<Vec<Held>, Refusal> {
    desk.read(move |reader| {
        let mut found = Vec::new();
        for id in ids {
            found.extend(held::one(reader, held::trace(&id))?.filter(|held| !is_gone(&held.object)));
        }
        Ok(found)
    })
    .await
}

/// `GET traces/batchGet`
pub(super) async fn get_many(request: Request, desk: &Desk) -> Answered {
    let found = of_ids(desk, texts(&asked(&request, desk)?, "trace_ids")).await?;
    let traces = desk
        .read(move |reader| found.iter().map(|held| whole(reader, held)).collect::<StoreResult<Vec<_>>>())
        .await?;
    ok(&json!({ "traces": traces }))
}

/// `POST traces/batchGetInfos`
pub(super) async fn infos(request: Request, desk: &Desk) -> Answered {
    let found = of_ids(desk, texts(&asked(&request, desk)?, "trace_ids")).await?;
    let infos: Vec<_> = found.into_iter().map(|held| held.object).collect();
    ok(&json!({ "trace_infos": infos }))
}

/// `POST traces/search` of API 3.0
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let order = OrderBy::read(&texts(&said, "order_by"))?.then("timestamp_ms", false).then("trace_id", true);
    let experiments: Vec<String> = objects(&said, "locations")
        .iter()
        .filter_map(|location| {
            location.get("mlflow_experiment")?["experiment_id"].as_str().map(str::to_owned)
        })
        .collect();
    let found = desk
        .read(move |reader| {
            let mut found = Vec::new();
            for id in &experiments {
                let thing = held::experiment(id);
                if let Some(place) = held::place(reader, thing.as_ref())? {
                    found.extend(held::parts(reader, place, Kind::Trace)?);
                }
            }
            Ok(found)
        })
        .await?;
    let fits = |held: &Held| !is_gone(&held.object) && filter.fits(|key| value(&held.object, key));
    let found = found.into_iter().filter(fits).map(|held| held.object).collect();
    let (found, next) = page(&said, 100, order.sort(found, value))?;
    ok(&json!({ "traces": found, "next_page_token": next }))
}

fn value(info: &Object, key: &Key) -> Option<Operand> {
    let of = |map: &str, name: &str| info.get(map)?.get(name)?.as_str().map(Operand::text);
    match (key.scope, key.name.as_str()) {
        (Scope::Tag, name) => of("tags", name),
        (Scope::Metadata, name) => of("trace_metadata", name),
        (Scope::Attribute, "status" | "state") => field(info, "state"),
        (Scope::Attribute, "name") => of("tags", "mlflow.traceName"),
        (Scope::Attribute, "run_id") => of("trace_metadata", "mlflow.sourceRun"),
        (Scope::Attribute, "request_id" | "trace_id") => field(info, "trace_id"),
        (Scope::Attribute, "timestamp" | "timestamp_ms" | "request_time") => {
            let at: Timestamp = text(info, "request_time")?.parse().ok()?;
            Some(Operand::Number(at.millis() as f64))
        }
        (Scope::Attribute, "execution_time" | "execution_time_ms" | "execution_duration") => {
            let seconds: f64 = text(info, "execution_duration")?.trim_end_matches('s').parse().ok()?;
            Some(Operand::Number(seconds * 1_000.0))
        }
        (Scope::Attribute, name) => field(info, name),
        (Scope::Feedback, name) => {
            let found = objects(info, "assessments");
            let one = found.iter().rfind(|one| text(one, "assessment_name") == Some(name))?;
            let value = &one.get("feedback").or_else(|| one.get("expectation"))?["value"];
            match value {
                Value::String(text) => Some(Operand::text(text)),
                Value::Bool(yes) => Some(Operand::text(if *yes { "true" } else { "false" })),
                number => number.as_f64().map(Operand::Number),
            }
        }
        _ => None,
    }
}

pub(super) async fn change<T>(
    system: &Mlflow,
    desk: &Desk,
    id: &str,
    change: impl FnOnce(&mut Object) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let _alone = system.changing.lock().await;
    let mut held = find(desk, id).await?;
    let value = change(&mut held.object)?;
    keep(desk, vec![told(desk, &held)]).await?;
    Ok(value)
}

/// `PATCH traces/{trace_id}/tags`
pub(super) async fn set_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (key, tag) = super::pairs::pair(&said, "Trace tag", 8_000)?;
    change(system, desk, &required(&said, "trace_id")?, |whole| {
        own(&key)?;
        within(whole, "tags", |tags| tags.insert(key, json!(tag)));
        Ok(())
    })
    .await?;
    done()
}

/// Where the spans are is the server's to say.
fn own(key: &str) -> Result<(), Refusal> {
    match key == SPANS.0 {
        true => Err(invalid(format!("Tag '{key}' is immutable and cannot be set or deleted on a trace."))),
        false => Ok(()),
    }
}

/// `DELETE traces/{trace_id}/tags`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let key = super::pairs::key(&said, "Trace tag")?;
    change(system, desk, &required(&said, "trace_id")?, |whole| {
        own(&key)?;
        match within(whole, "tags", |tags| tags.shift_remove(&key)) {
            Some(_) => Ok(()),
            None => Err(unknown("tag of this trace", &key)),
        }
    })
    .await?;
    done()
}

/// `POST traces/link-prompts`
pub(super) async fn link_prompts(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    const LINKED: &str = "mlflow.linkedPrompts";
    let said = asked(&request, desk)?;
    let prompts = objects(&said, "prompt_versions");
    change(system, desk, &required(&said, "trace_id")?, |whole| {
        within(whole, "tags", |tags| {
            let held = text(tags, LINKED).and_then(|held| serde_json::from_str(held).ok());
            let mut held: Vec<Object> = held.unwrap_or_default();
            held.extend(prompts.into_iter().filter(|one| !held.contains(one)).collect::<Vec<_>>());
            tags.insert(LINKED.to_owned(), json!(json!(held).to_string()));
        });
        Ok(())
    })
    .await?;
    done()
}

/// `POST traces/link-to-run`
pub(super) async fn link_to_run(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let run = super::runs::id_in(&said)?;
    super::runs::active(desk, &run).await?;
    for id in texts(&said, "trace_ids") {
        change(system, desk, &id, |whole| {
            within(whole, "trace_metadata", |metadata| {
                metadata.insert("mlflow.sourceRun".to_owned(), json!(run))
            });
            Ok(())
        })
        .await?;
    }
    done()
}

/// `POST traces/delete-traces`: their heads are marked, as everything that is deleted
pub(super) async fn delete(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let experiment = required(&said, "experiment_id")?;
    let ids = match texts(&said, "request_ids") {
        ids if ids.is_empty() => texts(&said, "trace_ids"),
        ids => ids,
    };
    let until = int(&said, "max_timestamp_millis");
    if ids.is_empty() == until.is_none() {
        return Err(invalid("send either trace_ids or max_timestamp_millis: which traces to delete"));
    }
    let most = int(&said, "max_traces").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let _alone = system.changing.lock().await;
    let thing = held::experiment(&experiment);
    let mut found = desk
        .read(move |reader| match held::place(reader, thing.as_ref())? {
            Some(place) => held::parts(reader, place, Kind::Trace),
            None => Ok(Vec::new()),
        })
        .await?;
    let key = Key { scope: Scope::Attribute, name: "timestamp_ms".to_owned() };
    found.retain(|held| {
        let chosen = match until {
            Some(until) => {
                matches!(value(&held.object, &key), Some(Operand::Number(at)) if at <= until as f64)
            }
            None => text(&held.object, "trace_id").is_some_and(|id| ids.iter().any(|wanted| wanted == id)),
        };
        chosen && !is_gone(&held.object)
    });
    found.truncate(most);
    let count = found.len();
    let pieces = found.into_iter().map(|mut held| {
        held.object.insert("deleted".to_owned(), json!(true));
        told(desk, &held)
    });
    keep(desk, pieces.collect()).await?;
    ok(&json!({ "traces_deleted": count }))
}
