//! Datasets and their examples.

use std::collections::BTreeSet;

use bytes::Bytes;
use catena_ingest::langsmith::{Object, dataset, example_parts, multipart, names, project};
use hyper::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    DATASET, EXAMPLE, LangSmith, finding,
    keeping::{
        Answered, fill, id, id_of_path, ids_asked, keep, keep_all, later, lay_over, moment, object, ok, page,
        text,
    },
};
use crate::{
    commit::Piece,
    desk::Desk,
    protocol::{Answer, Request},
    refusal::Refusal,
};

/// `POST /datasets`
pub(super) async fn post(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let mut said = object(&request, desk)?;
    let name = text(&said, "name")
        .ok_or_else(|| Refusal::Unreadable("a dataset needs a name".to_owned()))?
        .to_owned();
    let given = text(&said, "id").map(id).transpose()?;
    let _alone = system.changing.lock().await;
    let asked = name.clone();
    if let Some((_, held)) = desk.read(move |reader| finding::dataset_named(reader, &asked)).await? {
        if given.is_some() && text(&held, "id").map(id).transpose()? == given {
            return ok(&shown(held));
        }
        return Err(Refusal::Conflict(format!(
            "a dataset called {name:?} is there already: choose another name"
        )));
    }
    let made = given.unwrap_or_else(|| names::made_id("dataset", &name));
    said.insert("id".to_owned(), Value::from(made.hyphenated().to_string()));
    fill(&mut said, "data_type", "kv");
    fill(&mut said, "created_at", moment(desk.now()));
    // Where clients look for it.
    if let Some(metadata) = said.get("extra").and_then(|extra| extra.get("metadata")).cloned() {
        fill(&mut said, "metadata", metadata);
    }
    store(desk, said).await
}

async fn store(desk: &Desk, mut whole: Object) -> Answered {
    whole.shift_remove("example_count");
    whole.insert("tenant_id".to_owned(), Value::from(project::tenant().hyphenated().to_string()));
    let at = later(desk.now(), text(&whole, "modified_at"));
    whole.insert("modified_at".to_owned(), moment(at));
    keep(desk, DATASET, &whole, dataset::read("dataset", whole.clone())).await?;
    ok(&shown(whole))
}

fn shown(mut said: Object) -> Object {
    said.entry("description").or_insert(Value::Null);
    fill(&mut said, "example_count", 0);
    fill(&mut said, "session_count", 0);
    said
}

fn unknown(id: Uuid) -> Refusal {
    Refusal::NotFound(format!("no dataset {id} is known"))
}

/// `GET /datasets/{id}`
pub(super) async fn one(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let found = desk.read(move |reader| finding::dataset(reader, id)).await?;
    ok(&shown(found.ok_or_else(|| unknown(id))?.1))
}

/// `PATCH /datasets/{id}`
pub(super) async fn patch(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let mut changes = object(&request, desk)?;
    let _alone = system.changing.lock().await;
    let (_, mut whole) =
        desk.read(move |reader| finding::dataset(reader, id)).await?.ok_or_else(|| unknown(id))?;
    changes.shift_remove("id");
    lay_over(&mut whole, changes);
    store(desk, whole).await
}

/// `GET /datasets`
pub(super) async fn list(request: Request, desk: &Desk) -> Answered {
    let ids = ids_asked(&request, "id")?;
    let found: Vec<Object> = match request.asked("name") {
        Some(name) => {
            let found = desk.read(move |reader| finding::dataset_named(reader, &name)).await?;
            found.into_iter().map(|(_, said)| said).collect()
        }
        None => desk.read(finding::datasets).await?,
    };
    let contains = request.asked("name_contains").map(|text| text.to_lowercase());
    let sort = request.asked("data_type");
    let fits = |said: &Object| {
        let own = text(said, "id").and_then(|id| Uuid::try_parse(id).ok());
        (ids.is_empty() || own.is_some_and(|own| ids.contains(&own)))
            && contains
                .as_ref()
                .is_none_or(|part| text(said, "name").is_some_and(|name| name.to_lowercase().contains(part)))
            && sort.as_deref().is_none_or(|sort| text(said, "data_type") == Some(sort))
    };
    let found: Vec<_> = found.into_iter().filter(fits).map(shown).collect();
    ok(&page(&request, found))
}

