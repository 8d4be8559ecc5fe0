//! All nodes on one line, neighbours close together: the order that crossing reduction starts from.
//!
//! Sweeps only repair what is near; that a domain's tables lie together must be so from the start. So the graph is
//! coarsened step by step, the coarsest one is lined up, and each finer one is lined up from the coarser one by moving
//! single nodes to the best place nearby (minimum linear arrangement, multilevel). Linear in the size of the graph.

use crate::layout::links::Links;

/// Coarsening ends here; a line this short is put right by looking at all places.
const COARSE: usize = 48;
/// Places looked at on each side of a node on the finer levels.
const WINDOW: usize = 12;

/// An undirected graph with weights: nodes weigh what they stand for, edges how many they are.
struct Level {
    size: Vec<u32>,
    links: Links,
    weight: Vec<f32>,
    /// The node of the next coarser level that each node is part of.
    part_of: Vec<u32>,
}

/// How a line is begun: how coarsely, and from which node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// How much larger than the average a cluster may get in one step.
    cluster: usize,
    /// Rounds in which nodes choose their clusters.
    rounds: usize,
    /// Which node of the coarsest level the line starts with; 0 is one of its ends.
    first: usize,
}

/// The starts that are worth trying for a graph of this size: what one of them gets wrong another gets right.
pub(super) fn starts(nodes: usize) -> Vec<Start> {
    let all = [(20, 6, 0), (12, 3, 0), (6, 6, 1), (8, 3, 2), (30, 8, 3), (4, 3, 4), (16, 2, 5), (10, 10, 6)];
    let count = match nodes {
        0..=3 => 1,
        4..=400 => 8,
        401..=1_500 => 6,
        1_501..=4_000 => 4,
        4_001..=20_000 => 2,
        _ => 1,
    };
    all[..count].iter().map(|&(cluster, rounds, first)| Start { cluster, rounds, first }).collect()
}

/// The place of each node on the line.
pub(super) fn up(nodes: usize, edges: &[(u32, u32)], start: Start) -> Vec<u32> {
    let both = edges.iter().copied().chain(edges.iter().map(|&(a, b)| (b, a)));
    let links = Links::collect(nodes, both);
    let weight = vec![1.0; links.all().len()];
    let mut level = Level { size: vec![1; nodes], links, weight, part_of: Vec::new() };
    let mut finer: Vec<Level> = Vec::new();
    while level.size.len() > COARSE {
        let count = cluster(&mut level, start);
        if count * 20 > level.size.len() * 19 {
            break;
        }
        let coarse = coarsen(&level, count);
        finer.push(std::mem::replace(&mut level, coarse));
    }
    let mut line = first_line(&level, start.first);
    settle(&level, &mut line, 4 * COARSE, 12);
    while let Some(level) = finer.pop() {
        line = unfold(&level, &line);
        settle(&level, &mut line, WINDOW, 4);
    }
    let mut place = vec![0u32; nodes];
    for (i, &node) in line.iter().enumerate() {
        place[node as usize] = i as u32;
    }
    place
}

/// Gathers nodes into clusters: each goes, a few rounds long, to the cluster among its neighbours that it is bound to
/// most, unless that is full. Returns how many clusters there are.
fn cluster(level: &mut Level, start: Start) -> usize {
    let n = level.size.len();
    let total: u64 = level.size.iter().map(|&s| u64::from(s)).sum();
    let most = (total as usize * start.cluster / n.max(1)).max(3).min(total as usize / 16 + 2) as u32;
    let mut by_degree: Vec<u32> = (0..n as u32).collect();
    by_degree.sort_by_key(|&v| level.links.len(v as usize));
    let mut cluster: Vec<u32> = (0..n as u32).collect();
    let mut full: Vec<u32> = level.size.clone();
    let mut bound = vec![0f32; n];
    for _ in 0..start.rounds {
        for &v in &by_degree {
            let v = v as usize;
            let own = cluster[v];
            let (list, weights) = (level.links.of(v), &level.weight[level.links.range(v)]);
            for (&u, &w) in list.iter().zip(weights) {
                bound[cluster[u as usize] as usize] += w;
            }
            let (mut best, mut target) = (bound[own as usize], own);
            for &u in list {
                let c = cluster[u as usize];
                if c != own && bound[c as usize] > best && full[c as usize] + level.size[v] <= most {
                    (best, target) = (bound[c as usize], c);
                }
            }
            for &u in list {
                bound[cluster[u as usize] as usize] = 0.0;
            }
            if target != own {
                full[own as usize] -= level.size[v];
                full[target as usize] += level.size[v];
                cluster[v] = target;
            }
        }
    }
    let mut number = vec![u32::MAX; n];
    let mut count = 0;
    level.part_of = cluster
        .iter()
        .map(|&h| {
            if number[h as usize] == u32::MAX {
                number[h as usize] = count;
                count += 1;
            }
            number[h as usize]
        })
        .collect();
    count as usize
}

