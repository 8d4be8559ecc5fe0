//! Documents as they were read, a row for each content that one had; and where the chunks of stores stand in them.
//!
//! A version is its file's digest. The last one that was seen holds; when its file had another content before, chunks
//! of that content are stale. Both tables are observed, not in the log.

use catena_model::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::entity::Ix;
use crate::{StoreError, StoreResult};

/// `first_at` and `last_at` are when the content was first and last seen; `parse` is all that was read but the text.
/// `document_key` has digests of a document's passages (white space evened out), by which chunks find it.
pub(crate) const CREATE: &str = "
CREATE TABLE document_version (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  digest BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  text TEXT NOT NULL,
  parse TEXT NOT NULL,
  PRIMARY KEY (entity, digest)
) STRICT;
CREATE TABLE document_key (
  key BLOB NOT NULL,
  entity INTEGER NOT NULL REFERENCES entity (ix),
  PRIMARY KEY (key, entity)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunk_place (
  chunk INTEGER PRIMARY KEY REFERENCES entity (ix),
  document INTEGER NOT NULL REFERENCES entity (ix),
  state INTEGER NOT NULL,
  since INTEGER,
  version BLOB NOT NULL,
  start INTEGER,
  end INTEGER,
  method INTEGER
) STRICT;
CREATE INDEX chunk_place_by_document ON chunk_place (document, state);
CREATE INDEX chunk_place_by_state ON chunk_place (state) WHERE state > 0;";

/// A content that a document has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// When it was first seen.
    pub first_at: Timestamp,
    /// When it was last seen.
    pub last_at: Timestamp,
}

/// Whether a chunk's text is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is.
    Fresh = 0,
    /// It was, and is no more.
    Stale = 1,
    /// It is in no version that was seen: another program may have read the document otherwise.
    Unplaced = 2,
}

/// How a chunk's text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Letter by letter.
    Exact = 0,
    /// But for white space.
    Spaced = 1,
    /// But for all that is no letter or digit, such as marks of Markdown.
    Letters = 2,
}

/// Where a chunk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// The chunk.
    pub chunk: Ix,
    /// The document.
    pub document: Ix,
    /// Whether its text is there.
    pub state: Freshness,
    /// When the version was first seen that doesn't have it any more.
    pub since: Option<Timestamp>,
    /// The version that it is, or was last, in; the one that holds, where it is in none.
    pub version: Vec<u8>,
    /// Where in that version's text, in bytes, and how it was found.
    pub at: Option<(usize, usize, Fit)>,
}

/// Whether any document was ever read.
pub(crate) fn any(db: &Connection) -> StoreResult<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM document_version)")?
        .query_row([], |row| row.get(0))?)
}

/// Stores a version, or notes that it was seen again. Says whether it, or what was read of it, is new.
pub(crate) fn put_version(
    db: &Connection,
    entity: Ix,
    digest: &[u8],
    at: Timestamp,
    text: &str,
    parse: &str,
) -> StoreResult<bool> {
    let same: Option<bool> = db
        .prepare_cached(
            "UPDATE document_version SET first_at = min(first_at, ?3), last_at = max(last_at, ?3)
             WHERE entity = ?1 AND digest = ?2 RETURNING parse = ?4",
        )?
        .query_row(params![entity, digest, at.micros(), parse], |row| row.get(0))
        .optional()?;
    if same == Some(true) {
        return Ok(false);
    }
    db.prepare_cached(
        "INSERT INTO document_version VALUES (?1, ?2, ?3, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
         text = excluded.text, parse = excluded.parse",
    )?
    .execute(params![entity, digest, at.micros(), text, parse])?;
    Ok(true)
}