/// `POST` and `PATCH /platform/datasets/{id}/examples`
pub(super) async fn upload(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let dataset = id_of_path(&request, "id")?;
    let boundary = request.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let boundary =
        multipart::boundary(boundary).map_err(|problem| Refusal::Unreadable(problem.to_string()))?;
    let examples = example_parts::read(&request.body, boundary, &desk.limits().json)
        .map_err(|problem| Refusal::Unreadable(problem.to_string()))?
        .map_err(Refusal::Unreadable)?;
    let known = desk.read(move |reader| finding::dataset(reader, dataset)).await?;
    known.ok_or_else(|| unknown(dataset))?;
    let stored = keep_examples(system, desk, examples, Some(dataset)).await?;
    let ids: Vec<_> = stored.iter().filter_map(|example| example.get("id")).collect();
    Ok(Answer::json(
        StatusCode::CREATED,
        &json!({ "count": stored.len(), "example_ids": ids, "as_of": moment(desk.now()) }),
    ))
}

/// `POST /examples`
pub(super) async fn post_example(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let said = object(&request, desk)?;
    let stored = keep_examples(system, desk, vec![said], None).await?;
    ok(&stored.into_iter().next().unwrap_or_default())
}

/// `POST` and `PATCH /examples/bulk`
pub(super) async fn post_bulk(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let said = catena_ingest::json::read(&request.body, &desk.limits().json)
        .map_err(|problem| Refusal::Unreadable(problem.to_string()))?;
    let Value::Array(items) = said else {
        return Err(Refusal::Unreadable("send a list of examples".to_owned()));
    };
    let examples = items.into_iter().map(|item| match item {
        Value::Object(example) => Ok(example),
        _ => Err(Refusal::Unreadable("an example is an object".to_owned())),
    });
    let stored = keep_examples(system, desk, examples.collect::<Result<_, _>>()?, None).await?;
    ok(&stored)
}

/// `PATCH /examples/{id}`
pub(super) async fn patch_example(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let mut said = object(&request, desk)?;
    said.insert("id".to_owned(), Value::from(id.hyphenated().to_string()));
    let stored = keep_examples(system, desk, vec![said], None).await?;
    ok(&stored.into_iter().next().unwrap_or_default())
}

/// Stores examples, each laid over what is known of it.
async fn keep_examples(
    system: &LangSmith,
    desk: &Desk,
    examples: Vec<Object>,
    dataset: Option<Uuid>,
) -> Result<Vec<Object>, Refusal> {
    let now = desk.now();
    let _alone = system.changing.lock().await;
    let whole = desk
        .read(move |reader| {
            let mut whole = Vec::with_capacity(examples.len());
            for mut said in examples {
                let given = text(&said, "id").and_then(|id| Uuid::try_parse(id).ok());
                let made = given.unwrap_or_else(|| {
                    let canonical = catena_model::json::canonical(&Value::Object(said.clone()));
                    names::made_id("example", &canonical)
                });
                let held = finding::item(reader, &dataset::facet_of_example(made))?;
                let mut example = held.unwrap_or_default();
                split(&mut said);
                let splits = splits(&example);
                let at = later(now, text(&example, "modified_at"));
                if said.get("use_source_run_io") == Some(&json!(true))
                    && let Some(run) = text(&said, "source_run_id").and_then(|id| Uuid::try_parse(id).ok())
                    && let Some(found) = finding::run(reader, run)?
                {
                    for key in ["inputs", "outputs"] {
                        let value = found.span.attributes.get(key).cloned().unwrap_or_else(|| json!({}));
                        fill(&mut said, key, value);
                    }
                }
                operate(&mut example, said.shift_remove("attachments_operations"));
                if let Some(dataset) = dataset {
                    said.insert("dataset_id".to_owned(), Value::from(dataset.hyphenated().to_string()));
                }
                lay_over(&mut example, said);
                if let Value::Object(metadata) = example.entry("metadata").or_insert_with(|| json!({})) {
                    metadata.entry("dataset_split").or_insert(splits);
                }
                example.insert("id".to_owned(), Value::from(made.hyphenated().to_string()));
                fill(&mut example, "created_at", moment(now));
                example.insert("modified_at".to_owned(), moment(at));
                whole.push(example);
            }
            Ok(whole)
        })
        .await?;
    let pieces = whole.iter().map(|example| Piece {
        read: dataset::read_example("example", example.clone()),
        raw: serde_json::to_vec(example).map(Bytes::from).unwrap_or_default(),
        form: EXAMPLE,
    });
    keep_all(desk, pieces.collect()).await?;
    Ok(whole.into_iter().map(shown_example).collect())
}

