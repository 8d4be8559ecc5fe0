//! From Chroma's collections and records to statements.
//!
//! Collections and records bear the names that traces give to what they retrieved ([`names`]), so the chunk that an
//! answer was drawn from and the record that the store holds are one entity. The text of a record is kept as a facet
//! with its SHA-256, never as a claim: it is observed, and can be erased.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Thing},
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    fault::rejected,
    genai::{
        Passage, Store,
        names::{self},
    },
    telling::Telling,
};

/// The database that collections are in unless somebody says otherwise.
pub const DEFAULT_DATABASE: &str = "default_database";

/// The tenant that databases belong to unless somebody says otherwise.
pub const DEFAULT_TENANT: &str = "default_tenant";

/// A collection as Chroma's API (v2) describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Collection {
    /// Its id.
    pub id: String,
    /// Its name, unique in its database.
    pub name: String,
    /// How many numbers each vector has; none while it is empty.
    #[serde(default)]
    pub dimension: Option<u64>,
    /// What its owner noted on it.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// How it is indexed, and which function makes its vectors.
    #[serde(default, rename = "configuration_json")]
    pub configuration: Option<Value>,
    /// Its tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Its database.
    #[serde(default)]
    pub database: Option<String>,
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
    authority: String,
    at: Timestamp,
}

impl Mapping {
    /// For what the server at `authority` (`host:port`) had at this time.
    pub fn new(authority: &str, at: Timestamp) -> Self {
        Self { authority: authority.to_owned(), at }
    }

    /// The namespace of all that it holds.
    pub fn namespace(&self) -> String {
        names::store_namespace(&self.store(None))
    }

    /// The collection, and how many records it has.
    pub fn collection(&self, collection: &Collection, count: Option<u64>) -> Read {
        let place = format!("collection {}", collection.name);
        let Some(thing) = names::collection(&self.store(Some(collection))) else {
            return Err(rejected(&place, "its name can't be kept: it is empty or has a NUL character"));
        };
        let mut telling = Telling::at(self.at);
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(&collection.name));
        telling.text(&thing, Single::Subtype, Some("vector collection"));
        let metadata = collection.metadata.clone().unwrap_or_default();
        let description = metadata.get("description").and_then(Value::as_str);
        telling.text(&thing, Single::Description, description);
        let settings = Settings::of(collection);
        telling.claim(&thing, Field::Group(Group::Properties), Some(settings.properties()));
        let mut facet = json!({
            "id": collection.id,
            "tenant": collection.tenant,
            "database": collection.database,
            "dimension": collection.dimension,
            "metric": settings.metric,
            "embedding_function": settings.embedding,
            "metadata": metadata,
        });
        if let Some(count) = count {
            facet["records"] = count.into();
        }
        telling.facet(&thing, "vectorCollection", facet);
        Ok(telling.record(place, self.source(), Known::Detected))
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
        if let Some((document, file)) =
            document.as_ref().and_then(|document| Some((document, names::file_of(document)?)))
        {
            telling.only_related(document, RelationKind::DerivesFrom, vec![file]);
        }
        telling.only_related(&chunk, RelationKind::DerivesFrom, document.into_iter().collect());
        Ok(telling.record(place, self.source(), Known::Detected))
    }

    fn source(&self) -> Source {
        Source::system("chroma", &self.authority)
    }

    fn store(&self, collection: Option<&Collection>) -> Store {
        Store {
            system: Some("chroma".to_owned()),
            address: Some(self.authority.clone()),
            collection: collection.map(collection_name),
        }
    }
}

