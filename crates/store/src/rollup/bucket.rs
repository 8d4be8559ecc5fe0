//! What was counted of one thing in one hour.
//!
//! All of it is whole numbers that can be added and taken away again, so that the same work in any order comes to the
//! same bucket, and work that is told of anew corrects it: latencies are a histogram with bins that grow by 2 %
//! (percentiles are right to 1 %), cost is in billionths of a dollar, scores in millionths.

use std::collections::BTreeMap;

/// How much wider each bin of latencies is than the one before.
const GROWTH: f64 = 1.02;

/// Sums of one score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScoreSum {
    /// How often it was measured.
    pub count: i64,
    /// The sum, in millionths.
    pub millionths: i64,
}

/// What was counted; also a difference between two such counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How often it was called or ran.
    pub calls: i64,
    /// How many of the calls went wrong.
    pub errors: i64,
    /// How often it was read.
    pub reads: i64,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Cost in billionths of a dollar.
    pub cost: i64,
    /// Calls by how long they took: the bin of [`bin`] and how many are in it.
    pub latencies: BTreeMap<i64, i64>,
    /// Scores by name.
    pub scores: BTreeMap<String, ScoreSum>,
}

/// The bin of a latency in nanoseconds; up to a microsecond all is one.
pub fn bin(nanos: i64) -> i64 {
    let micros = (nanos.max(1) as f64 / 1_000.0).max(1.0);
    (micros.ln() / GROWTH.ln()).round() as i64
}

/// The latency in milliseconds that a bin stands for.
pub fn millis(bin: i64) -> f64 {
    GROWTH.powf(bin as f64) / 1_000.0
}

impl Bucket {
    /// Adds another, `times` times (-1 takes it away).
    pub fn add(&mut self, other: &Bucket, times: i64) {
        let sum = |a: &mut i64, b: i64| *a = a.saturating_add(b.saturating_mul(times));
        sum(&mut self.calls, other.calls);
        sum(&mut self.errors, other.errors);
        sum(&mut self.reads, other.reads);
        sum(&mut self.input_tokens, other.input_tokens);
        sum(&mut self.output_tokens, other.output_tokens);
        sum(&mut self.cost, other.cost);
        for (bin, count) in &other.latencies {
            sum(self.latencies.entry(*bin).or_default(), *count);
        }
        self.latencies.retain(|_, count| *count != 0);
        for (name, score) in &other.scores {
            let held = match self.scores.get_mut(name) {
                Some(held) => held,
                None => self.scores.entry(name.clone()).or_default(),
            };
            sum(&mut held.count, score.count);
            sum(&mut held.millionths, score.millionths);
        }
        self.scores.retain(|_, score| *score != ScoreSum::default());
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The latency in milliseconds that this share of the calls stayed within, such as 0.95; none without latencies.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total: i64 = self.latencies.values().filter(|count| **count > 0).sum();
        if total <= 0 {
            return None;
        }
        let wanted = ((total as f64 * share).ceil() as i64).clamp(1, total);
        let mut seen = 0;
        self.latencies.iter().filter(|(_, count)| **count > 0).find_map(|(bin, count)| {
            seen += count;
            (seen >= wanted).then(|| millis(*bin))
        })
    }

    /// As bytes: zigzag varints, names with their length before them.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        for value in [self.calls, self.errors, self.reads, self.input_tokens, self.output_tokens, self.cost] {
            put(&mut out, value);
        }
        put(&mut out, self.latencies.len() as i64);
        let mut last = 0;
        for (bin, count) in &self.latencies {
            put(&mut out, bin - last);
            put(&mut out, *count);
            last = *bin;
        }
        for (name, score) in &self.scores {
            put(&mut out, name.len() as i64);
            out.extend_from_slice(name.as_bytes());
            put(&mut out, score.count);
            put(&mut out, score.millionths);
        }
        out
    }

    /// From bytes; none when they are damaged.
    pub(crate) fn unpack(mut bytes: &[u8]) -> Option<Self> {
        let rest = &mut bytes;
        let mut bucket = Self {
            calls: take(rest)?,
            errors: take(rest)?,
            reads: take(rest)?,
            input_tokens: take(rest)?,
            output_tokens: take(rest)?,
            cost: take(rest)?,
            ..Self::default()
        };
        let mut bin = 0_i64;
        for _ in 0..take(rest)? {
            bin = bin.checked_add(take(rest)?)?;
            bucket.latencies.insert(bin, take(rest)?);
        }
        while !rest.is_empty() {
            let length = usize::try_from(take(rest)?).ok()?;
            let name = std::str::from_utf8(rest.get(..length)?).ok()?.to_owned();
            *rest = rest.get(length..)?;
            bucket.scores.insert(name, ScoreSum { count: take(rest)?, millionths: take(rest)? });
        }
        Some(bucket)
    }
}

fn put(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn take(bytes: &mut &[u8]) -> Option<i64> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(nanos: i64) -> Bucket {
        Bucket { calls: 1, latencies: BTreeMap::from([(bin(nanos), 1)]), ..Bucket::default() }
    }

    #[test]
    fn percentiles_are_right_to_one_percent() {
        let mut sum = Bucket::default();
        for millis in 1..=1_000 {
            sum.add(&call(millis * 1_000_000), 1);
        }
        for (share, expected) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let found = sum.quantile(share).unwrap();
            assert!((found / expected - 1.0).abs() < 0.0101, "{share}: {found}");
        }
        assert_eq!(Bucket::default().quantile(0.5), None);
    }

    #[test]
    fn what_is_added_can_be_taken_away_and_is_kept_whole() {
        let mut one = call(3_000_000);
        one.scores.insert("relevance".to_owned(), ScoreSum { count: 1, millionths: -250_000 });
        one.cost = i64::MAX / 2;
        let mut sum = call(9_000_000_000);
        let before = sum.clone();
        sum.add(&one, 1);
        assert_eq!(Bucket::unpack(&sum.pack()), Some(sum.clone()));
        sum.add(&one, -1);
        assert_eq!(sum, before);
        sum.add(&before, -1);
        assert!(sum.is_empty());
    }

    #[test]
    fn damaged_bytes_are_no_bucket_and_no_panic() {
        for length in 0..40 {
            let _ = Bucket::unpack(&vec![0xff; length]);
            let _ = Bucket::unpack(&vec![0x7e; length]);
        }
        assert_eq!(Bucket::unpack(&[1]), None);
    }
}
