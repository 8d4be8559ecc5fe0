//! Operational metadata, rolled up: what was called, how long it took, what it used up, how it was measured, and for
//! whom, by hour.
//!
//! Each piece of work is kept small ([`work`](crate::table::work)); what is newly told of it changes the hours of those
//! who had to do with it by the difference. The differences of one transaction are gathered and stored at its end, so
//! that a thousand calls of one model are one row written.

mod bucket;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use catena_model::{
    span::SpanStatus,
    work::{Role, Work},
};
use foldhash::HashMap;
use rusqlite::Connection;

pub use bucket::{Bucket, ScoreSum, bin, millis};

use crate::{
    StoreResult,
    table::{
        entity::Ix,
        rollup::{self, PairCount},
        work::{self, WorkRow},
    },
};

const HOUR: i64 = 3_600_000_000_000;

/// Differences of a transaction that are not stored yet.
#[derive(Default)]
pub(crate) struct Pending {
    hours: HashMap<(Ix, i64), Bucket>,
    pairs: HashMap<(Ix, Ix, i64), PairCount>,
}

impl Pending {
    /// Takes what was told of a piece of work. `roles` are those of `told`, resolved. Says whether anything is new.
    pub(crate) fn take(
        &mut self,
        db: &Connection,
        whole: Ix,
        told: &Work,
        roles: impl IntoIterator<Item = (Role, Ix)>,
    ) -> StoreResult<bool> {
        let row = WorkRow::of(told, roles);
        if work::insert(db, whole, told.part, &row)? {
            self.count(&row, 1);
            return Ok(true);
        }
        let Some(before) = work::find(db, whole, told.part)? else { return Ok(false) };
        let joined = before.clone().merge(row);
        if joined == before {
            return Ok(false);
        }
        self.count(&before, -1);
        self.count(&joined, 1);
        work::replace(db, whole, told.part, &joined)?;
        Ok(true)
    }

    fn count(&mut self, row: &WorkRow, times: i64) {
        let Some(at) = row.start.or(row.end) else { return };
        let hour = at.div_euclid(HOUR);
        for (role, ix) in &row.roles {
            if let Some(counted) = counted(row, *role) {
                self.hours.entry((*ix, hour)).or_default().add(&counted, times);
            }
        }
        let failed = i64::from(row.status == SpanStatus::Error);
        let callers = row.roles.iter().filter(|(role, _)| *role == Role::Caller);
        for (_, caller) in callers {
            let called = row
                .roles
                .iter()
                .filter(|(role, ix)| matches!(role, Role::Called | Role::Read) && ix != caller);
            for (_, callee) in called {
                let pair = self.pairs.entry((*callee, *caller, hour.div_euclid(24))).or_default();
                pair.calls += times;
                pair.errors += times * failed;
            }
        }
    }

    /// Counts what a whole holds no more, or again.
    fn count_whole(&mut self, db: &Connection, whole: Ix, times: i64) -> StoreResult<()> {
        for row in work::of_whole(db, whole)? {
            self.count(&row, times);
        }
        Ok(())
    }

    /// Stores the differences.
    pub(crate) fn flush(&mut self, db: &Connection) -> StoreResult<()> {
        for ((entity, hour), difference) in self.hours.drain() {
            if !difference.is_empty() {
                rollup::add(db, entity, hour, &difference)?;
            }
        }
        for ((callee, caller, day), difference) in self.pairs.drain() {
            if difference != PairCount::default() {
                rollup::add_pair(db, callee, caller, day, difference)?;
            }
        }
        Ok(())
    }
}

/// Takes the work of a whole out of what was counted, or counts it again: a trace or run whose making was undone.
pub(crate) fn set_gone(db: &Connection, whole: Ix, gone: bool) -> StoreResult<()> {
    let mut pending = Pending::default();
    pending.count_whole(db, whole, if gone { -1 } else { 1 })?;
    pending.flush(db)
}

/// What a piece of work counts for somebody in this role.
fn counted(row: &WorkRow, role: Role) -> Option<Bucket> {
    let mut bucket = Bucket::default();
    match role {
        Role::Caller => return None,
        Role::Read => bucket.reads = 1,
        Role::Called => {
            bucket.calls = 1;
            bucket.errors = i64::from(row.status == SpanStatus::Error);
            // A clock that goes backwards tells no latency.
            if let Some((start, end)) = row.start.zip(row.end).filter(|(start, end)| end >= start) {
                bucket.latencies.insert(bin(end.saturating_sub(start)), 1);
            }
        }
        Role::Spent => {}
    }
    if role != Role::Read {
        bucket.input_tokens = row.usage.input_tokens.unwrap_or_default().max(0);
        bucket.output_tokens = row.usage.output_tokens.unwrap_or_default().max(0);
        bucket.cost = whole(row.usage.cost.unwrap_or_default(), 1e9);
    }
    let scores = row.scores.iter().filter(|(_, mark)| mark.value.is_finite());
    bucket.scores = scores
        .map(|(name, mark)| (name.clone(), ScoreSum { count: 1, millionths: whole(mark.value, 1e6) }))
        .collect::<BTreeMap<_, _>>();
    Some(bucket)
}

/// In whole parts; what is beyond all reason is cut off, so that sums can't run over.
fn whole(value: f64, parts: f64) -> i64 {
    (value * parts).round().clamp(-1e15, 1e15) as i64
}
