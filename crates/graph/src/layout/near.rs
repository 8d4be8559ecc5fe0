//! A part of which some nodes are on the screen already: what is there keeps its order and its place as far as it can.

use crate::cancel::{Cancelled, Check, go_on};
use crate::layout::coordinates::Spacing;
use crate::layout::layered::{Layered, Proper};
use crate::layout::layering::{self, Dag};
use crate::layout::part::{Drawing, Own, heights, pin_top};
use crate::layout::sift::{self, Scratch};
use crate::layout::spread::spread;
use crate::layout::{Options, Point, crossings, line, order};

/// Left edges that differ by less than this are one column.
const SAME_COLUMN: f64 = 1.0;
/// How much an item holds on to where it wants to be: what is on the screen much more than what is new, what is new
/// more than bends, and the anchor more than all of them.
const ANCHOR: f64 = 1e13;
const KNOWN: f64 = 1e6;
const FRESH: f64 = 1.0;
const BEND: f64 = 0.25;
/// How much of the usual gap edges keep that squeeze through between nodes.
const SQUEEZED: f64 = 0.125;
/// Rounds in which newcomers look for their neighbours.
const ROUNDS: usize = 6;

pub(super) fn draw(
    own: &Own,
    dag: &Dag<'_>,
    before: &[Option<Point>],
    anchor: Option<usize>,
    options: &Options,
    check: Check<'_>,
) -> Result<Drawing, Cancelled> {
    let layer = layering::layers_near(dag, &columns_before(before));
    let proper = Proper::new(&layer, &own.edges, &own.ends);
    let keys = keys(&proper, own, &tops_before(dag, before));
    let mut layered = Layered::new(&proper, &ranks(&keys, &proper, own));
    let mut known = vec![false; layered.order.len()];
    for (node, point) in before.iter().enumerate() {
        known[layered.number[node] as usize] = point.is_some();
    }
    let mut scratch = Scratch::default();
    let may_pass = |a: u32, b: u32| !(known[a as usize] && known[b as usize]);
    for round in 0..ROUNDS {
        go_on(check)?;
        if sift::round(&mut layered, &mut scratch, round % 2 == 1, Some(&may_pass)) == 0 {
            break;
        }
    }
    let tops = tops(own, &proper, &layered, before, anchor, &keys, options);
    let pin = pin(before, anchor, &layer);
    let crossings = crossings::total(&layered);
    Ok(Drawing { proper, layered, tops, crossings, pin })
}

/// The column in which each node was.
fn columns_before(before: &[Option<Point>]) -> Vec<Option<i32>> {
    let mut lefts: Vec<(f64, usize)> =
        before.iter().enumerate().filter_map(|(i, p)| p.map(|p| (p.x, i))).collect();
    lefts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns = vec![None; before.len()];
    let (mut column, mut last) = (-1, f64::NEG_INFINITY);
    for (left, node) in lefts {
        if left - last >= SAME_COLUMN {
            column += 1;
            last = left;
        }
        columns[node] = Some(column);
    }
    columns
}

/// How high the top of each node was; for newcomers, the mean of their neighbours', as far as the news has spread.
fn tops_before(dag: &Dag<'_>, before: &[Option<Point>]) -> Vec<f64> {
    let mut top: Vec<Option<f64>> = before.iter().map(|p| p.map(|p| p.y)).collect();
    let mut wave: Vec<u32> = (0..dag.nodes as u32).filter(|&n| top[n as usize].is_some()).collect();
    while !wave.is_empty() {
        let beside = |node: u32| {
            let edges = dag.out.of(node as usize).iter().chain(dag.into.of(node as usize));
            edges.map(move |&e| {
                let (a, b) = dag.edges[e as usize];
                if a == node { b } else { a }
            })
        };
        let mut next: Vec<u32> =
            wave.iter().flat_map(|&n| beside(n)).filter(|&n| top[n as usize].is_none()).collect();
        next.sort_unstable();
        next.dedup();
        let means: Vec<f64> = next
            .iter()
            .map(|&n| {
                let known: Vec<f64> = beside(n).filter_map(|o| top[o as usize]).collect();
                known.iter().sum::<f64>() / known.len().max(1) as f64
            })
            .collect();
        for (&n, mean) in next.iter().zip(means) {
            top[n as usize] = Some(mean);
        }
        wave = next;
    }
    top.into_iter().map(|t| t.unwrap_or(0.0)).collect()
}

/// By what items are ordered at first: their tops; bends by the straight way between the ends of their edges.
fn keys(proper: &Proper, own: &Own, top: &[f64]) -> Vec<f32> {
    let mut key: Vec<f32> = top.iter().map(|&t| t as f32).collect();
    key.resize(proper.layer.len(), 0.0);
    let mut sharing = vec![0u32; proper.layer.len()];
    for (&(tail, head), &(first, count)) in own.edges.iter().zip(&proper.bends) {
        let (a, b) = (top[tail as usize], top[head as usize]);
        for bend in 0..count {
            let share = f64::from(bend + 1) / f64::from(count + 1);
            key[(first + bend) as usize] += (a + (b - a) * share) as f32;
            sharing[(first + bend) as usize] += 1;
        }
    }
    for (key, &sharing) in key.iter_mut().zip(&sharing) {
        *key /= sharing.max(1) as f32;
    }
    key
}

