//! The terms of the index that a word of the query may mean.

use tantivy::{postings::TermInfo, termdict::TermDictionary};

use super::{
    ask::Asked,
    place::{Class, Fit, value},
    schema::MOST_START,
};

/// The most terms that are looked at for one word in one segment.
const MOST_SCANNED: usize = 60_000;
/// The most terms that are one word's typos in one segment.
const MOST_TYPOS: usize = 3_000;
/// The most entries of posting lists that are read for one word in one segment.
const MOST_POSTINGS: u64 = 4_000_000;

/// A term that the word may mean.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub info: TermInfo,
    pub value: u8,
}

/// The terms that one word may mean in one segment.
#[derive(Debug, Default)]
pub(crate) struct Expansion {
    pub terms: Vec<Term>,
    /// Whether a name, path, column or tag has the word: then what is further away is not what was meant.
    pub found: bool,
    /// In how many entities about, not counting typos.
    pub frequency: u64,
}

impl Expansion {
    fn offer(&mut self, class: Class, fit: Fit, info: &TermInfo) {
        self.terms.push(Term { info: info.clone(), value: value(class, fit) });
        self.found |= class <= Class::Owner;
        if fit >= Fit::Start {
            self.frequency += u64::from(info.doc_freq);
        }
    }

    /// Keeps what can be read in bounded time, the best first.
    fn bound(&mut self) {
        self.terms.sort_by_key(|term| std::cmp::Reverse(term.value));
        let mut left = MOST_POSTINGS;
        self.terms.retain(|term| {
            let fits = u64::from(term.info.doc_freq) <= left;
            if fits {
                left -= u64::from(term.info.doc_freq);
            }
            fits
        });
    }
}

/// The word itself, words that begin with it, and words one edit away.
pub(crate) fn near(dictionary: &TermDictionary, asked: &Asked) -> std::io::Result<Expansion> {
    let mut expansion = Expansion::default();
    for (i, spelling) in asked.spellings.iter().enumerate() {
        // The run that the word is a part of is only looked for when it has more letters.
        let letters = if i == 0 { asked.letters } else { spelling.chars().count() };
        spelled(dictionary, spelling, letters, asked.may_be_start(), &mut expansion)?;
    }
    if let Some(typos) = &asked.typos {
        almost(dictionary, asked, &typos.near, &mut expansion)?;
    }
    expansion.bound();
    Ok(expansion)
}

/// Words further away.
pub(crate) fn far(dictionary: &TermDictionary, asked: &Asked) -> std::io::Result<Expansion> {
    let mut expansion = near(dictionary, asked)?;
    if let Some(far) = asked.typos.as_ref().and_then(|typos| typos.far.as_ref()) {
        almost(dictionary, asked, far, &mut expansion)?;
    }
    expansion.bound();
    Ok(expansion)
}

fn spelled(
    dictionary: &TermDictionary,
    spelling: &str,
    letters: usize,
    may_be_start: bool,
    expansion: &mut Expansion,
) -> std::io::Result<()> {
    let bytes = spelling.as_bytes();
    let scans = may_be_start && letters > 1;
    let mut end = bytes.to_vec();
    // No word goes on with a byte as high as this, and every class is below the other.
    end.push(if scans { 0xff } else { super::place::CLASS_LIMIT });
    let mut terms = dictionary.range().ge(bytes).lt(&end).into_stream()?;
    let mut scanned = 0;
    while terms.advance() && scanned < MOST_SCANNED {
        scanned += 1;
        let key = terms.key();
        let Some((word, class)) =
            key.split_last().and_then(|(byte, word)| Some((word, Class::from_byte(*byte)?)))
        else {
            continue;
        };
        if word.len() == bytes.len() {
            match (class.is_start(), may_be_start) {
                (false, _) => expansion.offer(class, Fit::Exact, terms.value()),
                (true, true) => expansion.offer(class, Fit::Start, terms.value()),
                (true, false) => {}
            }
            continue;
        }
        // Names are found by their first letters' own terms; in descriptions, a few letters say nothing.
        let wanted = if letters <= MOST_START { class > Class::Name && class <= Class::Kind } else { true };
        if wanted && !class.is_start() {
            expansion.offer(class, Fit::Start, terms.value());
        }
    }
    Ok(())
}

fn almost(
    dictionary: &TermDictionary,
    asked: &Asked,
    typos: &super::typos::Almost,
    expansion: &mut Expansion,
) -> std::io::Result<()> {
    let word = asked.word();
    let mut terms = dictionary.search(typos.clone()).into_stream()?;
    let mut taken = 0;
    while terms.advance() && taken < MOST_TYPOS {
        let Some((other, class)) = terms
            .key()
            .split_last()
            .and_then(|(byte, other)| Some((std::str::from_utf8(other).ok()?, Class::from_byte(*byte)?)))
        else {
            continue;
        };
        // What begins with the word was found already, as itself.
        let covered = other == word || (asked.may_be_start() && other.starts_with(word));
        if class.is_start() || covered {
            continue;
        }
        if let Some(fit) = typos.fit(other) {
            taken += 1;
            expansion.offer(class, fit, terms.value());
        }
    }
    Ok(())
}
