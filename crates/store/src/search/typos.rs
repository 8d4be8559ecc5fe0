//! Words that are almost another: an edit is a letter left out, put in, replaced, or swapped with the next.

use std::sync::{Arc, LazyLock};

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

use super::{
    ask::may_have_typos,
    place::{CLASS_LIMIT, Fit},
};

static ONE: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static TWO: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

/// The fewest letters of a word in which one typo is forgiven.
const ONE_FROM: usize = 4;
/// The fewest letters of a word still being typed in which one typo is forgiven.
const ONE_IN_START_FROM: usize = 5;
/// The fewest letters of a word in which two typos are forgiven.
const TWO_FROM: usize = 8;

/// What a word may have been meant to be.
#[derive(Clone)]
pub(crate) struct Typos {
    /// Words that are one edit away: always looked for.
    pub near: Almost,
    /// Words further away, or not typed to their end: looked for when nothing nearer is found.
    pub far: Option<Almost>,
}

impl std::fmt::Debug for Typos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typos")
    }
}

impl Typos {
    pub(crate) fn of(word: &str, letters: usize, unfinished: bool) -> Option<Self> {
        if letters < ONE_FROM || !may_have_typos(word) {
            return None;
        }
        let far = match (letters >= TWO_FROM, unfinished) {
            (true, true) => Some(TWO.build_prefix_dfa(word)),
            (true, false) => Some(TWO.build_dfa(word)),
            (false, true) if letters >= ONE_IN_START_FROM => Some(ONE.build_prefix_dfa(word)),
            (false, _) => None,
        };
        Some(Self { near: Almost(Arc::new(ONE.build_dfa(word))), far: far.map(|dfa| Almost(Arc::new(dfa))) })
    }
}

/// Accepts the terms whose word is almost the one that was asked for.
#[derive(Clone)]
pub(crate) struct Almost(Arc<DFA>);

fn fit(distance: Distance) -> Option<Fit> {
    match distance {
        Distance::Exact(0 | 1) => Some(Fit::Typo),
        Distance::Exact(_) => Some(Fit::TwoTypos),
        Distance::AtLeast(_) => None,
    }
}

impl Almost {
    /// How a word fits, without its class.
    pub(crate) fn fit(&self, word: &str) -> Option<Fit> {
        fit(self.0.eval(word))
    }
}

/// A term's class ends it: nothing may follow.
const DEAD: u32 = SINK_STATE;
const ENDED: u32 = u32::MAX;

impl Automaton for Almost {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        *state == ENDED
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != DEAD
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        match *state {
            DEAD | ENDED => DEAD,
            state if byte < CLASS_LIMIT => {
                if fit(self.0.distance(state)).is_some() {
                    ENDED
                } else {
                    DEAD
                }
            }
            state => self.0.transition(state, byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_a_typo_and_swapped_letters_are_one() {
        let near = Typos::of("customer", 8, false).unwrap().near;
        for word in ["custmer", "cusstomer", "custumer", "cutsomer", "customers", "customer"] {
            assert_eq!(near.fit(word), Some(Fit::Typo), "{word}");
        }
        assert_eq!(near.fit("cutsmer"), None);
    }

    #[test]
    fn short_words_and_numbers_have_no_typos() {
        assert!(Typos::of("ord", 3, true).is_none());
        assert!(Typos::of("20240101", 8, true).is_none());
        assert!(Typos::of("订单订单", 4, true).is_none());
    }

    #[test]
    fn an_unfinished_word_may_have_a_typo_too() {
        let far = Typos::of("cutsom", 6, true).unwrap().far.unwrap();
        assert_eq!(far.fit("customers"), Some(Fit::Typo));
        assert_eq!(far.fit("orders"), None);
    }
}
