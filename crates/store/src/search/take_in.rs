//! Bringing the index up to date: building it from the whole catalog, then from the queue of what changed.

use std::{collections::HashMap, ops::ControlFlow};

use rusqlite::Connection;
use serde::Serialize;
use tantivy::{
    Index, IndexWriter, Term,
    indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy},
};

use super::{
    document::Document,
    folder::{LAST_COMMIT, SMALL_BUDGET, Stamp, end_of_log, last_commit, problem},
    load::load,
    schema::{Fields, key},
};
use crate::{
    Catalog, StoreResult,
    catalog::Access,
    table::{entity::Ix, index_queue, meta},
};

/// How many entities are read from the catalog at once.
const BATCH: usize = 1_000;
/// After how many entities a long job is committed, so that it goes on from there when it is interrupted.
const COMMIT_AFTER: u64 = 250_000;
/// From how many entities on it is a long job.
const LONG: u64 = 50_000;
/// The memory that a long job may use, in bytes.
const LONG_BUDGET: usize = 100_000_000;

/// How far taking in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// How many entities were taken in by this call.
    pub taken: u64,
    /// How many wait.
    pub waiting: u64,
    /// Whether nothing waits.
    pub complete: bool,
    /// Whether another process is at it: nothing was done here.
    pub elsewhere: bool,
}

/// How many entities wait: those of a first build that was not finished, and those in the queue.
pub(crate) fn waiting(db: &Connection, stamp: Option<&Stamp>, taken: &HashMap<Ix, i64>) -> StoreResult<u64> {
    let queued = index_queue::len(db)?.saturating_sub(taken.len() as u64);
    let next = match stamp {
        Some(stamp) => stamp.next,
        None => Some(0),
    };
    let Some(next) = next else { return Ok(queued) };
    let unbuilt: u64 = db
        .prepare_cached("SELECT count(*) FROM entity WHERE ix >= ?1 AND head = ix AND NOT gone")?
        .query_row([next], |row| row.get(0))?;
    // What is in the queue too counts once.
    let both: u64 = db
        .prepare_cached("SELECT count(*) FROM index_queue WHERE entity >= ?1")?
        .query_row([next], |row| row.get(0))?;
    Ok(unbuilt + queued.saturating_sub(both))
}

/// Some entities to take in.
struct Batch {
    /// Each with its change, when it is in the queue.
    entities: Vec<(Ix, Option<i64>)>,
    documents: Vec<Document>,
    /// Where a first build goes on; `None` when it is through.
    next: Option<Ix>,
    seq: u64,
    link: String,
}

