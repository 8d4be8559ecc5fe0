//! Counting crossings between neighbouring layers with an accumulator tree.

use crate::layout::layered::Layered;

/// Counts pairs that are out of order, in O(n log n).
#[derive(Debug, Default)]
pub(super) struct Inversions {
    tree: Vec<u32>,
}

impl Inversions {
    /// Makes ready for values below `values`.
    pub(super) fn reset(&mut self, values: usize) {
        self.tree.clear();
        self.tree.resize(values + 1, 0);
    }

    /// How many of the values added so far are at most `value`.
    pub(super) fn at_most(&self, value: u32) -> u64 {
        let (mut i, mut sum) = (value as usize + 1, 0u64);
        while i > 0 {
            sum += u64::from(self.tree[i]);
            i &= i - 1;
        }
        sum
    }

    /// Adds one value.
    pub(super) fn add(&mut self, value: u32) {
        let mut i = value as usize + 1;
        while i < self.tree.len() {
            self.tree[i] += 1;
            i += i & i.wrapping_neg();
        }
    }
}

/// Crossings between a layer and the next one.
pub(super) fn after(layered: &Layered, layer: usize, tree: &mut Inversions) -> u64 {
    if layer + 1 >= layered.layers() {
        return 0;
    }
    tree.reset(layered.range(layer + 1).len());
    let (mut crossings, mut added) = (0u64, 0u64);
    for &node in layered.in_layer(layer) {
        let heads = layered.forth.of(node as usize);
        // Edges of one node do not cross each other: count all before adding any.
        for &head in heads {
            crossings += added - tree.at_most(layered.place[head as usize]);
        }
        for &head in heads {
            tree.add(layered.place[head as usize]);
        }
        added += heads.len() as u64;
    }
    crossings
}

/// All crossings.
pub(super) fn total(layered: &Layered) -> u64 {
    let mut tree = Inversions::default();
    (0..layered.layers()).map(|l| after(layered, l, &mut tree)).sum()
}