/// The splits that an example is in; new ones are in the one that all are in at first.
fn splits(example: &Object) -> Value {
    let held = example.get("metadata").and_then(|metadata| metadata.get("dataset_split")).cloned();
    held.unwrap_or_else(|| json!(["base"]))
}

/// LangSmith keeps an example's splits in its metadata.
fn split(said: &mut Object) {
    let splits = match said.shift_remove("split") {
        Some(Value::String(one)) => json!([one]),
        Some(list @ Value::Array(_)) => list,
        _ => return,
    };
    let metadata = said.entry("metadata").or_insert_with(|| json!({}));
    if !metadata.is_object() {
        *metadata = json!({});
    }
    metadata["dataset_split"] = splits;
}

/// Keeps and renames attachments as an update says.
fn operate(example: &mut Object, operations: Option<Value>) {
    let Some(operations) = operations else { return };
    let Some(Value::Object(held)) = example.get("attachments").cloned() else { return };
    let retained: BTreeSet<&str> = operations
        .get("retain")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let renamed = operations.get("rename").and_then(Value::as_object).cloned().unwrap_or_default();
    let kept: Map<String, Value> = held
        .into_iter()
        .filter_map(|(name, value)| match renamed.get(&name).and_then(Value::as_str) {
            Some(new) => Some((new.to_owned(), value)),
            None => retained.contains(name.as_str()).then_some((name, value)),
        })
        .collect();
    example.insert("attachments".to_owned(), Value::Object(kept));
}

/// What an attachment was is kept, its bytes aren't: so there is no address to fetch it from.
fn shown_example(mut said: Object) -> Object {
    said.shift_remove("attachments");
    fill(&mut said, "inputs", json!({}));
    fill(&mut said, "metadata", json!({}));
    for key in ["outputs", "source_run_id"] {
        said.entry(key).or_insert(Value::Null);
    }
    said
}

/// `GET /examples/{id}`
pub(super) async fn one_example(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let found = desk.read(move |reader| finding::item(reader, &dataset::facet_of_example(id))).await?;
    ok(&shown_example(found.ok_or_else(|| Refusal::NotFound(format!("no example {id} is known")))?))
}

/// `GET /examples`
pub(super) async fn list_examples(request: Request, desk: &Desk) -> Answered {
    let ids = ids_asked(&request, "id")?;
    let dataset = request.asked("dataset").map(|text| id(&text)).transpose()?;
    let mut found: Vec<Object> = desk
        .read(move |reader| {
            let Some(dataset) = dataset else {
                let items = ids.iter().map(|id| finding::item(reader, &dataset::facet_of_example(*id)));
                return Ok(items.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
            };
            let Some((place, _)) = finding::dataset(reader, dataset)? else { return Ok(Vec::new()) };
            let said = finding::facets(reader, place, dataset::EXAMPLE)?;
            let wanted = |said: &Object| {
                let own = text(said, "id").and_then(|id| Uuid::try_parse(id).ok());
                ids.is_empty() || own.is_some_and(|own| ids.contains(&own))
            };
            Ok(said.into_iter().map(|(_, said)| said).filter(wanted).collect())
        })
        .await?;
    let splits = request.all_asked("splits");
    let wanted: Option<Object> = request.asked("metadata").and_then(|text| serde_json::from_str(&text).ok());
    found.retain(|said| {
        let metadata = said.get("metadata");
        let own = metadata.and_then(|held| held.get("dataset_split")).and_then(Value::as_array);
        let in_split = |name: &String| own.into_iter().flatten().any(|held| held.as_str() == Some(name));
        (splits.is_empty() || splits.iter().any(in_split))
            && wanted
                .iter()
                .flatten()
                .all(|(key, value)| metadata.and_then(|held| held.get(key)) == Some(value))
    });
    found.sort_by(|a, b| (text(a, "created_at"), text(a, "id")).cmp(&(text(b, "created_at"), text(b, "id"))));
    ok(&page(&request, found.into_iter().map(shown_example).collect::<Vec<_>>()))
}