/// The keys as places. Newcomers that are equally near to what was there stand as they would if all were new.
fn ranks(keys: &[f32], proper: &Proper, own: &Own) -> Vec<f32> {
    let line = match line::starts(proper.nodes).first() {
        Some(start) => line::up(proper.nodes, &own.edges, *start),
        None => Vec::new(),
    };
    let fresh = order::keys(proper, &own.edges, &line);
    let mut items: Vec<usize> = (0..keys.len()).collect();
    items.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]).then(fresh[a].total_cmp(&fresh[b])));
    let mut rank = vec![0.0; keys.len()];
    for (i, item) in items.into_iter().enumerate() {
        rank[item] = i as f32;
    }
    rank
}

fn tops(
    own: &Own,
    proper: &Proper,
    layered: &Layered,
    before: &[Option<Point>],
    anchor: Option<usize>,
    keys: &[f32],
    options: &Options,
) -> Vec<f64> {
    let items = layered.order.len();
    let height = heights(own, layered);
    let spacing = Spacing { height: &height, node_gap: options.node_gap, edge_gap: options.edge_gap };
    let (mut wish, mut weight) = (vec![0.0; items], vec![BEND; items]);
    let mut free = vec![true; items];
    for (item, &number) in layered.number.iter().enumerate() {
        let n = number as usize;
        wish[n] = f64::from(keys[item]);
        if item >= proper.nodes {
            continue;
        }
        weight[n] = FRESH;
        if let Some(point) = before[item] {
            wish[n] = point.y;
            weight[n] = if anchor == Some(item) { ANCHOR } else { KNOWN };
            free[n] = false;
        }
    }
    let mut top = wish.clone();
    let settle = |layer: usize, wish: &[f64], top: &mut [f64]| {
        let here = layered.in_layer(layer);
        let wishes: Vec<f64> = here.iter().map(|&i| wish[i as usize]).collect();
        let weights: Vec<f64> = here.iter().map(|&i| weight[i as usize]).collect();
        let steps = steps(layered, &spacing, here, &wishes, &free);
        for (&item, at) in here.iter().zip(spread(&wishes, &weights, &steps)) {
            top[item as usize] = at;
        }
    };
    for layer in 0..layered.layers() {
        settle(layer, &wish, &mut top);
    }
    let layers = layered.layers();
    for round in 0..ROUNDS {
        for i in 0..layers {
            let layer = if round % 2 == 0 { i } else { layers - 1 - i };
            for &item in layered.in_layer(layer).iter().filter(|&&i| free[i as usize]) {
                if let Some(level) = level_with_neighbours(proper, layered, item as usize, &top) {
                    wish[item as usize] = level;
                }
            }
            settle(layer, &wish, &mut top);
        }
    }
    if let Some(anchor) = anchor
        && let Some(point) = before[anchor]
    {
        pin_top(&mut top, layered.number[anchor] as usize, point.y);
    }
    top
}

/// The least distances between the tops of a layer's items. Edges that pass between two nodes on the screen squeeze
/// together when there is little room, so that these nodes need not move.
fn steps(layered: &Layered, spacing: &Spacing<'_>, here: &[u32], wishes: &[f64], free: &[bool]) -> Vec<f64> {
    let mut steps: Vec<f64> = here.windows(2).map(|p| spacing.step(layered, p[0], p[1])).collect();
    steps.push(0.0);
    let mut upper: Option<usize> = None;
    for (i, &item) in here.iter().enumerate() {
        let bend = layered.is_bend[item as usize];
        if let Some(upper) = upper.filter(|&u| !bend && !free[item as usize] && i > u + 1) {
            let height = spacing.height[here[upper] as usize];
            let gaps = (i - upper) as f64;
            let room = (wishes[i] - wishes[upper] - height) / gaps;
            if room < spacing.edge_gap {
                let gap = room.max(spacing.edge_gap * SQUEEZED).max(spacing.node_gap / gaps);
                steps[upper..i].fill(gap);
                steps[upper] += height;
            }
        }
        if !bend {
            upper = (!free[item as usize]).then_some(i);
        }
    }
    steps
}

/// The mean top at which an item's segments would be level.
fn level_with_neighbours(proper: &Proper, layered: &Layered, item: usize, top: &[f64]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u32);
    for k in layered.back.range(item) {
        let s = &proper.segments[layered.back_segment[k] as usize];
        sum += top[layered.back.all()[k] as usize] + f64::from(s.tail_at - s.head_at);
        count += 1;
    }
    for k in layered.forth.range(item) {
        let s = &proper.segments[layered.forth_segment[k] as usize];
        sum += top[layered.forth.all()[k] as usize] + f64::from(s.head_at - s.tail_at);
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// The node whose left edge is kept: the anchor, else the one in the middle of what was there.
fn pin(before: &[Option<Point>], anchor: Option<usize>, layer: &[i32]) -> Option<(usize, f64)> {
    if let Some(anchor) = anchor
        && let Some(point) = before[anchor]
    {
        return Some((anchor, point.x));
    }
    let mut known: Vec<(i32, usize, f64)> =
        before.iter().enumerate().filter_map(|(i, p)| p.map(|p| (layer[i], i, p.x))).collect();
    known.sort_by_key(|k| (k.0, k.1));
    known.get(known.len() / 2).map(|&(_, node, x)| (node, x))
}