fn coarsen(level: &Level, count: usize) -> Level {
    let n = level.size.len();
    let mut size = vec![0u32; count];
    for (v, &p) in level.part_of.iter().enumerate() {
        size[p as usize] += level.size[v];
    }
    let members = Links::collect(count, level.part_of.iter().enumerate().map(|(v, &p)| (p, v as u32)));
    let mut at: Vec<u32> = vec![u32::MAX; count];
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(n);
    let mut weight: Vec<f32> = Vec::with_capacity(n);
    for p in 0..count {
        let first = pairs.len();
        for &v in members.of(p) {
            let v = v as usize;
            for (&u, &w) in level.links.of(v).iter().zip(&level.weight[level.links.range(v)]) {
                let q = level.part_of[u as usize];
                if q as usize == p {
                    continue;
                }
                let slot = at[q as usize] as usize;
                if slot != u32::MAX as usize && slot >= first && pairs[slot].1 == q {
                    weight[slot] += w;
                } else {
                    at[q as usize] = pairs.len() as u32;
                    pairs.push((p as u32, q));
                    weight.push(w);
                }
            }
        }
    }
    // Pairs come grouped by `p`, so collecting keeps them beside their weights.
    Level { size, links: Links::collect(count, pairs.iter().copied()), weight, part_of: Vec::new() }
}

/// A first line: from one end outwards, always the node that is bound most to what stands already.
fn first_line(level: &Level, first: usize) -> Vec<u32> {
    let n = level.size.len();
    let mut line: Vec<u32> = Vec::with_capacity(n);
    if n == 0 {
        return line;
    }
    let mut bound = vec![0f32; n];
    let mut standing = vec![false; n];
    let all: Vec<f32> = (0..n).map(|v| level.weight[level.links.range(v)].iter().sum()).collect();
    let mut next = Some((first * 7919) % n);
    if n > 4 * COARSE {
        // Could not be coarsened (a star of stars): breadth first is good enough.
        let mut queue = std::collections::VecDeque::new();
        for root in 0..n {
            queue.push_back(root as u32);
            while let Some(v) = queue.pop_front() {
                if !standing[v as usize] {
                    standing[v as usize] = true;
                    line.push(v);
                    queue.extend(level.links.of(v as usize));
                }
            }
        }
        return line;
    }
    if first == 0 {
        // The far end of the longest shortest way from anywhere: an end of the line, if it is one.
        next = Some(farthest(level, farthest(level, 0)));
    }
    while let Some(v) = next {
        standing[v] = true;
        line.push(v as u32);
        for (&u, &w) in level.links.of(v).iter().zip(&level.weight[level.links.range(v)]) {
            bound[u as usize] += w;
        }
        next = (0..n).filter(|&u| !standing[u]).max_by(|&a, &b| {
            let pull = |u: usize| 2.0 * bound[u] - all[u];
            pull(a).total_cmp(&pull(b)).then(b.cmp(&a))
        });
    }
    line
}

fn farthest(level: &Level, from: usize) -> usize {
    let mut seen = vec![false; level.size.len()];
    let mut queue = std::collections::VecDeque::from([from]);
    let mut last = from;
    seen[from] = true;
    while let Some(v) = queue.pop_front() {
        last = v;
        for &u in level.links.of(v) {
            if !seen[u as usize] {
                seen[u as usize] = true;
                queue.push_back(u as usize);
            }
        }
    }
    last
}

