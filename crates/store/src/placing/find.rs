//! A chunk's text in a document's: letter by letter, else but for white space, else by letters and digits alone.

use sha2::{Digest, Sha256};

use crate::table::document::Fit;

/// Texts longer than this are not looked through by letters alone.
const MOST_FOR_LETTERS: usize = 4 << 20;
/// Fewer letters than this are in many texts by accident.
const LEAST_LETTERS: usize = 24;
/// Shorter passages say nothing of where a chunk is from.
const LEAST_KEY: usize = 40;
/// How many passages of a chunk are looked for.
const MOST_KEYS: usize = 3;

/// A document's text, and what it is when less is looked at.
pub(crate) struct Haystack {
    text: String,
    spaced: Option<Reduced>,
    letters: Option<Reduced>,
}

/// A text with some of it left out, and where each byte of the rest was.
struct Reduced {
    text: String,
    places: Vec<u32>,
}

impl Reduced {
    fn of(text: &str, reduce: fn(char, &str) -> Option<char>) -> Self {
        let mut reduced = Self { text: String::with_capacity(text.len()), places: Vec::new() };
        for (place, letter) in text.char_indices() {
            if let Some(letter) = reduce(letter, &reduced.text) {
                reduced.text.push(letter);
                reduced.places.resize(reduced.text.len(), u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        reduced
    }

    fn find(&self, needle: &str, whole: &str) -> Option<(usize, usize)> {
        let at = self.text.find(needle)?;
        let start = *self.places.get(at)? as usize;
        let last = *self.places.get(at + needle.len() - 1)? as usize;
        let end = last + whole.get(last..)?.chars().next().map_or(0, char::len_utf8);
        Some((start, end))
    }
}

fn even(letter: char, before: &str) -> Option<char> {
    match letter.is_whitespace() {
        true => (!before.is_empty() && !before.ends_with(' ')).then_some(' '),
        false => Some(letter),
    }
}

fn letters_only(letter: char, _: &str) -> Option<char> {
    letter.is_alphanumeric().then(|| letter.to_lowercase().next().unwrap_or(letter))
}

/// The text with white space evened out: what the second key of a passage is made of.
pub(crate) fn evened(text: &str) -> String {
    let mut evened = Reduced::of(text, even).text;
    evened.truncate(evened.trim_end().len());
    evened
}

impl Haystack {
    pub(crate) fn new(text: String) -> Self {
        Self { text, spaced: None, letters: None }
    }

    /// Where a chunk's text is, in bytes.
    pub(crate) fn find(&mut self, chunk: &str) -> Option<(usize, usize, Fit)> {
        let chunk = chunk.trim();
        if chunk.is_empty() {
            return None;
        }
        if let Some(at) = self.text.find(chunk) {
            return Some((at, at + chunk.len(), Fit::Exact));
        }
        if u32::try_from(self.text.len()).is_err() {
            return None;
        }
        let text = &self.text;
        let spaced = self.spaced.get_or_insert_with(|| Reduced::of(text, even));
        if let Some((start, end)) = spaced.find(&evened(chunk), text) {
            return Some((start, end, Fit::Spaced));
        }
        let needle = Reduced::of(chunk, letters_only).text;
        if needle.chars().count() < LEAST_LETTERS || text.len() > MOST_FOR_LETTERS {
            return None;
        }
        let letters = self.letters.get_or_insert_with(|| Reduced::of(text, letters_only));
        letters.find(&needle, text).map(|(start, end)| (start, end, Fit::Letters))
    }
}

/// The keys of a text's longest passages: of SHA-256 of each, white space evened out.
pub(crate) fn keys(text: &str, most: usize) -> Vec<[u8; 8]> {
    let mut passages: Vec<String> =
        text.split("\n\n").map(evened).filter(|passage| passage.len() >= LEAST_KEY).collect();
    passages.sort_by_key(|passage| std::cmp::Reverse(passage.len()));
    passages.truncate(most);
    let mut keys: Vec<[u8; 8]> = passages.iter().map(|passage| key(passage)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys of a chunk.
pub(crate) fn keys_of_chunk(text: &str) -> Vec<[u8; 8]> {
    keys(text, MOST_KEYS)
}

fn key(passage: &str) -> [u8; 8] {
    let mut key = [0; 8];
    key.iter_mut().zip(Sha256::digest(passage.as_bytes())).for_each(|(to, from)| *to = from);
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chunk_is_found_by_less_and_less() {
        let text = "# Tides\n\nThey **come**\n and go with the moon, twice a day.\n".to_owned();
        let mut haystack = Haystack::new(text.clone());
        let mut found = |chunk: &str| haystack.find(chunk).map(|(start, end, fit)| (&text[start..end], fit));
        assert_eq!(found(" They **come** "), Some(("They **come**", Fit::Exact)));
        assert_eq!(found("They **come** and go"), Some(("They **come**\n and go", Fit::Spaced)));
        let (part, fit) = found("They come and go with the moon, twice").unwrap();
        assert_eq!((part, fit), ("They **come**\n and go with the moon, twice", Fit::Letters));
        assert_eq!(found("They went"), None);
        assert_eq!(found("  "), None);
    }

    #[test]
    fn passages_share_keys_however_they_are_spaced() {
        let passage = "They come and go with the moon, about twice a day.";
        let spaced = passage.replace(' ', "  \n");
        assert_eq!(keys(passage, 9), keys(&spaced, 9));
        assert_eq!(keys("short", 9), Vec::<[u8; 8]>::new());
    }

    proptest! {
        #[test]
        fn what_is_found_is_within_the_text(text in "[a-z éß\\n*]{0,60}", chunk in "[a-z éß\\n*]{0,12}") {
            if let Some((start, end, _)) = Haystack::new(text.clone()).find(&chunk) {
                prop_assert!(text.get(start..end).is_some());
            }
        }
    }
}
