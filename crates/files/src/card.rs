//! Model and dataset cards as model hubs keep them: a README whose front matter is YAML.
//!
//! Field names are those of the hub's specification of model cards.

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    relation::RelationKind,
    source::Known,
    statement::{Read, Thing},
};
use serde_json::{Map, Value, json};

use crate::{
    FileError,
    input::{self, Ranges},
    models::hub,
    table::Place,
    yaml,
};

const LARGEST: usize = 4 << 20;
/// The most of a card's text that is kept as the description.
const LONGEST: usize = 20_000;

/// Whether a front matter is a model's or a dataset's.
fn kind(front: &Value) -> Kind {
    let has = |keys: &[&str]| keys.iter().any(|key| front.get(key).is_some());
    let data = has(&[
        "task_categories",
        "task_ids",
        "size_categories",
        "annotations_creators",
        "dataset_info",
        "configs",
    ]);
    let model = has(&["base_model", "pipeline_tag", "library_name", "model-index", "datasets", "model_name"]);
    if data && !model { Kind::Dataset } else { Kind::Model }
}

/// The front matter and the text below it.
fn parts(text: &str) -> Result<(Value, &str), FileError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let rest = text.strip_prefix("---").unwrap_or(text);
    let end = rest.find("\n---").ok_or_else(|| FileError::damaged("card", "its front matter has no end"))?;
    let body = rest[end + 4..].trim_start_matches('-').trim_start();
    Ok((yaml::read(&rest.as_bytes()[..end])?, body))
}

/// What a card makes of its folder: a model or a dataset.
pub(crate) fn thing(place: &Place, front: &Value) -> Thing {
    let name = place.folder().unwrap_or_else(|| place.name.clone());
    Thing::new(kind(front), name)
}

/// The model that the card of a folder describes, so that the files beside it become its versions.
pub fn model_of(place: &Place, card: &[u8]) -> Option<Thing> {
    let (front, _) = parts(std::str::from_utf8(card).ok()?).ok()?;
    Some(thing(place, &front)).filter(|thing| thing.kind == Kind::Model)
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let bytes = input::whole(input, "card", LARGEST)?;
    let text = String::from_utf8_lossy(&bytes);
    let (front, body) = parts(&text)?;
    let front_map =
        front.as_object().ok_or_else(|| FileError::damaged("card", "its front matter is no mapping"))?;
    let thing = thing(place, &front);
    let title = body.lines().find_map(|line| line.strip_prefix("# ")).map(str::trim);
    let named = ["model_name", "pretty_name"].iter().find_map(|key| front.get(*key)?.as_str());
    let mut telling = place.telling();
    telling.exists(&thing);
    telling.text(&thing, Single::Name, named.or(title));
    telling.text(&thing, Single::Description, Some(&body.chars().take(LONGEST).collect::<String>()));
    telling.text(
        &thing,
        Single::Subtype,
        Some(if thing.kind == Kind::Model { "model card" } else { "dataset card" }),
    );
    let tags = words(front.get("tags")).into_iter().chain(words(front.get("task_categories"))).collect();
    telling.set(&thing, Group::Tags, tags);
    let mut properties = Map::new();
    for key in [
        "license",
        "license_name",
        "license_link",
        "pipeline_tag",
        "library_name",
        "language",
        "size_categories",
        "base_model_relation",
    ] {
        if let Some(value) = front.get(key).filter(|value| !value.is_null()) {
            properties.insert(key.to_owned(), value.clone());
        }
    }
    telling.claim(
        &thing,
        Field::Group(Group::Properties),
        (!properties.is_empty()).then_some(Value::Object(properties)),
    );
    if thing.kind == Kind::Model {
        let things =
            |kind, key: &str| words(front.get(key)).iter().filter_map(|name| hub(kind, name)).collect();
        telling.only_related(&thing, RelationKind::DerivesFrom, things(Kind::Model, "base_model"));
        telling.only_related(&thing, RelationKind::TrainedOn, things(Kind::Dataset, "datasets"));
        evaluations(&front, &thing, &mut telling);
    } else {
        telling.only_related(
            &thing,
            RelationKind::DerivesFrom,
            words(front.get("source_datasets"))
                .iter()
                .filter(|name| name.contains('/'))
                .filter_map(|name| hub(Kind::Dataset, name))
                .collect(),
        );
    }
    telling.facet(&thing, "card", Value::Object(front_map.clone()));
    Ok(vec![place.record(telling, "card", Known::Declared)])
}

/// The results of `model-index`, and the datasets on which they were measured.
fn evaluations(front: &Value, model: &Thing, telling: &mut catena_ingest::telling::Telling) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut results = Vec::new();
    for entry in list(front.get("model-index")) {
        for result in list(entry.get("results")) {
            let dataset = result.pointer("/dataset/type").and_then(Value::as_str);
            for metric in list(result.get("metrics")) {
                results.push(json!({
                    "dataset": result.pointer("/dataset/name"), "task": result.pointer("/task/type"),
                    "metric": metric.get("type").or_else(|| metric.get("name")), "value": metric.get("value"),
                    "verified": metric.get("verified").and_then(Value::as_bool).unwrap_or(false),
                }));
            }
            if let Some(dataset) = dataset.and_then(|name| hub(Kind::Dataset, name)) {
                telling.related(model, RelationKind::EvaluatedOn, &dataset, Method::Declared, None);
            }
        }
    }
    if !results.is_empty() {
        telling.facet(model, "evaluations", json!({ "results": results }));
    }
}
