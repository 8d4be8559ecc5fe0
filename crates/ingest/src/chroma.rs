//! From Chroma's collections and records to statements.
//!
//! What is Chroma's own way of saying it; the rest is as in every vector store ([`crate::vector`]).

use catena_model::{statement::Read, time::Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::vector;
pub use crate::vector::{Entry, Fields};

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

/// How one server's collections are told.
#[derive(Debug, Clone)]
pub struct Mapping(vector::Mapping);

impl Mapping {
    /// For what the server at `authority` (`host:port`) had at this time.
    pub fn new(authority: &str, at: Timestamp) -> Self {
        Self(vector::Mapping::new("chroma", authority, at))
    }

    /// The namespace of all that it holds.
    pub fn namespace(&self) -> String {
        self.0.namespace()
    }

    /// The collection, and how many records it has.
    pub fn collection(&self, collection: &Collection, count: Option<u64>) -> Read {
        self.0.collection(&told(collection, count))
    }

    /// What the records of the collection have in their metadata.
    pub fn fields(&self, collection: &Collection, fields: &Fields, all_were_read: bool) -> Option<Read> {
        self.0.fields(&told(collection, None), fields, all_were_read)
    }

    /// A record of the collection: a chunk, and the document that it is from when the store says which.
    pub fn entry(&self, collection: &Collection, entry: Entry) -> Read {
        self.0.entry(&told(collection, None), entry)
    }
}

/// The collection's name at its server. Traces say no database, so it stands there only when it isn't the usual one.
fn collection_name(collection: &Collection) -> String {
    let tenant = collection.tenant.as_deref().filter(|tenant| *tenant != DEFAULT_TENANT);
    let database = collection.database.as_deref().filter(|name| *name != DEFAULT_DATABASE);
    let within = tenant.into_iter().chain(database.or(tenant.and(collection.database.as_deref())));
    within.chain([collection.name.as_str()]).collect::<Vec<_>>().join("/")
}

/// The collection as those of all stores are.
fn told(collection: &Collection, records: Option<u64>) -> vector::Collection {
    let empty = Value::Null;
    let configuration = collection.configuration.as_ref().unwrap_or(&empty);
    let indexes = ["hnsw", "spann"];
    let index = indexes.into_iter().find(|index| configuration[*index].is_object());
    let within = indexes.into_iter().find_map(|index| configuration[index]["space"].as_str());
    let metadata = collection.metadata.clone().unwrap_or_default();
    let older = metadata.get("hnsw:space").and_then(Value::as_str);
    let function = &configuration["embedding_function"];
    let model = ["model_name", "model"].iter().find_map(|key| function["config"][*key].as_str());
    let embedding = function["name"].as_str().map(|name| match model {
        Some(model) => format!("{name}: {model}"),
        None => name.to_owned(),
    });
    let mut other = Map::new();
    other.insert("id".to_owned(), collection.id.as_str().into());
    other.insert("tenant".to_owned(), json!(collection.tenant));
    other.insert("database".to_owned(), json!(collection.database));
    let description = metadata.get("description").and_then(Value::as_str).map(str::to_owned);
    other.insert("metadata".to_owned(), Value::Object(metadata.clone()));
    vector::Collection {
        name: collection_name(collection),
        title: Some(collection.name.clone()),
        description,
        dimension: collection.dimension,
        metric: within.or(older).map(str::to_owned),
        index: index.map(str::to_owned),
        embedding,
        records,
        declared: Vec::new(),
        other,
    }
}

#[cfg(test)]
mod tests {
    use catena_model::{kind::Kind, statement::Statement};

    use super::*;
    use crate::{
        genai::{Passage, Store, names},
        vector::properties,
    };

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

    fn said(read: &Read) -> &[Statement] {
        &read.as_ref().unwrap().statements
    }

    fn sources(read: &Read) -> Vec<String> {
        said(read)
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
        assert!(matches!(&said(&read)[0], Statement::PartOf { thing, whole, .. }
                if *thing == chunk && *whole == names::collection(&retrieved).unwrap()));
        let facet = said(&read).iter().find_map(|statement| match statement {
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
        let name = |collection: &Collection| match &said(&mapping().collection(collection, None))[0] {
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
            properties(&told(&configured, None)),
            json!({
                "dimension": "384", "metric": "cosine", "index": "hnsw",
                "embedding function": "openai: text-embedding-3-small",
            })
        );
        let old = collection(json!({"id": "1", "name": "b", "metadata": {"hnsw:space": "ip"}}));
        assert_eq!(told(&old, None).metric.as_deref(), Some("ip"));
    }

    #[test]
    fn an_id_that_names_nothing_is_rejected() {
        let unnamed = Entry { id: " ".to_owned(), ..entry(json!({})) };
        assert!(mapping().entry(&books(), unnamed).is_err());
    }
}
