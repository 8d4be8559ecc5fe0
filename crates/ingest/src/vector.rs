//! From the collections of vector stores and their records to statements, whichever store they are in.
//!
//! Collections and records bear the names that traces give to what they retrieved ([`names`]), so the chunk that an
//! answer was drawn from and the record that the store holds are one entity. The text of a record is kept as a facet
//! with its SHA-256, never as a claim: it is observed, and can be erased. Vectors are never read.

mod fields;
pub mod lance;
mod payload;

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use self::fields::Fields;
use crate::{
    fault::rejected,
    genai::{
        Passage, Store,
        names::{self},
    },
    telling::Telling,
};

/// A collection, index or table of vectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collection {
    /// Its name in its store, as traces give it.
    pub name: String,
    /// What people call it, where that is shorter.
    pub title: Option<String>,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// How many numbers each vector has.
    pub dimension: Option<u64>,
    /// How vectors are compared: `cosine`.
    pub metric: Option<String>,
    /// How they are indexed: `hnsw`.
    pub index: Option<String>,
    /// Which function makes its vectors.
    pub embedding: Option<String>,
    /// How many records it has.
    pub records: Option<u64>,
    /// Fields that the store itself declares for records, with their types.
    pub declared: Vec<(String, String)>,
    /// What else the store says of it, kept as it is.
    pub other: Map<String, Value>,
}

/// One record, without its vector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Its id, unique in its collection.
    pub id: String,
    /// Its text.
    pub document: Option<String>,
    /// What its owner noted on it.
    pub metadata: Option<Map<String, Value>>,
    /// Where the thing is that its vector stands for.
    pub uri: Option<String>,
}

/// How one server's collections are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Who says it.
    source: &'static str,
    /// The store's word in names.
    system: &'static str,
    authority: String,
    /// Whether its collections are tables that somebody else tells of too.
    tables: bool,
    at: Timestamp,
}

impl Mapping {
    /// For what the `system` at `authority` (`host:port`) had at this time.
    pub fn new(system: &'static str, authority: &str, at: Timestamp) -> Self {
        Self { source: system, system, authority: authority.to_owned(), tables: false, at }
    }

    /// For tables with vectors in a database: `source` says of them only what the database's own reader doesn't.
    pub fn of_tables(source: &'static str, system: &'static str, authority: &str, at: Timestamp) -> Self {
        Self { source, system, authority: authority.to_owned(), tables: true, at }
    }

    /// The namespace of all that it holds.
    pub fn namespace(&self) -> String {
        names::store_namespace(&self.store(None))
    }