/// The collection's name at its server. Traces say no database, so it stands there only when it isn't the usual one.
fn collection_name(collection: &Collection) -> String {
    let tenant = collection.tenant.as_deref().filter(|tenant| *tenant != DEFAULT_TENANT);
    let database = collection.database.as_deref().filter(|name| *name != DEFAULT_DATABASE);
    let within = tenant.into_iter().chain(database.or(tenant.and(collection.database.as_deref())));
    within.chain([collection.name.as_str()]).collect::<Vec<_>>().join("/")
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
struct Settings {
    dimension: Option<u64>,
    metric: Option<String>,
    embedding: Option<String>,
}

impl Settings {
    fn of(collection: &Collection) -> Self {
        let empty = Value::Null;
        let configuration = collection.configuration.as_ref().unwrap_or(&empty);
        let within = |index: &str| configuration[index]["space"].as_str().map(str::to_owned);
        let older = || {
            let metadata = collection.metadata.as_ref()?;
            metadata.get("hnsw:space").and_then(Value::as_str).map(str::to_owned)
        };
        let function = &configuration["embedding_function"];
        let model = ["model_name", "model"].iter().find_map(|key| function["config"][*key].as_str());
        let embedding = function["name"].as_str().map(|name| match model {
            Some(model) => format!("{name}: {model}"),
            None => name.to_owned(),
        });
        Self {
            dimension: collection.dimension,
            metric: within("hnsw").or_else(|| within("spann")).or_else(older),
            embedding,
        }
    }

    fn properties(&self) -> Value {
        let entries = [
            ("dimension", self.dimension.map(|number| number.to_string())),
            ("metric", self.metric.clone()),
            ("embedding function", self.embedding.clone()),
        ];
        let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
        Value::Object(present.collect())
    }
}

#[cfg(test)]
mod tests {
    use catena_model::statement::Statement;

    use super::*;

    fn collection(text: Value) -> Collection {
        serde_json::from_value(text).unwrap()
    }

    fn books() -> Collection {
        collection(
            json!({"id": "1", "name": "books", "database": DEFAULT_DATABASE, "tenant": DEFAULT_TENANT}),
        )
    }

    fn mapping() -> Mapping {
        Mapping::new("Localhost:8000", Timestamp::from_millis(1))
    }

    fn entry(metadata: Value) -> Entry {
        Entry {
            id: "c1".to_owned(),
            document: Some("abc".to_owned()),
            metadata: metadata.as_object().cloned(),
            uri: None,
        }
    }

    fn told(read: &Read) -> &[Statement] {
        &read.as_ref().unwrap().statements
    }

    fn sources(read: &Read) -> Vec<String> {
        told(read)
            .iter()
            .filter_map(|statement| match statement {
                Statement::Related { from, to, .. } if from.kind == Kind::Chunk => Some(to.name.to_string()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_record_is_the_chunk_that_a_trace_retrieves() {
        let read = mapping().entry(&books(), entry(json!({"page": 1})));
        let retrieved = Store {
            system: Some("chromadb".into()),
            address: Some("localhost:8000".into()),
            collection: Some("books".into()),
        };
        let passage = Passage { id: Some("c1".into()), text: Some("abc".into()), ..Passage::default() };
        let chunk = names::chunk(Some(&retrieved), &passage).unwrap();
        assert!(matches!(&told(&read)[0], Statement::PartOf { thing, whole, .. }
                if *thing == chunk && *whole == names::collection(&retrieved).unwrap()));
        let facet = told(&read).iter().find_map(|statement| match statement {
            Statement::Facet { body, .. } => Some(body.clone()),
            _ => None,
        });
        assert_eq!(
            facet.unwrap()["sha256"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_document_is_named_by_where_it_is_and_else_joins_the_one_of_its_path() {
        for (metadata, expected) in [
            (json!({"source": "s3://kb/faq.md"}), "s3://kb/faq.md"),
            (json!({"source": "docs/faq.md"}), "app://*/docs/faq.md"),
            (json!({"uri": "file:///data/faq.md"}), "file/data/faq.md"),
        ] {
            assert_eq!(sources(&mapping().entry(&books(), entry(metadata))), [expected]);
        }
        assert!(sources(&mapping().entry(&books(), entry(json!({})))).is_empty());
    }

    #[test]
    fn collections_of_one_name_in_two_databases_are_two() {
        let elsewhere = Collection { database: Some("team".into()), ..books() };
        let name = |collection: &Collection| match &told(&mapping().collection(collection, None))[0] {
            Statement::Exists { thing } => thing.name.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(name(&books()), "chroma://localhost:8000/books");
        assert_eq!(name(&elsewhere), "chroma://localhost:8000/team/books");
    }

    #[test]
    fn the_metric_and_the_embedding_function_are_told() {
        let configured = collection(json!({
            "id": "1", "name": "books", "dimension": 384,
            "configuration_json": {
                "hnsw": {"space": "cosine"},
                "embedding_function": {"name": "openai", "config": {"model_name": "text-embedding-3-small"}},
            },
        }));
        assert_eq!(
            Settings::of(&configured).properties(),
            json!({
                "dimension": "384", "metric": "cosine",
                "embedding function": "openai: text-embedding-3-small",
            })
        );
        let old = collection(json!({"id": "1", "name": "b", "metadata": {"hnsw:space": "ip"}}));
        assert_eq!(Settings::of(&old).metric.as_deref(), Some("ip"));
    }

    #[test]
    fn an_id_that_names_nothing_is_rejected() {
        let unnamed = Entry { id: " ".to_owned(), ..entry(json!({})) };
        assert!(mapping().entry(&books(), unnamed).is_err());
    }
}
