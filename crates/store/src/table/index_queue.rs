//! The entities that changed since the search index last took them in.

use rusqlite::{Connection, params};

use super::entity::Ix;
use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE index_queue (entity INTEGER PRIMARY KEY, change INTEGER NOT NULL) STRICT;";

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

/// Takes entities off the queue, unless they changed again.
pub fn remove(db: &Connection, taken: &[(Ix, i64)]) -> StoreResult<()> {
    let mut statement = db.prepare_cached("DELETE FROM index_queue WHERE entity = ?1 AND change = ?2")?;
    for (entity, change) in taken {
        statement.execute([entity, change])?;
    }
    Ok(())
}

/// How many entities wait.
pub fn len(db: &Connection) -> StoreResult<u64> {
    Ok(db.query_row("SELECT count(*) FROM index_queue", [], |row| row.get(0))?)
}
