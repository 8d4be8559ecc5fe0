//! The layout of the index, and how an entity is laid out in it.

use catena_model::name::QualifiedName;
use tantivy::{
    TantivyDocument,
    schema::{BytesOptions, FAST, Field, INDEXED, NumericOptions, Schema, TextOptions},
};

use super::{
    document::{Document, Text, digest},
    fold::fold,
    place::{Class, Place},
    words::{Word, runs},
};

/// Counts up whenever what is indexed, or how, changes: an index of another layout is built anew.
pub(crate) const LAYOUT: u32 = 1;

/// The most words of one text that are searched.
const MOST_WORDS: usize = 4_000;
/// The longest prefix that is indexed as such, in letters.
pub(crate) const MOST_START: usize = 3;
/// Names of up to so many words are also found by these written together, when that is not too long.
const MOST_WRITTEN_TOGETHER: usize = 3;
const LONGEST_WRITTEN_TOGETHER: usize = 40;
/// The deepest path that can be navigated by.
const MOST_DEPTH: usize = 12;

/// The fields of the index.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub schema: Schema,
    /// Which entity; to mask and delete by.
    pub ix: Field,
    /// Every word, with its [`Class`] as last byte.
    pub words: Field,
    /// Hashes of the paths in which it can be found.
    pub paths: Field,
    /// Hashes of what it is called as a whole.
    pub spellings: Field,
    pub usage: Field,
    pub kind: Field,
    pub digest: Field,
    /// The folded name, to sort by.
    pub name: Field,
    pub tags: Field,
    pub owners: Field,
    pub systems: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let number: NumericOptions = FAST.into();
        let text = || TextOptions::default().set_fast("raw");
        Self {
            ix: builder.add_u64_field("ix", FAST | INDEXED),
            words: builder.add_bytes_field("words", BytesOptions::default().set_indexed()),
            paths: builder.add_bytes_field("paths", BytesOptions::default().set_indexed()),
            spellings: builder.add_u64_field("spellings", number.clone()),
            usage: builder.add_u64_field("usage", number.clone()),
            kind: builder.add_u64_field("kind", number.clone()),
            digest: builder.add_u64_field("digest", number),
            name: builder.add_text_field("name", text()),
            tags: builder.add_text_field("tags", text()),
            owners: builder.add_text_field("owners", text()),
            systems: builder.add_text_field("systems", text()),
            schema: builder.build(),
        }
    }

    /// The entity as the index holds it.
    pub(crate) fn document(&self, entity: &Document) -> TantivyDocument {
        let mut out = TantivyDocument::new();
        out.add_u64(self.ix, key(entity.ix));
        out.add_u64(self.usage, entity.usage);
        out.add_u64(self.kind, u64::from(entity.kind.code()));
        let texts = entity.texts();
        out.add_u64(self.digest, digest(entity.id, &texts));
        let folded = fold(&entity.name);
        out.add_text(self.name, super::document::cut(&folded, 128));
        for (field, values) in
            [(self.tags, &entity.tags), (self.owners, &entity.owners), (self.systems, &entity.systems())]
        {
            for value in Document::facet_values(values) {
                out.add_text(field, value);
            }
        }
        let mut term = Vec::new();
        for (word, class) in words(texts) {
            term.clear();
            term.extend_from_slice(word.as_bytes());
            term.push(class.byte());
            out.add_bytes(self.words, &term);
        }
        for hash in paths(entity) {
            out.add_bytes(self.paths, &hash.to_be_bytes());
        }
        for hash in spellings(entity) {
            out.add_u64(self.spellings, u64::from(hash));
        }
        out
    }
}

/// The place of an entity as a number of the index.
pub(crate) fn key(ix: crate::table::entity::Ix) -> u64 {
    u64::try_from(ix).unwrap_or(0)
}

/// Every word of an entity with the best class that it has there, and the first letters of those of its names.
fn words(texts: Vec<Text>) -> Vec<(String, Class)> {
    let mut all: Vec<(String, Class)> = Vec::new();
    for text in texts {
        if matches!(text.place, Place::Name | Place::OtherName) {
            all.extend(name_words(&text.text).into_iter().map(|(word, class)| (word.text, class)));
            continue;
        }
        let class = text.place.class();
        for run in runs(&text.text, MOST_WORDS) {
            all.extend(run.pieces.into_iter().chain(run.whole).map(|word| (word.text, class)));
        }
    }
    best(&mut all);
    let mut starts: Vec<(String, Class)> = Vec::new();
    for (word, class) in &all {
        let Some(class) = class.start() else { continue };
        starts.extend(
            word.char_indices().take(MOST_START).map(|(at, c)| (word[..at + c.len_utf8()].to_owned(), class)),
        );
    }
    best(&mut starts);
    all.append(&mut starts);
    all
}

/// Each word once, with its best class.
fn best(words: &mut Vec<(String, Class)>) {
    words.sort_unstable();
    words.dedup_by(|a, b| a.0 == b.0);
}

