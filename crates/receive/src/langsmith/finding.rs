//! Where the catalog holds what LangSmith's API speaks of.

use std::collections::BTreeSet;

use catena_ingest::langsmith::{Object, dataset, feedback, names, project};
use catena_model::{
    kind::Kind,
    span::{Span, SpanId},
    statement::Thing,
};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, Ix},
        facet, name, span,
    },
};
use serde_json::Value;
use uuid::Uuid;

/// A span, and the trace that it is in.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) place: Ix,
    pub(super) trace: Uuid,
    pub(super) span: Span,
}

/// The run of this id.
pub(super) fn run(reader: &Reader<'_>, id: Uuid) -> StoreResult<Option<Found>> {
    anywhere(reader, id, |span| !feedback::is_feedback(span))
}

/// The span that is the feedback of this id.
pub(super) fn feedback_span(reader: &Reader<'_>, id: Uuid) -> StoreResult<Option<Found>> {
    anywhere(reader, id, feedback::is_feedback)
}

fn anywhere(reader: &Reader<'_>, id: Uuid, wanted: impl Fn(&Span) -> bool) -> StoreResult<Option<Found>> {
    for (place, span) in span::anywhere(reader.db(), SpanId(id.as_u128()))? {
        if wanted(&span)
            && let Some(trace) = trace_id(reader, place)?
        {
            return Ok(Some(Found { place, trace, span }));
        }
    }
    Ok(None)
}

/// The id of the trace at `place`.
pub(super) fn trace_id(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<Uuid>> {
    let names = name::of_entity(reader.db(), place)?;
    Ok(names.iter().find(|row| row.name.namespace == "trace").and_then(|row| {
        let id = u128::from_str_radix(&row.name.name, 16).ok()?;
        Some(Uuid::from_u128(id))
    }))
}

/// The entity that bears the name of `thing`, or what it was merged into.
pub(super) fn entity(reader: &Reader<'_>, thing: &Thing) -> StoreResult<Option<Ix>> {
    let Some(namespace) = name::find_namespace(reader.db(), &thing.name.namespace)? else { return Ok(None) };
    match name::bearer(reader.db(), thing.kind, namespace, &thing.name.name)? {
        Some(place) => head(reader, place),
        None => Ok(None),
    }
}

/// The head of an entity, unless its making was taken back.
fn head(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<Ix>> {
    let row = entity::at(reader.db(), place)?.filter(|row| !row.gone);
    let Some(row) = row else { return Ok(None) };
    Ok(entity::at(reader.db(), row.head)?.filter(|row| !row.gone).map(|row| row.ix))
}

/// What a facet of an entity says, by the last source that sent it.
pub(super) fn facet(reader: &Reader<'_>, place: Ix, wanted: &str) -> StoreResult<Option<Object>> {
    let mut found = facets(reader, place, wanted)?;
    found.retain(|(name, _)| name == wanted);
    Ok(found.into_iter().next_back().map(|(_, body)| body))
}

/// What the facets of an entity say whose names begin so; of equal names the last one comes last.
pub(super) fn facets(reader: &Reader<'_>, place: Ix, prefix: &str) -> StoreResult<Vec<(String, Object)>> {
    let mut rows = Vec::new();
    for member in reader.group(place)? {
        rows.extend(facet::beginning(reader.db(), member.ix, prefix)?);
    }
    rows.sort_by(|a, b| (&a.name, a.at).cmp(&(&b.name, b.at)));
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.body {
            Value::Object(body) => Some((row.name, body)),
            _ => None,
        })
        .collect())
}

/// What an item says that is found by its name alone.
pub(super) fn item(reader: &Reader<'_>, name: &str) -> StoreResult<Option<Object>> {
    let mut rows = facet::items(reader.db(), name)?;
    rows.sort_by_key(|row| row.at);
    Ok(rows.into_iter().next_back().and_then(|row| match row.body {
        Value::Object(body) => Some(body),
        _ => None,
    }))
}

