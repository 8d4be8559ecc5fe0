//! What search knows of one entity.

use catena_model::{id::EntityId, kind::Kind, name::QualifiedName};
use sha2::{Digest, Sha256};

use super::{fold::fold, place::Place};
use crate::table::entity::Ix;

/// The most of a description that is searched, in bytes.
pub(crate) const MOST_DESCRIPTION: usize = 8_000;
/// The most of a property's value that is searched, in bytes.
pub(crate) const MOST_PROPERTY: usize = 400;
/// The most properties of an entity that are searched.
pub(crate) const MOST_PROPERTIES: usize = 64;
/// The most columns of a dataset that are searched.
pub(crate) const MOST_COLUMNS: usize = 2_000;
/// The longest value that is counted and filtered by, in bytes.
const MOST_FACET: usize = 256;

/// The whole that an entity is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub id: EntityId,
    pub kind: Kind,
    pub name: String,
}

/// What search knows of one entity: its group's current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub ix: Ix,
    pub id: EntityId,
    pub kind: Kind,
    pub name: String,
    /// Full names first.
    pub names: Vec<QualifiedName>,
    pub parent: Option<Whole>,
    pub columns: Vec<String>,
    pub tags: Vec<String>,
    pub aliases: Vec<String>,
    pub owners: Vec<String>,
    pub subtype: Option<String>,
    pub description: Option<String>,
    /// Key and value.
    pub properties: Vec<(String, String)>,
    /// How many relations it has.
    pub usage: u64,
}

/// One text of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub place: Place,
    pub text: String,
    /// A property's key.
    pub key: Option<String>,
}

impl Document {
    /// Its texts, the best place first.
    pub(crate) fn texts(&self) -> Vec<Text> {
        let mut texts = Vec::new();
        let mut add = |place, text: &str| texts.push(Text { place, text: text.to_owned(), key: None });
        add(Place::Name, &self.name);
        for other in self.other_names() {
            add(Place::OtherName, other);
        }
        for name in &self.names {
            add(Place::QualifiedName, &name.to_string());
        }
        if let Some(parent) = &self.parent {
            add(Place::Parent, &parent.name);
        }
        self.columns.iter().for_each(|text| add(Place::Column, text));
        self.tags.iter().for_each(|text| add(Place::Tag, text));
        self.aliases.iter().for_each(|text| add(Place::Alias, text));
        self.owners.iter().for_each(|text| add(Place::Owner, text));
        add(Place::Kind, &self.kind.word().replace('_', " "));
        self.subtype.iter().for_each(|text| add(Place::Kind, text));
        self.description.iter().for_each(|text| add(Place::Description, text));
        for (key, value) in &self.properties {
            texts.push(Text {
                place: Place::Property,
                text: format!("{key}: {value}"),
                key: Some(key.clone()),
            });
        }
        texts
    }

    /// What other systems call it: the last part of its qualified names, where that is another word.
    pub(crate) fn other_names(&self) -> Vec<&str> {
        let mut seen = vec![fold(&self.name)];
        let mut others = Vec::new();
        for name in &self.names {
            let short = name.short();
            let folded = fold(short);
            if !seen.contains(&folded) {
                seen.push(folded);
                others.push(short);
            }
        }
        others
    }

    /// The systems that name it: the schemes of its namespaces, or a namespace without scheme as a whole.
    pub(crate) fn systems(&self) -> Vec<String> {
        let mut systems: Vec<String> = self
            .names
            .iter()
            .map(|name| {
                name.namespace.split_once("://").map_or(name.namespace.as_str(), |(scheme, _)| scheme)
            })
            .filter(|system| !system.is_empty() && *system != "*" && system.len() <= MOST_FACET)
            .map(str::to_owned)
            .collect();
        systems.sort_unstable();
        systems.dedup();
        systems
    }

    /// The values of a list by which results are counted and filtered.
    pub(crate) fn facet_values(values: &[String]) -> impl Iterator<Item = &str> {
        values.iter().map(String::as_str).filter(|value| !value.is_empty() && value.len() <= MOST_FACET)
    }
}

/// A digest of all that is searched of an entity, but for the number of relations, which only breaks ties.
pub(crate) fn digest(id: EntityId, texts: &[Text]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(id.as_bytes());
    for text in texts {
        hash.update([text.place as u8]);
        hash.update((text.text.len() as u64).to_le_bytes());
        hash.update(text.text.as_bytes());
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// A text without what is beyond `most` bytes, cut between letters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
