//! The entities that changed since the search index last took them in.

use rusqlite::{Connection, params};

use super::{entity::Ix, meta};
use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE index_queue (entity INTEGER PRIMARY KEY, change INTEGER NOT NULL) STRICT;";

/// In the catalog: the last number given to what was queued.
const LAST_CHANGE: &str = "queued";
/// In the catalog: how often entities were taken off.
const TIMES_TAKEN_OFF: &str = "taken_off_queue";

fn counter(db: &Connection, key: &str) -> StoreResult<u64> {
    Ok(meta::get(db, key)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn count_up(db: &Connection, key: &str) -> StoreResult<u64> {
    let next = counter(db, key)? + 1;
    meta::set(db, key, &next.to_string())?;
    Ok(next)
}

/// The number for what is queued now: later than every one before, even when the queue was emptied since.
pub(crate) fn next_change(db: &Connection) -> StoreResult<u64> {
    count_up(db, LAST_CHANGE)
}

/// Queues the parts of a head: the name of their whole is searched with them.
pub(crate) fn push_parts(db: &Connection, head: Ix, change: u64) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO index_queue SELECT ix, ?2 FROM entity WHERE parent = ?1 AND head = ix
         ON CONFLICT (entity) DO UPDATE SET change = ?2",
    )?
    .execute(params![head, i64::try_from(change).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Queues a head for the index. `change` counts up, so that what changed again while it was taken in stays queued.
pub(crate) fn push(db: &Connection, entity: Ix, change: u64) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO index_queue VALUES (?1, ?2) ON CONFLICT (entity) DO UPDATE SET change = ?2",
    )?
    .execute(params![entity, i64::try_from(change).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Up to `limit` queued entities, oldest change first, each with its change.
pub fn head(db: &Connection, limit: usize) -> StoreResult<Vec<(Ix, i64)>> {
    let mut statement =
        db.prepare_cached("SELECT entity, change FROM index_queue ORDER BY change, entity LIMIT ?1")?;
    let rows = statement
        .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Up to `limit` queued entities behind `entity`, by entity.
pub fn after(db: &Connection, entity: Ix, limit: usize) -> StoreResult<Vec<(Ix, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT entity, change FROM index_queue WHERE entity > ?1 ORDER BY entity LIMIT ?2",
    )?;
    let rows = statement
        .query_map([entity, i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Up to `limit` queued entities, latest change first.
pub fn latest(db: &Connection, limit: usize) -> StoreResult<Vec<(Ix, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT entity, change FROM index_queue ORDER BY change DESC, entity DESC LIMIT ?1",
    )?;
    let rows = statement
        .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Differs whenever the queue differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    queued: u64,
    taken_off: u64,
}

/// What to know the queue by, without reading it.
pub fn state(db: &Connection) -> StoreResult<State> {
    Ok(State { queued: counter(db, LAST_CHANGE)?, taken_off: counter(db, TIMES_TAKEN_OFF)? })
}

/// How many entities wait; beyond `most` they are not counted.
pub fn len_up_to(db: &Connection, most: usize) -> StoreResult<u64> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM index_queue LIMIT ?1)")?
        .query_row([i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?)
}

/// Takes entities off the queue, unless they changed again.
pub fn remove(db: &Connection, taken: &[(Ix, i64)]) -> StoreResult<()> {
    let mut statement = db.prepare_cached("DELETE FROM index_queue WHERE entity = ?1 AND change = ?2")?;
    for (entity, change) in taken {
        statement.execute([entity, change])?;
    }
    count_up(db, TIMES_TAKEN_OFF)?;
    Ok(())
}

/// How many entities wait.
pub fn len(db: &Connection) -> StoreResult<u64> {
    Ok(db.query_row("SELECT count(*) FROM index_queue", [], |row| row.get(0))?)
}
