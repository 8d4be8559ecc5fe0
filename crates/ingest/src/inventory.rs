//! What other catalogs say of an entity, in the one form in which their readers tell it.
//!
//! Catalogs differ in their words and agree in what they hold: a name, a text, owners, tags, columns, what it is made
//! of. A reader fills an [`Item`] from whatever JSON came, taking a value of another type for a missing one, and the
//! item is told here. What the catalog keeps on it is told whole each time, so what is gone there is taken back.

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value};

use crate::{
    fault::{rejected, shorten},
    telling::{Telling, bad_name},
};

/// How many columns of one table are kept.
const MOST_COLUMNS: usize = 10_000;

/// How deep fields within a column are followed.
pub(crate) const DEEPEST_FIELD: usize = 12;

/// The longest value of a property, in bytes; longer ones are cut and marked as such.
const LONGEST_PROPERTY: usize = 4_000;

/// One entity, and all that its catalog has on it.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) thing: Thing,
    /// What other systems call it.
    pub(crate) also: Vec<QualifiedName>,
    pub(crate) within: Option<Thing>,
    pub(crate) name: Option<String>,
    pub(crate) subtype: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) lifecycle: Option<String>,
    pub(crate) owners: Vec<String>,
    /// None where nobody asked for them.
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) aliases: Vec<String>,
    pub(crate) properties: Map<String, Value>,
    pub(crate) facets: Vec<(&'static str, Value)>,
    pub(crate) columns: Vec<Column>,
    /// All relations of these kinds that the catalog has for it. What could not be asked for stands not here.
    pub(crate) relations: Vec<(RelationKind, Vec<Thing>)>,
    /// Relations of columns or of others that come with it, each by itself.
    pub(crate) edges: Vec<(Thing, RelationKind, Thing, Option<Value>)>,
}

/// A column of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) data_type: Option<String>,
    pub(crate) nullable: Option<bool>,
    pub(crate) description: Option<String>,
    /// None where nobody asked for them.
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) properties: Map<String, Value>,
}

impl Item {
    pub(crate) fn new(thing: Thing) -> Self {
        Self {
            thing,
            also: Vec::new(),
            within: None,
            name: None,
            subtype: None,
            description: None,
            url: None,
            version: None,
            lifecycle: None,
            owners: Vec::new(),
            tags: None,
            aliases: Vec::new(),
            properties: Map::new(),
            facets: Vec::new(),
            columns: Vec::new(),
            relations: Vec::new(),
            edges: Vec::new(),
        }
    }

    /// Notes a property, unless there is nothing to note.
    pub(crate) fn property(&mut self, key: &str, value: &Value) {
        if let Some(text) = plain(value) {
            self.properties.insert(key.to_owned(), text.into());
        }
    }

    /// The item as a record, and a rejection for each column that can't be kept.
    pub(crate) fn read(self, source: Source, at: Timestamp) -> Vec<Read> {
        let place =
            format!("{} {}", self.subtype.as_deref().unwrap_or(self.thing.kind.word()), self.thing.name.name);
        let mut telling = Telling::at(at);
        let mut faults = Vec::new();
        let thing = &self.thing;
        telling.exists(thing);
        for name in &self.also {
            telling.also_named(thing, name.clone());
        }
        if let Some(whole) = &self.within {
            telling.part_of(thing, whole);
        }
        telling.text(thing, Single::Name, self.name.as_deref());
        telling.text(thing, Single::Subtype, self.subtype.as_deref());
        telling.text(thing, Single::Description, self.description.as_deref());
        telling.text(thing, Single::Url, self.url.as_deref());
        telling.text(thing, Single::Version, self.version.as_deref());
        telling.text(thing, Single::Lifecycle, self.lifecycle.as_deref());
        telling.set(thing, Group::Owners, once(self.owners));
        if let Some(tags) = self.tags {
            telling.set(thing, Group::Tags, once(tags));
        }
        telling.set(thing, Group::Aliases, once(self.aliases));
        let properties = (!self.properties.is_empty()).then_some(Value::Object(self.properties));
        telling.claim(thing, Field::Group(Group::Properties), properties);
        for (name, body) in self.facets {
            telling.facet(thing, name, body);
        }
        if self.columns.len() > MOST_COLUMNS {
            faults.push(format!("it has {} columns, of which {MOST_COLUMNS} are kept", self.columns.len()));
        }
        for (position, column) in self.columns.into_iter().take(MOST_COLUMNS).enumerate() {
            if let Err(why) = tell_column(&mut telling, thing, &self.also, column, position) {
                faults.push(why);
            }
        }
        for (kind, to) in self.relations {
            telling.only_related(thing, kind, to);
        }
        for (from, kind, to, detail) in self.edges {
            telling.related(&from, kind, &to, Method::Declared, detail);
        }
        let record = telling.record(shorten(&place, 300), source, Known::Detected);
        let faults = faults.into_iter().map(|why| Err(rejected(&place, &why)));
        std::iter::once(Ok(record)).chain(faults).collect()
    }
}

fn tell_column(
    telling: &mut Telling,
    whole: &Thing,
    also: &[QualifiedName],
    column: Column,
    position: usize,
) -> Result<(), String> {
    let problem = |problem| bad_name("a column's name", &problem);
    let thing = Thing::new(Kind::Column, whole.name.part(&column.name).map_err(problem)?);
    telling.part_of(&thing, whole);
    for name in also {
        telling.also_named(&thing, name.part(&column.name).map_err(problem)?);
    }
    telling.claim(&thing, Field::Single(Single::Position), Some(position.into()));
    telling.text(&thing, Single::DataType, column.data_type.as_deref());
    telling.claim(&thing, Field::Single(Single::Nullable), column.nullable.map(Value::from));
    telling.text(&thing, Single::Description, column.description.as_deref());
    if let Some(tags) = column.tags {
        telling.set(&thing, Group::Tags, once(tags));
    }
    let properties = (!column.properties.is_empty()).then_some(Value::Object(column.properties));
    telling.claim(&thing, Field::Group(Group::Properties), properties);
    Ok(())
}

/// The entity of this name, or why it can't be named so.
pub(crate) fn thing(kind: Kind, namespace: &str, name: &str) -> Result<Thing, String> {
    QualifiedName::new(namespace, name)
        .map(|name| Thing::new(kind, name))
        .map_err(|problem| bad_name(&format!("the {}'s name", kind.word()), &problem))
}

/// The rejection of something that has no usable name.
pub(crate) fn unnamed(what: &str, why: &str) -> Vec<Read> {
    vec![Err(rejected(what, why))]
}

/// The text under `key`, unless it is blank or no text.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The same, to keep.
pub(crate) fn owned(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(str::to_owned)
}

/// The list under `key`; what is no list is an empty one.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as the text of a property; none for what says nothing.
pub(crate) fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => return None,
        Value::Object(map) if map.is_empty() => return None,
        other => other.to_string(),
    };
    (!text.trim().is_empty()).then(|| shorten(&text, LONGEST_PROPERTY))
}

/// A tag with a value, as one word: `tier: gold`.
pub(crate) fn tag(key: &str, value: Option<&str>) -> String {
    match value.filter(|value| !value.trim().is_empty()) {
        Some(value) => format!("{}: {}", key.trim(), value.trim()),
        None => key.trim().to_owned(),
    }
}

/// Each non-blank word once.
fn once(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !word.trim().is_empty());
    words.sort_unstable();
    words.dedup();
    words
}
