//! The passages that vector stores hold: where each stands in its document, and which are not to be retrieved.

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{kind::Kind, relation::RelationKind, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    table::{
        document::{self, Fit, Freshness, PlaceRow},
        entity::{self, EntityRow},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{
    App, AppError,
    entity::{EntityArgs, field_values},
    lookup,
    named::Named,
};

/// Whether a chunk's text is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChunkState {
    /// It is.
    Fresh,
    /// It was, and is no more.
    Stale,
    /// It is in no version that was read.
    Unplaced,
    /// Its document was not read.
    Unknown,
}

/// A chunk and where it stands.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ChunkView {
    /// The chunk.
    pub chunk: Named,
    /// Its names, as stores and traces give them.
    pub names: Vec<String>,
    /// Whether its text is in its document.
    pub state: ChunkState,
    /// Since when it is not.
    pub since: Option<Timestamp>,
    /// Why it is not to be retrieved; empty when it may be.
    pub why: Vec<String>,
    /// Its document.
    pub document: Option<Named>,
    /// SHA-256 of the version of the document that it is, or was last, in.
    pub version: Option<String>,
    /// Where its text begins in that version's, in bytes.
    pub start: Option<usize>,
    /// Where it ends.
    pub end: Option<usize>,
    /// The page on which it begins.
    pub page: Option<u32>,
    /// How its text was found there: `exact`, `spaced`, `letters`.
    pub fit: Option<String>,
}

/// Asks for chunks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ChunksArgs {
    /// Only those that are not to be retrieved.
    #[serde(default)]
    pub not_for_retrieval: bool,
    /// Only those of this document or collection, or those that this trace or answer retrieved.
    #[serde(default)]
    #[ts(optional)]
    pub of: Option<String>,
    /// The most to give; all when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<usize>,
}

/// Chunks.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Chunks {
    /// How many there are.
    pub total: usize,
    /// They, or the first of them.
    pub chunks: Vec<ChunkView>,
}

/// A content that a document has or had.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DocumentVersion {
    /// SHA-256 of its file.
    pub sha256: String,
    /// When it was first read.
    pub first_at: Timestamp,
    /// When it was last read.
    pub last_at: Timestamp,
}

/// What there is to say of an entity's passages.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Passages {
    /// The entity itself, when it is a chunk.
    pub own: Option<ChunkView>,
    /// A document's versions, the one that holds first.
    pub versions: Vec<DocumentVersion>,
    /// Why a document's chunks are not to be retrieved.
    pub withheld: Option<String>,
    /// How many chunks a document has, or a trace or answer retrieved.
    pub chunks: usize,
    /// How many of them are stale.
    pub stale: usize,
    /// Those that are not to be retrieved, the first of them.
    pub not_for_retrieval: Vec<ChunkView>,
    /// How many these are in all.
    pub not_for_retrieval_total: usize,
}

/// The most chunks that a page lists.
const MOST: usize = 100;
/// Where a document stands in its life that keeps it from being retrieved.
const WITHHELD: &[&str] = &[
    "deprecated",
    "retired",
    "archived",
    "withdrawn",
    "deleted",
    "rejected",
    "draft",
    "not approved",
    "unapproved",
];

/// Lists chunks.
pub fn chunks(app: &App, args: ChunksArgs) -> Result<Chunks, AppError> {
    let session = app.session()?;
    let of = args.of.as_ref().map(|text| lookup::entity(&session, text)).transpose()?;
    let found = session.catalog.read(|reader| {
        let mut world = World::new(reader);
        let heads = match &of {
            Some(row) => {
                let head = reader.head(row.ix)?;
                world.chunks_of(&head)?
            }
            None if args.not_for_retrieval => world.suspects()?,
            None => {
                let places = document::all_places(reader.db())?;
                world.heads(places.into_iter().map(|place| place.chunk))?
            }
        };
        let mut chunks = Vec::new();
        for head in heads {
            chunks.extend(world.view(head)?);
        }
        if args.not_for_retrieval {
            chunks.retain(|chunk| !chunk.why.is_empty());
        }
        let total = chunks.len();
        chunks.truncate(args.limit.unwrap_or(usize::MAX));
        Ok(Chunks { total, chunks })
    })?;
    Ok(found)
}

