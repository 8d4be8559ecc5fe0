//! What the catalog holds of MLflow's objects: each whole, as a facet beside what it says.

use catena_ingest::langsmith::Object;
use catena_model::{kind::Kind, name::QualifiedName, statement::Thing, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, Ix},
        facet, name, series,
    },
};
use serde_json::{Value, json};

use super::said::number;

/// What the MLflow that a catalog is calls itself.
pub(super) const NAMESPACE: &str = "mlflow://catena";

/// The facet that holds an object whole, for whoever asks for it again.
pub(super) const OBJECT: &str = "mlflow_object";

/// An object that was sent.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) place: Ix,
    /// When it was last stored.
    pub(super) at: Timestamp,
    pub(super) object: Object,
}

/// The thing of this kind; none when it can't be named so.
pub(super) fn thing(kind: Kind, path: &str, id: &str) -> Option<Thing> {
    let id = QualifiedName::new(NAMESPACE, id).ok()?.name;
    QualifiedName::new(NAMESPACE, &format!("{path}/{id}")).ok().map(|name| Thing::new(kind, name))
}

pub(super) fn experiment(id: &str) -> Option<Thing> {
    thing(Kind::Experiment, "experiments", id)
}

pub(super) fn run(id: &str) -> Option<Thing> {
    thing(Kind::Run, "runs", id)
}

pub(super) fn logged_model(id: &str) -> Option<Thing> {
    thing(Kind::LoggedModel, "logged_models", id)
}

/// The trace of this id: `tr-` and OpenTelemetry's own.
pub(super) fn trace(id: &str) -> Option<Thing> {
    let id = id.strip_prefix("tr-")?;
    let whole = (id.len() == 32).then(|| u128::from_str_radix(id, 16).ok())??;
    Some(catena_ingest::genai::names::trace(whole))
}

/// Where the catalog has a thing, unless its making was taken back.
pub(super) fn place(reader: &Reader<'_>, thing: Option<&Thing>) -> StoreResult<Option<Ix>> {
    let Some(thing) = thing else { return Ok(None) };
    let Some(namespace) = name::find_namespace(reader.db(), &thing.name.namespace)? else { return Ok(None) };
    match name::bearer(reader.db(), thing.kind, namespace, &thing.name.name)? {
        Some(place) => head(reader, place),
        None => Ok(None),
    }
}

fn head(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<Ix>> {
    let Some(row) = entity::at(reader.db(), place)?.filter(|row| !row.gone) else { return Ok(None) };
    Ok(entity::at(reader.db(), row.head)?.filter(|row| !row.gone).map(|row| row.ix))
}

/// The object that a thing is.
pub(super) fn one(reader: &Reader<'_>, thing: Option<Thing>) -> StoreResult<Option<Held>> {
    match place(reader, thing.as_ref())? {
        Some(place) => at(reader, place),
        None => Ok(None),
    }
}

/// The object at a place.
pub(super) fn at(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<Held>> {
    let mut rows = Vec::new();
    for member in reader.group(place)? {
        rows.extend(facet::beginning(reader.db(), member.ix, OBJECT)?);
    }
    rows.retain(|row| row.name == OBJECT);
    rows.sort_by_key(|row| row.at);
    Ok(rows.pop().and_then(|row| match row.body {
        Value::Object(object) => Some(Held { place, at: row.at, object }),
        _ => None,
    }))
}

/// All objects of a kind whose names begin so.
pub(super) fn all(reader: &Reader<'_>, kind: Kind, prefix: &str) -> StoreResult<Vec<Held>> {
    let mut found: Vec<Held> = Vec::new();
    for (_, place) in name::beginning(reader.db(), kind, NAMESPACE, prefix)? {
        if let Some(place) = head(reader, place)? {
            found.extend(at(reader, place)?);
        }
    }
    Ok(found)
}

/// The objects of a kind that are parts of what is at a place.
pub(super) fn parts(reader: &Reader<'_>, whole: Ix, kind: Kind) -> StoreResult<Vec<Held>> {
    let mut found = Vec::new();
    for part in entity::children(reader.db(), whole)? {
        if part.kind == kind && !part.gone {
            found.extend(at(reader, part.ix)?);
        }
    }
    Ok(found)
}

/// The last value of each metric of a run, as MLflow lists them.
pub(super) fn last_values(reader: &Reader<'_>, run: Ix) -> StoreResult<Vec<Object>> {
    let mut found = Vec::new();
    for member in reader.group(run)? {
        for row in series::of_entity(reader.db(), member.ix)? {
            if let Some(point) = series::last(reader.db(), member.ix, &row.metric)? {
                found.push(measured(&row.metric, &point));
            }
        }
    }
    Ok(found)
}

pub(super) fn measured(key: &str, point: &catena_model::point::Point) -> Object {
    super::said::object([
        ("key", json!(key)),
        ("value", number(point.value)),
        ("timestamp", json!(point.at_millis)),
        ("step", json!(point.step)),
    ])
}
