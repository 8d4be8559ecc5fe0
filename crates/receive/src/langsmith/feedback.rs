//! Feedback: given, read, changed, taken back.

use catena_ingest::langsmith::{
    Object,
    feedback::{self, About},
};
use catena_model::span::{SpanId, SpanKind};
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    FEEDBACK, LangSmith,
    finding::{self, Found},
    keeping::{
        Answered, fill, id, id_of_path, ids_asked, keep, later, lay_over, moment, object, ok, page, text,
    },
    shown::feedback_on,
};
use crate::{desk::Desk, protocol::Request, refusal::Refusal};

/// What is known of the run that feedback is about.
async fn run(desk: &Desk, id: Uuid) -> Result<Option<Found>, Refusal> {
    desk.read(move |reader| finding::run(reader, id)).await
}

/// `POST /feedback`
pub(super) async fn post(request: Request, desk: &Desk) -> Answered {
    let mut said = object(&request, desk)?;
    let now = desk.now();
    if text(&said, "id").is_none() {
        // The same feedback sent again without an id is the same.
        let canonical = catena_model::json::canonical(&Value::Object(said.clone()));
        let made = catena_ingest::langsmith::names::made_id("feedback", &canonical);
        said.insert("id".to_owned(), Value::from(made.hyphenated().to_string()));
    }
    fill(&mut said, "created_at", moment(now));
    fill(&mut said, "modified_at", moment(now));
    let mut about = About::Run;
    if let Some(of) = text(&said, "run_id").map(id).transpose()? {
        let known = run(desk, of).await?;
        match &known {
            Some(found) => {
                fill(&mut said, "trace_id", found.trace.hyphenated().to_string());
                if let Some(project) = found.span.attributes.get("session_name") {
                    fill(&mut said, "session_name", project.clone());
                }
                if found.span.kind == SpanKind::Llm {
                    about = About::Answer;
                }
            }
            // As LangSmith's own: the client tries again, and by then the run may have come.
            None if text(&said, "trace_id").is_none() => {
                return Err(Refusal::NotFound(format!(
                    "no run {of} is known: send trace_id too, or the run first"
                )));
            }
            None => {}
        }
    }
    keep(desk, FEEDBACK, &said, feedback::read("feedback", said.clone(), about)).await?;
    ok(&shown(said))
}

/// The feedback without what only the catalog needs.
fn shown(mut said: Object) -> Object {
    said.shift_remove("session_name");
    for key in ["run_id", "trace_id"] {
        fill(&mut said, key, Value::Null);
    }
    said
}

/// The feedback of this id, as it is kept.
fn find(reader: &Reader<'_>, id: Uuid) -> StoreResult<Option<(Object, About)>> {
    let Some(found) = finding::feedback_span(reader, id)? else {
        let of_project = finding::item(reader, &feedback::facet_of(id))?;
        return Ok(of_project.filter(|said| !said.contains_key("deleted")).map(|said| (said, About::Run)));
    };
    let Some(said) = feedback::of_span(&found.span) else { return Ok(None) };
    let run = found
        .span
        .parent
        .map(|SpanId(run)| finding::run(reader, Uuid::from_u128(run)))
        .transpose()?
        .flatten();
    let about = match run {
        Some(run) if run.span.kind == SpanKind::Llm => About::Answer,
        _ => About::Run,
    };
    Ok(Some((said.clone(), about)))
}

fn unknown(id: Uuid) -> Refusal {
    Refusal::NotFound(format!("no feedback {id} is known"))
}

/// `GET /feedback/{id}`
pub(super) async fn one(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let found = desk.read(move |reader| find(reader, id)).await?;
    let (said, _) = found.ok_or_else(|| unknown(id))?;
    ok(&shown(said))
}

/// `PATCH /feedback/{id}`: null clears a field.
pub(super) async fn patch(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let changes = object(&request, desk)?;
    change(system, desk, id, |said| {
        for (key, value) in changes {
            if ["score", "value", "comment", "correction", "extra"].contains(&key.as_str()) {
                said.insert(key, value);
            }
        }
    })
    .await
}

/// `DELETE /feedback/{id}`
pub(super) async fn delete(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    change(system, desk, id, |said| {
        lay_over(said, [("deleted".to_owned(), json!(true))].into_iter().collect())
    })
    .await
}

async fn change(system: &LangSmith, desk: &Desk, id: Uuid, change: impl FnOnce(&mut Object)) -> Answered {
    let _alone = system.changing.lock().await;
    let found = desk.read(move |reader| find(reader, id)).await?;
    let (mut said, about) = found.ok_or_else(|| unknown(id))?;
    change(&mut said);
    let at = later(desk.now(), text(&said, "modified_at"));
    said.insert("modified_at".to_owned(), moment(at));
    keep(desk, FEEDBACK, &said, feedback::read("feedback", said.clone(), about)).await?;
    ok(&shown(said))
}

/// `GET /feedback`
pub(super) async fn list(request: Request, desk: &Desk) -> Answered {
    let (runs, sessions) = (ids_asked(&request, "run")?, ids_asked(&request, "session")?);
    let found = desk
        .read(move |reader| {
            let mut found = Vec::new();
            for id in runs {
                if let Some(run) = finding::run(reader, id)? {
                    found.extend(feedback_on(reader, run.place, run.span.id)?);
                }
            }
            for id in sessions {
                let Some((project, _)) = finding::project(reader, id)? else { continue };
                let said = finding::facets(reader, project, feedback::OF_PROJECT)?;
                found.extend(
                    said.into_iter().map(|(_, said)| said).filter(|said| !said.contains_key("deleted")),
                );
            }
            Ok(found)
        })
        .await?;
    let (keys, sources) = (request.all_asked("key"), request.all_asked("source"));
    let source = |said: &Object| -> Option<String> {
        Some(said.get("feedback_source")?.get("type")?.as_str()?.to_owned())
    };
    let fits = |said: &Object| {
        (keys.is_empty() || text(said, "key").is_some_and(|key| keys.iter().any(|wanted| wanted == key)))
            && (sources.is_empty() || source(said).is_some_and(|source| sources.contains(&source)))
    };
    let found: Vec<_> = found.into_iter().filter(fits).map(shown).collect();
    ok(&page(&request, found))
}
