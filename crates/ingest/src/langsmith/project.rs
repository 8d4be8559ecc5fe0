//! Projects, which the API calls sessions: what runs are collected in, and what an evaluation is.

use catena_model::{
    evidence::Method,
    field::Single,
    relation::RelationKind,
    source::Known,
    statement::{Read, Record},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    names, shape,
    wire::{self, Object},
};
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// The facet that holds a project as the API gives it.
pub const FACET: &str = "langsmith.session";

/// Reads a project, whole: as [`project`] or the catalog has it, with what was changed.
pub fn read(place: &str, object: Object) -> Read {
    wire::told(place, tell(place, object))
}

fn tell(at: &str, object: Object) -> Result<Record, Fault> {
    let name = Path::Root.required_in(&object, "name")?;
    let thing = names::project(name).map_err(|problem| wire::bad_name("name", &problem))?;
    let id = wire::required_id(&object, "id")?;
    let alias = names::project_by_id(id).map_err(|problem| wire::bad_name("id", &problem))?;
    let time =
        wire::time_in(&object, "modified_at")?.or(wire::time_in(&object, "start_time")?).unwrap_or_default();
    let mut telling = Telling::at(time);
    telling.exists(&thing);
    telling.also_named(&thing, alias.name);
    telling.text(&thing, Single::Name, Some(name));
    if let Some(description) = shape::text(&object, "description") {
        telling.text(&thing, Single::Description, Some(&description));
    }
    if let Some(dataset) = wire::id_in(&object, "reference_dataset_id")? {
        let dataset = names::dataset_by_id(dataset)
            .map_err(|problem| wire::bad_name("reference_dataset_id", &problem))?;
        telling.related(&thing, RelationKind::EvaluatedOn, &dataset, Method::Declared, None);
    }
    telling.facet(&thing, FACET, Value::Object(object));
    Ok(telling.record(at.to_owned(), names::source(), Known::Declared))
}

/// A project that only runs tell of, as the API gives it.
pub fn unspoken(name: &str) -> Object {
    let id = made_id(name);
    let object = json!({
        "id": id, "name": name, "tenant_id": tenant(), "start_time": "1970-01-01T00:00:00Z",
        "reference_dataset_id": null, "extra": {},
    });
    match object {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// The id of a project that came without one.
pub fn made_id(name: &str) -> Uuid {
    names::made_id("session", name)
}

/// The one tenant that there is.
pub fn tenant() -> Uuid {
    names::made_id("tenant", names::HANDLE)
}
