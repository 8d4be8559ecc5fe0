//! Text taken apart into words: at what isn't a letter or digit, between letters and digits, and in camel case.
//! Scripts without spaces are cut into pairs of letters.

use unicode_normalization::char::is_combining_mark;

use super::fold::{fold_char, is_unspaced};

/// The most letters of a word that count.
const MOST_LETTERS: usize = 64;
/// With more switches between letters and digits than this, it is a hash or an id, not words.
const MOST_SWITCHES: usize = 3;

/// A word, folded, and where it stands in the text (bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// Letters and digits that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its words: at least one.
    pub pieces: Vec<Word>,
    /// All of it as one word, when it was taken apart.
    pub whole: Option<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Upper,
    Lower,
    Digit,
    Unspaced,
    Mark,
    Between,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return match c {
            'A'..='Z' => Class::Upper,
            'a'..='z' => Class::Lower,
            '0'..='9' => Class::Digit,
            _ => Class::Between,
        };
    }
    if is_combining_mark(c) {
        Class::Mark
    } else if is_unspaced(c) && c.is_alphanumeric() {
        Class::Unspaced
    } else if c.is_numeric() {
        Class::Digit
    } else if c.is_uppercase() {
        Class::Upper
    } else if c.is_alphabetic() {
        Class::Lower
    } else if is_picture(c) {
        Class::Unspaced
    } else {
        Class::Between
    }
}

/// Emoji and other signs that people name things with.
fn is_picture(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x2bff | 0x1f000..=0x1faff)
}

fn word(text: &str, start: usize, end: usize) -> Word {
    let mut folded = String::with_capacity(end - start);
    let mut letters = 0;
    for c in text[start..end].chars() {
        fold_char(c, |c| {
            letters += 1;
            if letters <= MOST_LETTERS {
                folded.push(c);
            }
        });
    }
    Word { text: folded, start, end }
}

/// The runs of a text, up to about `most` words.
pub(crate) fn runs(text: &str, most: usize) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut count = 0;
    let mut at = 0;
    while at < text.len() && count < most {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        let kind = class(first);
        if matches!(kind, Class::Between | Class::Mark) {
            at += first.len_utf8();
            continue;
        }
        let unspaced = kind == Class::Unspaced;
        let mut length = 0;
        let mut letters: Vec<(usize, Class)> = Vec::new();
        for c in rest.chars() {
            let kind = class(c);
            if kind == Class::Between || (kind != Class::Mark && (kind == Class::Unspaced) != unspaced) {
                break;
            }
            if kind != Class::Mark {
                letters.push((at + length, kind));
            }
            length += c.len_utf8();
            // A text without any space or sign is cut somewhere, rather than held as one enormous word.
            if letters.len() >= 4 * MOST_LETTERS {
                break;
            }
        }
        let end = at + length;
        let run = if unspaced { pairs(text, &letters, end) } else { take_apart(text, &letters, end) };
        at = end;
        if !run.pieces.is_empty() {
            count += run.pieces.len();
            found.push(run);
        }
    }
    found
}

fn pairs(text: &str, letters: &[(usize, Class)], end: usize) -> Run {
    let edge = |i: usize| letters.get(i).map_or(end, |(at, _)| *at);
    let pieces = match letters.len() {
        1 => vec![word(text, edge(0), end)],
        n => (0..n - 1).map(|i| word(text, edge(i), edge(i + 2))).collect(),
    };
    Run { pieces, whole: None }
}

fn take_apart(text: &str, letters: &[(usize, Class)], end: usize) -> Run {
    let mut cuts = Vec::new();
    let mut switches = 0;
    for i in 1..letters.len() {
        let (before, here) = (letters[i - 1].1, letters[i].1);
        let switch = (before == Class::Digit) != (here == Class::Digit);
        let hump = before == Class::Lower && here == Class::Upper;
        // HTTPServer: the last capital begins the next word.
        let after_capitals = before == Class::Upper
            && here == Class::Upper
            && letters.get(i + 1).is_some_and(|next| next.1 == Class::Lower);
        switches += usize::from(switch);
        if switch || hump || after_capitals {
            cuts.push(letters[i].0);
        }
    }
    let start = letters.first().map_or(end, |(at, _)| *at);
    let whole = word(text, start, end);
    if whole.text.is_empty() {
        return Run { pieces: Vec::new(), whole: None };
    }
    if cuts.is_empty() || switches > MOST_SWITCHES {
        return Run { pieces: vec![whole], whole: None };
    }
    let mut pieces = Vec::with_capacity(cuts.len() + 1);
    let mut from = start;
    for cut in cuts.into_iter().chain([end]) {
        pieces.push(word(text, from, cut));
        from = cut;
    }
    pieces.retain(|piece| !piece.text.is_empty());
    Run { pieces, whole: Some(whole) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        runs(text, 1_000).into_iter().flat_map(|run| run.pieces).map(|word| word.text).collect()
    }

    #[test]
    fn underscores_dots_slashes_and_camel_case_separate_words() {
        assert_eq!(pieces("stg_orders"), ["stg", "orders"]);
        assert_eq!(pieces("duckdb://shop.duckdb/main"), ["duckdb", "shop", "duckdb", "main"]);
        assert_eq!(pieces("customerId"), ["customer", "id"]);
        assert_eq!(pieces("HTTPServerError"), ["http", "server", "error"]);
        assert_eq!(pieces("orders2024"), ["orders", "2024"]);
        assert_eq!(pieces("ÜberOrdnung"), ["uber", "ordnung"]);
    }

    #[test]
    fn what_was_taken_apart_is_kept_whole_too() {
        let run = &runs("customerId", 9)[0];
        assert_eq!(run.whole.as_ref().map(|word| word.text.as_str()), Some("customerid"));
        assert_eq!(runs("orders", 9)[0].whole, None);
    }

    #[test]
    fn hashes_stay_whole() {
        assert_eq!(pieces("run 9f3ab27c01d4"), ["run", "9f3ab27c01d4"]);
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        assert_eq!(pieces("订单明细"), ["订单", "单明", "明细"]);
        assert_eq!(pieces("表"), ["表"]);
        assert_eq!(pieces("orders订单v2"), ["orders", "订单", "v", "2"]);
        assert_eq!(pieces("🚀 launch"), ["🚀", "launch"]);
    }

    proptest! {
        #[test]
        fn every_word_lies_in_the_text(text in any::<String>()) {
            for run in runs(&text, 1_000) {
                prop_assert!(!run.pieces.is_empty());
                for word in run.pieces.iter().chain(&run.whole) {
                    prop_assert!(text.get(word.start..word.end).is_some());
                    prop_assert!(word.start < word.end);
                    prop_assert!(!word.text.bytes().any(|byte| byte < 0x20));
                }
            }
        }
    }
}
