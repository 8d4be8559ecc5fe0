//! Moving single items to better places within their layers.

use crate::layout::both::both;
use crate::layout::layered::Layered;

/// Places looked at on each side of an item.
const WINDOW: usize = 256;
/// How many crossings per edge a way may cost before it is given up: what is so bad nearby seldom gets good farther on.
const PATIENCE: i64 = 4;
/// Items above which the layers of a round are shared between two threads.
const SHARE_ABOVE: usize = 4_000;

/// Moves each item of every other layer, then of those between, to the best place nearby. Layers that are not
/// neighbours do not matter to each other, so the result does not depend on the threads. Items for which `may_pass`
/// does not hold never pass each other. Returns how many crossings went.
pub(super) fn round(
    layered: &mut Layered,
    scratch: &mut Scratch,
    backwards: bool,
    may_pass: Option<&(dyn Fn(u32, u32) -> bool + Sync)>,
) -> u64 {
    let share = layered.order.len() > SHARE_ABOVE;
    [0, 1].into_iter().map(|parity| half(layered, scratch, parity, backwards, share, may_pass)).sum()
}

/// Space for the places of neighbours.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    back: Vec<u32>,
    forth: Vec<u32>,
    next: Vec<u32>,
}

/// One layer to work on.
struct Job<'a> {
    layer: usize,
    order: &'a mut [u32],
    place: &'a mut [u32],
    back: &'a mut [u32],
    forth: &'a mut [u32],
    next: &'a mut [u32],
    before: Option<&'a [u32]>,
    after: Option<&'a [u32]>,
}

/// The layer's own part of everything that is kept layer by layer.
struct Own<'a> {
    order: &'a mut [u32],
    place: &'a mut [u32],
    back: &'a mut [u32],
    forth: &'a mut [u32],
    next: &'a mut [u32],
}

fn half(
    layered: &mut Layered,
    scratch: &mut Scratch,
    parity: usize,
    backwards: bool,
    share: bool,
    may_pass: Option<&(dyn Fn(u32, u32) -> bool + Sync)>,
) -> u64 {
    let layers = layered.layers();
    scratch.back.resize(layered.back.all().len(), 0);
    scratch.forth.resize(layered.forth.all().len(), 0);
    scratch.next.resize(layered.order.len(), 0);
    let mut order = std::mem::take(&mut layered.order);
    let mut place = std::mem::take(&mut layered.place);
    let gone = {
        let (mut rest_order, mut rest_place, mut rest_next) =
            (&mut order[..], &mut place[..], &mut scratch.next[..]);
        let (mut rest_back, mut rest_forth) = (&mut scratch.back[..], &mut scratch.forth[..]);
        let mut own: Vec<Option<Own<'_>>> = Vec::with_capacity(layers);
        let mut other: Vec<Option<&[u32]>> = vec![None; layers];
        for (layer, slot) in other.iter_mut().enumerate() {
            let range = layered.range(layer);
            let edges = |links: &crate::layout::links::Links| -> usize {
                range
                    .clone()
                    .next()
                    .map_or(0, |first| links.range(range.end - 1).end - links.range(first).start)
            };
            let (o, p, n, b, f);
            (o, rest_order) = rest_order.split_at_mut(range.len());
            (p, rest_place) = rest_place.split_at_mut(range.len());
            (n, rest_next) = rest_next.split_at_mut(range.len());
            (b, rest_back) = rest_back.split_at_mut(edges(&layered.back));
            (f, rest_forth) = rest_forth.split_at_mut(edges(&layered.forth));
            if layer % 2 == parity {
                own.push(Some(Own { order: o, place: p, back: b, forth: f, next: n }));
            } else {
                *slot = Some(o);
                own.push(None);
            }
        }
        let mut jobs: Vec<Job<'_>> = Vec::with_capacity(layers / 2 + 1);
        for (layer, own) in own.into_iter().enumerate() {
            if let Some(Own { order, place, back, forth, next }) = own {
                let before = layer.checked_sub(1).and_then(|l| other[l]);
                let after = other.get(layer + 1).copied().flatten();
                jobs.push(Job { layer, order, place, back, forth, next, before, after });
            }
        }
        let graph = &*layered;
        let run = |jobs: Vec<Job<'_>>| -> u64 {
            jobs.into_iter().map(|j| sift(graph, j, backwards, may_pass)).sum()
        };
        if share && jobs.len() > 1 {
            // Widest first, each to the thread with less to do.
            jobs.sort_by_key(|j| std::cmp::Reverse(j.order.len()));
            let (mut mine, mut theirs) = ((0, Vec::new()), (0, Vec::new()));
            for job in jobs {
                let to = if mine.0 <= theirs.0 { &mut mine } else { &mut theirs };
                to.0 += job.order.len();
                to.1.push(job);
            }
            let (mine, theirs) = both(true, || run(mine.1), || run(theirs.1));
            mine + theirs
        } else {
            run(jobs)
        }
    };
    layered.order = order;
    layered.place = place;
    gone
}

