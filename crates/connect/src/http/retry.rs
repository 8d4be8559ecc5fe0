//! When to ask again.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::error::HttpError;

/// How patient to be.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often to try in all when the connection is lost or refused, once the server has answered something: it may
    /// be starting again.
    pub lost: u32,
    /// How often to try in all when the server answers that it can't now (429, 5xx).
    pub refused: u32,
    /// How often to try in all when nothing comes.
    pub silent: u32,
    /// How often to try in all while the server has never answered: most likely the address is wrong.
    pub first: u32,
    /// How long to wait before the second attempt; twice as long before each further one.
    pub first_wait: Duration,
    /// The longest wait, also when a server asks for more.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // 0.5 + 1 + 2 + ... + 64 seconds: two minutes are enough for a server to start again.
            lost: 9,
            refused: 7,
            silent: 3,
            first: 3,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(120),
        }
    }
}

impl Patience {
    /// How often to try in all, given what the last attempt met and whether the server ever answered.
    pub fn attempts(&self, met: &HttpError, answered: bool) -> u32 {
        match (met, answered) {
            (HttpError::Silent { .. }, false) => 1,
            (_, false) => self.first,
            (HttpError::Silent { .. }, true) => self.silent,
            (HttpError::Refused { .. }, true) => self.refused,
            (_, true) => self.lost,
        }
    }

    /// How long to wait after so many failed attempts, when the server did not say.
    pub fn wait(&self, failed: u32) -> Duration {
        self.first_wait.saturating_mul(2u32.saturating_pow(failed.saturating_sub(1))).min(self.longest_wait)
    }
}

/// Whether the same request may succeed later.
pub fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504)
}

/// How long the server asks us to wait (RFC 9110, section 10.2.3): seconds, or a moment, which is taken by the
/// server's own clock, so that ours does not matter.
pub fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?;
    let now = DateTime::parse_from_rfc2822(headers.get(DATE)?.to_str().ok()?).ok()?;
    (then - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let patience = Patience::default();
        let waits: Vec<_> = (1..=4).map(|failed| patience.wait(failed).as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000]);
        assert_eq!(patience.wait(90), patience.longest_wait);
    }

    #[test]
    fn retry_after_is_seconds_or_a_moment_by_the_servers_clock() {
        let mut headers = HeaderMap::new();
        assert_eq!(asked_wait(&headers), None);
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        assert_eq!(asked_wait(&headers), Some(Duration::from_secs(7)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("Wed, 21 Oct 2026 07:28:30 GMT"));
        headers.insert(DATE, HeaderValue::from_static("Wed, 21 Oct 2026 07:28:00 GMT"));
        assert_eq!(asked_wait(&headers), Some(Duration::from_secs(30)));
    }
}
