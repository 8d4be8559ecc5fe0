//! Trying again what fails for a moment only.

use std::time::Duration;

/// How long is waited before each further attempt: some seconds in all, the first of them soon.
pub const PAUSES: &[Duration] = &[
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_000),
    Duration::from_millis(1_000),
    Duration::from_millis(1_500),
];

/// Attempts something until it is done, fails in a way that doesn't pass, or the pauses are used up.
pub fn again<T, E>(
    pauses: &[Duration],
    passes: impl Fn(&E) -> bool,
    mut sleep: impl FnMut(Duration),
    mut attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    for pause in pauses {
        match attempt() {
            Err(error) if passes(&error) => sleep(*pause),
            done => return done,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts until the `n`th, which gives `last`; the number of attempts and the time slept.
    fn attempts(n: u32, last: Result<u32, &'static str>) -> (Result<u32, &'static str>, u32, Duration) {
        let (mut made, mut slept) = (0, Duration::ZERO);
        let result = again(
            PAUSES,
            |error| *error == "closing",
            |pause| slept += pause,
            || {
                made += 1;
                if made < n { Err("closing") } else { last }
            },
        );
        (result, made, slept)
    }

    #[test]
    fn what_is_done_at_once_waits_for_nothing() {
        assert_eq!(attempts(1, Ok(7)), (Ok(7), 1, Duration::ZERO));
    }

    #[test]
    fn what_passes_is_tried_until_it_has_passed() {
        assert_eq!(attempts(4, Ok(7)), (Ok(7), 4, PAUSES[..3].iter().sum()));
    }

    #[test]
    fn what_does_not_pass_is_told_at_once() {
        assert_eq!(attempts(2, Err("no screen")), (Err("no screen"), 2, PAUSES[0]));
    }

    #[test]
    fn it_gives_up_after_some_seconds() {
        let (result, made, slept) = attempts(u32::MAX, Ok(7));
        assert_eq!((result, made as usize), (Err("closing"), PAUSES.len() + 1));
        assert!(slept >= Duration::from_secs(3) && slept <= Duration::from_secs(8), "{slept:?}");
    }
}