/// A project, as the API gives it, and where it is.
pub(super) fn project_named(reader: &Reader<'_>, name: &str) -> StoreResult<Option<(Ix, Object)>> {
    match names::project(name).ok().map(|thing| entity(reader, &thing)).transpose()?.flatten() {
        Some(place) => project_at(reader, place, name).map(Some),
        None => Ok(None),
    }
}

/// The project of this id.
pub(super) fn project(reader: &Reader<'_>, id: Uuid) -> StoreResult<Option<(Ix, Object)>> {
    let alias = names::project_by_id(id).ok();
    let Some(place) = alias.map(|thing| entity(reader, &thing)).transpose()?.flatten() else {
        return Ok(None);
    };
    let names = reader.names(place)?;
    let name = names.iter().find_map(|row| row.name.name.strip_prefix(names::PROJECTS));
    project_at(reader, place, name.unwrap_or_default()).map(Some)
}

fn project_at(reader: &Reader<'_>, place: Ix, name: &str) -> StoreResult<(Ix, Object)> {
    let said = facet(reader, place, project::FACET)?;
    Ok((place, said.unwrap_or_else(|| project::unspoken(name))))
}

/// The first `most` projects, by name.
pub(super) fn projects(reader: &Reader<'_>, most: usize) -> StoreResult<Vec<(Ix, Object)>> {
    let mut found = Vec::new();
    for (name, place) in bearing(reader, Kind::Experiment, names::PROJECTS)?.into_iter().take(most) {
        found.push(project_at(reader, place, name.strip_prefix(names::PROJECTS).unwrap_or(&name))?);
    }
    Ok(found)
}

/// What bears names in LangSmith's namespace that begin so, each once, by name.
fn bearing(reader: &Reader<'_>, kind: Kind, prefix: &str) -> StoreResult<Vec<(String, Ix)>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, place) in name::beginning(reader.db(), kind, names::NAMESPACE, prefix)? {
        if let Some(place) = head(reader, place)?
            && seen.insert(place)
        {
            found.push((name, place));
        }
    }
    Ok(found)
}

/// The dataset of this id.
pub(super) fn dataset(reader: &Reader<'_>, id: Uuid) -> StoreResult<Option<(Ix, Object)>> {
    dataset_of(reader, names::dataset_by_id(id).ok())
}

/// The dataset of this name.
pub(super) fn dataset_named(reader: &Reader<'_>, name: &str) -> StoreResult<Option<(Ix, Object)>> {
    dataset_of(reader, names::dataset(name).ok())
}

fn dataset_of(reader: &Reader<'_>, thing: Option<Thing>) -> StoreResult<Option<(Ix, Object)>> {
    let Some(place) = thing.map(|thing| entity(reader, &thing)).transpose()?.flatten() else {
        return Ok(None);
    };
    dataset_at(reader, place)
}

fn dataset_at(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<(Ix, Object)>> {
    let Some(mut said) = facet(reader, place, dataset::FACET)? else { return Ok(None) };
    let mut examples = 0;
    for member in reader.group(place)? {
        examples += facet::count_beginning(reader.db(), member.ix, dataset::EXAMPLE)?;
    }
    said.insert("example_count".to_owned(), Value::from(examples));
    Ok(Some((place, said)))
}

/// All datasets, by name.
pub(super) fn datasets(reader: &Reader<'_>) -> StoreResult<Vec<Object>> {
    let mut found = Vec::new();
    for (_, place) in bearing(reader, Kind::Dataset, names::DATASETS)? {
        found.extend(dataset_at(reader, place)?.map(|(_, said)| said));
    }
    Ok(found)
}

/// All prompts, by name.
pub(super) fn prompts(reader: &Reader<'_>) -> StoreResult<Vec<Ix>> {
    Ok(bearing(reader, Kind::Prompt, names::PROMPTS)?.into_iter().map(|(_, place)| place).collect())
}
