//! A text in words, each with its place.

use crate::Span;

/// A word without regard to its case, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The words of a text: runs of letters and digits. Scripts without spaces give a word per letter.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for (at, letter) in text.chars().enumerate() {
        if !letter.is_alphanumeric() {
            // "don't" and "3.5" are one word each only when nothing is lost by it; two words do as well.
            open = false;
            continue;
        }
        let alone = stands_alone(letter);
        match words.last_mut() {
            Some(last) if open && !alone => {
                last.text.extend(letter.to_lowercase());
                last.span.end = at + 1;
            }
            _ => words
                .push(Word { text: letter.to_lowercase().collect(), span: Span { start: at, end: at + 1 } }),
        }
        open = !alone;
    }
    words
}

/// Chinese and Japanese are written without spaces.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The sentences of a text, and what stands for one (a line of a list), without the spaces around them.
pub(crate) fn sentences(text: &str) -> Vec<Span> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut start = 0;
    let mut close = |start: usize, end: usize| {
        let first = (start..end).find(|&at| !letters[at].is_whitespace());
        let last = (start..end).rev().find(|&at| !letters[at].is_whitespace());
        if let (Some(first), Some(last)) = (first, last) {
            found.push(Span { start: first, end: last + 1 });
        }
    };
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let ends = match letter {
            '\n' => true,
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => {
                // A mark or bracket that belongs to the sentence comes before the space: "so it is.[2] Next".
                let mut next = at + 1;
                while letters
                    .get(next)
                    .is_some_and(|letter| matches!(letter, '"' | '\'' | ')' | '”' | '’' | '*'))
                {
                    next += 1;
                }
                while letters.get(next) == Some(&'[') {
                    let Some(close) = (next..letters.len().min(next + 24)).find(|&at| letters[at] == ']')
                    else {
                        break;
                    };
                    next = close + 1;
                }
                let over = letters.get(next).is_none_or(|letter| letter.is_whitespace());
                if over {
                    at = next.max(at + 1) - 1;
                }
                over
            }
            _ => false,
        };
        at += 1;
        if ends {
            close(start, at);
            start = at;
        }
    }
    close(start, letters.len());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_says() {
        let text = "It rained 3.5 mm. Was it cold?[2] Yes!\n- a list item\n\nNo end";
        let said: Vec<String> = sentences(text).iter().map(|span| span.of(text)).collect();
        assert_eq!(said, ["It rained 3.5 mm.", "Was it cold?[2]", "Yes!", "- a list item", "No end"]);
    }

    #[test]
    fn words_know_their_place() {
        let text = "Die Größe, 东京 3.5";
        let said: Vec<(String, String)> =
            words(text).into_iter().map(|word| (word.text, word.span.of(text))).collect();
        let expected =
            [("die", "Die"), ("größe", "Größe"), ("东", "东"), ("京", "京"), ("3", "3"), ("5", "5")];
        assert_eq!(said, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
