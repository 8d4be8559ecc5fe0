//! Which words of an answer rest on which words of a source.
//!
//! An answer says what it rests on in the citation objects of its provider ([`provider`]) or by marks such as `[1]`
//! ([`marks`]). What is cited is looked up in the text of the source as it is now ([`align`]); so a citation's state is
//! never remembered, and a source that changed shows at once. An answer that cites nothing gets suggestions, marked as
//! such ([`resolve`]).
//!
//! All offsets count characters (Unicode scalar values) of the extracted text.

pub mod align;
pub mod marks;
pub mod provider;
pub mod resolve;
mod words;

use serde::{Deserialize, Serialize};

/// A part of a text: from `start` up to `end`, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// The one behind the last.
    pub end: usize,
}

impl Span {
    /// How many characters.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it holds nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The part of the text; what lies beyond its end is left out.
    pub fn of(self, text: &str) -> String {
        text.chars().skip(self.start).take(self.len()).collect()
    }
}

/// How much of the words must be found before anything is marked.
pub const LEAST: f64 = 0.5;