    /// The collection.
    pub fn collection(&self, collection: &Collection) -> Read {
        let place = format!("collection {}", collection.name);
        let Some(thing) = names::collection(&self.store(Some(collection))) else {
            return Err(rejected(&place, "its name can't be kept: it is empty or has a NUL character"));
        };
        let mut telling = Telling::at(self.at);
        telling.exists(&thing);
        if !self.tables {
            telling.text(&thing, Single::Name, Some(collection.title.as_deref().unwrap_or(&collection.name)));
            telling.text(&thing, Single::Subtype, Some("vector collection"));
            telling.text(&thing, Single::Description, collection.description.as_deref());
        }
        telling.claim(&thing, Field::Group(Group::Properties), Some(properties(collection)));
        let mut facet = collection.other.clone();
        let numbers = [("dimension", collection.dimension), ("records", collection.records)];
        facet.extend(numbers.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
        let words = [
            ("metric", &collection.metric),
            ("index", &collection.index),
            ("embedding_function", &collection.embedding),
        ];
        let words = words.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        facet.extend(words.map(|(key, value)| (key.to_owned(), value.into())));
        telling.facet(&thing, "vectorCollection", Value::Object(facet));
        if !self.tables {
            for (position, (name, data_type)) in collection.declared.iter().enumerate() {
                fields::tell(&mut telling, &thing, name, data_type, None, position);
            }
        }
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    /// What the records of the collection have in their metadata; none when nothing is to be told.
    pub fn fields(&self, collection: &Collection, fields: &Fields, all_were_read: bool) -> Option<Read> {
        if self.tables || fields.is_empty() {
            return None;
        }
        let place = format!("metadata of the records of {}", collection.name);
        let thing = names::collection(&self.store(Some(collection)))?;
        let mut telling = Telling::at(self.at);
        // What the store declares holds.
        let declared = |name: &str| collection.declared.iter().any(|(declared, _)| declared == name);
        fields.tell(&mut telling, &thing, all_were_read, declared, collection.declared.len());
        (!telling.is_empty()).then(|| Ok(telling.record(place, self.source(), Known::Detected)))
    }

    /// A record of the collection: a chunk, and the document that it is from when the store says which.
    pub fn entry(&self, collection: &Collection, entry: Entry) -> Read {
        let place = format!("record {} of {}", entry.id, collection.name);
        let store = self.store(Some(collection));
        let hash = entry.document.as_deref().map(sha256);
        let passage = Passage {
            id: Some(entry.id),
            text: entry.document,
            score: None,
            document: entry.uri,
            metadata: entry.metadata.unwrap_or_default(),
        };
        let named = names::collection(&store).zip(names::chunk(Some(&store), &passage));
        let Some((whole, chunk)) = named.filter(|(whole, chunk)| {
            // An id that names nothing falls back to the text, which would be another chunk.
            chunk.name.namespace == whole.name.namespace
        }) else {
            return Err(rejected(
                &place,
                "its id can't be kept: it is empty, too long or has a NUL character",
            ));
        };
        let mut telling = Telling::at(self.at);
        telling.part_of(&chunk, &whole);
        let mut body = Map::new();
        body.insert("id".to_owned(), Value::from(passage.id.clone()));
        if let (Some(text), Some(hash)) = (&passage.text, hash) {
            body.insert("text".to_owned(), text.as_str().into());
            body.insert("sha256".to_owned(), hash.into());
        }
        if !passage.metadata.is_empty() {
            body.insert("metadata".to_owned(), Value::Object(passage.metadata.clone()));
        }
        telling.facet(&chunk, "passage", Value::Object(body));
        let document = document(&passage);
        if let Some((document, export)) =
            document.as_ref().and_then(|document| Some((document, names::export_of(document, &passage)?)))
        {
            telling.facet(document, "tableExport", export);
        }
        if let Some((document, file)) =
            document.as_ref().and_then(|document| Some((document, names::file_of(document)?)))
        {
            telling.only_related(document, RelationKind::DerivesFrom, vec![file]);
        }
        telling.only_related(&chunk, RelationKind::DerivesFrom, document.into_iter().collect());
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    fn source(&self) -> Source {
        Source::system(self.source, &self.authority)
    }

    fn store(&self, collection: Option<&Collection>) -> Store {
        Store {
            system: Some(self.system.to_owned()),
            address: Some(self.authority.clone()),
            collection: collection.map(|collection| collection.name.clone()),
        }
    }
}

/// The document that a record is from, under the name that traces give to it.
fn document(passage: &Passage) -> Option<Thing> {
    let document = names::source("", passage)?;
    // A path that doesn't say where it is belongs to some application's own files, and the store doesn't know whose.
    let nobody = format!("app://{}", names::application(""));
    if document.kind == Kind::Document && document.name.namespace == nobody {
        let name = QualifiedName::new("app://*", &document.name.name).ok()?;
        return Some(Thing::new(Kind::Document, name));
    }
    Some(document)
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// How a collection makes and compares its vectors.
pub(crate) fn properties(collection: &Collection) -> Value {
    let entries = [
        ("dimension", collection.dimension.map(|number| number.to_string())),
        ("metric", collection.metric.clone()),
        ("index", collection.index.clone()),
        ("embedding function", collection.embedding.clone()),
    ];
    let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
    Value::Object(present.collect())
}

#[cfg(test)]
mod tests {
    use catena_model::statement::Statement;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn books() -> Collection {
        Collection {
            name: "books".to_owned(),
            dimension: Some(3),
            metric: Some("cosine".to_owned()),
            ..Collection::default()
        }
    }

    fn mapping() -> Mapping {
        Mapping::new("qdrant", "db.example:6333", Timestamp::from_millis(1))
    }

    fn columns(read: &Read) -> Vec<String> {
        let statements = &read.as_ref().unwrap().statements;
        let parts = statements.iter().filter_map(|statement| match statement {
            Statement::PartOf { thing, .. } if thing.kind == Kind::Column => Some(thing.name.name.clone()),
            _ => None,
        });
        parts.collect()
    }

    #[test]
    fn what_records_have_in_their_metadata_are_the_columns_of_the_collection() {
        let mut fields = Fields::default();
        for metadata in [json!({"page": 1, "source": "/a"}), json!({"page": 2.5}), json!({"a\0b": 1})] {
            let entry = Entry { metadata: metadata.as_object().cloned(), ..Entry::default() };
            fields.see(&entry);
        }
        let told = mapping().fields(&books(), &fields, true).unwrap();
        assert_eq!(columns(&told), ["books.page", "books.source"]);
        let claims: Vec<(String, Value)> = told
            .unwrap()
            .statements
            .into_iter()
            .filter_map(|statement| match statement {
                Statement::Claim { thing, field, value: Some(value), .. } => {
                    Some((format!("{} {field:?}", thing.name.name), value))
                }
                _ => None,
            })
            .collect();
        assert!(
            claims.iter().any(|(at, value)| at.starts_with("books.page") && *value == "number"),
            "{claims:?}"
        );
        assert!(mapping().fields(&books(), &Fields::default(), true).is_none());
    }

    #[test]
    fn of_a_table_only_what_its_database_does_not_tell_is_told() {
        let mapping = Mapping::of_tables("pgvector", "postgres", "db:5432", Timestamp::from_millis(1));
        let table = Collection { name: "shop.public.items".to_owned(), ..books() };
        let record = mapping.collection(&table).unwrap();
        assert_eq!(mapping.namespace(), "postgres://db:5432");
        assert!(
            !record
                .statements
                .iter()
                .any(|statement| matches!(statement, Statement::Claim { field: Field::Single(_), .. }))
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            Just(json!("a\0b")),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let key = prop_oneof![
                Just("text".to_owned()),
                Just("metadata".to_owned()),
                Just("source".to_owned()),
                "\\PC{0,6}"
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((key, inner), 0..6)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_payload_is_read_or_refused(id in any_json(), payload in any_json(), other in any_json()) {
            let entry = Entry::of_payload(&id, payload.as_object().cloned().unwrap_or_default());
            let mut fields = Fields::default();
            fields.see(&entry);
            let name = id.as_str().unwrap_or("x").to_owned();
            let collection = Collection { name, other: other.as_object().cloned().unwrap_or_default(), ..books() };
            let _ = mapping().collection(&collection);
            let _ = mapping().fields(&collection, &fields, false);
            let _ = mapping().entry(&collection, entry);
        }
    }
}
