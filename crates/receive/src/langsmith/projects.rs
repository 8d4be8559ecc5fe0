//! Projects, which the API calls sessions.

use catena_ingest::langsmith::{Object, project};
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    LangSmith, SESSION, finding,
    keeping::{
        Answered, fill, id, id_of_path, ids_asked, keep, last_listed, later, lay_over, moment, object, ok,
        page, text,
    },
};
use crate::{
    desk::Desk,
    protocol::{Answer, Request},
    refusal::Refusal,
};

/// `POST /sessions`
pub(super) async fn post(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let mut said = object(&request, desk)?;
    let name = text(&said, "name")
        .ok_or_else(|| Refusal::Unreadable("a project needs a name".to_owned()))?
        .to_owned();
    let upsert = request.asked("upsert").is_some_and(|said| said.eq_ignore_ascii_case("true"));
    let given = text(&said, "id").map(id).transpose()?;
    let _alone = system.changing.lock().await;
    let asked = name.clone();
    let held = desk.read(move |reader| finding::project_named(reader, &asked)).await?;
    // One that only runs told of is made now.
    let held = held.map(|(_, held)| held).filter(|held| held.contains_key("modified_at"));
    if let Some(held) = held {
        if given.is_some_and(|given| is(&held, given)) && !upsert {
            return ok(&held);
        }
        if !upsert {
            return Err(Refusal::Conflict(format!(
                "a project called {name:?} is there already: choose another name"
            )));
        }
        let mut whole = held;
        said.shift_remove("id");
        lay_over(&mut whole, said);
        return store(desk, whole).await;
    }
    let mut whole: Object = Map::new();
    whole.insert(
        "id".to_owned(),
        Value::from(given.unwrap_or_else(|| project::made_id(&name)).hyphenated().to_string()),
    );
    lay_over(&mut whole, said);
    fill(&mut whole, "start_time", moment(desk.now()));
    store(desk, whole).await
}

fn is(held: &Object, wanted: Uuid) -> bool {
    text(held, "id").and_then(|id| Uuid::try_parse(id).ok()) == Some(wanted)
}

async fn store(desk: &Desk, mut whole: Object) -> Answered {
    whole.insert("tenant_id".to_owned(), Value::from(project::tenant().hyphenated().to_string()));
    let at = later(desk.now(), text(&whole, "modified_at"));
    whole.insert("modified_at".to_owned(), moment(at));
    keep(desk, SESSION, &whole, project::read("session", whole.clone())).await?;
    ok(&shown(whole))
}

/// What clients expect to be there even if it is empty.
fn shown(mut said: Object) -> Object {
    for key in ["reference_dataset_id", "description", "end_time"] {
        said.entry(key).or_insert(Value::Null);
    }
    fill(&mut said, "extra", json!({}));
    said
}

fn unknown(id: Uuid) -> Refusal {
    Refusal::NotFound(format!("no project {id} is known"))
}

/// `GET /sessions/{id}`
pub(super) async fn one(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let found = desk.read(move |reader| finding::project(reader, id)).await?;
    ok(&shown(found.ok_or_else(|| unknown(id))?.1))
}

/// `PATCH /sessions/{id}`
pub(super) async fn patch(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let mut changes = object(&request, desk)?;
    let _alone = system.changing.lock().await;
    let found = desk.read(move |reader| finding::project(reader, id)).await?;
    let (_, mut whole) = found.ok_or_else(|| unknown(id))?;
    changes.shift_remove("id");
    lay_over(&mut whole, changes);
    store(desk, whole).await
}

/// `GET /sessions`
pub(super) async fn list(request: Request, desk: &Desk) -> Answered {
    let ids = ids_asked(&request, "id")?;
    let dataset = ids_asked(&request, "reference_dataset")?;
    let found = match request.asked("name") {
        Some(name) => {
            desk.read(move |reader| finding::project_named(reader, &name)).await?.into_iter().collect()
        }
        None => {
            // Clients ask for any one project to learn whose they are: that need not read all.
            let narrowed = ["id", "name_contains", "reference_dataset", "reference_free", "metadata"];
            let all = narrowed.iter().any(|key| request.asked(key).is_some());
            let most = if all { usize::MAX } else { last_listed(&request) };
            desk.read(move |reader| finding::projects(reader, most)).await?
        }
    };
    let contains = request.asked("name_contains").map(|text| text.to_lowercase());
    let free = request.asked("reference_free").is_some_and(|said| said.eq_ignore_ascii_case("true"));
    let wanted: Option<Object> = request.asked("metadata").and_then(|text| serde_json::from_str(&text).ok());
    let fits = |said: &Object| {
        let of = text(said, "reference_dataset_id").and_then(|id| Uuid::try_parse(id).ok());
        let metadata = said.get("extra").and_then(|extra| extra.get("metadata"));
        let has = |wanted: &Object| {
            wanted.iter().all(|(key, value)| metadata.and_then(|held| held.get(key)) == Some(value))
        };
        (ids.is_empty() || ids.iter().any(|id| is(said, *id)))
            && (dataset.is_empty() || of.is_some_and(|of| dataset.contains(&of)))
            && !(free && of.is_some())
            && contains
                .as_ref()
                .is_none_or(|part| text(said, "name").is_some_and(|name| name.to_lowercase().contains(part)))
            && wanted.as_ref().is_none_or(has)
    };
    let found: Vec<_> = found.into_iter().map(|(_, said)| said).filter(fits).map(shown).collect();
    ok(&page(&request, found))
}

/// `GET /settings`: the one tenant that there is.
pub(super) fn settings() -> Answer {
    Answer::json(
        StatusCode::OK,
        &json!({
            "id": project::tenant(),
            "display_name": "Catena",
            "created_at": "1970-01-01T00:00:00Z",
            "tenant_handle": catena_ingest::langsmith::names::HANDLE,
        }),
    )
}
