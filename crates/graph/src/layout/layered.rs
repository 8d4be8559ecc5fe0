//! The layered graph that is put in order: nodes, and a bend wherever a long edge passes a layer.

use crate::layout::links::Links;

/// A graph whose edges lead from each layer to the next only.
///
/// The long edges of one node share their bends as far as they go the same way: one line that branches off, instead of
/// many side by side. So there are at most as many bends as the node's longest edge passes layers, and they lie side by
/// side: an edge's bends are a range.
#[derive(Debug, Clone, Default)]
pub(super) struct Proper {
    /// The layer of each item: the nodes first, then the bends.
    pub(super) layer: Vec<u32>,
    /// How many items are nodes.
    pub(super) nodes: usize,
    pub(super) segments: Vec<Segment>,
    /// The bends of each edge: the first, and how many.
    pub(super) bends: Vec<(u32, u32)>,
}

/// A piece of an edge between neighbouring layers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) tail: u32,
    pub(super) head: u32,
    /// How far below the top of its ends it attaches.
    pub(super) tail_at: f32,
    pub(super) head_at: f32,
    /// The same as sixteenths of the height, for ordering: 0 when it attaches in the middle as usual.
    pub(super) tail_rank: u8,
    pub(super) head_rank: u8,
}

/// Where an edge attaches, as [`Segment`] says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends {
    pub(super) tail_at: f32,
    pub(super) head_at: f32,
    pub(super) tail_rank: u8,
    pub(super) head_rank: u8,
}

impl Proper {
    /// Cuts edges into segments. `edges` come sorted.
    pub(super) fn new(layer: &[i32], edges: &[(u32, u32)], ends: &[Ends]) -> Self {
        let mut proper = Self {
            layer: layer.iter().map(|&l| l as u32).collect(),
            nodes: layer.len(),
            segments: Vec::with_capacity(edges.len() * 2),
            bends: vec![(0, 0); edges.len()],
        };
        let mut first = 0;
        while let Some(&(tail, _)) = edges.get(first) {
            let mut last = first;
            let mut longest = 0;
            while let Some(&(_, head)) = edges.get(last).filter(|e| e.0 == tail) {
                longest = longest.max(layer[head as usize] - layer[tail as usize] - 1);
                last += 1;
            }
            let trunk = proper.layer.len() as u32;
            // The trunk leaves where the first of its edges does.
            let leaves_at = ends[first];
            for bend in 0..longest as u32 {
                proper.layer.push((layer[tail as usize] + 1) as u32 + bend);
                let (from, tail_at, tail_rank) = if bend == 0 {
                    (tail, leaves_at.tail_at, leaves_at.tail_rank)
                } else {
                    (trunk + bend - 1, 0.0, 0)
                };
                let head = trunk + bend;
                proper.segments.push(Segment {
                    tail: from,
                    head,
                    tail_at,
                    head_at: 0.0,
                    tail_rank,
                    head_rank: 0,
                });
            }
            for e in first..last {
                let head = edges[e].1;
                let count = (layer[head as usize] - layer[tail as usize] - 1) as u32;
                proper.bends[e] = (trunk, count);
                let Ends { head_at, head_rank, .. } = ends[e];
                let (from, tail_at, tail_rank) = if count == 0 {
                    (tail, ends[e].tail_at, ends[e].tail_rank)
                } else {
                    (trunk + count - 1, 0.0, 0)
                };
                proper.segments.push(Segment { tail: from, head, tail_at, head_at, tail_rank, head_rank });
            }
            first = last;
        }
        proper
    }
}

/// A [`Proper`] graph with its items numbered layer by layer, and an order within each layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Layered {
    /// Layer `l` has the items numbered `start[l]..start[l + 1]`; the same range of `order` says how they stand.
    pub(super) start: Vec<u32>,
    /// Neighbours one layer before, and the segments that lead there.
    pub(super) back: Links,
    pub(super) back_segment: Vec<u32>,
    /// Neighbours one layer after, and the segments that lead there.
    pub(super) forth: Links,
    pub(super) forth_segment: Vec<u32>,
    /// The rank of the segment at the item's own end, beside `back` and `forth`.
    pub(super) back_rank: Vec<u8>,
    pub(super) forth_rank: Vec<u8>,
    /// Whether any rank is not 0.
    pub(super) ranked: bool,
    /// The items of each layer from top to bottom.
    pub(super) order: Vec<u32>,
    /// Where each item stands in its layer.
    pub(super) place: Vec<u32>,
    /// The number that each item of the proper graph got.
    pub(super) number: Vec<u32>,
    /// Whether each item is a bend.
    pub(super) is_bend: Vec<bool>,
}

impl Layered {
    /// Numbers the items by layer and, within a layer, by `key`, which is how they stand at first.
    pub(super) fn new(proper: &Proper, key: &[f32]) -> Self {
        let items = proper.layer.len();
        let layers = proper.layer.iter().max().map_or(0, |&l| l as usize + 1);
        let mut start = vec![0u32; layers + 1];
        for &l in &proper.layer {
            start[l as usize + 1] += 1;
        }
        for l in 0..layers {
            start[l + 1] += start[l];
        }
        let mut sorted: Vec<(u32, f32, u32)> =
            (0..items).map(|i| (proper.layer[i], key[i], i as u32)).collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut number = vec![0u32; items];
        for (i, &(_, _, item)) in sorted.iter().enumerate() {
            number[item as usize] = i as u32;
        }
        let ends = proper.segments.iter().map(|s| (number[s.tail as usize], number[s.head as usize]));
        let forth = Links::collect(items, ends.clone());
        let back = Links::collect(items, ends.clone().map(|(a, b)| (b, a)));
        let beside = ends.enumerate();
        let forth_segment = Links::collect(items, beside.clone().map(|(i, (a, _))| (a, i as u32))).into_all();
        let back_segment = Links::collect(items, beside.map(|(i, (_, b))| (b, i as u32))).into_all();
        let rank_of = |list: &[u32], rank: fn(&Segment) -> u8| -> Vec<u8> {
            list.iter().map(|&s| rank(&proper.segments[s as usize])).collect()
        };
        let mut layered = Self {
            back_rank: rank_of(&back_segment, |s| s.head_rank),
            forth_rank: rank_of(&forth_segment, |s| s.tail_rank),
            ranked: proper.segments.iter().any(|s| s.tail_rank != 0 || s.head_rank != 0),
            start,
            back,
            back_segment,
            forth,
            forth_segment,
            order: (0..items as u32).collect(),
            place: vec![0; items],
            is_bend: sorted.iter().map(|s| s.2 as usize >= proper.nodes).collect(),
            number,
        };
        layered.settle();
        layered
    }

    /// How many layers there are.
    pub(super) fn layers(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// The items of a layer, and their part of `order`.
    pub(super) fn range(&self, layer: usize) -> std::ops::Range<usize> {
        self.start[layer] as usize..self.start[layer + 1] as usize
    }

    /// The items of a layer from top to bottom.
    pub(super) fn in_layer(&self, layer: usize) -> &[u32] {
        &self.order[self.range(layer)]
    }

    /// Brings `place` up to date with `order`.
    pub(super) fn settle(&mut self) {
        for layer in 0..self.layers() {
            self.settle_layer(layer);
        }
    }

    /// Brings `place` up to date with `order` in one layer.
    pub(super) fn settle_layer(&mut self, layer: usize) {
        for (place, at) in self.range(layer).enumerate() {
            self.place[self.order[at] as usize] = place as u32;
        }
    }
}
