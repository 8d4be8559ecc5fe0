//! Which layer each node goes to: as short edges in total as can be had for the time.

use crate::cancel::{Cancelled, Check};
use crate::layout::links::Links;
use crate::layout::network_simplex;

/// An acyclic graph with weighted edges, each at least one layer long.
pub(super) struct Dag<'a> {
    pub(super) nodes: usize,
    pub(super) edges: &'a [(u32, u32)],
    pub(super) weight: &'a [u32],
    pub(super) out: Links,
    pub(super) into: Links,
}

impl<'a> Dag<'a> {
    pub(super) fn new(nodes: usize, edges: &'a [(u32, u32)], weight: &'a [u32]) -> Self {
        let (out, into) = (Links::edges_out(nodes, edges), Links::edges_in(nodes, edges));
        Self { nodes, edges, weight, out, into }
    }

    /// Every node after all those before it.
    pub(super) fn in_order(&self) -> Vec<u32> {
        let mut missing: Vec<u32> = (0..self.nodes).map(|n| self.into.len(n) as u32).collect();
        let mut order: Vec<u32> = (0..self.nodes as u32).filter(|&n| missing[n as usize] == 0).collect();
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            next += 1;
            for &edge in self.out.of(node as usize) {
                let to = self.edges[edge as usize].1;
                missing[to as usize] -= 1;
                if missing[to as usize] == 0 {
                    order.push(to);
                }
            }
        }
        order
    }

    /// The first layer that the nodes before it leave free.
    fn earliest(&self, layer: &[i32], node: usize) -> Option<i32> {
        self.into.of(node).iter().map(|&e| layer[self.edges[e as usize].0 as usize] + 1).max()
    }

    fn pull(&self, edges: &[u32]) -> u64 {
        edges.iter().map(|&e| u64::from(self.weight[e as usize])).sum()
    }
}

/// A layer for each node, counted from 0; every edge leads to a later one. `steps` bounds the work spent on
/// shortening edges.
pub(super) fn layers(dag: &Dag<'_>, steps: u64, check: Check<'_>) -> Result<Vec<i32>, Cancelled> {
    let order = dag.in_order();
    let mut layer = vec![0i32; dag.nodes];
    for &node in &order {
        layer[node as usize] = dag.earliest(&layer, node as usize).unwrap_or(0);
    }
    tighten(dag, &order, &mut layer, |_| false);
    if steps > 0 {
        network_simplex::shorten(dag, &mut layer, steps, check)?;
    }
    from_zero(&mut layer);
    Ok(layer)
}

/// Layers that change as little as possible: nodes with a wish get it or the first free layer after it, the others
/// settle beside their neighbours. Empty layers are dropped.
pub(super) fn layers_near(dag: &Dag<'_>, wish: &[Option<i32>]) -> Vec<i32> {
    let order = dag.in_order();
    let mut layer: Vec<i32> = wish.iter().map(|w| w.unwrap_or(i32::MAX)).collect();
    // Newcomers go just before what they feed, when that is known ...
    for &node in order.iter().rev() {
        let n = node as usize;
        if wish[n].is_none() {
            let known = dag.out.of(n).iter().map(|&e| layer[dag.edges[e as usize].1 as usize]);
            layer[n] = known.filter(|&l| l != i32::MAX).min().map_or(i32::MAX, |l| l - 1);
        }
    }
    // ... else just after what feeds them; and whoever is in the way of an edge gives way to the right.
    for &node in &order {
        let n = node as usize;
        let earliest = dag.earliest(&layer, n);
        layer[n] = match (layer[n], earliest) {
            (i32::MAX, e) => e.unwrap_or(0),
            (l, Some(e)) => l.max(e),
            (l, None) => l,
        };
    }
    tighten(dag, &order, &mut layer, |n| wish[n].is_some());
    let mut used = layer.clone();
    used.sort_unstable();
    used.dedup();
    for l in &mut layer {
        *l = used.partition_point(|u| u < l) as i32;
    }
    layer
}

