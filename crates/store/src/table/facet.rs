//! Observed facets, kept just as their source sent them. Equal bodies are stored once: runs repeat them endlessly.

use catena_model::{json, source::Source, time::Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{entity::Ix, source};
use crate::{StoreError, StoreResult};

/// `about` is 0 for a facet of one entity; for one of a pair, the second.
pub(crate) const CREATE: &str = "
CREATE TABLE facet_body (ix INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
CREATE TABLE facet (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  name TEXT NOT NULL,
  about INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES source (ix),
  at INTEGER NOT NULL,
  body INTEGER NOT NULL REFERENCES facet_body (ix),
  PRIMARY KEY (entity, name, about, source)
) STRICT, WITHOUT ROWID;";

/// A name with a slash is that of an item (one example of a dataset, `example/ID`): it is found without its entity, so
/// these names alone have an index.
pub(crate) const ITEMS: &str =
    "CREATE INDEX IF NOT EXISTS facet_item ON facet (name) WHERE instr(name, '/') > 0;";

/// A facet as one source last sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetRow {
    /// Of which entity: itself, not its head.
    pub entity: Ix,
    /// Its name at the source.
    pub name: String,
    /// The second entity of a pair.
    pub about: Option<Ix>,
    /// Who sent it.
    pub source: Source,
    /// When, by the source's clock.
    pub at: Timestamp,
    /// The facet itself.
    pub body: Value,
}

/// What came of storing a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is the current one now.
    Current,
    /// It is the current one already.
    Same,
    /// A later one is there.
    Older,
}

/// Which facet: there is one of each name, source and second entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FacetKey {
    /// Of which entity: itself, not its head.
    pub entity: Ix,
    /// Its name at the source.
    pub name: String,
    /// The second entity of a pair, or 0.
    pub about: Ix,
    /// The source's number.
    pub source: i64,
}

/// The first 16 bytes of the body's digest.
pub type BodyDigest = [u8; 16];

/// The digest under which a body is stored.
pub fn digest(body: &Value) -> BodyDigest {
    let mut short = [0; 16];
    short.copy_from_slice(&json::digest(body)[..16]);
    short
}

/// When the facet of this key was last sent, and what it was.
pub(crate) fn held(db: &Connection, key: &FacetKey) -> StoreResult<Option<(Timestamp, BodyDigest)>> {
    Ok(db
        .prepare_cached(
            "SELECT facet.at, facet_body.digest FROM facet JOIN facet_body ON facet_body.ix = facet.body
             WHERE entity = ?1 AND name = ?2 AND about = ?3 AND source = ?4",
        )?
        .query_row(params![key.entity, key.name, key.about, key.source], |row| {
            Ok((Timestamp::from_micros(row.get(0)?), row.get(1)?))
        })
        .optional()?)
}

/// Stores a facet in place of what is held. At the same instant the greater digest holds: arbitrary, but the same
/// whichever came first.
pub(crate) fn put(
    db: &Connection,
    key: &FacetKey,
    at: Timestamp,
    digest: BodyDigest,
    held: Option<(Timestamp, BodyDigest)>,
    body: impl FnOnce() -> StoreResult<i64>,
) -> StoreResult<Stored> {
    match held {
        Some((held_at, held_digest)) if held_digest == digest => {
            if held_at < at {
                touch(db, key, at)?;
            }
            return Ok(Stored::Same);
        }
        Some(held) if held > (at, digest) => return Ok(Stored::Older),
        _ => {}
    }
    db.prepare_cached(
        "INSERT INTO facet VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (entity, name, about, source) DO UPDATE SET at = ?5, body = ?6",
    )?
    .execute(params![key.entity, key.name, key.about, key.source, at.micros(), body()?])?;
    Ok(Stored::Current)
}

/// Notes that the source sent the same again, later.
pub(crate) fn touch(db: &Connection, key: &FacetKey, at: Timestamp) -> StoreResult<()> {
    db.prepare_cached(
        "UPDATE facet SET at = ?5 WHERE entity = ?1 AND name = ?2 AND about = ?3 AND source = ?4 AND at < ?5",
    )?
    .execute(params![key.entity, key.name, key.about, key.source, at.micros()])?;
    Ok(())
}

/// The number of this body, stored if it is not yet.
pub(crate) fn body_number(db: &Connection, body: &Value, digest: BodyDigest) -> StoreResult<i64> {
    let known = db
        .prepare_cached("SELECT ix FROM facet_body WHERE digest = ?1")?
        .query_row([digest], |row| row.get(0))
        .optional()?;
    if let Some(ix) = known {
        return Ok(ix);
    }
    db.prepare_cached("INSERT INTO facet_body (digest, json) VALUES (?1, ?2)")?
        .execute(params![digest, body.to_string()])?;
    Ok(db.last_insert_rowid())
}

const SELECT: &str = "SELECT facet.name, facet.about, source.text, facet.at, facet_body.json, facet.entity
  FROM facet JOIN facet_body ON facet_body.ix = facet.body JOIN source ON source.ix = facet.source";

/// The facets of one entity (itself, not its group).
pub fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<FacetRow>> {
    rows(&mut db.prepare_cached(&format!("{SELECT} WHERE facet.entity = ?1"))?, [entity])
}

/// The bodies of the facet of this name that sources sent of one entity (itself, not its group).
pub(crate) fn named(db: &Connection, entity: Ix, name: &str) -> StoreResult<Vec<Value>> {
    let sql = format!("{SELECT} WHERE facet.entity = ?1 AND facet.name = ?2 AND facet.about = 0");
    Ok(rows(&mut db.prepare_cached(&sql)?, params![entity, name])?.into_iter().map(|row| row.body).collect())
}

/// The facets of one entity (itself, not its group) whose names begin with `prefix`, by name.
pub fn beginning(db: &Connection, entity: Ix, prefix: &str) -> StoreResult<Vec<FacetRow>> {
    let sql = format!(
        "{SELECT} WHERE facet.entity = ?1 AND facet.name >= ?2 AND facet.name < ?3 ORDER BY facet.name"
    );
    // No name goes on with the last character that there is.
    rows(&mut db.prepare_cached(&sql)?, params![entity, prefix, format!("{prefix}\u{10ffff}")])
}

/// How many facets there are whose names begin so.
pub fn count_beginning(db: &Connection, entity: Ix, prefix: &str) -> StoreResult<u64> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM facet WHERE entity = ?1 AND name >= ?2 AND name < ?3")?
        .query_row(params![entity, prefix, format!("{prefix}\u{10ffff}")], |row| row.get(0))?)
}

/// The facets of this name of whichever entity; only for names with a slash in them.
pub fn items(db: &Connection, name: &str) -> StoreResult<Vec<FacetRow>> {
    let sql = format!("{SELECT} WHERE facet.name = ?1 AND instr(facet.name, '/') > 0");
    rows(&mut db.prepare_cached(&sql)?, [name])
}

fn rows(
    statement: &mut rusqlite::CachedStatement<'_>,
    params: impl rusqlite::Params,
) -> StoreResult<Vec<FacetRow>> {
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let about: Ix = row.get(1)?;
        let json: String = row.get(4)?;
        found.push(FacetRow {
            entity: row.get(5)?,
            name: row.get(0)?,
            about: (about != 0).then_some(about),
            source: source::parse(row.get_ref(2)?.as_str().unwrap_or_default())?,
            at: Timestamp::from_micros(row.get(3)?),
            body: serde_json::from_str(&json)
                .map_err(|error| StoreError::Damaged(format!("table facet_body: {error}")))?,
        });
    }
    Ok(found)
}
