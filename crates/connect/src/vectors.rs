//! Vector stores: their collections, with dimension, metric and index, and as many of their records as are wanted.
//!
//! Each store is a file that knows how its collections and pages of records are asked for ([`Store`]); the way through
//! them is one. None says what changed since, so a reading after a complete one reads everything again.

mod lancedb;
mod milvus;
mod pgvector;
mod pinecone;
mod qdrant;
mod walk;
mod weaviate;

use catena_ingest::vector::{Collection, Entry, Mapping};

use self::walk::{Place, Walk};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Note, Probe, ReadError, Sink},
    handover::fetching,
    pause::Pending,
    registry::{FormField, Settings},
};

pub(crate) use self::{
    lancedb::SYSTEM as LANCEDB, milvus::SYSTEM as MILVUS, pgvector::SYSTEM as PGVECTOR,
    pinecone::SYSTEM as PINECONE, qdrant::SYSTEM as QDRANT, weaviate::SYSTEM as WEAVIATE,
};

/// How many records of a collection are read unless somebody says otherwise.
const RECORDS: u64 = 10_000;

/// How many records are read.
pub(crate) const BOUND: FormField = FormField {
    key: "records",
    label: "Records",
    hint: "How many of each collection are read as chunks: 10000 when left empty; 0 reads the collections only.",
    choices: &[],
};

/// How many records of a collection are to be read.
pub(crate) fn bound(settings: &Settings) -> Result<u64, ReadError> {
    match settings.option(BOUND.key) {
        None => Ok(RECORDS),
        Some(text) => text.parse().map_err(|_| ReadError::Unknown {
            address: text.to_owned(),
            why: "how many records to read is a whole number; 0 for none".to_owned(),
        }),
    }
}

/// A collection and how its store calls it.
#[derive(Debug, Clone, Default)]
struct Held {
    /// What the store is asked with; collections are read in the order of these.
    key: String,
    collection: Collection,
}

/// What a store has, and what could not be read of it.
type Collections = (Vec<Held>, Vec<Note>);

/// Some records and where the next ones begin.
struct Page {
    entries: Vec<Entry>,
    /// None at the end.
    next: Option<String>,
}

/// A store that answers.
trait Store: Send + Sync {
    /// Which version it says it is.
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>>;

    /// Its collections, and what could not be read of them.
    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>>;

    /// The records after `after`; none when the collection is gone meanwhile.
    fn page<'a>(
        &'a self,
        held: &'a Held,
        after: Option<&'a str>,
        most: u64,
    ) -> Pending<'a, Result<Option<Page>, ReadError>>;
}

/// Where a store is.
trait Opens: Send + Sync {
    /// What it is called.
    const TITLE: &'static str;

    /// How what it has is told.
    fn mapping(&self) -> Mapping;

    fn settings(&self) -> &Settings;

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>>;
}

/// A vector store as a connector.
struct Vectors<O> {
    at: O,
    bound: u64,
}

impl<O: Opens> Vectors<O> {
    fn new(at: O) -> Result<Self, ReadError> {
        let bound = bound(at.settings())?;
        Ok(Self { at, bound })
    }
}

impl<O: Opens> Connector for Vectors<O> {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let store = self.at.open(cancel).await?;
            let (collections, notes) = store.collections().await?;
            let mut found = vec![Found::new("collections", collections.len() as u64)];
            let counted: Option<Vec<u64>> = collections.iter().map(|held| held.collection.records).collect();
            found.extend(
                counted.map(|counts| {
                    Found::new("records", counts.iter().fold(0, |all, n| all.saturating_add(*n)))
                }),
            );
            let version = store.version().await?;
            Ok(Probe {
                system: O::TITLE.to_owned(),
                version,
                namespace: self.at.mapping().namespace(),
                found,
                notes,
            })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let store = self.at.open(cancel).await?;
            let (mapping, bound) = (self.at.mapping(), self.bound);
            fetching(|out| Walk::new(store, mapping, bound, out).run(place), sink, cancel).await
        })
    }
}
