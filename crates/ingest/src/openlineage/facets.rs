//! What an event says while it is being read, and the facets that jobs, runs and datasets have in common.

use std::collections::HashSet;

use catena_model::{
    field::{Field, Group, Single},
    statement::Thing,
    time::Timestamp,
};
use serde_json::{Map, Value};

use crate::fault::{Fault, Path};
use crate::telling::Telling;

/// An event's statements and faults so far.
#[derive(Debug)]
pub(super) struct Saying {
    pub(super) telling: Telling,
    pub(super) faults: Vec<Fault>,
    /// Columns that have been told to be part of their dataset.
    pub(super) placed: HashSet<Thing>,
    /// Datasets that column lineage comes from.
    sources: Vec<Thing>,
}

impl Saying {
    pub(super) fn new(at: Timestamp) -> Self {
        Self { telling: Telling::at(at), faults: Vec::new(), placed: HashSet::new(), sources: Vec::new() }
    }

    /// Takes a facet's reading: what is wrong with it is noted, unless the event can't be taken because of it.
    pub(super) fn note(&mut self, reading: Result<(), Fault>) -> Result<(), Fault> {
        match reading {
            Err(fault) if fault.fatal => Err(fault),
            Err(fault) => {
                self.fault(fault);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Notes what is wrong with a part of the event; the first few tell enough.
    pub(super) fn fault(&mut self, fault: Fault) {
        const MOST: usize = 20;
        if self.faults.len() < MOST {
            self.faults.push(fault);
        }
    }

    pub(super) fn source(&mut self, dataset: Thing) {
        if !self.sources.contains(&dataset) {
            self.sources.push(dataset);
        }
    }

    pub(super) fn take_sources(&mut self) -> Vec<Thing> {
        std::mem::take(&mut self.sources)
    }
}

/// The facets of a job, run or dataset, taken out of it.
pub(super) fn take(map: &mut Map<String, Value>, path: &Path<'_>) -> Result<Map<String, Value>, Fault> {
    match map.remove("facets") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(facets) => path.key("facets").into_object(facets),
    }
}

/// Whether the event deletes the facet.
pub(super) fn is_deleted(facet: &Value) -> bool {
    facet["_deleted"] == true
}

/// `documentation`: what it is.
pub(super) fn documentation(
    saying: &mut Saying,
    thing: &Thing,
    facet: &Value,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let facet_map = path.object(facet)?;
    if is_deleted(facet) {
        saying.telling.text(thing, Single::Description, None);
    } else if let Some(text) = path.text_in(facet_map, "description")? {
        saying.telling.text(thing, Single::Description, Some(text));
    }
    Ok(())
}

/// `ownership`: who answers for it.
pub(super) fn ownership(
    saying: &mut Saying,
    thing: &Thing,
    facet: &Value,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let facet_map = path.object(facet)?;
    if is_deleted(facet) {
        saying.telling.set(thing, Group::Owners, Vec::new());
        return Ok(());
    }
    let owners_path = path.key("owners");
    let mut owners = Vec::new();
    for (index, owner) in path.list_in(facet_map, "owners")?.iter().enumerate() {
        let owner_path = owners_path.index(index);
        let name = owner_path.required_in(owner_path.object(owner)?, "name")?.to_owned();
        if !owners.contains(&name) {
            owners.push(name);
        }
    }
    claim_set(saying, thing, Group::Owners, owners);
    Ok(())
}

/// Claims a set, even an empty one: it holds over a fuller one that was said before.
pub(super) fn claim_set(saying: &mut Saying, thing: &Thing, group: Group, mut elements: Vec<String>) {
    elements.sort_unstable();
    saying.telling.claim(thing, Field::Group(group), Some(Value::from(elements)));
}

/// One tag of `tags`, and the field that it is on, if it is on one.
pub(super) struct Tag<'a> {
    pub(super) word: String,
    pub(super) field: Option<&'a str>,
}

/// `tags`: what it is marked with.
pub(super) fn tags<'a>(facet: &'a Value, path: &Path<'a>) -> Result<Vec<Tag<'a>>, Fault> {
    let list = path.list_in(path.object(facet)?, "tags")?;
    let tags_path = path.key("tags");
    let mut tags = Vec::with_capacity(list.len());
    for (index, tag) in list.iter().enumerate() {
        let tag_path = tags_path.index(index);
        let Some(map) = tag.as_object() else {
            return Err(tag_path.fault("expected an object with key and value: correct it at the source"));
        };
        // The client marks every run with its own version; the facet keeps that, but it is nobody's tag.
        if map.get("source").and_then(Value::as_str) == Some("OPENLINEAGE_CLIENT") {
            continue;
        }
        let (mut key, mut value, mut field) = (None, None, None);
        for (name, slot) in [("key", &mut key), ("value", &mut value), ("field", &mut field)] {
            *slot = match map.get(name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text.as_str()),
                Some(_) => return Err(tag_path.key(name).fault("expected a text: correct it at the source")),
            };
        }
        let Some(key) = key else {
            return Err(tag_path.key("key").fault("it is missing: every tag needs a key"));
        };
        let word = match value {
            None | Some("" | "true") => key.to_owned(),
            Some(value) => format!("{key}:{value}"),
        };
        tags.push(Tag { word, field: field.filter(|field| !field.is_empty()) });
    }
    Ok(tags)
}

/// `tags` of a thing without fields.
pub(super) fn tell_tags(
    saying: &mut Saying,
    thing: &Thing,
    facet: &Value,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let mut words: Vec<String> = Vec::new();
    if !is_deleted(facet) {
        for tag in tags(facet, path)? {
            if !words.contains(&tag.word) {
                words.push(tag.word);
            }
        }
    }
    claim_set(saying, thing, Group::Tags, words);
    Ok(())
}