/// The line of a finer level: where a coarse node stood its parts stand, those with neighbours to the left first.
fn unfold(level: &Level, coarse_line: &[u32]) -> Vec<u32> {
    let mut place = vec![0u32; coarse_line.len()];
    for (i, &p) in coarse_line.iter().enumerate() {
        place[p as usize] = i as u32;
    }
    let mut keyed: Vec<(u32, f32, u32)> = (0..level.size.len() as u32)
        .map(|v| {
            let own = place[level.part_of[v as usize] as usize];
            let (mut lean, mut all) = (0f32, 0f32);
            for (&u, &w) in
                level.links.of(v as usize).iter().zip(&level.weight[level.links.range(v as usize)])
            {
                let their = place[level.part_of[u as usize] as usize];
                lean += w * (f32::from(their > own) - f32::from(their < own));
                all += w;
            }
            (own, if all > 0.0 { lean / all } else { 0.0 }, v)
        })
        .collect();
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    keyed.into_iter().map(|k| k.2).collect()
}

/// Moves single nodes to the best place within a window, pass by pass while it pays. What is made smaller is the sum
/// over all edges of weight times distance, where every node is as wide as what it stands for.
fn settle(level: &Level, line: &mut [u32], window: usize, passes: usize) {
    let n = line.len();
    let mut place = vec![0u32; n];
    for (i, &v) in line.iter().enumerate() {
        place[v as usize] = i as u32;
    }
    // Weight of the edges to the right of each node less that of those to the left.
    let mut pull = vec![0f32; n];
    for v in 0..n {
        for (&u, &w) in level.links.of(v).iter().zip(&level.weight[level.links.range(v)]) {
            pull[v] += if place[u as usize] > place[v] { w } else { -w };
        }
    }
    let mut bound = vec![0f32; n];
    for pass in 0..passes {
        let mut moved = 0usize;
        for i in 0..n {
            let v = if pass % 2 == 0 { i } else { n - 1 - i };
            let (list, weights) = (level.links.of(v), &level.weight[level.links.range(v)]);
            for (&u, &w) in list.iter().zip(weights) {
                bound[u as usize] += w;
            }
            let at = place[v] as usize;
            let size = level.size[v] as f32;
            let (mut best, mut target) = (-1e-3f32, at);
            let (mut own, mut sum) = (pull[v], 0f32);
            for (j, &other) in line.iter().enumerate().take((at + window + 1).min(n)).skip(at + 1) {
                let o = other as usize;
                let w = bound[o];
                // The edge between the two keeps its length.
                sum += level.size[o] as f32 * (w - own) + size * (pull[o] + w);
                own -= 2.0 * w;
                if sum < best {
                    (best, target) = (sum, j);
                }
            }
            (own, sum) = (pull[v], 0.0);
            for j in (at.saturating_sub(window)..at).rev() {
                let o = line[j] as usize;
                let w = bound[o];
                sum += level.size[o] as f32 * (own + w) + size * (w - pull[o]);
                own += 2.0 * w;
                if sum < best {
                    (best, target) = (sum, j);
                }
            }
            for &u in list {
                bound[u as usize] = 0.0;
            }
            if target == at {
                continue;
            }
            moved += 1;
            if target > at {
                line[at..=target].rotate_left(1);
            } else {
                line[target..=at].rotate_right(1);
            }
            let (from, to) = (at.min(target), at.max(target));
            for (i, &u) in line[from..=to].iter().enumerate() {
                place[u as usize] = (from + i) as u32;
            }
            for (&u, &w) in list.iter().zip(weights) {
                let p = place[u as usize] as usize;
                // Those that were passed see it on their other side now, and it them.
                if target > at && p >= at && p < target {
                    pull[v] -= 2.0 * w;
                    pull[u as usize] += 2.0 * w;
                } else if target < at && p > target && p <= at {
                    pull[v] += 2.0 * w;
                    pull[u as usize] -= 2.0 * w;
                }
            }
        }
        if moved * 100 < n {
            break;
        }
    }
}
