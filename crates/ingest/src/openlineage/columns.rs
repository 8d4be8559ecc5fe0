//! Columns: the `schema` facet, and columns that only other facets name.

use catena_model::{
    field::{Field, Single},
    kind::Kind,
    statement::Thing,
};
use serde_json::Value;

use super::facets::{self, Saying};
use crate::fault::{Fault, Path};

/// `schema`: the columns, their types and descriptions, and the fields within them.
pub(super) fn tell_schema(
    saying: &mut Saying,
    dataset: &Thing,
    facet: &Value,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let map = path.object(facet)?;
    if facets::is_deleted(facet) {
        return Ok(());
    }
    tell_fields(saying, dataset, path.list_in(map, "fields")?, &path.key("fields"))
}

/// Each field of a dataset or column. Recursive, as deep as the JSON was let to be.
fn tell_fields(saying: &mut Saying, whole: &Thing, fields: &[Value], path: &Path<'_>) -> Result<(), Fault> {
    for (index, field) in fields.iter().enumerate() {
        let path = path.index(index);
        let map = path.object(field)?;
        let name = path.required_in(map, "name")?;
        let name = whole.name.part(name).map_err(|problem| path.key("name").bad_name(&problem))?;
        let column = Thing::new(Kind::Column, name);
        if saying.place(&column) {
            saying.telling.part_of(&column, whole);
        }
        // OpenLineage counts from 1, and leaves it out more often than not. Fields without types are not what a
        // table was found to have but those of its columns that somebody wrote about, so their order says nothing.
        let ordinal =
            map.get("ordinal_position").and_then(Value::as_u64).and_then(|ordinal| ordinal.checked_sub(1));
        let typed = map.get("type").is_some_and(|word| word.as_str().is_some_and(|word| !word.is_empty()));
        if let Some(position) = ordinal.or(typed.then_some(index as u64)) {
            saying.telling.claim(&column, Field::Single(Single::Position), Some(position.into()));
        }
        for (key, single) in [("type", Single::DataType), ("description", Single::Description)] {
            if let Some(text) = path.text_in(map, key)?.filter(|text| !text.is_empty()) {
                saying.telling.text(&column, single, Some(text));
            }
        }
        let nested = path.list_in(map, "fields")?;
        if !nested.is_empty() {
            tell_fields(saying, &column, nested, &path.key("fields"))?;
        }
    }
    Ok(())
}

/// The column of this name, told to be a part of its dataset unless the schema has placed it already. A dotted name
/// is a field within a column, as the schema would have it.
pub(super) fn place(
    saying: &mut Saying,
    dataset: &Thing,
    field: &str,
    path: &Path<'_>,
) -> Result<Thing, Fault> {
    let column = |name: &str| {
        let name = dataset.name.part(name).map_err(|problem| path.bad_name(&problem))?;
        Ok(Thing::new(Kind::Column, name))
    };
    let mut thing = column(field)?;
    let (found, mut part, mut name) = (thing.clone(), thing.clone(), field);
    while saying.place(&thing) {
        let parent =
            name.rsplit_once('.').map(|(parent, _)| parent).filter(|parent| !parent.trim().is_empty());
        match parent {
            None => {
                saying.telling.part_of(&part, dataset);
                break;
            }
            Some(parent) => {
                thing = column(parent)?;
                saying.telling.part_of(&part, &thing);
                part = thing.clone();
                name = parent;
            }
        }
    }
    Ok(found)
}
