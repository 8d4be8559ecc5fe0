//! What changed since the index was last brought up to date: searched from memory, in place of what the index has.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rusqlite::Connection;
use tantivy::{
    Index, SegmentReader, TantivyDocument, Term, directory::RamDirectory, schema::IndexRecordOption,
};

use super::{
    folder::problem,
    load::load,
    rank::{Masked, Shard},
    schema::{Fields, key},
};
use crate::{
    StoreResult,
    table::{entity::Ix, index_queue},
};

/// How many changed entities are searched from memory at most.
pub(crate) const MOST_QUEUED: usize = 2_000;
/// The same, while another process takes them in.
pub(crate) const MOST_QUEUED_ELSEWHERE: usize = 20_000;

/// The entities that wait, as they are now.
#[derive(Default)]
pub(crate) struct Overlay {
    state: Option<index_queue::State>,
    /// By entity: the change, and what is there now.
    held: BTreeMap<Ix, (i64, Option<TantivyDocument>)>,
    segment: Option<SegmentReader>,
    /// What of the index's segments doesn't count.
    masks: Vec<Option<Arc<Masked>>>,
    masked_for: Option<u64>,
}

impl Overlay {
    /// Brings it up to what the catalog's queue says now. `taken` are entities that the index has though they can't
    /// be taken off the queue.
    pub(crate) fn refresh(
        &mut self,
        db: &Connection,
        fields: &Fields,
        most: usize,
        taken: &HashMap<Ix, i64>,
    ) -> StoreResult<()> {
        let state = index_queue::state(db)?;
        if self.state == Some(state) {
            return Ok(());
        }
        let queued = index_queue::latest(db, most)?;
        let mut held = BTreeMap::new();
        let mut unknown = Vec::new();
        for (ix, change) in queued {
            if taken.get(&ix) == Some(&change) {
                continue;
            }
            match self.held.remove(&ix) {
                Some((known, document)) if known == change => {
                    held.insert(ix, (change, document));
                }
                _ => {
                    held.insert(ix, (change, None));
                    unknown.push(ix);
                }
            }
        }
        for batch in unknown.chunks(500) {
            for document in load(db, batch)? {
                if let Some((_, place)) = held.get_mut(&document.ix) {
                    *place = Some(fields.document(&document));
                }
            }
        }
        self.held = held;
        self.segment = self.build(fields).map_err(problem)?;
        self.state = Some(state);
        self.masked_for = None;
        Ok(())
    }

    fn build(&self, fields: &Fields) -> tantivy::Result<Option<SegmentReader>> {
        let mut documents = self.held.values().filter_map(|(_, document)| document.as_ref()).peekable();
        if documents.peek().is_none() {
            return Ok(None);
        }
        let mut writer = Index::builder()
            .schema(fields.schema.clone())
            .single_segment_index_writer(RamDirectory::create(), super::folder::SMALL_BUDGET)?;
        for document in documents {
            writer.add_document(document.clone())?;
        }
        let index = writer.finalize()?;
        let searcher =
            index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?.searcher();
        Ok(searcher.segment_readers().first().cloned())
    }

    /// Forgets all; the next refresh reads it again.
    pub(crate) fn forget(&mut self) {
        self.state = None;
        self.masked_for = None;
    }

    /// All segments to search: those of the index without what waits, and what waits.
    pub(crate) fn shards(
        &mut self,
        segments: &[SegmentReader],
        number: u64,
        fields: &Fields,
    ) -> StoreResult<Vec<Shard>> {
        if self.masked_for != Some(number) {
            self.masks = segments
                .iter()
                .map(|segment| self.mask(segment, fields))
                .collect::<tantivy::Result<_>>()
                .map_err(problem)?;
            self.masked_for = Some(number);
        }
        let mut shards: Vec<Shard> = segments
            .iter()
            .zip(&self.masks)
            .map(|(segment, masked)| Shard { segment: segment.clone(), masked: masked.clone() })
            .collect();
        shards.extend(self.segment.iter().map(|segment| Shard { segment: segment.clone(), masked: None }));
        Ok(shards)
    }

    fn mask(&self, segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Option<Arc<Masked>>> {
        let mut masked = Masked::new();
        let index = segment.inverted_index(fields.ix)?;
        for &ix in self.held.keys() {
            let term = Term::from_field_u64(fields.ix, key(ix));
            if let Some(mut postings) = index.read_block_postings(&term, IndexRecordOption::Basic)? {
                while !postings.docs().is_empty() {
                    masked.extend(postings.docs().iter().filter(|doc| **doc != tantivy::TERMINATED));
                    postings.advance();
                }
            }
        }
        Ok((!masked.is_empty()).then(|| Arc::new(masked)))
    }
}
