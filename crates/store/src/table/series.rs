//! Metric points, packed: a series of a run is a few blobs, not a row per point.
//!
//! A blob holds points in order of (step, time, value) as three columns: zigzag varint differences of the steps, the
//! same of the times, and the values as 8 bytes each with the bytes of all values laid plane by plane, so that the
//! ones that repeat (sign, exponent) stand together.

use catena_model::point::Point;
use rusqlite::{Connection, OptionalExtension, params};

use super::entity::Ix;
use crate::{StoreError, StoreResult};

pub(crate) const CREATE: &str = "
CREATE TABLE series (
  ix INTEGER PRIMARY KEY,
  entity INTEGER NOT NULL REFERENCES entity (ix),
  metric TEXT NOT NULL,
  count INTEGER NOT NULL,
  UNIQUE (entity, metric)
) STRICT;
CREATE TABLE series_block (
  series INTEGER NOT NULL REFERENCES series (ix),
  first INTEGER NOT NULL,
  points BLOB NOT NULL,
  PRIMARY KEY (series, first)
) STRICT, WITHOUT ROWID;";

/// How many points a block holds at the most.
const BLOCK: usize = 4_096;

/// A series without its points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRow {
    /// Its place in this file.
    pub ix: i64,
    /// The metric's key.
    pub metric: String,
    /// How many points it has.
    pub count: u64,
}

/// The series of one entity (itself, not its group).
pub fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<SeriesRow>> {
    let mut statement =
        db.prepare_cached("SELECT ix, metric, count FROM series WHERE entity = ?1 ORDER BY metric")?;
    let rows = statement
        .query_map([entity], |row| {
            Ok(SeriesRow { ix: row.get(0)?, metric: row.get(1)?, count: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The points of a series, in order.
pub fn points(db: &Connection, series: i64) -> StoreResult<Vec<Point>> {
    let mut statement =
        db.prepare_cached("SELECT points FROM series_block WHERE series = ?1 ORDER BY first")?;
    let mut rows = statement.query([series])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let blob = row.get_ref(0)?;
        unpack(blob.as_blob().unwrap_or_default(), &mut points)
            .ok_or_else(|| StoreError::Damaged(format!("table series_block: series {series}")))?;
    }
    Ok(points)
}

/// The last point of an entity's series, by step and then time.
pub fn last(db: &Connection, entity: Ix, metric: &str) -> StoreResult<Option<Point>> {
    let block: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT points FROM series JOIN series_block ON series_block.series = series.ix
             WHERE series.entity = ?1 AND series.metric = ?2 ORDER BY first DESC LIMIT 1",
        )?
        .query_row(params![entity, metric], |row| row.get(0))
        .optional()?;
    let mut points = Vec::new();
    if let Some(block) = block {
        unpack(&block, &mut points)
            .ok_or_else(|| StoreError::Damaged(format!("table series_block: {metric} of entity {entity}")))?;
    }
    Ok(points.pop())
}

/// Adds points to a run's series; those that are there already stay as they are. Says how many were new.
pub(crate) fn add(db: &Connection, entity: Ix, metric: &str, new: &[Point]) -> StoreResult<u64> {
    if new.is_empty() {
        return Ok(0);
    }
    let series: Option<i64> = db
        .prepare_cached("SELECT ix FROM series WHERE entity = ?1 AND metric = ?2")?
        .query_row(params![entity, metric], |row| row.get(0))
        .optional()?;
    let series = match series {
        Some(ix) => ix,
        None => {
            db.prepare_cached("INSERT INTO series (entity, metric, count) VALUES (?1, ?2, 0)")?
                .execute(params![entity, metric])?;
            db.last_insert_rowid()
        }
    };
    let mut new = new.to_vec();
    new.sort_by(Point::order);
    new.dedup_by(|a, b| a.order(b).is_eq());

    // Only the blocks from the first that can hold the first new point are touched.
    let first_touched: i64 = db
        .prepare_cached(
            "SELECT coalesce((SELECT first FROM series_block WHERE series = ?1 AND first <= ?2
             ORDER BY first DESC LIMIT 1), (SELECT min(first) FROM series_block WHERE series = ?1), 0)",
        )?
        .query_row(params![series, new[0].step.saturating_sub(1)], |row| row.get(0))?;
    let mut held = Vec::new();
    {
        let mut statement = db.prepare_cached(
            "SELECT points FROM series_block WHERE series = ?1 AND first >= ?2 ORDER BY first",
        )?;
        let mut rows = statement.query(params![series, first_touched])?;
        while let Some(row) = rows.next()? {
            unpack(row.get_ref(0)?.as_blob().unwrap_or_default(), &mut held)
                .ok_or_else(|| StoreError::Damaged(format!("table series_block: series {series}")))?;
        }
    }
    let before = held.len();
    held.extend(new);
    held.sort_by(Point::order);
    held.dedup_by(|a, b| a.order(b).is_eq());
    let added = (held.len() - before) as u64;
    if added == 0 {
        return Ok(0);
    }
    db.prepare_cached("DELETE FROM series_block WHERE series = ?1 AND first >= ?2")?
        .execute(params![series, first_touched])?;
    let mut insert = db.prepare_cached("INSERT INTO series_block VALUES (?1, ?2, ?3)")?;
    let mut rest = held.as_slice();
    while let Some(first) = rest.first() {
        // Blocks are keyed by their first step, so points of one step stay in one block.
        let mut cut = rest.len().min(BLOCK);
        while cut < rest.len() && rest[cut].step == rest[cut - 1].step {
            cut += 1;
        }
        insert.execute(params![series, first.step, pack(&rest[..cut])])?;
        rest = &rest[cut..];
    }
    db.prepare_cached("UPDATE series SET count = count + ?2 WHERE ix = ?1")?
        .execute(params![series, i64::try_from(added).unwrap_or(0)])?;
    Ok(added)
}

fn pack(points: &[Point]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * 10 + 8);
    varint(points.len() as u64, &mut out);
    let mut last = 0i64;
    for point in points {
        varint(zigzag(point.step.wrapping_sub(last)), &mut out);
        last = point.step;
    }
    let mut last = 0i64;
    for point in points {
        varint(zigzag(point.at_millis.wrapping_sub(last)), &mut out);
        last = point.at_millis;
    }
    for plane in 0..8 {
        out.extend(points.iter().map(|point| point.value.to_be_bytes()[plane]));
    }
    out
}

