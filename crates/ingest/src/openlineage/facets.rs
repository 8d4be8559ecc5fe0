//! What an event says while it is being read, and the facets that jobs, runs and datasets have in common.

use std::{collections::HashSet, sync::Arc};

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    statement::{Passage, Thing},
    time::Timestamp,
};
use serde_json::Value;

use super::{
    digest,
    parts::Facet,
    passages::{Known, Passages},
};
use crate::{
    fault::{Fault, Path},
    json,
    telling::Telling,
};

/// An event's statements and faults so far.
pub(super) struct Saying<'k> {
    pub(super) telling: Telling,
    pub(super) faults: Vec<Fault>,
    /// What was read of earlier events.
    known: &'k mut Passages,
    limits: &'k json::Limits,
    items: usize,
    /// Columns that have been told to be part of their dataset, by facets that were read this time.
    placed: HashSet<Thing>,
    /// The same, in order, since the last passage ended.
    newly_placed: Vec<Thing>,
    /// Passages that were known; what they place is looked at only when a facet has to be read.
    repeated: Vec<Arc<Known>>,
    /// A digest of all that is placed: what a facet says may depend on it.
    placing: [u8; 16],
    /// Datasets that column lineage comes from.
    sources: Vec<Thing>,
}

impl<'k> Saying<'k> {
    pub(super) fn new(
        at: Timestamp,
        known: &'k mut Passages,
        limits: &'k json::Limits,
        items: usize,
    ) -> Self {
        Self {
            telling: Telling::at(at),
            faults: Vec::new(),
            known,
            limits,
            items,
            placed: HashSet::new(),
            newly_placed: Vec::new(),
            repeated: Vec::new(),
            placing: [0; 16],
            sources: Vec::new(),
        }
    }

    /// Notes that the column is told to be a part of something, unless it was before.
    pub(super) fn place(&mut self, column: &Thing) -> bool {
        let new = self.placed.insert(column.clone());
        if new {
            self.newly_placed.push(column.clone());
        }
        new
    }

    /// Tells a facet of `thing`: `read` says what else it means. A facet that came with an earlier event in the same
    /// words is not read again.
    pub(super) fn facet(
        &mut self,
        thing: &Thing,
        name: &str,
        facet: Facet<'_>,
        path: &Path<'_>,
        method: Method,
        read: impl FnOnce(&mut Self, &Value) -> Result<(), Fault>,
    ) -> Result<[u8; 16], Fault> {
        let raw = match facet {
            Facet::Read(body) => {
                let reading = read(self, &body);
                self.note(reading)?;
                let content = digest::content(&body);
                self.telling.facet(thing, name, body);
                return Ok(content);
            }
            Facet::Raw(raw) => raw.get(),
        };
        let method = [method.code()];
        let words = [&self.placing, method.as_slice(), thing.kind.word().as_bytes()];
        let names = [&thing.name.namespace, &thing.name.name, name, raw].map(|text| text.as_bytes());
        let key = digest::identity(words.into_iter().chain(names));
        if let Some(known) = self.known.get(&key) {
            self.items += known.items;
            if let Some(placed) = known.placing {
                self.placing = placed;
            }
            for source in &known.sources {
                add(&mut self.sources, source);
            }
            self.telling.repeated(Arc::clone(&known.passage));
            let content = known.content;
            self.repeated.push(known);
            return Ok(content);
        }
        for known in self.repeated.drain(..) {
            self.placed.extend(known.placed.iter().cloned());
        }
        let reading = json::Reading::new(self.limits, self.items);
        let body = reading.read(raw.as_bytes(), DEPTH).map_err(|error| path.fault(error.to_string()))?;
        let items = reading.items() - self.items;
        self.items = reading.items();

        let (said, faults) = (self.telling.len(), self.faults.len());
        let sources = std::mem::take(&mut self.sources);
        self.newly_placed.clear();
        let outcome = read(self, &body);
        self.note(outcome)?;
        let content = digest::content(&body);
        self.telling.facet(thing, name, body);
        let found = std::mem::replace(&mut self.sources, sources);
        found.iter().for_each(|source| add(&mut self.sources, source));
        let placed = std::mem::take(&mut self.newly_placed);
        let placing = (!placed.is_empty()).then(|| {
            let names = placed.iter().flat_map(|thing| [&thing.name.namespace, &thing.name.name]);
            digest::identity(
                std::iter::once(self.placing.as_slice()).chain(names.map(|name| name.as_bytes())),
            )
        });
        self.placing = placing.unwrap_or(self.placing);
        // One that something is wrong with is read again, so that it is told again.
        if self.faults.len() == faults {
            let passage = self.telling.passage(said, key);
            self.known.put(key, Known { content, passage, placed, placing, sources: found, items });
        }
        Ok(content)
    }

    /// Says what follows from the words that `key` is the digest of: once they are known it is not worked out again.
    pub(super) fn repeating(&mut self, key: [u8; 16], say: impl FnOnce(&mut Self)) {
        if let Some(known) = self.known.get(&key) {
            if !known.passage.statements.is_empty() {
                self.telling.repeated(Arc::clone(&known.passage));
            }
            return;
        }
        let said = self.telling.len();
        say(self);
        let passage = match self.telling.len() > said {
            true => self.telling.passage(said, key),
            false => Arc::new(Passage { digest: key, statements: Vec::new() }),
        };
        let items = passage.statements.len();
        let known =
            Known { content: key, passage, placed: Vec::new(), placing: None, sources: Vec::new(), items };
        self.known.put(key, known);
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

    pub(super) fn source(&mut self, dataset: &Thing) {
        add(&mut self.sources, dataset);
    }

    pub(super) fn take_sources(&mut self) -> Vec<Thing> {
        std::mem::take(&mut self.sources)
    }
}

fn add(sources: &mut Vec<Thing>, source: &Thing) {
    if !sources.contains(source) {
        sources.push(source.clone());
    }
}

/// How deep in an event the facets of its datasets are; those of its job are less deep, and take a little less.
const DEPTH: usize = 4;

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
