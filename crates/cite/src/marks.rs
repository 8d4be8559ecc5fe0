//! Marks in an answer: `[1]`, `[1, 2]`, `[^3]`, `[doc1]`, `【4†source】`.

use crate::{Span, words::sentences};

/// A mark, and the words that it stands behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where the mark itself stands.
    pub span: Span,
    /// The sentence that it supports.
    pub claim: Span,
    /// The number of the source, as the answer counts them.
    pub number: usize,
}

/// A list of sources has fewer entries; greater numbers are years and amounts.
const GREATEST: usize = 200;

/// The marks of an answer, in their order. What stands in code, and the text of a link, is no mark.
pub fn marks(text: &str) -> Vec<Mark> {
    let letters: Vec<char> = text.chars().collect();
    let code = code(&letters);
    let sentences = sentences(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let open = letters[at];
        let close = match open {
            '[' => ']',
            '【' => '】',
            _ => {
                at += 1;
                continue;
            }
        };
        let end = (at + 1..letters.len().min(at + 40)).find(|&end| letters[end] == close);
        let Some(end) = end.filter(|_| !code[at]) else {
            at += 1;
            continue;
        };
        let inside: String = letters[at + 1..end].iter().collect();
        // `[1](…)` is a link and `[1]: …` its target.
        let leads_on = matches!(letters.get(end + 1), Some('(' | ':'));
        let numbers = if leads_on && open == '[' { Vec::new() } else { numbers(&inside) };
        let span = Span { start: at, end: end + 1 };
        for number in numbers {
            found.push(Mark { span, claim: claim(&letters, &sentences, span), number });
        }
        at = end + 1;
    }
    found
}

/// The numbers within a mark's brackets; none when it is something else.
fn numbers(inside: &str) -> Vec<usize> {
    let inside = inside.split('†').next().unwrap_or_default();
    let mut found = Vec::new();
    for part in inside.split([',', ';']) {
        let part = part.trim().trim_start_matches('^');
        let part = ["doc", "source", "ref", "Doc", "Source"]
            .iter()
            .find_map(|word| part.strip_prefix(word))
            .unwrap_or(part)
            .trim_start_matches(['_', ' ', '#', '-']);
        // `4:0` in OpenAI's marks is a message's number and the source's.
        let part = part.rsplit(':').next().unwrap_or(part);
        match part.parse::<usize>() {
            Ok(number) if number <= GREATEST => found.push(number),
            _ => return Vec::new(),
        }
    }
    found
}

/// The sentence that holds the mark, or the one before when the mark stands alone.
fn claim(letters: &[char], sentences: &[Span], mark: Span) -> Span {
    let here = sentences.iter().position(|sentence| sentence.start <= mark.start && mark.end <= sentence.end);
    let Some(here) = here else { return mark };
    let sentence = sentences[here];
    let says = letters[sentence.start..mark.start].iter().any(|letter| letter.is_alphanumeric());
    match (says, here.checked_sub(1)) {
        (false, Some(before)) => sentences[before],
        _ => sentence,
    }
}

/// For each letter whether it stands in code: between backticks, or in a fenced block.
fn code(letters: &[char]) -> Vec<bool> {
    let mut inside = vec![false; letters.len()];
    let mut at = 0;
    while at < letters.len() {
        let ticks = letters[at..].iter().take_while(|letter| **letter == '`').count();
        if ticks == 0 {
            at += 1;
            continue;
        }
        let body = at + ticks;
        let end = (body..letters.len()).find(|&end| {
            letters[end..].iter().take(ticks).filter(|letter| **letter == '`').count() == ticks
                && letters.get(end + ticks) != Some(&'`')
        });
        match end {
            Some(end) => {
                inside[at..end + ticks].fill(true);
                at = end + ticks;
            }
            None => at = body,
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> Vec<(String, usize)> {
        marks(text).iter().map(|mark| (mark.claim.of(text), mark.number)).collect()
    }

    #[test]
    fn marks_stand_behind_what_they_support() {
        assert_eq!(
            said("Wind delays flights [1]. Rain does too.[2, 3] `a[4]` [5](https://example.org) arr[2024]"),
            [
                ("Wind delays flights [1].".to_owned(), 1),
                ("Rain does too.[2, 3]".to_owned(), 2),
                ("Rain does too.[2, 3]".to_owned(), 3),
            ]
        );
        assert_eq!(said("It is so. 【4:0†notes.pdf】"), [("It is so.".to_owned(), 0)]);
        assert_eq!(
            said("As noted[^2] and [doc1]"),
            [("As noted[^2] and [doc1]".to_owned(), 2), ("As noted[^2] and [doc1]".to_owned(), 1)]
        );
        assert_eq!(said("```\nx[1]\n``` nothing [todo]"), []);
    }

    proptest! {
        #[test]
        fn any_text_has_marks_within_it(text in "[\\[\\]【】†`.a 1^,\\n]{0,60}") {
            let length = text.chars().count();
            for mark in marks(&text) {
                prop_assert!(mark.span.end <= length && mark.claim.end <= length && mark.claim.start <= mark.claim.end);
            }
        }
    }
}
