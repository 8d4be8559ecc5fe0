//! Crossings of a drawing, counted from nothing but its boxes and routes, so that drawings of different tools compare.
//!
//! Each part of the graph has columns: groups of boxes that overlap from left to right. Between neighbouring columns
//! every edge goes from one height to another: at its ends the middle of its node's box, in columns that it passes the
//! height of its route in the middle of the column. Two edges cross when they change sides. Edges that share a height at
//! either side do not count.

use std::collections::BTreeMap;

/// A box: left, top, width, height.
pub type Boxed = (f64, f64, f64, f64);

/// Counts the crossings.
pub fn drawn_crossings(boxes: &[Boxed], edges: &[(u32, u32)], routes: &[Vec<(f64, f64)>]) -> u64 {
    let part = parts(boxes.len(), edges);
    let mut members: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (node, &p) in part.iter().enumerate() {
        members.entry(p).or_default().0.push(node);
    }
    for (e, edge) in edges.iter().enumerate() {
        if edge.0 != edge.1 {
            members.entry(part[edge.0 as usize]).or_default().1.push(e);
        }
    }
    members.values().map(|(nodes, own)| in_part(boxes, edges, routes, nodes, own)).sum()
}

fn parts(nodes: usize, edges: &[(u32, u32)]) -> Vec<usize> {
    let mut part: Vec<usize> = (0..nodes).collect();
    fn root(part: &mut [usize], mut n: usize) -> usize {
        while part[n] != n {
            part[n] = part[part[n]];
            n = part[n];
        }
        n
    }
    for &(a, b) in edges {
        let (a, b) = (root(&mut part, a as usize), root(&mut part, b as usize));
        part[a.max(b)] = a.min(b);
    }
    (0..nodes).map(|n| root(&mut part, n)).collect()
}

fn in_part(
    boxes: &[Boxed],
    edges: &[(u32, u32)],
    routes: &[Vec<(f64, f64)>],
    nodes: &[usize],
    own: &[usize],
) -> u64 {
    let mut spans: Vec<(f64, f64)> = nodes.iter().map(|&n| (boxes[n].0, boxes[n].0 + boxes[n].2)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns: Vec<(f64, f64)> = Vec::new();
    for span in spans {
        match columns.last_mut() {
            Some(last) if span.0 < last.1 => last.1 = last.1.max(span.1),
            _ => columns.push(span),
        }
    }
    let column = |node: u32| columns.partition_point(|c| c.0 <= boxes[node as usize].0) - 1;
    let middle = |node: u32| boxes[node as usize].1 + boxes[node as usize].3 / 2.0;
    let mut gaps: Vec<Vec<(f64, f64)>> = vec![Vec::new(); columns.len()];
    for &e in own {
        let (mut a, mut b) = edges[e];
        if column(a) > column(b) {
            (a, b) = (b, a);
        }
        let (first, last) = (column(a), column(b));
        let mut height = middle(a);
        for (c, gap) in gaps.iter_mut().enumerate().take(last).skip(first) {
            let next = if c + 1 == last {
                middle(b)
            } else {
                height_at(&routes[e], (columns[c + 1].0 + columns[c + 1].1) / 2.0).unwrap_or(height)
            };
            gap.push((height, next));
            height = next;
        }
    }
    gaps.into_iter().map(inversions).sum()
}

fn height_at(route: &[(f64, f64)], x: f64) -> Option<f64> {
    route.windows(2).find_map(|p| {
        let ((x1, y1), (x2, y2)) = (p[0], p[1]);
        let within = x1.min(x2) <= x && x <= x1.max(x2);
        within.then(|| if x1 == x2 { y1 } else { y1 + (y2 - y1) * (x - x1) / (x2 - x1) })
    })
}

fn inversions(mut pairs: Vec<(f64, f64)>) -> u64 {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut heights: Vec<f64> = pairs.iter().map(|p| p.1).collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    let mut tree = vec![0u64; heights.len() + 1];
    let (mut crossings, mut added) = (0u64, 0u64);
    for same in pairs.chunk_by(|a, b| a.0 == b.0) {
        let rank = |p: &(f64, f64)| heights.partition_point(|h| *h < p.1) + 1;
        for p in same {
            let (mut i, mut at_most) = (rank(p), 0);
            while i > 0 {
                at_most += tree[i];
                i &= i - 1;
            }
            crossings += added - at_most;
        }
        for p in same {
            let mut i = rank(p);
            while i < tree.len() {
                tree[i] += 1;
                i += i & i.wrapping_neg();
            }
        }
        added += same.len() as u64;
    }
    crossings
}
