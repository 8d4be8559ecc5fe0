//! What was counted, by thing and hour; and who called what, by day. Both follow from [`work`](super::work).

use rusqlite::{Connection, OptionalExtension, params};

use super::entity::Ix;
use crate::{StoreError, StoreResult, rollup::Bucket};

/// Hours and days are counted since the epoch, in UTC.
pub(crate) const CREATE: &str = "
CREATE TABLE rollup (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  hour INTEGER NOT NULL,
  counts BLOB NOT NULL,
  PRIMARY KEY (entity, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_pair (
  callee INTEGER NOT NULL REFERENCES entity (ix),
  caller INTEGER NOT NULL REFERENCES entity (ix),
  day INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (callee, day, caller)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_pair_by_caller ON rollup_pair (caller, day);";

/// How often one thing called another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairCount {
    /// How often.
    pub calls: i64,
    /// How often it went wrong.
    pub errors: i64,
}

/// Adds a difference to an hour.
pub(crate) fn add(db: &Connection, entity: Ix, hour: i64, difference: &Bucket) -> StoreResult<()> {
    let held: Option<Vec<u8>> = db
        .prepare_cached("SELECT counts FROM rollup WHERE entity = ?1 AND hour = ?2")?
        .query_row([entity, hour], |row| row.get(0))
        .optional()?;
    let mut bucket = match held {
        Some(bytes) => Bucket::unpack(&bytes).ok_or_else(|| damaged(entity))?,
        None => Bucket::default(),
    };
    bucket.add(difference, 1);
    match bucket.is_empty() {
        true => db
            .prepare_cached("DELETE FROM rollup WHERE entity = ?1 AND hour = ?2")?
            .execute([entity, hour])?,
        false => db.prepare_cached("INSERT OR REPLACE INTO rollup VALUES (?1, ?2, ?3)")?.execute(params![
            entity,
            hour,
            bucket.pack()
        ])?,
    };
    Ok(())
}

/// Adds a difference to a day of who called what.
pub(crate) fn add_pair(
    db: &Connection,
    callee: Ix,
    caller: Ix,
    day: i64,
    difference: PairCount,
) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO rollup_pair VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
         calls = calls + excluded.calls, errors = errors + excluded.errors",
    )?
    .execute(params![callee, caller, day, difference.calls, difference.errors])?;
    Ok(())
}

fn damaged(entity: Ix) -> StoreError {
    StoreError::Damaged(format!("table rollup: entity {entity}"))
}

/// The hours of an entity (itself, not its group) from one up to another, in order.
pub fn hours(db: &Connection, entity: Ix, from: i64, until: i64) -> StoreResult<Vec<(i64, Bucket)>> {
    let mut statement = db.prepare_cached(
        "SELECT hour, counts FROM rollup WHERE entity = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour",
    )?;
    let mut rows = statement.query([entity, from, until])?;
    let mut hours = Vec::new();
    while let Some(row) = rows.next()? {
        let bucket = row.get_ref(1)?.as_blob().ok().and_then(Bucket::unpack);
        hours.push((row.get(0)?, bucket.ok_or_else(|| damaged(entity))?));
    }
    Ok(hours)
}

/// The first and the last hour in which anything was counted of an entity.
pub fn span(db: &Connection, entity: Ix) -> StoreResult<Option<(i64, i64)>> {
    let ends: (Option<i64>, Option<i64>) = db
        .prepare_cached(
            "SELECT (SELECT min(hour) FROM rollup WHERE entity = ?1), (SELECT max(hour) FROM rollup WHERE entity = ?1)",
        )?
        .query_row([entity], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ends.0.zip(ends.1))
}

/// Who called an entity from one day up to another, and how often.
pub fn callers(db: &Connection, callee: Ix, from: i64, until: i64) -> StoreResult<Vec<(Ix, PairCount)>> {
    pairs(
        db,
        "SELECT caller, sum(calls), sum(errors) FROM rollup_pair WHERE callee = ?1 AND day >= ?2 AND day < ?3
         GROUP BY caller HAVING sum(calls) > 0",
        callee,
        from,
        until,
    )
}

/// What an entity called from one day up to another, and how often.
pub fn called(db: &Connection, caller: Ix, from: i64, until: i64) -> StoreResult<Vec<(Ix, PairCount)>> {
    pairs(
        db,
        "SELECT callee, sum(calls), sum(errors) FROM rollup_pair WHERE caller = ?1 AND day >= ?2 AND day < ?3
         GROUP BY callee HAVING sum(calls) > 0",
        caller,
        from,
        until,
    )
}

fn pairs(db: &Connection, sql: &str, entity: Ix, from: i64, until: i64) -> StoreResult<Vec<(Ix, PairCount)>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement
        .query_map([entity, from, until], |row| {
            Ok((row.get(0)?, PairCount { calls: row.get(1)?, errors: row.get(2)? }))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
