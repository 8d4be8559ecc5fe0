//! From the objects of a store, or the files of a folder, to statements.
//!
//! Named as OpenLineage names them (`s3://bucket` and the key, `file` and the path), so that the file that a job wrote
//! and the one that lies there are one. A table that is spread over many files is one dataset: what is one table is told
//! by the names alone ([`group`]).

mod group;
mod name;
pub mod s3;

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

pub use self::group::{Item, Table, grouped};
use crate::{
    fault::{rejected, shorten},
    telling::{Telling, bad_name},
};

/// An object or file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// Its key, or path: folders with `/` between them.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written last.
    pub modified: Option<Timestamp>,
    /// What the store tells its content by.
    pub etag: Option<String>,
    /// The SHA-256 of its content, where that was read.
    pub sha256: Option<String>,
    /// Where the store keeps it: `STANDARD`, `GLACIER`.
    pub class: Option<String>,
    /// What its owner marked it with.
    pub tags: Vec<(String, String)>,
}

/// How one store's objects are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    system: &'static str,
    instance: String,
    namespace: String,
    at: Timestamp,
}

impl Mapping {
    /// For what is in `namespace` (`s3://bucket`, `file`), which the `system` at `instance` had at this time.
    pub fn new(system: &'static str, instance: &str, namespace: &str, at: Timestamp) -> Self {
        Self { system, instance: instance.to_owned(), namespace: namespace.to_owned(), at }
    }

    /// A file or a table of many.
    pub fn item(&self, item: &Item) -> Read {
        match item {
            Item::File(object) => self.file(object),
            Item::Table(table) => self.table(table),
        }
    }

    /// The bucket, as a place that other things are in.
    pub fn bucket(&self, name: &str, facet: Value) -> Read {
        let place = format!("bucket {}", shorten(name, 200));
        let thing = self.thing(Kind::Dataset, "/", &place)?;
        let mut telling = Telling::at(self.at);
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(name));
        telling.text(&thing, Single::Subtype, Some("bucket"));
        telling.facet(&thing, "bucket", facet);
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    fn file(&self, object: &Object) -> Read {
        let place = format!("file {}", shorten(&object.key, 200));
        let thing = self.thing(Kind::Dataset, &object.key, &place)?;
        let mut telling = Telling::at(self.at);
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(name::short(&object.key)));
        telling.text(&thing, Single::Subtype, Some(name::subtype(&object.key)));
        let mut tags: Vec<String> = object
            .tags
            .iter()
            .map(|(key, value)| match value.as_str() {
                "" => key.clone(),
                value => format!("{key}:{value}"),
            })
            .collect();
        tags.dedup();
        telling.set(&thing, Group::Tags, tags);
        let mut facet = Map::new();
        facet.insert("size".to_owned(), object.size.into());
        facet.extend(object.modified.map(|time| ("modified".to_owned(), Value::from(time.to_string()))));
        let words = [("etag", &object.etag), ("sha256", &object.sha256), ("storage_class", &object.class)];
        let words =
            words.into_iter().filter_map(|(key, word)| Some((key.to_owned(), Value::from(word.as_deref()?))));
        facet.extend(words);
        telling.facet(&thing, "file", Value::Object(facet));
        if name::is_document(&object.key) {
            // What is retrieved and cited is the document; what jobs read and write is the file that it is the text of.
            let document = Thing::new(Kind::Document, thing.name.clone());
            telling.exists(&document);
            telling.text(&document, Single::Name, Some(name::short(&object.key)));
            telling.only_related(&document, RelationKind::DerivesFrom, vec![thing]);
        }
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    fn table(&self, table: &Table) -> Read {
        let place = format!("folder {}", shorten(&table.prefix, 200));
        let thing = self.thing(Kind::Dataset, &table.prefix, &place)?;
        let mut telling = Telling::at(self.at);
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(name::short(&table.prefix)));
        telling.text(&thing, Single::Subtype, Some(table.subtype()));
        for (position, column) in table.partitions.iter().enumerate() {
            let Ok(name) = thing.name.part(column) else { continue };
            let column = Thing::new(Kind::Column, name);
            telling.part_of(&column, &thing);
            // What lies in front of these is only known by reading the files.
            let properties = json!({ "key": "partition", "partition position": position.to_string() });
            telling.claim(&column, Field::Group(Group::Properties), Some(properties));
        }
        let facet = json!({
            "files": table.files,
            "size": table.bytes,
            "modified": table.modified.map(|time| time.to_string()),
            "partition_columns": table.partitions,
            "formats": table.formats,
            "first_file": table.first,
        });
        telling.facet(&thing, "files", facet);
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    fn source(&self) -> Source {
        Source::system(self.system, &self.instance)
    }

    fn thing(
        &self,
        kind: Kind,
        name: &str,
        place: &str,
    ) -> Result<Thing, catena_model::statement::Rejection> {
        QualifiedName::new(&self.namespace, name)
            .map(|name| Thing::new(kind, name))
            .map_err(|problem| rejected(place, &bad_name("its name", &problem)))
    }
}

#[cfg(test)]
mod tests {
    use catena_model::statement::Statement;
    use proptest::prelude::*;

    use super::*;

    fn mapping() -> Mapping {
        Mapping::new("s3", "s3.example:443", "s3://lake", Timestamp::from_millis(1))
    }

    #[test]
    fn a_document_is_the_text_of_the_file_that_it_is() {
        let object = Object { key: "docs/opening.md".to_owned(), size: 5, ..Object::default() };
        let record = mapping().item(&Item::File(object)).unwrap();
        assert!(record.statements.iter().any(|statement| matches!(statement,
            Statement::Related { from, to, .. } if from.kind == Kind::Document && to.kind == Kind::Dataset
                && from.name.to_string() == "s3://lake/docs/opening.md" && from.name == to.name)));
    }

    proptest! {
        #[test]
        fn any_keys_are_grouped_and_told(keys in proptest::collection::vec("(/|=|_delta_log|part-0|[a-c.]|\\PC){0,8}", 0..20)) {
            let objects = keys.iter().map(|key| Object { key: key.clone(), size: 1, ..Object::default() }).collect();
            let items = grouped(objects);
            let files: u64 = items.iter().map(|item| match item { Item::File(_) => 1, Item::Table(table) => table.files }).sum();
            prop_assert_eq!(files, keys.len() as u64);
            for item in &items {
                let _ = mapping().item(item);
            }
        }
    }
}
