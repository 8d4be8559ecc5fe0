//! What the index holds of each document by number: to filter, count and break ties by.

use std::collections::HashMap;

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

/// How often each value occurs in the results of one segment.
pub(crate) struct Counts {
    kinds: Vec<u64>,
    lists: [Vec<u32>; 3],
}

impl Counts {
    pub(crate) fn new(columns: &Columns) -> Self {
        let size = |i: usize| columns.lists[i].as_ref().map_or(0, |column| column.num_terms());
        Self { kinds: vec![0; 256], lists: [vec![0; size(0)], vec![0; size(1)], vec![0; size(2)]] }
    }

    /// Counts the document where it fails no filter but that facet's own.
    pub(crate) fn add(&mut self, columns: &Columns, doc: DocId, failed: u8) {
        let only = |bit: u8| failed & !(1 << bit) == 0;
        if only(0) {
            for kind in columns.kind.values_for_doc(doc) {
                if let Some(count) = self.kinds.get_mut(usize::try_from(kind).unwrap_or(usize::MAX)) {
                    *count += 1;
                }
            }
        }
        for (i, counts) in self.lists.iter_mut().enumerate() {
            let Some(column) = columns.lists[i].as_ref().filter(|_| only(i as u8 + 1)) else { continue };
            for ordinal in column.ords().values_for_doc(doc) {
                if let Some(count) = counts.get_mut(usize::try_from(ordinal).unwrap_or(usize::MAX)) {
                    *count += 1;
                }
            }
        }
    }

    /// Adds the counts to those of the other segments, by value.
    pub(crate) fn add_to(
        &self,
        columns: &Columns,
        totals: &mut [HashMap<String, u64>; 4],
    ) -> std::io::Result<()> {
        for (code, count) in self.kinds.iter().enumerate().filter(|(_, count)| **count > 0) {
            let kind = u8::try_from(code).ok().and_then(catena_model::kind::Kind::from_code);
            if let Some(kind) = kind {
                *totals[0].entry(kind.word().to_owned()).or_default() += count;
            }
        }
        for (i, counts) in self.lists.iter().enumerate() {
            let Some(column) = &columns.lists[i] else { continue };
            let ordinals: Vec<u64> =
                (0u64..).zip(counts).filter(|(_, count)| **count > 0).map(|(ordinal, _)| ordinal).collect();
            let mut found = counts.iter().filter(|count| **count > 0);
            column.dictionary().sorted_ords_to_term_cb(&ordinals, |value| {
                if let Some(count) = found.next() {
                    *totals[i + 1].entry(String::from_utf8_lossy(value).into_owned()).or_default() +=
                        u64::from(*count);
                }
            })?;
        }
        Ok(())
    }
}