fn unpack(mut bytes: &[u8], out: &mut Vec<Point>) -> Option<()> {
    let count = usize::try_from(read_varint(&mut bytes)?).ok()?;
    if count > bytes.len() {
        return None;
    }
    let start = out.len();
    let mut last = 0i64;
    for _ in 0..count {
        last = last.wrapping_add(unzigzag(read_varint(&mut bytes)?));
        out.push(Point { step: last, at_millis: 0, value: 0.0 });
    }
    let mut last = 0i64;
    for point in &mut out[start..] {
        last = last.wrapping_add(unzigzag(read_varint(&mut bytes)?));
        point.at_millis = last;
    }
    if bytes.len() != count * 8 {
        return None;
    }
    for (i, point) in out[start..].iter_mut().enumerate() {
        let mut value = [0; 8];
        for (plane, byte) in value.iter_mut().enumerate() {
            *byte = bytes[plane * count + i];
        }
        point.value = f64::from_be_bytes(value);
    }
    Some(())
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    ((n >> 1) as i64) ^ -((n & 1) as i64)
}

fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push((n as u8 & 0x7f) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        db.execute_batch(CREATE).unwrap();
        db
    }

    fn point() -> impl Strategy<Value = Point> {
        (
            prop_oneof![0i64..50, any::<i64>()],
            prop_oneof![1_700_000_000_000i64..1_700_000_100_000, any::<i64>()],
            prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0)],
        )
            .prop_map(|(step, at_millis, value)| Point { step, at_millis, value })
    }

    proptest! {
        #[test]
        fn any_batches_in_any_order_give_the_sorted_set(batches in prop::collection::vec(prop::collection::vec(point(), 0..200), 0..6)) {
            let db = database();
            let mut all = Vec::new();
            for batch in &batches {
                add(&db, 1, "loss", batch).unwrap();
                add(&db, 1, "loss", batch).unwrap();
                all.extend_from_slice(batch);
            }
            all.sort_by(Point::order);
            all.dedup_by(|a, b| a.order(b).is_eq());
            let stored = of_entity(&db, 1).unwrap().first().map_or(vec![], |series| points(&db, series.ix).unwrap());
            prop_assert_eq!(stored.len(), all.len());
            prop_assert!(stored.iter().zip(&all).all(|(a, b)| a.order(b).is_eq()));
        }

        #[test]
        fn damaged_blocks_are_refused_not_read_beyond(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes, &mut Vec::new());
        }
    }

    #[test]
    fn ten_thousand_points_go_over_several_blocks() {
        let db = database();
        let points_in: Vec<_> = (0..10_000)
            .map(|i| Point { step: i, at_millis: 1_700_000_000_000 + i * 17, value: (i as f64).sin() })
            .collect();
        for chunk in points_in.chunks(700).rev() {
            add(&db, 1, "loss", chunk).unwrap();
        }
        let series = of_entity(&db, 1).unwrap();
        assert_eq!(series[0].count, 10_000);
        assert_eq!(points(&db, series[0].ix).unwrap(), points_in);
    }
}
