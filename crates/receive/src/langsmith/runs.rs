//! Runs as they come in.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use catena_ingest::langsmith::{
    Object,
    batch::{self, Item, What},
    feedback::{self, About},
    multipart,
    run::{self, Verb},
};
use catena_model::span::SpanKind;
use hyper::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    FEEDBACK, PARTS, PATCH, POST, finding,
    keeping::{Answered, id_of_path, object, text},
};
use crate::{
    commit::{Piece, Receipt},
    desk::Desk,
    limits::Limits,
    protocol::{Answer, Request},
    refusal::Refusal,
};

/// `POST /runs/multipart`
pub(super) async fn multipart(request: Request, desk: &Desk) -> Answered {
    let boundary = request.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let boundary =
        multipart::boundary(boundary).map_err(|problem| Refusal::Unreadable(problem.to_string()))?;
    let read = || batch::of_parts(&request.body, boundary, &desk.limits().json);
    let items =
        heavy(request.body.len(), read).map_err(|problem| Refusal::Unreadable(problem.to_string()))?;
    take(&request.body, items, None, desk).await
}

/// `POST /runs/batch`
pub(super) async fn batch(request: Request, desk: &Desk) -> Answered {
    let items = heavy(request.body.len(), || batch::of_json(&request.body, &desk.limits().json))
        .map_err(Refusal::Unreadable)?;
    take(&request.body, items, None, desk).await
}

/// `POST /runs`
pub(super) async fn post(request: Request, desk: &Desk) -> Answered {
    let object = object(&request, desk)?;
    let what = What::Run(Verb::Post, object);
    let lies = 0..request.body.len();
    take(&request.body, vec![Item { place: "run".to_owned(), what, lies }], Some(POST), desk).await
}

/// `PATCH /runs/{id}`
pub(super) async fn patch(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let mut object = object(&request, desk)?;
    object.insert("id".to_owned(), Value::from(id.hyphenated().to_string()));
    let known = complete(vec![object], desk).await?;
    let Some(object) = known.into_iter().next() else { return Err(Refusal::Path) };
    if text(&object, "trace_id").is_none() && text(&object, "dotted_order").is_none() {
        // As LangSmith's own: the client tries again, and by then the run may have come.
        return Err(Refusal::NotFound(format!(
            "no run {id} is known: send its trace_id too, or its beginning first"
        )));
    }
    let raw = serde_json::to_vec(&object).map(Bytes::from).unwrap_or_default();
    let lies = 0..raw.len();
    let item = Item { place: format!("run {id}"), what: What::Run(Verb::Patch, object), lies };
    take(&raw, vec![item], Some(PATCH), desk).await
}

/// Stores what a request brought, and answers as LangSmith does.
async fn take(body: &Bytes, mut items: Vec<Item>, form: Option<&'static str>, desk: &Desk) -> Answered {
    complete_items(&mut items, desk).await?;
    let about = about(&items, desk).await?;
    let pieces = heavy(body.len(), || {
        let read = |item: Item| {
            let of_parts = body.first() == Some(&b'-');
            let form = form.unwrap_or(match &item.what {
                _ if of_parts => PARTS,
                What::Run(Verb::Patch, _) => PATCH,
                What::Feedback(_) => FEEDBACK,
                _ => POST,
            });
            let raw = body.slice(item.lies.clone());
            piece(item, raw, form, &about)
        };
        items.into_iter().map(read).collect::<Vec<_>>()
    });
    let receipt = desk.keep(pieces).await?;
    Ok(told(&receipt))
}

fn told(receipt: &Receipt) -> Answer {
    let rejected: Vec<_> = receipt
        .rejected
        .iter()
        .map(|rejected| json!({ "where": rejected.rejection.place, "why": rejected.rejection.why }))
        .collect();
    if receipt.accepted == 0
        && let Some(first) = receipt.rejected.first()
    {
        let why = format!("{}: {}", first.rejection.place, first.rejection.why);
        return Answer::json(
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!({ "detail": why, "rejected": rejected }),
        );
    }
    let mut body = json!({ "message": "Runs ingested" });
    if !rejected.is_empty() {
        body["rejected"] = Value::from(rejected);
    }
    Answer::json(StatusCode::ACCEPTED, &body)
}

fn piece(item: Item, raw: Bytes, form: &'static str, about: &HashMap<String, About>) -> Piece {
    let read = match item.what {
        What::Run(verb, object) => run::read(&item.place, verb, object),
        What::Feedback(object) => {
            let of = text(&object, "run_id").and_then(|run| about.get(run)).copied();
            feedback::read(&item.place, object, of.unwrap_or(About::Run))
        }
        What::Bad(rejection) => Err(rejection),
    };
    Piece { read, raw, form }
}

/// Reads dead letters of runs again.
pub(super) fn reread(form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
    let none = HashMap::new();
    if form == PARTS {
        let Ok((body, boundary)) = multipart::reread(raw) else { return Vec::new() };
        let items = batch::of_parts(&body, &boundary, &limits.json).unwrap_or_default();
        return items.into_iter().map(|item| piece(item, raw.clone(), PARTS, &none)).collect();
    }
    let (form, verb) = if form == PATCH { (PATCH, Verb::Patch) } else { (POST, Verb::Post) };
    let what = match batch::object(raw, &limits.json) {
        Ok(object) => What::Run(verb, object),
        Err(why) => What::Bad(catena_model::statement::Rejection { place: "run".to_owned(), why }),
    };
    vec![piece(Item { place: "run".to_owned(), what, lies: 0..raw.len() }, raw.clone(), form, &none)]
}

