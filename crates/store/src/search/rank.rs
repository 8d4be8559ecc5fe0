//! Scores every document that has one of the words, and keeps the best.
//!
//! A score is made of whole numbers only, so that the order is the same whatever the segments are: how many words
//! fit; whether the whole fits (a path, a name); where and how closely each word fits; how rare the fitting words
//! are. The number of relations, the name and the place in the catalog break ties, in this order.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use tantivy::{
    DocId, InvertedIndexReader, SegmentReader, TERMINATED,
    columnar::{Column, ColumnIndex},
    schema::IndexRecordOption,
};

use super::{
    ask::{Ask, Asked, Query},
    columns::{Columns, Counts, Filters},
    expand::{Expansion, far, near},
    place,
    schema::Fields,
};

/// Which documents of a segment don't count, because a newer state of their entity is searched elsewhere.
pub(crate) type Masked = std::collections::HashSet<DocId>;

/// A segment and what of it doesn't count.
pub(crate) struct Shard {
    pub segment: SegmentReader,
    pub masked: Option<Arc<Masked>>,
}

/// How the whole query fits: above all words.
mod level {
    /// The words are those of the name, though not written so.
    pub const SAME_WORDS: u8 = 1;
    /// It lies in the path, and its name fits the rest so far.
    pub const IN_PATH: u8 = 2;
    /// Another system calls it just so.
    pub const OTHER_NAME: u8 = 3;
    /// It is called just so.
    pub const NAME: u8 = 4;
    /// It lies in the path and is called just so.
    pub const NAME_IN_PATH: u8 = 5;
}

/// A document's score while words are added up: how many words, the sum of their values, the sum of their rarities.
const ONE_WORD: u32 = 1 << 20;
const VALUE: u32 = 1 << 8;
const SUM: u32 = ONE_WORD / VALUE - 1;

/// Where the parts of a finished score stand: words, level; the rest as while it was added up.
const WORDS_AT: u32 = 32;
const LEVEL_AT: u32 = 24;

fn words_of(score: u32) -> u32 {
    score / ONE_WORD
}

fn sum_of(score: u32) -> u32 {
    (score / VALUE) & SUM
}

/// A hit, before anything of it is read from the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub score: u64,
    pub usage: u64,
    pub name: String,
    pub ix: u64,
}

impl Found {
    fn order(&self, other: &Self) -> Ordering {
        (other.score, other.usage)
            .cmp(&(self.score, self.usage))
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.ix.cmp(&other.ix))
    }
}

/// The best hits, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Ranked {
    pub total: u64,
    /// The best, best first: as many as were wanted, those to pass over included.
    pub found: Vec<Found>,
    /// How often each value occurs, in the order of [`super::columns::FACETS`].
    pub facets: Option<[HashMap<String, u64>; 4]>,
    /// For each word, whether words further away were looked for.
    pub far: Vec<bool>,
}

/// Memory that is used again by the next query.
#[derive(Default)]
pub(crate) struct Scratch {
    best: Vec<u8>,
    scores: Vec<u32>,
    levels: Vec<u8>,
}

/// The best `most` hits in all segments.
pub(crate) fn rank(
    fields: &Fields,
    shards: &[Shard],
    ask: &Ask,
    query: &Query,
    most: usize,
    scratch: &mut Scratch,
) -> tantivy::Result<Ranked> {
    let indexes: Vec<Arc<InvertedIndexReader>> =
        shards.iter().map(|shard| shard.segment.inverted_index(fields.words)).collect::<Result<_, _>>()?;
    let documents: u64 = shards.iter().map(|shard| u64::from(shard.segment.num_docs())).sum();
    let mut ranked = Ranked { facets: (!query.as_you_type).then(Default::default), ..Ranked::default() };
    let mut words = Vec::new();
    for asked in &ask.words {
        let (expansions, went_far) = expand(&indexes, asked)?;
        let frequency: u64 = expansions.iter().map(|expansion| expansion.frequency).sum();
        words.push((expansions, rarity(frequency, documents)));
        ranked.far.push(went_far);
    }
    for (s, shard) in shards.iter().enumerate() {
        let per_word = words.iter().map(|(expansions, rarity)| (&expansions[s], *rarity));
        Segment { fields, shard, index: &indexes[s], ask, query, most }.rank(
            per_word,
            scratch,
            &mut ranked,
        )?;
    }
    ranked.found.sort_by(Found::order);
    ranked.found.truncate(most);
    Ok(ranked)
}

/// What the word may mean in each segment. Whether to look further is decided for all of them together.
fn expand(indexes: &[Arc<InvertedIndexReader>], asked: &Asked) -> std::io::Result<(Vec<Expansion>, bool)> {
    let mut expansions = Vec::with_capacity(indexes.len());
    for index in indexes {
        expansions.push(near(index.terms(), asked)?);
    }
    let goes_far = asked.typos.as_ref().is_some_and(|typos| typos.far.is_some())
        && !expansions.iter().any(|expansion| expansion.found);
    if goes_far {
        for (expansion, index) in expansions.iter_mut().zip(indexes) {
            *expansion = far(index.terms(), asked)?;
        }
    }
    Ok((expansions, goes_far))
}

