//! Datasets and their facets.

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    statement::Thing,
};
use serde_json::{Map, Value};

use super::{
    column_lineage, columns, digest,
    event::named,
    facets::{self, Saying},
    model,
    parts::Part,
};
use crate::fault::{Fault, Path};

/// A dataset that was told of, and what else stands beside its name and facets.
pub(super) struct Dataset {
    pub(super) thing: Thing,
    pub(super) rest: Map<String, Value>,
}

/// Tells of the dataset at `path`.
pub(super) fn tell(
    saying: &mut Saying,
    dataset: Part<'_>,
    path: &Path<'_>,
    method: Method,
    content: &mut digest::OfEvent,
) -> Result<Dataset, Fault> {
    let Part { rest, mut facets } = dataset;
    let Thing { name, .. } = named(Kind::Dataset, &rest, path)?;
    let thing = Thing::new(model::kind(&name), name);
    saying.telling.exists(&thing);
    model::place(&mut saying.telling, &thing);
    let facets_path = path.key("facets");
    // First, since it says of which column a nested one is a part.
    facets.sort_by_key(|(name, _)| name != "schema");
    let mut digests = Vec::with_capacity(facets.len());
    for (name, facet) in facets {
        let path = facets_path.key(&name);
        let digest =
            saying.facet(&thing, &name, facet, &path, method, |saying, body| match name.as_str() {
                "schema" => columns::tell_schema(saying, &thing, body, &path),
                "documentation" => facets::documentation(saying, &thing, body, &path),
                "ownership" => facets::ownership(saying, &thing, body, &path),
                "tags" => tags(saying, &thing, body, &path),
                "symlinks" => symlinks(saying, &thing, body, &path),
                "datasetType" if thing.kind == Kind::Dataset => dataset_type(saying, &thing, body, &path),
                "lifecycleStateChange" => lifecycle(saying, &thing, body, &path),
                "columnLineage" => column_lineage::tell(saying, &thing, body, &path, method),
                _ => path.object(body).map(|_| ()),
            })?;
        digests.push((name, digest));
    }
    content.facets(digests);
    Ok(Dataset { thing, rest })
}

/// `tags`: the dataset's own, and those of its columns.
fn tags(saying: &mut Saying, dataset: &Thing, facet: &Value, path: &Path<'_>) -> Result<(), Fault> {
    let tags = if facets::is_deleted(facet) { Vec::new() } else { facets::tags(facet, path)? };
    let mut by_thing: Vec<(Thing, Vec<String>)> = vec![(dataset.clone(), Vec::new())];
    for tag in tags {
        let thing = match tag.field {
            None => dataset.clone(),
            Some(field) => columns::place(saying, dataset, field, path)?,
        };
        match by_thing.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, words)) if words.contains(&tag.word) => {}
            Some((_, words)) => words.push(tag.word),
            None => by_thing.push((thing, vec![tag.word])),
        }
    }
    for (thing, words) in by_thing {
        facets::claim_set(saying, &thing, Group::Tags, words);
    }
    Ok(())
}

/// `symlinks`: other names of the dataset.
fn symlinks(saying: &mut Saying, dataset: &Thing, facet: &Value, path: &Path<'_>) -> Result<(), Fault> {
    let identifiers_path = path.key("identifiers");
    for (index, identifier) in path.list_in(path.object(facet)?, "identifiers")?.iter().enumerate() {
        let path = identifiers_path.index(index);
        let other = named(Kind::Dataset, path.object(identifier)?, &path)?;
        saying.telling.also_named(dataset, other.name);
    }
    Ok(())
}

/// `datasetType`: table, view, topic and the like.
fn dataset_type(saying: &mut Saying, dataset: &Thing, facet: &Value, path: &Path<'_>) -> Result<(), Fault> {
    if let Some(word) = path.text_in(path.object(facet)?, "datasetType")? {
        saying.telling.text(dataset, Single::Subtype, Some(&word.to_lowercase()));
    }
    Ok(())
}

/// `lifecycleStateChange`: whether the dataset is gone, and what it was called before.
fn lifecycle(saying: &mut Saying, dataset: &Thing, facet: &Value, path: &Path<'_>) -> Result<(), Fault> {
    let map = path.object(facet)?;
    if let Some(change) = path.text_in(map, "lifecycleStateChange")? {
        // Said outright rather than by taking `dropped` back, so that the later event holds in whatever order.
        let lifecycle = if change.eq_ignore_ascii_case("DROP") { "dropped" } else { "active" };
        saying.telling.claim(dataset, Field::Single(Single::Lifecycle), Some(lifecycle.into()));
    }
    match map.get("previousIdentifier") {
        None | Some(Value::Null) => {}
        Some(previous) => {
            let path = path.key("previousIdentifier");
            let previous = named(Kind::Dataset, path.object(previous)?, &path)?;
            saying.telling.also_named(dataset, previous.name);
        }
    }
    Ok(())
}
