//! How high each item stands, after Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2001).
//!
//! Four times over (from either end, upper or lower neighbours first) items are lined up with their median neighbours
//! into blocks, and the blocks pushed together; the mean of the two middle heights of each item is taken. Unlike in the
//! paper items have heights and edges attach anywhere along them, and blocks are pushed together along their longest
//! ways, which keeps them apart in every case.

use crate::layout::both::both;
use crate::layout::layered::{Layered, Proper};

/// Items above which the four runs are shared between two threads.
const SHARE_ABOVE: usize = 4_000;

/// Heights of items and the space between them.
pub(super) struct Spacing<'a> {
    /// The height of each item, by number.
    pub(super) height: &'a [f64],
    /// Between two nodes.
    pub(super) node_gap: f64,
    /// Between a bend and anything.
    pub(super) edge_gap: f64,
}

impl Spacing<'_> {
    /// From the top of an item to the top of the one below it.
    pub(super) fn step(&self, layered: &Layered, upper: u32, lower: u32) -> f64 {
        let bend = layered.is_bend[upper as usize] || layered.is_bend[lower as usize];
        self.height[upper as usize] + if bend { self.edge_gap } else { self.node_gap }
    }
}

/// The tops of all items, by number.
pub(super) fn tops(proper: &Proper, layered: &Layered, spacing: &Spacing<'_>) -> Vec<f64> {
    let items = layered.order.len();
    let sides = Sides::new(proper, layered);
    let run = |backwards: bool| -> [Vec<f64>; 2] {
        [false, true].map(|from_below| {
            let blocks = Blocks::new(&sides, layered, backwards, from_below);
            blocks.pushed_together(layered, spacing, from_below)
        })
    };
    let (forth, back) = both(items > SHARE_ABOVE, || run(false), || run(true));
    let mut runs = [forth, back].into_iter().flatten().collect::<Vec<_>>();
    let extent = |y: &[f64]| {
        let top = y.iter().copied().fold(f64::INFINITY, f64::min);
        let bottom = y.iter().zip(spacing.height).map(|(y, h)| y + h).fold(f64::NEG_INFINITY, f64::max);
        (top, bottom)
    };
    let extents: Vec<(f64, f64)> = runs.iter().map(|y| extent(y)).collect();
    let Some(&smallest) = extents.iter().min_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0))) else {
        return Vec::new();
    };
    // Those pushed upwards are aligned by their tops, the others by their bottoms.
    for (i, (run, extent)) in runs.iter_mut().zip(&extents).enumerate() {
        let shift = if i % 2 == 0 { smallest.0 - extent.0 } else { smallest.1 - extent.1 };
        for y in run {
            *y += shift;
        }
    }
    (0..items)
        .map(|i| {
            let mut y = [runs[0][i], runs[1][i], runs[2][i], runs[3][i]];
            y.sort_unstable_by(f64::total_cmp);
            (y[1] + y[2]) / 2.0
        })
        .collect()
}

/// A neighbour of an item, with how far below their tops the segment between them attaches.
#[derive(Debug, Clone, Copy, Default)]
struct Beside {
    item: u32,
    segment: u32,
    /// How much lower the neighbour's end attaches in the neighbour than the own end in the item.
    lower: f32,
}

/// The neighbours of each item in the order in which they stand, and the segments that give way.
struct Sides {
    back: Vec<Beside>,
    forth: Vec<Beside>,
    /// Segments that cross one between two bends: long edges stay straight.
    gives_way: Vec<bool>,
}

impl Sides {
    fn new(proper: &Proper, layered: &Layered) -> Self {
        let items = layered.order.len();
        let mut back = vec![Beside::default(); layered.back.all().len()];
        let mut forth = back.clone();
        let mut next_back: Vec<u32> = (0..items).map(|i| layered.back.range(i).start as u32).collect();
        let mut next_forth: Vec<u32> = (0..items).map(|i| layered.forth.range(i).start as u32).collect();
        // Layer by layer and from top to bottom, so that each list comes out in that order.
        for &item in &layered.order {
            for k in layered.forth.range(item as usize) {
                let (to, segment) = (layered.forth.all()[k] as usize, layered.forth_segment[k]);
                let s = &proper.segments[segment as usize];
                back[next_back[to] as usize] = Beside { item, segment, lower: s.tail_at - s.head_at };
                next_back[to] += 1;
            }
            for k in layered.back.range(item as usize) {
                let (to, segment) = (layered.back.all()[k] as usize, layered.back_segment[k]);
                let s = &proper.segments[segment as usize];
                forth[next_forth[to] as usize] = Beside { item, segment, lower: s.head_at - s.tail_at };
                next_forth[to] += 1;
            }
        }
        let mut gives_way = vec![false; proper.segments.len()];
        for layer in 1..layered.layers() {
            mark_crossed(layered, &back, layer, &mut gives_way);
        }
        Self { back, forth, gives_way }
    }
}

/// Marks the segments into a layer that cross a segment between two bends (and are not such themselves).
fn mark_crossed(layered: &Layered, back: &[Beside], layer: usize, gives_way: &mut [bool]) {
    let here = layered.in_layer(layer);
    let before = layered.range(layer - 1).len() as u32;
    // The segment between bends that ends at an item, by where it starts.
    let straight = |item: u32| -> Option<u32> {
        let is_bend = |i: u32| layered.is_bend[i as usize];
        let list = &back[layered.back.range(item as usize)];
        let from = list.first().filter(|b| is_bend(item) && is_bend(b.item))?;
        Some(layered.place[from.item as usize])
    };
    let (mut lowest, mut first) = (0u32, 0usize);
    for (i, &item) in here.iter().enumerate() {
        let last = i + 1 == here.len();
        let straight_from = straight(item);
        if straight_from.is_none() && !last {
            continue;
        }
        let highest = straight_from.unwrap_or(before);
        for &between in &here[first..=i] {
            if straight(between).is_some() {
                continue;
            }
            for beside in &back[layered.back.range(between as usize)] {
                let from = layered.place[beside.item as usize];
                if from < lowest || from > highest {
                    gives_way[beside.segment as usize] = true;
                }
            }
        }
        first = i + 1;
        // Two straight ones that cross each other leave no room between them.
        lowest = lowest.max(straight_from.unwrap_or(lowest));
    }
}