/// What there is to say of an entity's passages.
pub fn passages(app: &App, args: EntityArgs) -> Result<Passages, AppError> {
    let session = app.session()?;
    let found = lookup::entity(&session, &args.id)?;
    let view = session.catalog.read(|reader| {
        let head = reader.head(found.ix)?;
        let mut world = World::new(reader);
        let mut passages = Passages {
            own: None,
            versions: Vec::new(),
            withheld: None,
            chunks: 0,
            stale: 0,
            not_for_retrieval: Vec::new(),
            not_for_retrieval_total: 0,
        };
        match head.kind {
            Kind::Chunk => {
                passages.own = world.view(head.ix)?;
                return Ok(passages);
            }
            Kind::Document => {
                passages.withheld = world.withheld(head.ix)?;
                for member in reader.group(head.ix)? {
                    let versions = document::versions(reader.db(), member.ix)?;
                    passages.versions.extend(versions.into_iter().map(|row| DocumentVersion {
                        sha256: hex(&row.digest),
                        first_at: row.first_at,
                        last_at: row.last_at,
                    }));
                }
            }
            Kind::Trace | Kind::Output | Kind::Dataset => {}
            _ => return Ok(passages),
        }
        for chunk in world.chunks_of(&head)? {
            let Some(view) = world.view(chunk)? else { continue };
            passages.chunks += 1;
            passages.stale += usize::from(view.state == ChunkState::Stale);
            if !view.why.is_empty() {
                passages.not_for_retrieval_total += 1;
                if passages.not_for_retrieval.len() < MOST {
                    passages.not_for_retrieval.push(view);
                }
            }
        }
        Ok(passages)
    })?;
    Ok(view)
}

/// Where the pages of a version begin, and their numbers.
type Pages = Vec<(usize, u32)>;

/// What is looked at in one reading, each document once.
struct World<'r> {
    reader: &'r Reader<'r>,
    withheld: BTreeMap<i64, Option<String>>,
    pages: BTreeMap<(i64, Vec<u8>), Pages>,
}

impl<'r> World<'r> {
    fn new(reader: &'r Reader<'r>) -> Self {
        Self { reader, withheld: BTreeMap::new(), pages: BTreeMap::new() }
    }

    fn heads(&self, chunks: impl IntoIterator<Item = i64>) -> StoreResult<BTreeSet<i64>> {
        let mut heads = BTreeSet::new();
        for ix in chunks {
            heads.extend(entity::at(self.reader.db(), ix)?.filter(|row| !row.gone).map(|row| row.head));
        }
        Ok(heads)
    }

    /// The chunks of a document or collection, or those that were retrieved for an answer.
    fn chunks_of(&self, head: &EntityRow) -> StoreResult<BTreeSet<i64>> {
        let db = self.reader.db();
        let mut chunks = BTreeSet::new();
        match head.kind {
            Kind::Chunk => {
                chunks.insert(head.ix);
            }
            Kind::Document => {
                for member in self.reader.group(head.ix)? {
                    chunks.extend(document::chunks_of(db, member.ix)?.into_iter().map(|place| place.chunk));
                    chunks.extend(document::derived(db, member.ix)?);
                }
            }
            Kind::Trace => chunks.extend(self.reached(head.ix, RelationKind::Retrieved)?),
            Kind::Output => {
                chunks.extend(self.reached(head.ix, RelationKind::Retrieved)?);
                for trace in self.reached(head.ix, RelationKind::ProducedBy)? {
                    chunks.extend(self.reached(trace, RelationKind::Retrieved)?);
                }
            }
            _ => {
                let parts = self.reader.parts(head.ix, usize::MAX)?.0;
                chunks.extend(parts.iter().filter(|row| row.kind == Kind::Chunk).map(|row| row.ix));
            }
        }
        let heads = self.heads(chunks)?;
        let mut only = BTreeSet::new();
        for ix in heads {
            if self.reader.head(ix)?.kind == Kind::Chunk {
                only.insert(ix);
            }
        }
        Ok(only)
    }

    fn reached(&self, head: i64, kind: RelationKind) -> StoreResult<Vec<i64>> {
        let relations = self.reader.relations(head)?;
        let there =
            relations.iter().filter(|view| view.outgoing && view.row.kind == kind && !view.row.state.removed);
        Ok(there.map(|view| view.other.ix).collect())
    }

    /// The chunks that may not be for retrieval.
    fn suspects(&mut self) -> StoreResult<BTreeSet<i64>> {
        let db = self.reader.db();
        let mut chunks: BTreeSet<i64> =
            document::stale(db, usize::MAX)?.into_iter().map(|place| place.chunk).collect();
        for document in document::marked(db)? {
            let Some(row) = entity::at(db, document)? else { continue };
            if self.withheld(row.head)?.is_some() {
                chunks.extend(self.chunks_of(&self.reader.head(row.head)?)?);
            }
        }
        self.heads(chunks)
    }

