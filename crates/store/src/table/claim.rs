//! What each source claims of each field. `at` is observed (it moves with every repeat) and not in the log.

use catena_model::{
    claim::Claim,
    field::Field,
    json::canonical,
    source::{Known, Source},
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::{entity::Ix, source};
use crate::{StoreError, StoreResult};

pub(crate) const CREATE: &str = "
CREATE TABLE claim (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  field TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES source (ix),
  value TEXT NOT NULL,
  known INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (entity, field, source)
) STRICT, WITHOUT ROWID;";

/// A claim and the field that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRow {
    /// Of which entity: the entity itself, not its head.
    pub entity: Ix,
    /// Of which field.
    pub field: Field,
    /// The claim.
    pub claim: Claim,
}

fn value(text: &str) -> StoreResult<Value> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(format!("table claim: {error}")))
}

fn known(code: u8) -> StoreResult<Known> {
    Known::from_code(code).ok_or_else(|| StoreError::Damaged(format!("table claim: known = {code}")))
}

/// One source's claim of one field.
pub fn one(
    db: &Connection,
    entity: Ix,
    field: &str,
    source_ix: i64,
    source: &Source,
) -> StoreResult<Option<Claim>> {
    let row: Option<(String, u8, i64)> = db
        .prepare_cached(
            "SELECT value, known, at FROM claim WHERE entity = ?1 AND field = ?2 AND source = ?3",
        )?
        .query_row(params![entity, field, source_ix], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(text, code, at)| {
        Ok(Claim {
            source: source.clone(),
            value: value(&text)?,
            known: known(code)?,
            at: Timestamp::from_micros(at),
        })
    })
    .transpose()
}

/// Stores a source's claim, in place of its last one.
pub(crate) fn put(
    db: &Connection,
    entity: Ix,
    field: &str,
    source_ix: i64,
    claim: &Claim,
) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO claim VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (entity, field, source) DO UPDATE SET value = ?4, known = ?5, at = ?6",
    )?
    .execute(params![
        entity,
        field,
        source_ix,
        canonical(&claim.value),
        claim.known.code(),
        claim.at.micros()
    ])?;
    Ok(())
}

/// Notes that the source said the same again, later.
pub(crate) fn touch(
    db: &Connection,
    entity: Ix,
    field: &str,
    source_ix: i64,
    at: Timestamp,
) -> StoreResult<()> {
    db.prepare_cached(
        "UPDATE claim SET at = ?4 WHERE entity = ?1 AND field = ?2 AND source = ?3 AND at < ?4",
    )?
    .execute(params![entity, field, source_ix, at.micros()])?;
    Ok(())
}

/// Takes a source's claim away.
pub(crate) fn delete(db: &Connection, entity: Ix, field: &str, source_ix: i64) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM claim WHERE entity = ?1 AND field = ?2 AND source = ?3")?
        .execute(params![entity, field, source_ix])?;
    Ok(())
}

const SELECT: &str = "SELECT claim.entity, claim.field, source.text, claim.value, claim.known, claim.at
  FROM claim JOIN source ON source.ix = claim.source";

fn read(row: &Row<'_>) -> StoreResult<ClaimRow> {
    let field: String = row.get(1)?;
    let text: String = row.get(3)?;
    Ok(ClaimRow {
        entity: row.get(0)?,
        field: field.parse().map_err(|error| StoreError::Damaged(format!("table claim: {error}")))?,
        claim: Claim {
            source: source::parse(row.get_ref(2)?.as_str().unwrap_or_default())?,
            value: value(&text)?,
            known: known(row.get(4)?)?,
            at: Timestamp::from_micros(row.get(5)?),
        },
    })
}

fn rows(mut rows: rusqlite::Rows<'_>) -> StoreResult<Vec<ClaimRow>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// All claims about one entity (itself, not its group).
pub fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<ClaimRow>> {
    rows(db.prepare_cached(&format!("{SELECT} WHERE claim.entity = ?1"))?.query([entity])?)
}

/// All claims of one field about one entity (itself, not its group).
pub fn of_field(db: &Connection, entity: Ix, field: &str) -> StoreResult<Vec<ClaimRow>> {
    rows(
        db.prepare_cached(&format!("{SELECT} WHERE claim.entity = ?1 AND claim.field = ?2"))?
            .query(params![entity, field])?,
    )
}

/// Calls `visit` with every claim in the catalog.
pub fn each(db: &Connection, mut visit: impl FnMut(ClaimRow) -> StoreResult<()>) -> StoreResult<()> {
    let mut statement = db.prepare(SELECT)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(read(row)?)?;
    }
    Ok(())
}