/// From 0 (everywhere) to 15, by powers of two.
fn rarity(frequency: u64, documents: u64) -> u32 {
    (documents.max(1) / frequency.max(1)).max(1).ilog2().min(15)
}

struct Segment<'a> {
    fields: &'a Fields,
    shard: &'a Shard,
    index: &'a InvertedIndexReader,
    ask: &'a Ask,
    query: &'a Query,
    most: usize,
}

/// A hit within its segment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Candidate {
    score: u64,
    usage: u64,
    name: u64,
    ix: u64,
}

impl Candidate {
    fn order(&self, other: &Self) -> Ordering {
        (other.score, other.usage)
            .cmp(&(self.score, self.usage))
            .then_with(|| (self.name, self.ix).cmp(&(other.name, other.ix)))
    }
}

impl Segment<'_> {
    fn rank<'e>(
        &self,
        words: impl Iterator<Item = (&'e Expansion, u32)>,
        scratch: &mut Scratch,
        ranked: &mut Ranked,
    ) -> tantivy::Result<()> {
        let size = self.shard.segment.max_doc() as usize;
        for buffer in [&mut scratch.best, &mut scratch.levels] {
            buffer.clear();
        }
        scratch.scores.clear();
        scratch.best.resize(size, 0);
        scratch.scores.resize(size, 0);
        let by_path = !self.ask.splits.is_empty();
        scratch.levels.resize(if by_path { size } else { 0 }, 0);

        let columns = Columns::new(&self.shard.segment)?;
        self.mark_paths(0, &columns, scratch)?;
        for (done, (expansion, rarity)) in words.enumerate() {
            for term in &expansion.terms {
                self.mark(&term.info, term.value, &mut scratch.best)?;
            }
            fold(&mut scratch.best, &mut scratch.scores, rarity);
            self.mark_paths(done + 1, &columns, scratch)?;
        }
        self.collect(&columns, scratch, ranked)
    }

    /// Notes the value of a term for all documents that have it.
    fn mark(&self, info: &tantivy::postings::TermInfo, value: u8, best: &mut [u8]) -> tantivy::Result<()> {
        each_doc(self.index, info, |doc| {
            if let Some(held) = best.get_mut(doc as usize) {
                *held = (*held).max(value);
            }
        })
    }

    /// When as many words are done as belong to the thing behind a path: notes what lies in it.
    fn mark_paths(&self, done: usize, columns: &Columns, scratch: &mut Scratch) -> tantivy::Result<()> {
        for split in self.ask.splits.iter().filter(|split| split.words == done) {
            let index = self.shard.segment.inverted_index(self.fields.paths)?;
            let Some(info) = index.terms().get(split.path.to_be_bytes())? else { continue };
            let needed = place::LEAST_IN_NAME * done as u32;
            each_doc(&index, &info, |doc| {
                let Some(score) = scratch.scores.get(doc as usize).copied() else { return };
                if words_of(score) as usize != done || sum_of(score) < needed {
                    return;
                }
                let exact = done > 0
                    && sum_of(score) >= place::LEAST_EXACT_IN_NAME * done as u32
                    && columns.spellings.values_for_doc(doc).any(|held| {
                        held == u64::from(split.spelling) || held == u64::from(split.other_spelling)
                    });
                let level = if exact { level::NAME_IN_PATH } else { level::IN_PATH };
                if let Some(held) = scratch.levels.get_mut(doc as usize) {
                    *held = (*held).max(level);
                }
            })?;
        }
        Ok(())
    }

    /// How the whole query fits the document, where all words do.
    fn level(&self, columns: &Columns, doc: DocId, score: u32, levels: &[u8]) -> u8 {
        let asked = self.ask.words.len() as u32;
        let path = levels.get(doc as usize).copied().unwrap_or(0);
        if words_of(score) < asked {
            return 0;
        }
        if asked == 0 || sum_of(score) < place::LEAST_EXACT_IN_NAME * asked {
            return path;
        }
        let level = |held: u64| {
            if held == u64::from(self.ask.spelling) {
                level::NAME
            } else if held == u64::from(self.ask.other_spelling) {
                level::OTHER_NAME
            } else if held == u64::from(self.ask.same_words) {
                level::SAME_WORDS
            } else {
                0
            }
        };
        columns.spellings.values_for_doc(doc).map(level).max().unwrap_or(0).max(path)
    }

    fn collect(&self, columns: &Columns, scratch: &Scratch, ranked: &mut Ranked) -> tantivy::Result<()> {
        let filters = Filters::new(self.query, columns)?;
        let unfiltered = filters.are_none();
        let mut counts = ranked.facets.is_some().then(|| Counts::new(columns));
        let mut best = Best::new(self.most);
        let alive = self.shard.segment.alive_bitset();
        let masked = self.shard.masked.as_deref().filter(|masked| !masked.is_empty());
        let all = self.ask.words.is_empty();
        let names = columns.name.as_ref().map(|column| column.ords());
        let only_counted = unfiltered && counts.is_none();
        for (from, scores) in (0u32..).step_by(STRIDE).zip(scratch.scores.chunks(STRIDE)) {
            if !all && scores.iter().all(|score| *score == 0) {
                continue;
            }
            for (doc, &score) in (from..).zip(scores) {
                // Without words everything is a hit, unless a path says where.
                let by_path = all && scratch.levels.get(doc as usize).is_some_and(|level| *level > 0);
                if score == 0 && !(all && (self.ask.splits.is_empty() || by_path)) {
                    continue;
                }
                if alive.is_some_and(|alive| !alive.is_alive(doc))
                    || masked.is_some_and(|masked| masked.contains(&doc))
                {
                    continue;
                }
                if only_counted && words_of(score) < best.least_words {
                    ranked.total += 1;
                    continue;
                }
                let failed = if unfiltered { 0 } else { filters.failed(columns, doc) };
                if let Some(counts) = &mut counts {
                    counts.add(columns, doc, failed);
                }
                if failed != 0 {
                    continue;
                }
                ranked.total += 1;
                let level = self.level(columns, doc, score, &scratch.levels);
                let score = (u64::from(words_of(score)) << WORDS_AT)
                    | (u64::from(level) << LEVEL_AT)
                    | u64::from(score & (ONE_WORD - 1));
                best.offer(
                    score,
                    || number(&columns.usage, doc),
                    || names.map_or(0, |names| number(names, doc)),
                    || number(&columns.ix, doc),
                );
            }
        }
        if let (Some(counts), Some(facets)) = (counts, &mut ranked.facets) {
            counts.add_to(columns, facets)?;
        }
        for candidate in best.finish() {
            let mut name = String::new();
            if let Some(column) = &columns.name {
                column.ord_to_str(candidate.name, &mut name)?;
            }
            ranked.found.push(Found {
                score: candidate.score,
                usage: candidate.usage,
                name,
                ix: candidate.ix,
            });
        }
        Ok(())
    }
}