fn from_catalog(db: &Connection, from: Ix, most: usize) -> StoreResult<Batch> {
    let mut statement = db.prepare_cached(
        "SELECT entity.ix, index_queue.change FROM entity LEFT JOIN index_queue ON index_queue.entity = entity.ix
         WHERE entity.ix >= ?1 AND head = ix AND NOT gone ORDER BY entity.ix LIMIT ?2",
    )?;
    let entities: Vec<(Ix, Option<i64>)> = statement
        .query_map([from, i64::try_from(most).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let next = if entities.len() < most { None } else { entities.last().map(|(ix, _)| ix + 1) };
    batch(db, entities, next)
}

fn from_queue(db: &Connection, after: Ix, most: usize) -> StoreResult<Batch> {
    let queued = index_queue::after(db, after, most)?;
    batch(db, queued.into_iter().map(|(ix, change)| (ix, Some(change))).collect(), None)
}

fn batch(db: &Connection, entities: Vec<(Ix, Option<i64>)>, next: Option<Ix>) -> StoreResult<Batch> {
    let heads: Vec<Ix> = entities.iter().map(|(ix, _)| *ix).collect();
    let documents = load(db, &heads)?;
    let (seq, link) = end_of_log(db)?;
    Ok(Batch { entities, documents, next, seq, link })
}

/// One run of taking in. The caller holds the right to change the index.
pub(crate) struct Taking<'a> {
    pub catalog: &'a Catalog,
    pub fields: &'a Fields,
    pub index: &'a Index,
    pub stamp: Stamp,
    /// What was taken in but can't be taken off the queue, because the catalog can't be written.
    pub kept: &'a mut HashMap<Ix, i64>,
}

impl Taking<'_> {
    /// Takes in up to `most` entities. `report` is told after every batch and may stop it.
    pub(crate) fn run(
        mut self,
        most: u64,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> StoreResult<(Progress, Stamp)> {
        let total = self.catalog.read(|reader| waiting(reader.db(), Some(&self.stamp), self.kept))?;
        let mut progress = Progress { waiting: total, ..Progress::default() };
        if most == 0 || (total == 0 && self.stamp.next.is_none()) {
            progress.complete = total == 0 && self.stamp.next.is_none();
            return Ok((progress, self.stamp));
        }
        let long = total.min(most) >= LONG;
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(if long { LONG_BUDGET } else { SMALL_BUDGET })
            .build();
        let mut writer: IndexWriter = match self.index.writer_with_options(options) {
            Ok(writer) => writer,
            Err(tantivy::TantivyError::LockFailure(..)) => {
                progress.elsewhere = true;
                return Ok((progress, self.stamp));
            }
            Err(error) => return Err(problem(error)),
        };
        if long {
            writer.set_merge_policy(Box::new(NoMergePolicy));
        } else {
            let mut policy = LogMergePolicy::default();
            policy.set_del_docs_ratio_before_merge(0.3);
            writer.set_merge_policy(Box::new(policy));
        }
        self.entities(&mut writer, total, most, &mut progress, report)?;
        if long {
            let segments = self.index.searchable_segment_ids().map_err(problem)?;
            if segments.len() > 1 {
                writer.merge(&segments).wait().map_err(problem)?;
            }
        }
        writer.wait_merging_threads().map_err(problem)?;
        progress.complete = progress.waiting == 0 && self.stamp.next.is_none();
        Ok((progress, self.stamp))
    }

    fn entities(
        &mut self,
        writer: &mut IndexWriter,
        total: u64,
        most: u64,
        progress: &mut Progress,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let mut uncommitted: Vec<(Ix, i64)> = Vec::new();
        let mut since_commit = 0;
        let mut after: Ix = -1;
        loop {
            let room = usize::try_from(most.saturating_sub(progress.taken)).unwrap_or(usize::MAX).min(BATCH);
            let building = self.stamp.next;
            let batch = self.catalog.read(|reader| match building {
                Some(from) => from_catalog(reader.db(), from, room),
                None => from_queue(reader.db(), after, room),
            })?;
            if room > 0 {
                if building.is_none() {
                    after = batch.entities.last().map_or(after, |(ix, _)| *ix);
                    for (ix, _) in &batch.entities {
                        writer.delete_term(Term::from_field_u64(self.fields.ix, key(*ix)));
                    }
                }
                for document in &batch.documents {
                    writer.add_document(self.fields.document(document)).map_err(problem)?;
                }
                self.stamp.next = batch.next;
            }
            let count = batch.entities.len() as u64;
            (self.stamp.seq, self.stamp.link) = (batch.seq, batch.link);
            uncommitted.extend(batch.entities.iter().filter_map(|(ix, change)| Some((*ix, (*change)?))));
            since_commit += count;
            progress.taken += count;
            progress.waiting = total.saturating_sub(progress.taken);
            let through = self.stamp.next.is_none() && building.is_none() && (count as usize) < room;
            let stops = through || progress.taken >= most || report(progress).is_break();
            // Before the queue is gone through, what the first build has of it is taken off.
            let built = building.is_some() && self.stamp.next.is_none();
            if stops || built || since_commit >= COMMIT_AFTER {
                self.commit(writer, &uncommitted)?;
                uncommitted.clear();
                since_commit = 0;
            }
            if through {
                progress.waiting = 0;
            }
            if stops {
                return Ok(());
            }
        }
    }

    /// Commits the index first, then takes entities off the queue: what is interrupted between both is taken in twice.
    fn commit(&mut self, writer: &mut IndexWriter, taken: &[(Ix, i64)]) -> StoreResult<()> {
        let writable = *self.catalog.access() == Access::ReadWrite;
        self.stamp.commit = self.catalog.read(|reader| last_commit(reader.db()))?.max(self.stamp.commit) + 1;
        let mut commit = writer.prepare_commit().map_err(problem)?;
        commit.set_payload(&serde_json::to_string(&self.stamp).map_err(problem)?);
        commit.commit().map_err(problem)?;
        if !writable {
            self.kept.extend(taken.iter().copied());
            return Ok(());
        }
        let number = self.stamp.commit.to_string();
        self.catalog.writer()?.unlogged(|db| meta::set(db, LAST_COMMIT, &number))?;
        // Portion by portion, so that nobody waits long for the writer.
        for portion in taken.chunks(BATCH) {
            self.catalog.writer()?.unlogged(|db| index_queue::remove(db, portion))?;
        }
        Ok(())
    }
}
