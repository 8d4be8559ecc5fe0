//! Finding words in a source: as they are, else the stretch that is most like them.

use crate::{
    Span,
    words::{Word, words},
};

/// A source's text, prepared for many look-ups.
pub struct Prepared {
    words: Vec<Word>,
    characters: usize,
}

/// Where something was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The stretch of the source.
    pub span: Span,
    /// How much of what was looked for is in it: 1 for all its words, one behind the other.
    pub share: f64,
}

impl Found {
    /// Whether the words stand there just so.
    pub fn is_exact(&self) -> bool {
        self.share >= 1.0
    }
}

/// More pairs of words than this are not compared: a text of 500 pages with a passage of a page is far below.
const MOST_PAIRS: usize = 200_000_000;
const SAME: i32 = 2;
const OTHER: i32 = -1;
const GAP: i32 = -1;

/// The best alignment that ends at a pair of words.
#[derive(Clone, Copy, Default)]
struct Cell {
    score: i32,
    matched: u32,
    start: u32,
}

impl Prepared {
    /// Takes a source's text.
    pub fn new(text: &str) -> Self {
        Self { words: words(text), characters: text.chars().count() }
    }

    /// How long the text is, in characters.
    pub fn characters(&self) -> usize {
        self.characters
    }

    /// Where `passage` stands, without regard to case, spaces and punctuation; the place nearest to `near` if there are
    /// several. Otherwise the stretch that is most like it, if at least the share `least` of its words is there.
    pub fn find(&self, passage: &str, near: Option<usize>, least: f64) -> Option<Found> {
        let wanted = words(passage);
        if wanted.is_empty() || self.words.is_empty() {
            return None;
        }
        self.just_so(&wanted, near).or_else(|| self.alike(&wanted).filter(|found| found.share >= least))
    }

    fn just_so(&self, wanted: &[Word], near: Option<usize>) -> Option<Found> {
        if wanted.len() > self.words.len() {
            return None;
        }
        let rarest = wanted.iter().enumerate().max_by_key(|(_, word)| word.text.len())?.0;
        let key = &wanted[rarest].text;
        let starts = (rarest..self.words.len())
            .filter(|&at| self.words[at].text == *key)
            .map(|at| at - rarest)
            .filter(|&start| {
                let here = self.words[start..].iter().take(wanted.len());
                here.len() == wanted.len() && here.zip(wanted).all(|(a, b)| a.text == b.text)
            });
        let distance = |start: usize| near.map_or(0, |near| self.words[start].span.start.abs_diff(near));
        let start = starts.min_by_key(|&start| (distance(start), start))?;
        let last = &self.words[start + wanted.len() - 1];
        Some(Found { span: Span { start: self.words[start].span.start, end: last.span.end }, share: 1.0 })
    }

    /// Smith and Waterman's local alignment over words, in two rows.
    fn alike(&self, wanted: &[Word]) -> Option<Found> {
        if wanted.len().checked_mul(self.words.len())? > MOST_PAIRS {
            return None;
        }
        let mut before = vec![Cell::default(); self.words.len() + 1];
        let mut row = before.clone();
        let (mut best, mut best_end) = (Cell::default(), 0);
        for word in wanted {
            row[0] = Cell::default();
            for (at, held) in self.words.iter().enumerate() {
                let same = held.text == word.text;
                let corner = before[at];
                let start = if corner.score == 0 { at as u32 } else { corner.start };
                let mut cell = Cell {
                    score: corner.score + if same { SAME } else { OTHER },
                    matched: corner.matched + u32::from(same),
                    start,
                };
                for (other, gap) in [(before[at + 1], GAP), (row[at], GAP)] {
                    if other.score + gap > cell.score {
                        cell = Cell { score: other.score + gap, ..other };
                    }
                }
                if cell.score <= 0 {
                    cell = Cell::default();
                }
                if cell.score > best.score {
                    best = cell;
                    best_end = at;
                }
                row[at + 1] = cell;
            }
            std::mem::swap(&mut before, &mut row);
        }
        if best.matched == 0 {
            return None;
        }
        let first = self.words.get(best.start as usize)?;
        // All words, but not one behind the other, is not the same.
        let share = (f64::from(best.matched) / wanted.len() as f64).min(0.999);
        Some(Found { span: Span { start: first.span.start, end: self.words[best_end].span.end }, share })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOURCE: &str = "Flights leave Newark in the morning. In winter, wind from the north delays departures by 22 minutes \
                          on average.\nIn summer there are   thunderstorms. Flights leave Newark in the evening too.";

    fn found(passage: &str) -> Option<(String, bool)> {
        let found = Prepared::new(SOURCE).find(passage, None, 0.5)?;
        Some((found.span.of(SOURCE), found.is_exact()))
    }

    #[test]
    fn words_are_found_without_regard_to_case_spaces_and_marks() {
        assert_eq!(
            found("IN summer -- there are thunderstorms!"),
            Some(("In summer there are   thunderstorms".into(), true))
        );
        let near = Prepared::new(SOURCE).find("Flights leave Newark", Some(140), 0.5).unwrap();
        assert_eq!(near.span.start, SOURCE.find("Flights leave Newark in the evening").unwrap());
    }

    #[test]
    fn what_was_put_in_other_words_is_found_where_most_of_it_stands() {
        let (text, exact) = found("Wind from the north makes departures 22 minutes late on average").unwrap();
        assert!(text.starts_with("wind from the north") && text.ends_with("average") && !exact, "{text}");
        assert_eq!(found("The airport of Boston is closed on Sundays for repairs"), None);
        assert_eq!(found(" ... "), None);
    }

    proptest! {
        #[test]
        fn any_stretch_of_whole_words_is_found_just_so(
            text in "([a-z]{1,6}[ ,.]{1,2}){3,60}", from in 0_usize..20, length in 1_usize..20,
        ) {
            let all = words(&text);
            let part = &all[from.min(all.len() - 1)..(from + length).min(all.len()).max(from.min(all.len() - 1) + 1)];
            let passage: Vec<&str> = part.iter().map(|word| word.text.as_str()).collect();
            let found = Prepared::new(&text).find(&passage.join("  "), None, 0.5).unwrap();
            prop_assert!(found.is_exact());
            let again: Vec<String> = words(&found.span.of(&text)).into_iter().map(|word| word.text).collect();
            prop_assert_eq!(again, passage);
        }

        #[test]
        fn nothing_is_found_beyond_the_text(text in "\\PC{0,80}", passage in "\\PC{0,40}") {
            if let Some(found) = Prepared::new(&text).find(&passage, Some(3), 0.0) {
                prop_assert!(found.span.start < found.span.end && found.span.end <= text.chars().count());
                prop_assert!(found.share > 0.0 && found.share <= 1.0);
            }
        }
    }
}
