//! What the index holds of each document by number: to filter, count and break ties by.

use std::collections::HashMap;

use catena_model::kind::Kind;
use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};

use super::ask::Query;

/// The fields by which results are counted and filtered, in the order in which they are given.
pub(crate) const FACETS: [&str; 4] = ["kind", "tag", "owner", "system"];

/// The columns of one segment.
pub(crate) struct Columns {
    pub ix: Column<u64>,
    pub usage: Column<u64>,
    pub kind: Column<u64>,
    pub spellings: Column<u64>,
    pub name: Option<StrColumn>,
    /// Tags, owners, systems.
    pub lists: [Option<StrColumn>; 3],
}

impl Columns {
    pub(crate) fn new(segment: &SegmentReader) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        Ok(Self {
            ix: fast.u64("ix")?,
            usage: fast.u64("usage")?,
            kind: fast.u64("kind")?,
            spellings: fast.u64("spellings")?,
            name: fast.str("name")?,
            lists: [fast.str("tags")?, fast.str("owners")?, fast.str("systems")?],
        })
    }
}

/// The filters of a query in terms of one segment.
pub(crate) struct Filters {
    kinds: Option<Vec<u64>>,
    /// Ordinals of the allowed tags, owners and systems.
    lists: [Option<Vec<u64>>; 3],
}

impl Filters {
    pub(crate) fn new(query: &Query, columns: &Columns) -> tantivy::Result<Self> {
        let list = |i: usize, wanted: &[String]| -> tantivy::Result<Option<Vec<u64>>> {
            if wanted.is_empty() {
                return Ok(None);
            }
            let mut ordinals = Vec::new();
            if let Some(column) = &columns.lists[i] {
                for value in wanted {
                    ordinals.extend(column.dictionary().term_ord(value)?);
                }
            }
            Ok(Some(ordinals))
        };
        let kinds = query.kinds.iter().map(|kind| u64::from(kind.code())).collect::<Vec<_>>();
        Ok(Self {
            kinds: (!kinds.is_empty()).then_some(kinds),
            lists: [list(0, &query.tags)?, list(1, &query.owners)?, list(2, &query.systems)?],
        })
    }

    /// Whether there are none.
    pub(crate) fn are_none(&self) -> bool {
        self.kinds.is_none() && self.lists.iter().all(Option::is_none)
    }

    /// Which filters the document fails, one bit each in the order of [`FACETS`].
    pub(crate) fn failed(&self, columns: &Columns, doc: DocId) -> u8 {
        let mut failed = 0;
        if let Some(kinds) = &self.kinds {
            failed |= u8::from(!columns.kind.values_for_doc(doc).any(|kind| kinds.contains(&kind)));
        }
        for (i, allowed) in self.lists.iter().enumerate() {
            let Some(allowed) = allowed else { continue };
            let passes = columns.lists[i].as_ref().is_some_and(|column| {
                column.ords().values_for_doc(doc).any(|value| allowed.contains(&value))
            });
            failed |= u8::from(!passes) << (i + 1);
        }
        failed
    }
}

/// How many documents are looked up in a column at once.
const BATCH: usize = 512;

/// How often each value occurs in the results of one segment.
pub(crate) struct Counts {
    /// By facet and ordinal; of kinds, by code.
    counts: [Vec<u32>; 4],
    /// By facet: documents that are still to be counted.
    pending: [Vec<DocId>; 4],
    docs: Vec<DocId>,
    rows: Vec<u32>,
    values: Vec<u64>,
}

impl Counts {
    pub(crate) fn new(columns: &Columns) -> Self {
        let size = |i: usize| columns.lists[i].as_ref().map_or(0, |column| column.num_terms());
        Self {
            counts: [vec![0; 256], vec![0; size(0)], vec![0; size(1)], vec![0; size(2)]],
            pending: [const { Vec::new() }; 4],
            docs: Vec::new(),
            rows: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Counts the document where it fails no filter but that facet's own.
    pub(crate) fn add(&mut self, columns: &Columns, doc: DocId, failed: u8) {
        for facet in 0..4 {
            if failed & !(1 << facet) != 0 {
                continue;
            }
            self.pending[facet].push(doc);
            if self.pending[facet].len() >= BATCH {
                self.count(columns, facet);
            }
        }
    }

    fn count(&mut self, columns: &Columns, facet: usize) {
        let column = match facet {
            0 => Some(&columns.kind),
            list => columns.lists[list - 1].as_ref().map(|column| column.ords()),
        };
        if let Some(column) = column {
            self.docs.clear();
            self.rows.clear();
            column.row_ids_for_docs(&self.pending[facet], &mut self.docs, &mut self.rows);
            self.values.resize(self.rows.len(), 0);
            column.values.get_vals(&self.rows, &mut self.values);
            let counts = &mut self.counts[facet];
            for value in &self.values {
                if let Some(count) = usize::try_from(*value).ok().and_then(|value| counts.get_mut(value)) {
                    *count += 1;
                }
            }
        }
        self.pending[facet].clear();
    }

    /// Adds the counts to those of the other segments, by value.
    pub(crate) fn add_to(
        mut self,
        columns: &Columns,
        totals: &mut [HashMap<String, u64>; 4],
    ) -> std::io::Result<()> {
        for facet in 0..4 {
            self.count(columns, facet);
        }
        let [kind_totals, list_totals @ ..] = totals;
        let [kinds, lists @ ..] = self.counts;
        for (code, count) in (0u8..=255).zip(kinds).filter(|(_, count)| *count > 0) {
            if let Some(kind) = Kind::from_code(code) {
                *kind_totals.entry(kind.word().to_owned()).or_default() += u64::from(count);
            }
        }
        for ((column, counts), totals) in columns.lists.iter().zip(lists).zip(list_totals) {
            let Some(column) = column else { continue };
            let found: Vec<(u64, u32)> = (0u64..).zip(counts).filter(|(_, count)| *count > 0).collect();
            let ordinals: Vec<u64> = found.iter().map(|(ordinal, _)| *ordinal).collect();
            let mut counts = found.iter().map(|(_, count)| u64::from(*count));
            column.dictionary().sorted_ords_to_term_cb(&ordinals, |value| {
                let count = counts.next().unwrap_or(0);
                *totals.entry(String::from_utf8_lossy(value).into_owned()).or_default() += count;
            })?;
        }
        Ok(())
    }
}
