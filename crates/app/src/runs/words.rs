//! Texts that thousands of runs share, each kept once.

use std::{collections::HashMap, sync::Arc};

/// The number of a text; 0 is no text at all.
pub(super) type Word = u32;

/// Every text of a table by its number.
pub(super) struct Words {
    texts: Vec<Arc<str>>,
    numbers: Vec<Option<f64>>,
    found: HashMap<Arc<str>, Word>,
}

impl Words {
    pub(super) fn new() -> Self {
        // So that 0 stands for nothing.
        Self { texts: vec![Arc::from("")], numbers: vec![None], found: HashMap::new() }
    }

    /// The number of this text, given when it is first seen.
    pub(super) fn number_of(&mut self, text: &str) -> Word {
        if let Some(word) = self.found.get(text) {
            return *word;
        }
        let word = Word::try_from(self.texts.len()).unwrap_or(0);
        let text: Arc<str> = Arc::from(text);
        self.numbers.push(text.trim().parse().ok().filter(|number: &f64| !number.is_nan()));
        self.texts.push(Arc::clone(&text));
        self.found.insert(text, word);
        word
    }

    pub(super) fn text(&self, word: Word) -> &str {
        self.texts.get(word as usize).map_or("", |text| text)
    }

    /// What the text says as a number: parameters are texts in every tracker, and "0.1" is meant as one.
    pub(super) fn as_number(&self, word: Word) -> Option<f64> {
        self.numbers.get(word as usize).copied().flatten()
    }
}