/// Of which runs that feedback speaks of it is known that they are a model's answers.
async fn about(items: &[Item], desk: &Desk) -> Result<HashMap<String, About>, Refusal> {
    let runs: Vec<(String, Uuid)> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Feedback(object) => {
                let run = text(object, "run_id")?;
                Some((run.to_owned(), Uuid::try_parse(run).ok()?))
            }
            _ => None,
        })
        .collect();
    if runs.is_empty() {
        return Ok(HashMap::new());
    }
    // An evaluation sends a run and what it thinks of it together.
    let answers: HashSet<String> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Run(_, object) if text(object, "run_type") == Some("llm") => {
                text(object, "id").map(str::to_owned)
            }
            _ => None,
        })
        .collect();
    desk.read(move |reader| {
        let mut about = HashMap::new();
        for (text, id) in runs {
            let answer = answers.contains(&text)
                || finding::run(reader, id)?.is_some_and(|found| found.span.kind == SpanKind::Llm);
            about.insert(text, if answer { About::Answer } else { About::Run });
        }
        Ok(about)
    })
    .await
}

/// Fills in what tellings leave out and the catalog, or another telling of the same request, knows.
async fn complete_items(items: &mut [Item], desk: &Desk) -> Result<(), Refusal> {
    let mut objects = Vec::new();
    let mut places = Vec::new();
    for (place, item) in items.iter_mut().enumerate() {
        if let What::Run(verb, object) = &mut item.what
            && needs(*verb, object)
        {
            objects.push(std::mem::take(object));
            places.push(place);
        }
    }
    if objects.is_empty() {
        return Ok(());
    }
    let others: HashMap<&str, &Object> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Run(_, other) => Some((text(other, "id")?, other)),
            _ => None,
        })
        .collect();
    for object in &mut objects {
        let Some(other) = text(object, "id").and_then(|id| others.get(id)) else { continue };
        for key in run::PLACE {
            if text(object, key).is_none()
                && let Some(value) = other.get(key)
            {
                object.insert(key.to_owned(), value.clone());
            }
        }
        // A root that says nothing of its trace is its own.
        if ["trace_id", "dotted_order", "parent_run_id"].iter().all(|key| text(object, key).is_none()) {
            object.insert("trace_id".to_owned(), object.get("id").cloned().unwrap_or(Value::Null));
        }
    }
    for (place, object) in places.into_iter().zip(complete(objects, desk).await?) {
        if let What::Run(_, held) = &mut items[place].what {
            *held = object;
        }
    }
    Ok(())
}

/// Whether a telling leaves out what may be known. The SDKs leave out nothing when they send in batches.
fn needs(verb: Verb, object: &Object) -> bool {
    let has = |key: &str| text(object, key).is_some();
    let placed = has("trace_id") || has("dotted_order");
    match verb {
        Verb::Post => (has("parent_run_id") && !placed) || (has("session_id") && !has("session_name")),
        Verb::Patch => !(placed && has("run_type") && has("session_name") && has("name")),
    }
}

async fn complete(mut objects: Vec<Object>, desk: &Desk) -> Result<Vec<Object>, Refusal> {
    desk.read(move |reader| {
        for object in &mut objects {
            let id = |key: &str| text(object, key).and_then(|text| Uuid::try_parse(text).ok());
            let (own, parent, session) = (id("id"), id("parent_run_id"), id("session_id"));
            let mut add = |key: &str, value: Option<Value>| {
                if let Some(value) = value
                    && text(object, key).is_none()
                {
                    object.insert(key.to_owned(), value);
                }
            };
            let known = own.map(|id| finding::run(reader, id)).transpose()?.flatten();
            if let Some(found) = &known {
                let said = |key: &str| found.span.attributes.get(key).cloned();
                let parent = found.span.parent.map(|id| Uuid::from_u128(id.0).hyphenated().to_string());
                add("trace_id", Some(Value::from(found.trace.hyphenated().to_string())));
                add("parent_run_id", parent.map(Value::from));
                for key in ["run_type", "session_name"] {
                    add(key, said(key));
                }
                add("name", Some(found.span.name.as_str()).filter(|name| !name.is_empty()).map(Value::from));
            }
            if known.is_none()
                && let Some(found) = parent.map(|id| finding::run(reader, id)).transpose()?.flatten()
            {
                add("trace_id", Some(Value::from(found.trace.hyphenated().to_string())));
                add("session_name", found.span.attributes.get("session_name").cloned());
            }
            if let Some((_, project)) = session.map(|id| finding::project(reader, id)).transpose()?.flatten()
            {
                add("session_name", project.get("name").cloned());
            }
        }
        Ok(objects)
    })
    .await
}

/// Does what may take a while without keeping other requests of this thread waiting.
fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    const MUCH: usize = 256 << 10;
    if bytes > MUCH { tokio::task::block_in_place(work) } else { work() }
}