    /// Why the chunks of a document are not to be retrieved.
    fn withheld(&mut self, head: i64) -> StoreResult<Option<String>> {
        if let Some(held) = self.withheld.get(&head) {
            return Ok(held.clone());
        }
        let fields = field_values(&self.reader.fields(head)?);
        let field = |key: &str| fields.iter().find(|field| field.key == key).map(|field| &field.value);
        let plain = |text: &str| text.trim().to_lowercase().replace('_', " ");
        let stage = field("lifecycle").and_then(Value::as_str).map(plain);
        let tags = field("tags").and_then(Value::as_array).into_iter().flatten();
        let tag = tags.filter_map(Value::as_str).map(plain).find(|tag| WITHHELD.contains(&tag.as_str()));
        let approved = field("properties").and_then(|map| map.get("approved")).map(|value| match value {
            Value::String(text) => plain(text),
            other => other.to_string(),
        });
        let unapproved = approved.is_some_and(|word| matches!(word.as_str(), "false" | "no" | "0"));
        let why = stage
            .filter(|stage| WITHHELD.contains(&stage.as_str()))
            .or(tag)
            .or(unapproved.then(|| "not approved".to_owned()))
            .map(|word| {
                format!("its document is {}", if word == "draft" { "a draft" } else { word.as_str() })
            });
        self.withheld.insert(head, why.clone());
        Ok(why)
    }

    /// Where a chunk, itself or by the record that it is a copy of, stands best.
    fn place(&self, head: i64) -> StoreResult<Option<PlaceRow>> {
        let mut best: Option<PlaceRow> = None;
        for member in self.reader.group(head)? {
            let place = document::place_of(self.reader.db(), member.ix)?;
            if let Some(place) = place
                && best.as_ref().is_none_or(|best| (place.state as u8) < best.state as u8)
            {
                best = Some(place);
            }
        }
        Ok(best)
    }

    fn view(&mut self, chunk: i64) -> StoreResult<Option<ChunkView>> {
        let head = self.reader.head(chunk)?;
        let mut place = self.place(head.ix)?;
        let mut documents = Vec::new();
        for other in self.reached(head.ix, RelationKind::DerivesFrom)? {
            match self.reader.head(other)?.kind {
                Kind::Document => documents.push(other),
                Kind::Chunk => {
                    if place.is_none() {
                        place = self.place(other)?;
                    }
                    let behind = self.reached(other, RelationKind::DerivesFrom)?;
                    for ix in behind {
                        if self.reader.head(ix)?.kind == Kind::Document {
                            documents.push(ix);
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(place) = &place {
            documents.insert(0, self.reader.head(place.document)?.ix);
        }
        let mut why = Vec::new();
        if let Some(place) = place.as_ref().filter(|place| place.state == Freshness::Stale) {
            let since = place.since.map(|since| format!(" since {since}")).unwrap_or_default();
            why.push(format!("its text is not in the document any more{since}"));
        }
        for document in &documents {
            if let Some(reason) = self.withheld(*document)?
                && !why.contains(&reason)
            {
                why.push(reason);
            }
        }
        let document = match documents.first() {
            Some(ix) => Some(Named::from(&self.reader.head(*ix)?)),
            None => None,
        };
        let names = self.reader.telling_names(head.ix)?.into_iter().map(|row| row.name.to_string()).collect();
        let page = match &place {
            Some(place) => self.page(place)?,
            None => None,
        };
        Ok(Some(ChunkView {
            chunk: Named::from(&head),
            names,
            state: match place.as_ref().map(|place| place.state) {
                Some(Freshness::Fresh) => ChunkState::Fresh,
                Some(Freshness::Stale) => ChunkState::Stale,
                Some(Freshness::Unplaced) => ChunkState::Unplaced,
                None => ChunkState::Unknown,
            },
            since: place.as_ref().and_then(|place| place.since),
            why,
            document,
            version: place.as_ref().map(|place| hex(&place.version)),
            start: place.as_ref().and_then(|place| place.at).map(|(start, _, _)| start),
            end: place.as_ref().and_then(|place| place.at).map(|(_, end, _)| end),
            page,
            fit: place.and_then(|place| place.at).map(|(_, _, fit)| {
                match fit {
                    Fit::Exact => "exact",
                    Fit::Spaced => "spaced",
                    Fit::Letters => "letters",
                }
                .to_owned()
            }),
        }))
    }

    /// The page on which a chunk begins.
    fn page(&mut self, place: &PlaceRow) -> StoreResult<Option<u32>> {
        let Some((start, _, _)) = place.at else { return Ok(None) };
        let key = (place.document, place.version.clone());
        if !self.pages.contains_key(&key) {
            let parse =
                document::parse(self.reader.db(), place.document, &place.version)?.unwrap_or_default();
            let parse: Value = serde_json::from_str(&parse).unwrap_or_default();
            let pages = parse["pages"].as_array().into_iter().flatten().filter_map(|page| {
                let start = usize::try_from(page["start"].as_u64()?).ok()?;
                Some((start, u32::try_from(page["number"].as_u64()?).ok()?))
            });
            self.pages.insert(key.clone(), pages.collect());
        }
        let pages = self.pages.get(&key).map(Vec::as_slice).unwrap_or_default();
        Ok(pages.iter().rev().find(|(from, _)| *from <= start).map(|(_, number)| *number))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
