//! How much one source may send, so that none keeps the others from being heard.

use std::{collections::HashMap, time::Duration};

/// How many sources are told apart; the others share one quota.
const SOURCES: usize = 64;

/// What one second allows.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Requests.
    pub requests: u32,
    /// Bytes.
    pub bytes: u32,
}

/// Two buckets per source, which fill as time passes and hold two seconds' worth.
#[derive(Debug)]
pub struct Quotas {
    rate: Rate,
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    at: Duration,
    requests: f64,
    bytes: f64,
}

const SECONDS: f64 = 2.0;

impl Quotas {
    /// Quotas at this rate for each source.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: HashMap::new() }
    }

    /// Counts one request, at `now` on a clock that never goes back; says how long to wait when it's one too many.
    pub fn take(&mut self, source: &str, now: Duration) -> Result<(), Duration> {
        let rate = self.rate;
        let bucket = self.bucket(source, now);
        if bucket.requests < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.requests) / f64::from(rate.requests)));
        }
        if bucket.bytes < 0.0 {
            return Err(Duration::from_secs_f64(-bucket.bytes / f64::from(rate.bytes)));
        }
        bucket.requests -= 1.0;
        Ok(())
    }

    /// Counts the bytes of a request that was taken. How many they are is known only now: this one goes through on
    /// credit, and the next one waits.
    pub fn charge(&mut self, source: &str, bytes: usize, now: Duration) {
        #[allow(clippy::cast_precision_loss)]
        let bytes = bytes as f64;
        self.bucket(source, now).bytes -= bytes;
    }

    fn bucket(&mut self, source: &str, now: Duration) -> &mut Bucket {
        let Rate { requests, bytes: most } = self.rate;
        let (requests, most) = (f64::from(requests), f64::from(most));
        let source =
            if self.buckets.len() < SOURCES || self.buckets.contains_key(source) { source } else { "" };
        let bucket = self.buckets.entry(source.to_owned()).or_insert_with(|| Bucket {
            at: now,
            requests: requests * SECONDS,
            bytes: most * SECONDS,
        });
        let passed = now.saturating_sub(bucket.at).as_secs_f64();
        bucket.at = now.max(bucket.at);
        bucket.requests = passed.mul_add(requests, bucket.requests).min(requests * SECONDS);
        bucket.bytes = passed.mul_add(most, bucket.bytes).min(most * SECONDS);
        bucket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_is_stopped_and_the_others_are_not() {
        let mut quotas = Quotas::new(Rate { requests: 10, bytes: 1_000 });
        let start = Duration::from_secs(5);
        let taken = (0..100).filter(|_| quotas.take("noisy", start).is_ok()).count();
        assert_eq!(taken, 20);
        assert!(quotas.take("quiet", start).is_ok());
        let wait = quotas.take("noisy", start).unwrap_err();
        assert!(wait <= Duration::from_millis(100));
        assert!(quotas.take("noisy", start + wait + Duration::from_millis(1)).is_ok());
    }

    #[test]
    fn bytes_count_too() {
        let mut quotas = Quotas::new(Rate { requests: 1_000, bytes: 1_000 });
        assert!(quotas.take("a", Duration::ZERO).is_ok());
        quotas.charge("a", 5_000, Duration::ZERO);
        assert_eq!(quotas.take("a", Duration::ZERO), Err(Duration::from_secs(3)));
        assert!(quotas.take("a", Duration::from_secs(3)).is_ok());
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory_nor_get_around_it() {
        let mut quotas = Quotas::new(Rate { requests: 1, bytes: 1_000 });
        let taken =
            (0..10_000).filter(|n| quotas.take(&format!("source {n}"), Duration::ZERO).is_ok()).count();
        assert!(taken <= 2 * (SOURCES + 1), "{taken}");
        assert!(quotas.buckets.len() <= SOURCES + 1);
    }
}
