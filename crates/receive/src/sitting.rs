//! Which transactions belong together in history: what came without a long pause is looked at, and taken back, as one.

use catena_model::{id::CauseId, time::Timestamp};

/// A pause that ends a sitting, in milliseconds.
const PAUSE: i64 = 60_000;

/// How long a sitting may be, in milliseconds: a system that sends all day is told apart by the hour.
const LONGEST: i64 = 3_600_000;

/// The sitting that is going on.
#[derive(Debug, Default)]
pub(crate) struct Sittings {
    present: Option<Sitting>,
}

#[derive(Debug, Clone, Copy)]
struct Sitting {
    cause: CauseId,
    began: Timestamp,
    last: Timestamp,
}

impl Sittings {
    /// The sitting of what is stored now.
    pub(crate) fn at(&mut self, now: Timestamp, new: impl FnOnce() -> CauseId) -> CauseId {
        let since = |then: Timestamp| now.millis() - then.millis();
        match &mut self.present {
            Some(sitting) if since(sitting.last) <= PAUSE && since(sitting.began) <= LONGEST => {
                sitting.last = now;
                sitting.cause
            }
            _ => {
                let cause = new();
                self.present = Some(Sitting { cause, began: now, last: now });
                cause
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use catena_model::clock::Seeded;

    use super::*;

    #[test]
    fn a_pause_or_an_hour_ends_it() {
        let mut sittings = Sittings::default();
        let mut random = Seeded(1);
        let mut at = |second: i64| {
            let now = Timestamp::from_millis(second * 1_000);
            sittings.at(now, || CauseId::new(now, &mut random))
        };
        let first = at(0);
        assert_eq!(at(60), first);
        assert_ne!(at(121), first);
        let second = at(122);
        for minute in 3..62 {
            assert_eq!(at(minute * 60), second);
        }
        assert_ne!(at(62 * 60 + 10), second);
    }
}