/// Moves nodes towards the side that pulls harder, together with all that they would push, until nothing moves. What is
/// fixed is neither moved nor pushed.
fn tighten(dag: &Dag<'_>, order: &[u32], layer: &mut [i32], fixed: impl Fn(usize) -> bool) {
    let net: Vec<i64> =
        (0..dag.nodes).map(|n| dag.pull(dag.out.of(n)) as i64 - dag.pull(dag.into.of(n)) as i64).collect();
    let mut seen = vec![0u32; dag.nodes];
    let mut round = 0u32;
    let mut pushed: Vec<u32> = Vec::new();
    for _ in 0..PASSES {
        let mut moved = false;
        // Rightwards from the end, so that each finds its successors moved already; then leftwards from the start.
        for (rightwards, i) in
            (0..dag.nodes).rev().map(|i| (true, i)).chain((0..dag.nodes).map(|i| (false, i)))
        {
            let node = order[i];
            // What is not drawn there itself has no set to push that would not be found from elsewhere.
            if if rightwards { net[node as usize] <= 0 } else { net[node as usize] >= 0 } {
                continue;
            }
            round += 1;
            pushed.clear();
            pushed.push(node);
            seen[node as usize] = round;
            let (mut gain, mut slack, mut next) = (0i64, i32::MAX, 0);
            while let Some(&n) = pushed.get(next) {
                let n = n as usize;
                if fixed(n) {
                    break;
                }
                next += 1;
                gain += if rightwards { net[n] } else { -net[n] };
                for &e in if rightwards { dag.out.of(n) } else { dag.into.of(n) } {
                    let (a, b) = dag.edges[e as usize];
                    let other = if rightwards { b } else { a };
                    let free = layer[b as usize] - layer[a as usize] - 1;
                    if free > 0 {
                        slack = slack.min(free);
                    } else if seen[other as usize] != round {
                        seen[other as usize] = round;
                        pushed.push(other);
                    }
                }
                if pushed.len() > MOST_PUSHED {
                    break;
                }
            }
            if next < pushed.len() || gain <= 0 || slack == i32::MAX {
                continue;
            }
            // What is pushed may be free to go farther than what pushes: an edge between two of them keeps its length.
            moved = true;
            let by = if rightwards { slack } else { -slack };
            for &n in &pushed {
                layer[n as usize] += by;
            }
        }
        if !moved {
            break;
        }
    }
}

/// Passes over all nodes, and how many nodes one may push.
const PASSES: usize = 4;
const MOST_PUSHED: usize = 16;

fn from_zero(layer: &mut [i32]) {
    let first = layer.iter().copied().min().unwrap_or(0);
    for l in layer {
        *l -= first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use proptest::prelude::*;

    fn length(edges: &[(u32, u32)], weight: &[u32], layer: &[i32]) -> i64 {
        let long = |e: &(u32, u32)| i64::from(layer[e.1 as usize] - layer[e.0 as usize]);
        edges.iter().zip(weight).map(|(e, &w)| long(e) * i64::from(w)).sum()
    }

    /// The least length of all layerings, by trying them all.
    fn least(nodes: usize, edges: &[(u32, u32)], weight: &[u32]) -> i64 {
        let mut best = i64::MAX;
        for code in 0..nodes.pow(nodes as u32) {
            let layer: Vec<i32> = (0..nodes).map(|n| (code / nodes.pow(n as u32) % nodes) as i32).collect();
            if edges.iter().all(|e| layer[e.0 as usize] < layer[e.1 as usize]) {
                best = best.min(length(edges, weight, &layer));
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn given_the_steps_no_layering_is_shorter(
            parents in proptest::collection::vec((any::<u32>(), any::<u32>(), 1u32..4, 1u32..4), 5),
        ) {
            // Every node but the first has one or two earlier ones, so that the graph hangs together.
            let mut edges: Vec<((u32, u32), u32)> = Vec::new();
            for (i, &(a, b, wa, wb)) in parents.iter().enumerate() {
                let node = i as u32 + 1;
                edges.push(((a % node, node), wa));
                if b % node != a % node {
                    edges.push(((b % node, node), wb));
                }
            }
            let (edges, weight): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
            let dag = Dag::new(6, &edges, &weight);
            let layer = layers(&dag, 1_000_000, &never).unwrap();
            prop_assert_eq!(length(&edges, &weight, &layer), least(6, &edges, &weight));
        }
    }
}
