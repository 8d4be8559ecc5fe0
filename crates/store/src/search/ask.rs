//! From what a person typed to what is looked for. The text is data: nothing in it is an instruction.

use catena_model::{id::EntityId, kind::Kind};
use serde::{Deserialize, Serialize};

use super::{
    document::cut,
    fold::{fold, is_unspaced},
    schema,
    typos::Typos,
    words::runs,
};

/// The most of a query that is looked at, in bytes: longer than the longest name.
const MOST_TEXT: usize = 5_000;
/// The most words of a query that are looked for.
pub(crate) const MOST_ASKED: usize = 16;
/// The most ways to split a query into a path and what lies there.
const MOST_SPLITS: usize = 3;

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// What was typed. Empty: everything, the most used first.
    pub text: String,
    /// Only these kinds; empty: all.
    pub kinds: Vec<Kind>,
    /// Only what has one of these tags; empty: all.
    pub tags: Vec<String>,
    /// Only what one of these answers for; empty: all.
    pub owners: Vec<String>,
    /// Only what one of these systems names; empty: all.
    pub systems: Vec<String>,
    /// How many hits are wanted.
    pub limit: usize,
    /// How many hits to pass over first.
    pub offset: usize,
    /// Leaves the facets out. The hits and their order are the same.
    pub as_you_type: bool,
}

/// One word that is looked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The word, and the run that it is a part of (`id` and `customerid`).
    pub spellings: Vec<String>,
    /// How many letters it has.
    pub letters: usize,
    /// Whether it is the last word: it may not be typed to its end.
    pub last: bool,
    /// What it may have been meant to be.
    pub typos: Option<Typos>,
}

impl Asked {
    /// The word itself.
    pub(crate) fn word(&self) -> &str {
        self.spellings.first().map_or("", String::as_str)
    }

    /// Whether a word that only begins with it fits.
    pub(crate) fn may_be_start(&self) -> bool {
        self.last || self.letters >= 3
    }
}

/// A way to read the query as a path and the thing that lies there.
#[derive(Debug)]
pub(crate) struct Split {
    /// The path, folded, and its hash.
    pub path: u32,
    /// How many of the words, counted from the end, belong to the thing.
    pub words: usize,
    /// The thing's name as hashes.
    pub spelling: u32,
    pub other_spelling: u32,
}

/// What is looked for.
#[derive(Debug)]
pub(crate) struct Ask {
    /// The text, folded, without quotes.
    pub literal: String,
    /// The text, when it is an id.
    pub id: Option<EntityId>,
    /// The words, the last one first.
    pub words: Vec<Asked>,
    pub splits: Vec<Split>,
    pub spelling: u32,
    pub other_spelling: u32,
    pub same_words: u32,
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '`' | '“' | '”' | '„' | '«' | '»')
}

impl Ask {
    pub(crate) fn new(text: &str) -> Self {
        let unquoted: String = cut(text, MOST_TEXT).chars().filter(|c| !is_quote(*c)).collect();
        let text = unquoted.trim();
        let mut pieces = Vec::new();
        for run in runs(text, MOST_TEXT) {
            for piece in run.pieces {
                pieces.push((piece, run.whole.as_ref().map(|whole| whole.text.clone())));
            }
        }
        let path = text.contains(['.', '/']) && !text.contains(char::is_whitespace);
        if pieces.len() > MOST_ASKED {
            // Of a path, the end says the most; of a sentence, the beginning.
            if path {
                pieces.drain(..pieces.len() - MOST_ASKED);
            } else {
                pieces.truncate(MOST_ASKED);
            }
        }
        let mut words: Vec<Asked> = Vec::new();
        let mut starts = Vec::new();
        for (i, (piece, whole)) in pieces.into_iter().rev().enumerate() {
            if words.iter().any(|word| word.word() == piece.text) {
                continue;
            }
            let letters = piece.text.chars().count();
            let typos = Typos::of(&piece.text, letters, i == 0);
            starts.push(piece.start);
            let spellings = std::iter::once(piece.text).chain(whole).collect();
            words.push(Asked { spellings, letters, last: i == 0, typos });
        }
        let splits = text
            .rmatch_indices(['.', '/'])
            .take(MOST_SPLITS)
            .filter_map(|(at, _)| {
                let (path, thing) = (fold(text[..at].trim_end_matches('/')), fold(&text[at + 1..]));
                (!path.is_empty()).then(|| Split {
                    path: schema::path(&path),
                    words: starts.iter().take_while(|start| **start > at).count(),
                    spelling: schema::spelling(&thing),
                    other_spelling: schema::other_spelling(&thing),
                })
            })
            .collect();
        let literal = fold(text);
        Self {
            id: text.parse().ok(),
            words,
            splits,
            spelling: schema::spelling(&literal),
            other_spelling: schema::other_spelling(&literal),
            same_words: schema::same_words(text),
            literal,
        }
    }
}

/// Whether typos in the word can be told from other words: letters only, and of a script with few of them.
pub(crate) fn may_have_typos(word: &str) -> bool {
    word.chars().all(|c| c.is_alphabetic() && !is_unspaced(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        Ask::new(text).words.iter().map(|word| word.word().to_owned()).collect()
    }

    #[test]
    fn quotes_are_dropped_and_words_come_last_first() {
        assert_eq!(words("\"main\".\"stg_orders\""), ["orders", "stg", "main"]);
        assert_eq!(Ask::new("\"stg_orders\"").literal, "stg_orders");
        assert_eq!(words("orders and orders"), ["orders", "and"]);
    }

    #[test]
    fn a_dotted_text_splits_into_path_and_thing() {
        let ask = Ask::new("duckdb://shop.duckdb/shop.main.x");
        assert_eq!(ask.splits[0].path, schema::path("duckdb://shop.duckdb/shop.main"));
        assert_eq!(ask.splits[0].words, 1);
        assert_eq!(Ask::new("main.").splits[0].words, 0);
        assert!(Ask::new("orders").splits.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked(text in any::<String>()) {
            prop_assert!(Ask::new(&text).words.len() <= MOST_ASKED);
        }
    }
}
