//! Proves that the index has what the catalog has.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::{
    document::digest,
    folder::{Folder, Opened, problem},
    load::load,
    schema::{Fields, key},
};
use crate::{
    StoreResult,
    check::Problem,
    table::{entity::Ix, index_queue},
};

/// The most problems that one check lists.
const MOST: usize = 1_000;
/// How many entities are compared at once.
const BATCH: usize = 1_000;

/// Compares every entity that doesn't wait to be taken in with its digest in the index.
pub(crate) fn verify(
    db: &Connection,
    fields: &Fields,
    folder: Option<&Folder>,
    opened: &Opened,
    kept: &HashMap<Ix, i64>,
) -> StoreResult<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut say = |place: String, what: &str| {
        if problems.len() < MOST {
            problems.push(Problem { place, what: what.to_owned() });
        }
    };
    for file in folder.map(Folder::damaged_files).transpose()?.unwrap_or_default() {
        say(format!("search index, file {}", file.display()), "it is not as it was written");
    }
    let mut waiting = HashSet::new();
    let mut after = -1;
    loop {
        let queued = index_queue::after(db, after, BATCH)?;
        let Some((last, _)) = queued.last() else { break };
        after = *last;
        waiting.extend(
            queued.iter().filter(|(ix, change)| kept.get(ix) != Some(change)).map(|(ix, _)| key(*ix)),
        );
    }
    let mut indexed = digests(fields, opened)?;
    let doubled: Vec<u64> =
        indexed.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0).collect();
    for ix in doubled {
        say(format!("search index, entity {ix}"), "it is there more than once");
    }
    indexed.dedup_by_key(|(ix, _)| *ix);
    let mut indexed = indexed.into_iter().peekable();
    let mut from: Ix = 0;
    let end = opened.stamp.next.unwrap_or(Ix::MAX);
    loop {
        let heads: Vec<Ix> = db
            .prepare_cached(
                "SELECT ix FROM entity WHERE ix >= ?1 AND ix < ?2 AND head = ix AND NOT gone ORDER BY ix LIMIT ?3",
            )?
            .query_map([from, end, BATCH as i64], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let Some(last) = heads.last() else { break };
        from = last + 1;
        for document in load(db, &heads)? {
            let place = || format!("search index, entity {}", document.id);
            let ix = key(document.ix);
            while let Some((extra, _)) = indexed.next_if(|(held, _)| *held < ix) {
                if !waiting.contains(&extra) {
                    say(format!("search index, entity {extra}"), "the catalog has no such entity");
                }
            }
            let held = indexed.next_if(|(held, _)| *held == ix);
            if waiting.contains(&ix) {
                continue;
            }
            match held {
                None => say(place(), "it can't be found by search"),
                Some((_, held)) if held != digest(document.id, &document.texts()) => {
                    say(place(), "search finds it as it was before");
                }
                Some(_) => {}
            }
        }
    }
    for (extra, _) in indexed.filter(|(ix, _)| !waiting.contains(ix)) {
        say(format!("search index, entity {extra}"), "the catalog has no such entity");
    }
    Ok(problems)
}

/// Every entity in the index with its digest, in order.
fn digests(fields: &Fields, opened: &Opened) -> StoreResult<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    let schema = &fields.schema;
    for segment in opened.reader.searcher().segment_readers() {
        let fast = segment.fast_fields();
        let ixs = fast.u64(schema.get_field_name(fields.ix)).map_err(problem)?;
        let digests = fast.u64(schema.get_field_name(fields.digest)).map_err(problem)?;
        for doc in segment.doc_ids_alive() {
            if let (Some(ix), Some(digest)) = (ixs.first(doc), digests.first(doc)) {
                found.push((ix, digest));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