/// The words of a name with their classes, and its words written together (`customer_id`: `customerid`).
pub(crate) fn name_words(name: &str) -> Vec<(Word, Class)> {
    let runs = runs(name, MOST_WORDS);
    let count: usize = runs.iter().map(|run| run.pieces.len()).sum();
    let mut found = Vec::with_capacity(count + 1);
    for (r, run) in runs.iter().enumerate() {
        if let Some(whole) = &run.whole {
            found.push((whole.clone(), Class::in_name(r, runs.len())));
        }
        for (p, piece) in run.pieces.iter().enumerate() {
            found.push((piece.clone(), Class::in_name(r + p, count)));
        }
    }
    if let [first, .., last] = runs.as_slice()
        && runs.len() <= MOST_WRITTEN_TOGETHER
    {
        let text: String = runs.iter().flat_map(|run| &run.pieces).map(|piece| piece.text.as_str()).collect();
        let start = first.pieces.first().map_or(0, |piece| piece.start);
        let end = last.pieces.last().map_or(start, |piece| piece.end);
        if text.len() <= LONGEST_WRITTEN_TOGETHER && end > start {
            found.push((Word { text, start, end }, Class::Sole));
        }
    }
    found
}

/// FNV-1a; stored in the index, so it must never depend on the build.
fn hash(kind: u8, text: &str) -> u32 {
    let start = 0xcbf2_9ce4_8422_2325u64;
    let hash = std::iter::once(kind)
        .chain(text.bytes())
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 32) as u32 ^ hash as u32
}

/// The hash of a whole name, folded.
pub(crate) fn spelling(folded: &str) -> u32 {
    hash(b'n', folded)
}

/// The hash of another system's whole name for it, folded.
pub(crate) fn other_spelling(folded: &str) -> u32 {
    hash(b's', folded)
}

/// The hash of the words of a name, whatever separates them.
pub(crate) fn same_words(name: &str) -> u32 {
    let words: Vec<String> =
        runs(name, MOST_WORDS).into_iter().flat_map(|run| run.pieces).map(|word| word.text).collect();
    hash(b'w', &words.join(" "))
}

/// The hash of a path, folded.
pub(crate) fn path(folded: &str) -> u32 {
    hash(b'p', folded)
}

fn spellings(entity: &Document) -> Vec<u32> {
    let mut found = vec![spelling(&fold(&entity.name)), same_words(&entity.name)];
    found.extend(entity.other_names().into_iter().map(|name| other_spelling(&fold(name))));
    found.sort_unstable();
    found.dedup();
    found
}

fn paths(entity: &Document) -> Vec<u32> {
    let mut found: Vec<u32> = entity.names.iter().flat_map(folded_paths).map(|text| path(&text)).collect();
    found.extend(entity.parent.iter().map(|parent| path(&fold(&parent.name))));
    found.sort_unstable();
    found.dedup();
    found
}

/// Every path that leads to a qualified name's last part: `main`, `shop.main` and `duckdb://shop.duckdb/shop.main`
/// for `duckdb://shop.duckdb` `shop.main.orders`.
pub(crate) fn folded_paths(name: &QualifiedName) -> Vec<String> {
    let separator = if name.name.contains('/') { '/' } else { '.' };
    let mut paths = Vec::new();
    let own = name.name.trim_end_matches(separator);
    let (path, _) = own.rsplit_once(separator).unwrap_or(("", own));
    let mut from = path.len();
    while let Some(at) = path[..from].rfind(separator) {
        if paths.len() >= MOST_DEPTH {
            break;
        }
        paths.push(fold(&path[at + separator.len_utf8()..]));
        from = at;
    }
    if !path.is_empty() {
        paths.push(fold(path));
    }
    let written = name.to_string();
    let whole = written.trim_end_matches(separator);
    let lead = whole.len().checked_sub(own.len() - path.len()).and_then(|end| whole.get(..end));
    paths.extend(lead.map(|lead| fold(lead.trim_end_matches('/'))));
    paths.retain(|path| !path.is_empty());
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths_of(namespace: &str, name: &str) -> Vec<String> {
        folded_paths(&QualifiedName::new(namespace, name).unwrap())
    }

    #[test]
    fn every_way_to_write_the_path_is_known() {
        assert_eq!(
            paths_of("duckdb://shop.duckdb", "shop.main.Orders"),
            ["main", "shop.main", "duckdb://shop.duckdb/shop.main"]
        );
        assert_eq!(
            paths_of("file", "/data/raw/orders.csv"),
            ["raw", "data/raw", "/data/raw", "file/data/raw"]
        );
        assert_eq!(paths_of("mlflow://host", "churn"), ["mlflow://host"]);
        assert_eq!(paths_of("s3://bucket", "raw/"), ["s3://bucket"]);
    }

    #[test]
    fn words_of_a_name_know_their_place() {
        let words: Vec<_> =
            name_words("customerId_old").into_iter().map(|(word, class)| (word.text, class)).collect();
        let expected = [
            ("customerid", Class::First),
            ("customer", Class::First),
            ("id", Class::Name),
            ("old", Class::Name),
            ("customeridold", Class::Sole),
        ];
        assert_eq!(words, expected.map(|(word, class)| (word.to_owned(), class)));
        assert_eq!(name_words("orders")[0].1, Class::Sole);
    }
}