/// Lists, for each item of a layer, the places of its neighbours on both sides, ascending; places count in sixteenths,
/// so that edges at different heights of one neighbour differ.
fn look_around(graph: &Layered, job: &mut Job<'_>) {
    let own = graph.range(job.layer);
    let sides = [
        (job.before, &graph.back, &graph.forth, &graph.forth_rank, &mut *job.back),
        (job.after, &graph.forth, &graph.back, &graph.back_rank, &mut *job.forth),
    ];
    for (side, links, theirs, rank, places) in sides {
        let Some(side) = side.filter(|_| !own.is_empty()) else { continue };
        let base = links.range(own.start).start;
        for item in own.clone() {
            job.next[item - own.start] = (links.range(item).start - base) as u32;
        }
        for (i, &neighbour) in side.iter().enumerate() {
            for k in theirs.range(neighbour as usize) {
                let next = &mut job.next[theirs.all()[k] as usize - own.start];
                places[*next as usize] = (i as u32) << 4 | u32::from(rank[k]);
                *next += 1;
            }
        }
        if graph.ranked {
            for item in own.clone() {
                let range = links.range(item);
                places[range.start - base..range.end - base].sort_unstable();
            }
        }
    }
}

fn sift(
    graph: &Layered,
    mut job: Job<'_>,
    backwards: bool,
    may_pass: Option<&(dyn Fn(u32, u32) -> bool + Sync)>,
) -> u64 {
    let own = graph.range(job.layer);
    let n = own.len();
    if n < 2 {
        return 0;
    }
    look_around(graph, &mut job);
    let Job { order, place, back, forth, .. } = job;
    let (back_base, forth_base) = (graph.back.range(own.start).start, graph.forth.range(own.start).start);
    let around = |item: usize| {
        let (b, f) = (graph.back.range(item), graph.forth.range(item));
        (&back[b.start - back_base..b.end - back_base], &forth[f.start - forth_base..f.end - forth_base])
    };
    let moving: Vec<u32> = if backwards { order.iter().rev().copied().collect() } else { order.to_vec() };
    let mut gone = 0u64;
    for &item in &moving {
        let (ub, uf) = around(item as usize);
        let degree = (ub.len() + uf.len()) as i64;
        if degree == 0 {
            continue;
        }
        let at = place[item as usize - own.start] as usize;
        let blocked = |other: u32| may_pass.is_some_and(|may| !may(item, other));
        // What it costs to stand below another item instead of above it.
        let below = |other: u32| {
            let (vb, vf) = around(other as usize);
            excess(ub, vb) + excess(uf, vf)
        };
        let (mut best, mut target, mut sum) = (0i64, at, 0i64);
        for (i, &other) in order.iter().enumerate().take((at + 1 + WINDOW).min(n)).skip(at + 1) {
            if blocked(other) {
                break;
            }
            sum += below(other);
            if sum < best {
                (best, target) = (sum, i);
            }
            if sum > PATIENCE * degree {
                break;
            }
        }
        sum = 0;
        for i in (at.saturating_sub(WINDOW)..at).rev() {
            if blocked(order[i]) {
                break;
            }
            sum -= below(order[i]);
            if sum < best {
                (best, target) = (sum, i);
            }
            if sum > PATIENCE * degree {
                break;
            }
        }
        if best < 0 {
            gone += best.unsigned_abs();
            let (from, to) = (at.min(target), at.max(target));
            if target > at {
                order[from..=to].rotate_left(1);
            } else {
                order[from..=to].rotate_right(1);
            }
            for (i, &moved) in order[from..=to].iter().enumerate() {
                place[moved as usize - own.start] = (from + i) as u32;
            }
        }
    }
    gone
}

/// Pairs with `b > a` less pairs with `b < a`, over `a` in `us` and `b` in `vs`, both ascending.
fn excess(us: &[u32], vs: &[u32]) -> i64 {
    if us.len() * vs.len() <= 48 {
        let mut sum = 0i32;
        for &b in vs {
            for &a in us {
                sum += i32::from(b > a) - i32::from(b < a);
            }
        }
        return i64::from(sum);
    }
    let (mut less, mut not_more, mut sum) = (0usize, 0usize, 0i64);
    for &b in vs {
        while us.get(less).is_some_and(|&a| a < b) {
            less += 1;
        }
        not_more = not_more.max(less);
        while us.get(not_more).is_some_and(|&a| a <= b) {
            not_more += 1;
        }
        sum += less as i64 - (us.len() - not_more) as i64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::crossings;
    use crate::layout::layered::{Ends, Proper};
    use proptest::prelude::*;

    /// Crossings by looking at every pair of edges.
    fn pair_by_pair(layered: &Layered) -> u64 {
        let mut crossings = 0;
        for layer in 0..layered.layers() {
            let edges: Vec<(u32, u32)> = layered
                .range(layer)
                .flat_map(|a| layered.forth.of(a).iter().map(move |&b| (a, b)))
                .map(|(a, b)| (layered.place[a], layered.place[b as usize]))
                .collect();
            for (i, a) in edges.iter().enumerate() {
                let crosses = |b: &&(u32, u32)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1);
                crossings += edges[..i].iter().filter(crosses).count() as u64;
            }
        }
        crossings
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_round_says_is_gone_is_gone(pairs in proptest::collection::btree_set((0u32..40, 0u32..40), 1..90)) {
            let edges: Vec<(u32, u32)> = pairs.into_iter().filter(|p| p.0 / 8 < p.1 / 8).collect();
            let layer: Vec<i32> = (0..40).map(|n| n / 8).collect();
            let proper = Proper::new(&layer, &edges, &vec![Ends::default(); edges.len()]);
            let mut layered = Layered::new(&proper, &vec![0.0; proper.layer.len()]);
            let before = crossings::total(&layered);
            prop_assert_eq!(before, pair_by_pair(&layered));
            let gone = round(&mut layered, &mut Scratch::default(), false, None);
            prop_assert_eq!(before - gone, pair_by_pair(&layered));
        }
    }
}
