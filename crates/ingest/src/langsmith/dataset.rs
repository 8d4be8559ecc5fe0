//! Datasets and their examples: what an application is measured against.

use catena_model::{
    field::{Field, Single},
    source::Known,
    statement::{Read, Record},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    names, shape,
    wire::{self, Object},
};
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// The facet that holds a dataset as the API gives it.
pub const FACET: &str = "langsmith.dataset";

/// What the facets that hold its examples begin with; what follows is the example's id.
pub const EXAMPLE: &str = "example/";

/// Reads a dataset, whole.
pub fn read(place: &str, object: Object) -> Read {
    wire::told(place, tell(place, object))
}

fn tell(at: &str, object: Object) -> Result<Record, Fault> {
    let name = Path::Root.required_in(&object, "name")?;
    let thing = names::dataset(name).map_err(|problem| wire::bad_name("name", &problem))?;
    let id = wire::required_id(&object, "id")?;
    let alias = names::dataset_by_id(id).map_err(|problem| wire::bad_name("id", &problem))?;
    let time =
        wire::time_in(&object, "modified_at")?.or(wire::time_in(&object, "created_at")?).unwrap_or_default();
    let mut telling = Telling::at(time);
    telling.exists(&thing);
    telling.also_named(&thing, alias.name);
    telling.text(&thing, Single::Name, Some(name));
    telling.claim(&thing, Field::Single(Single::Subtype), Some(Value::from("examples")));
    if let Some(description) = shape::text(&object, "description") {
        telling.text(&thing, Single::Description, Some(&description));
    }
    telling.facet(&thing, FACET, Value::Object(object));
    Ok(telling.record(at.to_owned(), names::source(), Known::Declared))
}

/// Reads an example, whole.
pub fn read_example(place: &str, object: Object) -> Read {
    wire::told(place, tell_example(place, object))
}

fn tell_example(at: &str, object: Object) -> Result<Record, Fault> {
    let id = wire::required_id(&object, "id")?;
    let dataset = wire::required_id(&object, "dataset_id")?;
    let dataset = names::dataset_by_id(dataset).map_err(|problem| wire::bad_name("dataset_id", &problem))?;
    let time =
        wire::time_in(&object, "modified_at")?.or(wire::time_in(&object, "created_at")?).unwrap_or_default();
    let mut telling = Telling::at(time);
    telling.facet(&dataset, &facet_of_example(id), Value::Object(object));
    Ok(telling.record(at.to_owned(), names::source(), Known::Detected))
}

/// The facet that holds this example.
pub fn facet_of_example(id: Uuid) -> String {
    format!("{EXAMPLE}{}", id.hyphenated())
}
