//! What a receiver has seen, for the person who looks at it.

use std::sync::{Arc, Mutex, MutexGuard};

use catena_model::time::Timestamp;
use serde::Serialize;

/// How many seconds the rate is kept for.
pub const SECONDS: usize = 60;

/// What a receiver has seen since it was switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Records that were stored, repeats included.
    pub accepted: u64,
    /// Records that went to the dead-letter list.
    pub rejected: u64,
    /// Requests that were turned away.
    pub refused: u64,
    /// When something was last stored.
    pub last: Option<Timestamp>,
    /// What last went wrong, and when.
    pub problem: Option<(Timestamp, String)>,
    /// Records stored in each of the last seconds, the present one last.
    pub rate: Vec<u32>,
}

/// Counts for one receiver.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    accepted: u64,
    rejected: u64,
    refused: u64,
    last: Option<Timestamp>,
    problem: Option<(Timestamp, String)>,
    /// The second of the latest slot, since the epoch.
    second: i64,
    slots: [u32; SECONDS],
}

impl Default for State {
    fn default() -> Self {
        Self {
            accepted: 0,
            rejected: 0,
            refused: 0,
            last: None,
            problem: None,
            second: 0,
            slots: [0; SECONDS],
        }
    }
}

impl State {
    fn turn_to(&mut self, now: Timestamp) {
        let second = now.millis().div_euclid(1_000);
        // A clock that was set back adds to the latest slot until it has caught up.
        let passed = usize::try_from(second - self.second).unwrap_or(0);
        if passed == 0 {
            return;
        }
        let kept = SECONDS.saturating_sub(passed);
        self.slots.copy_within(SECONDS - kept.., 0);
        self.slots[kept..].fill(0);
        self.second = second;
    }
}

impl Counts {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// So many records were stored.
    pub fn accepted(&self, records: usize, now: Timestamp) {
        if records == 0 {
            return;
        }
        let mut state = self.lock();
        state.turn_to(now);
        state.accepted += records as u64;
        state.slots[SECONDS - 1] =
            state.slots[SECONDS - 1].saturating_add(u32::try_from(records).unwrap_or(u32::MAX));
        state.last = Some(now);
    }

    /// A record went to the dead-letter list.
    pub fn rejected(&self, why: &str, now: Timestamp) {
        let mut state = self.lock();
        state.rejected += 1;
        state.problem = Some((now, why.to_owned()));
    }

    /// A request was turned away.
    pub fn refused(&self, why: &str, now: Timestamp) {
        let mut state = self.lock();
        state.refused += 1;
        state.problem = Some((now, why.to_owned()));
    }

    /// Something was wrong with a record that was stored all the same.
    pub fn note(&self, what: &str, now: Timestamp) {
        self.lock().problem = Some((now, what.to_owned()));
    }

    /// What was seen until now.
    pub fn seen(&self, now: Timestamp) -> Seen {
        let mut state = self.lock();
        state.turn_to(now);
        Seen {
            accepted: state.accepted,
            rejected: state.rejected,
            refused: state.refused,
            last: state.last,
            problem: state.problem.clone(),
            rate: state.slots.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_moves_with_the_clock() {
        let counts = Counts::default();
        let at = |second: i64| Timestamp::from_millis(1_700_000_000_000 + second * 1_000);
        counts.accepted(3, at(0));
        counts.accepted(4, at(1));
        assert_eq!(counts.seen(at(1)).rate[SECONDS - 2..], [3, 4]);
        assert_eq!(counts.seen(at(3)).rate[SECONDS - 4..], [3, 4, 0, 0]);
        // Set back: nothing is lost, and nothing fails.
        counts.accepted(5, at(2));
        assert_eq!(counts.seen(at(3)).rate[SECONDS - 1], 5);
        let later = counts.seen(at(500));
        assert_eq!(later.rate, vec![0; SECONDS]);
        assert_eq!((later.accepted, later.last), (12, Some(at(2))));
    }
}
