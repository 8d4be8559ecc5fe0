//! One column of the table of runs.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::words::{Word, Words};

/// The bits of a number that isn't there: one of the many NaNs, so that NaN itself can be a value.
const MISSING: u64 = 0x7ff8_0000_0000_0bad;

/// The values of one column, a row each.
pub(super) enum Column {
    /// Numbers: metrics, times, counts.
    Numbers(Vec<f64>),
    /// Texts: parameters, tags, names.
    Texts(Vec<Word>),
}

/// One value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Cell {
    /// There is none.
    Missing,
    /// A number.
    Number(f64),
    /// A text.
    Text(Word),
}

impl Column {
    pub(super) fn numbers(rows: usize) -> Self {
        Self::Numbers(vec![f64::from_bits(MISSING); rows])
    }

    pub(super) fn texts(rows: usize) -> Self {
        Self::Texts(vec![0; rows])
    }

    pub(super) fn cell(&self, row: usize) -> Cell {
        match self {
            Self::Numbers(values) => match values.get(row) {
                Some(value) if value.to_bits() != MISSING => Cell::Number(*value),
                _ => Cell::Missing,
            },
            Self::Texts(words) => match words.get(row) {
                Some(0) | None => Cell::Missing,
                Some(word) => Cell::Text(*word),
            },
        }
    }

    /// The value as a number, where it is one or is written like one.
    pub(super) fn number(&self, row: usize, words: &Words) -> Option<f64> {
        match self.cell(row) {
            Cell::Missing => None,
            Cell::Number(number) => Some(number),
            Cell::Text(word) => words.as_number(word),
        }
    }

    /// How two rows are ordered by this column, going up: numbers, then texts, then what has no value.
    pub(super) fn order(&self, a: usize, b: usize, words: &Words) -> Ordering {
        let key = |row| match self.cell(row) {
            Cell::Number(number) => (0, number, ""),
            Cell::Text(word) => match words.as_number(word) {
                Some(number) => (0, number, words.text(word)),
                None => (1, 0.0, words.text(word)),
            },
            Cell::Missing => (2, 0.0, ""),
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| natural(a.2, b.2))
    }

    /// The value as it is told: numbers that JSON has no form for as MLflow writes them.
    pub(super) fn told(&self, row: usize, words: &Words) -> Value {
        match self.cell(row) {
            Cell::Missing => Value::Null,
            Cell::Text(word) => Value::from(words.text(word)),
            Cell::Number(number) => told(number),
        }
    }
}

/// A number as JSON.
pub(super) fn told(number: f64) -> Value {
    match number {
        number if number.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        number => json!(number),
    }
}

/// Letters without regard to their case; the bytes decide between what differs in nothing else.
fn natural(a: &str, b: &str) -> Ordering {
    let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    if a.is_ascii() && b.is_ascii() {
        let lower = |text: &'_ str| text.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>();
        return lower(a).cmp(&lower(b)).then_with(|| a.cmp(b));
    }
    folded(a).cmp(&folded(b)).then_with(|| a.cmp(b))
}