/// Items lined up with each other.
struct Blocks {
    /// The first item of the block that an item is in.
    root: Vec<u32>,
    /// The next item of the block; the last one has the first.
    next: Vec<u32>,
    /// How far below the block's line the item's top is.
    offset: Vec<f64>,
}

impl Blocks {
    /// Lines items up with their median neighbours: in the layer before, or after when `backwards`; of two medians the
    /// upper one first, or the lower one `from_below`.
    fn new(sides: &Sides, layered: &Layered, backwards: bool, from_below: bool) -> Self {
        let items = layered.order.len() as u32;
        let mut blocks = Self {
            root: (0..items).collect(),
            next: (0..items).collect(),
            offset: vec![0.0; items as usize],
        };
        let layers = layered.layers();
        let (links, besides) =
            if backwards { (&layered.forth, &sides.forth) } else { (&layered.back, &sides.back) };
        for step in 1..layers {
            let here = layered.in_layer(if backwards { layers - 1 - step } else { step });
            // Lines may not cross: what has been lined up bounds what comes after it.
            let mut bound: i64 = if from_below { i64::MAX } else { -1 };
            for i in 0..here.len() {
                let item = here[if from_below { here.len() - 1 - i } else { i }] as usize;
                let list = &besides[links.range(item)];
                let Some(last) = list.len().checked_sub(1) else { continue };
                let middle = [last / 2, last.div_ceil(2)];
                let middle = if from_below { [middle[1], middle[0]] } else { middle };
                for m in middle {
                    let beside = list[m];
                    let from = i64::from(layered.place[beside.item as usize]);
                    let free = if from_below { from < bound } else { from > bound };
                    if blocks.next[item] == item as u32
                        && blocks.root[item] == item as u32
                        && free
                        && !sides.gives_way[beside.segment as usize]
                    {
                        let u = beside.item as usize;
                        let root = blocks.root[u];
                        blocks.root[item] = root;
                        blocks.next[item] = blocks.next[u];
                        blocks.next[u] = item as u32;
                        blocks.offset[item] = blocks.offset[u] + f64::from(beside.lower);
                        bound = from;
                    }
                }
            }
        }
        blocks
    }

    /// The tops of all items with the blocks pushed together: upwards, or downwards `from_below`; then back as far as
    /// the space below (above) allows, so that nothing strays from its neighbours.
    fn pushed_together(&self, layered: &Layered, spacing: &Spacing<'_>, from_below: bool) -> Vec<f64> {
        let items = layered.order.len();
        // The item just above (below, when pushed downwards) each item, and the one on its other side.
        let mut ahead = vec![u32::MAX; items];
        let mut behind = vec![u32::MAX; items];
        let mut waits_for = vec![0u32; items];
        for layer in 0..layered.layers() {
            for pair in layered.in_layer(layer).windows(2) {
                let (near, far) = if from_below { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
                ahead[far as usize] = near;
                behind[near as usize] = far;
                waits_for[self.root[far as usize] as usize] += 1;
            }
        }
        // From one item's block line to the next one's, in the direction away from where all is pushed to.
        let apart = |near: u32, far: u32| -> f64 {
            let (upper, lower) = if from_below { (far, near) } else { (near, far) };
            let step = spacing.step(layered, upper, lower);
            self.offset[upper as usize] + step - self.offset[lower as usize]
        };
        let mut line = vec![0.0f64; items];
        let mut order: Vec<u32> =
            (0..items as u32).filter(|&r| self.root[r as usize] == r && waits_for[r as usize] == 0).collect();
        let sign = if from_below { -1.0 } else { 1.0 };
        let mut at = 0;
        while let Some(&root) = order.get(at) {
            at += 1;
            let mut farthest = f64::NEG_INFINITY;
            let mut item = root;
            loop {
                let near = ahead[item as usize];
                if near != u32::MAX {
                    farthest =
                        farthest.max(sign * line[self.root[near as usize] as usize] + apart(near, item));
                }
                let far = behind[item as usize];
                if far != u32::MAX {
                    let waiting = &mut waits_for[self.root[far as usize] as usize];
                    *waiting -= 1;
                    if *waiting == 0 {
                        order.push(self.root[far as usize]);
                    }
                }
                item = self.next[item as usize];
                if item == root {
                    break;
                }
            }
            line[root as usize] = if farthest == f64::NEG_INFINITY { 0.0 } else { sign * farthest };
        }
        for &root in order.iter().rev() {
            let mut nearest = f64::INFINITY;
            let mut item = root;
            loop {
                let far = behind[item as usize];
                if far != u32::MAX {
                    nearest = nearest.min(sign * line[self.root[far as usize] as usize] - apart(item, far));
                }
                item = self.next[item as usize];
                if item == root {
                    break;
                }
            }
            if nearest.is_finite() && nearest > sign * line[root as usize] {
                line[root as usize] = sign * nearest;
            }
        }
        (0..items).map(|i| line[self.root[i] as usize] + self.offset[i]).collect()
    }
}
