//! How many different values there are, about, in little room.

use std::collections::BTreeSet;

/// How many of the smallest hashes are kept: the estimate is off by about 3 % then.
const KEPT: usize = 1_024;

/// Counts different values: exactly up to [`KEPT`], then by how dense the smallest hashes lie.
#[derive(Debug, Clone, Default)]
pub(super) struct Distinct {
    smallest: BTreeSet<u64>,
}

impl Distinct {
    pub(super) fn add(&mut self, hash: u64) {
        if self.smallest.len() == KEPT {
            if self.smallest.last().is_some_and(|last| hash >= *last) || !self.smallest.insert(hash) {
                return;
            }
            self.smallest.pop_last();
        } else {
            self.smallest.insert(hash);
        }
    }

    /// How many there are, and whether that is exact.
    pub(super) fn count(&self) -> (u64, bool) {
        match self.smallest.last() {
            Some(last) if self.smallest.len() == KEPT => {
                let density = (KEPT - 1) as f64 / (*last as f64 / u64::MAX as f64);
                (density.round() as u64, false)
            }
            _ => (self.smallest.len() as u64, true),
        }
    }
}

/// A hash whose bits are all equally good, the same on every machine.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9_u64), (27, 0x94d0_49bb_1331_11eb)] {
        hash = (hash ^ (hash >> shift)).wrapping_mul(factor);
    }
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_counted_and_many_are_estimated() {
        let mut distinct = Distinct::default();
        for round in 0..3 {
            for value in 0..1_000_u32 {
                distinct.add(hash(&value.to_le_bytes()));
            }
            assert_eq!(distinct.count(), (1_000, true), "{round}");
        }
        for value in 0..50_000_u32 {
            distinct.add(hash(&value.to_le_bytes()));
        }
        let (count, exact) = distinct.count();
        assert!(!exact && (44_000..56_000).contains(&count), "{count}");
    }
}