/// The versions of a document (itself, not its group), the one that holds first.
pub fn versions(db: &Connection, entity: Ix) -> StoreResult<Vec<VersionRow>> {
    let mut statement = db.prepare_cached(
        "SELECT digest, first_at, last_at FROM document_version WHERE entity = ?1
         ORDER BY last_at DESC, first_at DESC, digest",
    )?;
    let rows = statement
        .query_map([entity], |row| {
            Ok(VersionRow {
                digest: row.get(0)?,
                first_at: Timestamp::from_micros(row.get(1)?),
                last_at: Timestamp::from_micros(row.get(2)?),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// A version's text.
pub fn text(db: &Connection, entity: Ix, digest: &[u8]) -> StoreResult<Option<String>> {
    column(db, "text", entity, digest)
}

/// What was read of a version but its text: JSON.
pub fn parse(db: &Connection, entity: Ix, digest: &[u8]) -> StoreResult<Option<String>> {
    column(db, "parse", entity, digest)
}

fn column(db: &Connection, column: &str, entity: Ix, digest: &[u8]) -> StoreResult<Option<String>> {
    let sql = format!("SELECT {column} FROM document_version WHERE entity = ?1 AND digest = ?2");
    Ok(db.prepare_cached(&sql)?.query_row(params![entity, digest], |row| row.get(0)).optional()?)
}

pub(crate) fn put_key(db: &Connection, key: &[u8], entity: Ix) -> StoreResult<()> {
    db.prepare_cached("INSERT OR IGNORE INTO document_key VALUES (?1, ?2)")?.execute(params![key, entity])?;
    Ok(())
}

/// The documents that have or had a passage of this key.
pub(crate) fn with_key(db: &Connection, key: &[u8]) -> StoreResult<Vec<Ix>> {
    let mut statement = db.prepare_cached("SELECT entity FROM document_key WHERE key = ?1 LIMIT 16")?;
    let rows = statement.query_map([key], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

const PLACE: &str = "SELECT chunk, document, state, since, version, start, end, method FROM chunk_place";

fn place(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<PlaceRow>> {
    let state = match row.get::<_, u8>(2)? {
        0 => Freshness::Fresh,
        1 => Freshness::Stale,
        2 => Freshness::Unplaced,
        _ => return Ok(None),
    };
    let fit = match row.get::<_, Option<u8>>(7)? {
        Some(0) => Some(Fit::Exact),
        Some(1) => Some(Fit::Spaced),
        Some(_) => Some(Fit::Letters),
        None => None,
    };
    let (start, end): (Option<usize>, Option<usize>) = (row.get(5)?, row.get(6)?);
    Ok(Some(PlaceRow {
        chunk: row.get(0)?,
        document: row.get(1)?,
        state,
        since: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_micros),
        version: row.get(4)?,
        at: start.zip(end).zip(fit).map(|((start, end), fit)| (start, end, fit)),
    }))
}

/// Where a chunk (itself, not its group) stands.
pub fn place_of(db: &Connection, chunk: Ix) -> StoreResult<Option<PlaceRow>> {
    let row =
        db.prepare_cached(&format!("{PLACE} WHERE chunk = ?1"))?.query_row([chunk], place).optional()?;
    match row {
        Some(None) => Err(StoreError::Damaged(format!("table chunk_place: chunk {chunk}"))),
        row => Ok(row.flatten()),
    }
}

/// The chunks of a document (itself, not its group) in the order of the text.
pub fn chunks_of(db: &Connection, document: Ix) -> StoreResult<Vec<PlaceRow>> {
    places(db, &format!("{PLACE} WHERE document = ?1 ORDER BY start, chunk"), [document])
}

/// The chunks whose document doesn't have their text any more, at the most so many.
pub fn stale(db: &Connection, most: usize) -> StoreResult<Vec<PlaceRow>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    places(db, &format!("{PLACE} WHERE state = 1 AND state > 0 ORDER BY chunk LIMIT ?1"), [most])
}

/// All that stands somewhere.
pub fn all_places(db: &Connection) -> StoreResult<Vec<PlaceRow>> {
    places(db, &format!("{PLACE} ORDER BY chunk"), [])
}

fn places(db: &Connection, sql: &str, params: impl rusqlite::Params) -> StoreResult<Vec<PlaceRow>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows: Vec<Option<PlaceRow>> = statement.query_map(params, place)?.collect::<Result<_, _>>()?;
    rows.into_iter()
        .collect::<Option<_>>()
        .ok_or_else(|| StoreError::Damaged("table chunk_place: state".to_owned()))
}

pub(crate) fn put_place(db: &Connection, row: &PlaceRow) -> StoreResult<()> {
    db.prepare_cached("INSERT OR REPLACE INTO chunk_place VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            row.chunk,
            row.document,
            row.state as u8,
            row.since.map(Timestamp::micros),
            row.version,
            row.at.map(|(start, _, _)| start as i64),
            row.at.map(|(_, end, _)| end as i64),
            row.at.map(|(_, _, fit)| fit as u8),
        ])?;
    Ok(())
}

pub(crate) fn delete_place(db: &Connection, chunk: Ix) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM chunk_place WHERE chunk = ?1")?.execute([chunk])?;
    Ok(())
}

/// Documents (themselves, not their groups) of which something is said that may keep them from being retrieved: where
/// they stand in their life, tags, properties.
pub fn marked(db: &Connection) -> StoreResult<Vec<Ix>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT claim.entity FROM claim JOIN entity ON entity.ix = claim.entity
         WHERE entity.kind = ?1 AND NOT entity.gone AND (claim.field = 'lifecycle' OR claim.field = 'tags'
         OR claim.field LIKE 'tags/%' OR claim.field = 'properties' OR claim.field LIKE 'properties/%')",
    )?;
    let kind = catena_model::kind::Kind::Document.code();
    let rows = statement.query_map([kind], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The chunks that are said to derive from a document (itself, not its group).
pub fn derived(db: &Connection, document: Ix) -> StoreResult<Vec<Ix>> {
    use catena_model::{kind::Kind, relation::RelationKind};

    let mut statement = db.prepare_cached(
        "SELECT relation.src FROM relation JOIN entity ON entity.ix = relation.src
         WHERE relation.dst = ?1 AND relation.kind = ?2 AND relation.state & 1 = 0
         AND entity.kind = ?3 AND NOT entity.gone",
    )?;
    let rows = statement
        .query_map(params![document, RelationKind::DerivesFrom.code(), Kind::Chunk.code()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