/// The one value that a document has in a column.
fn number(column: &Column<u64>, doc: DocId) -> u64 {
    match column.index {
        ColumnIndex::Full => column.values.get_val(doc),
        _ => column.first(doc).unwrap_or(0),
    }
}

/// The best candidates so far. Most documents are turned away by their score alone.
struct Best {
    most: usize,
    kept: Vec<Candidate>,
    worst: Option<Candidate>,
    /// How many words the worst has: with fewer, nothing else matters.
    least_words: u32,
}

impl Best {
    fn new(most: usize) -> Self {
        Self { most, kept: Vec::new(), worst: None, least_words: 0 }
    }

    fn offer(
        &mut self,
        score: u64,
        usage: impl FnOnce() -> u64,
        name: impl FnOnce() -> u64,
        ix: impl FnOnce() -> u64,
    ) {
        if self.most == 0 || self.worst.is_some_and(|worst| score < worst.score) {
            return;
        }
        let usage = usage();
        if self.worst.is_some_and(|worst| (score, usage) < (worst.score, worst.usage)) {
            return;
        }
        let name = name();
        if self.worst.is_some_and(|worst| (score, usage) == (worst.score, worst.usage) && name > worst.name) {
            return;
        }
        self.kept.push(Candidate { score, usage, name, ix: ix() });
        if self.kept.len() >= 2 * self.most + 64 {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() > self.most {
            self.kept.select_nth_unstable_by(self.most - 1, Candidate::order);
            self.kept.truncate(self.most);
        }
        if self.kept.len() == self.most {
            self.worst = self.kept.iter().max_by(|a, b| a.order(b)).copied();
            self.least_words = self.worst.map_or(0, |worst| (worst.score >> WORDS_AT) as u32);
        }
    }

    fn finish(mut self) -> Vec<Candidate> {
        if self.most > 0 {
            self.shrink();
        }
        self.kept
    }
}

fn each_doc(
    index: &InvertedIndexReader,
    info: &tantivy::postings::TermInfo,
    mut visit: impl FnMut(DocId),
) -> tantivy::Result<()> {
    let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    loop {
        let docs = postings.docs();
        if docs.is_empty() {
            return Ok(());
        }
        for &doc in docs {
            if doc == TERMINATED {
                return Ok(());
            }
            visit(doc);
        }
        postings.advance();
    }
}

/// How many documents are passed over at once where none has a word.
const STRIDE: usize = 64;

/// Adds what one word counts for to the scores, and clears it for the next word.
fn fold(best: &mut [u8], scores: &mut [u32], rarity: u32) {
    // A table instead of a branch: of a common word, every other document has it.
    let mut counts = [0; 256];
    for (count, value) in counts.iter_mut().zip(0u32..).skip(1) {
        *count = ONE_WORD + value * VALUE + rarity;
    }
    for (values, scores) in best.chunks_mut(STRIDE).zip(scores.chunks_mut(STRIDE)) {
        // Most words are in few documents: whole strides are empty.
        if values.iter().all(|value| *value == 0) {
            continue;
        }
        for (value, score) in values.iter().zip(scores) {
            *score += counts[usize::from(*value)];
        }
        values.fill(0);
    }
}
