//! Shortening edges by network simplex: the least total length, when the steps suffice.
//!
//! After Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs" (1993): a spanning tree of tight
//! edges, exchanged edge by edge while the exchange shortens the whole. Every exchange leaves valid layers, so the work
//! can end at any of them. All walks over the tree have their own stacks.

use crate::cancel::{Cancelled, Check, go_on};
use crate::layout::layering::Dag;

const NONE: u32 = u32::MAX;

/// Shortens the edges of a connected graph, starting at valid layers.
pub(super) fn shorten(
    dag: &Dag<'_>,
    layer: &mut [i32],
    steps: u64,
    check: Check<'_>,
) -> Result<(), Cancelled> {
    if dag.nodes < 3 || dag.edges.len() < dag.nodes {
        // A tree is shortest when every edge is tight, which is what the spanning tree makes it.
        if dag.nodes > 1 {
            spanning_tree(dag, layer);
        }
        return Ok(());
    }
    let tree_edges = spanning_tree(dag, layer);
    let mut tree = Tree::new(dag, layer, &tree_edges);
    let mut left = steps as i64;
    let mut rounds = 0u32;
    while left > 0 {
        rounds += 1;
        if rounds.is_multiple_of(64) {
            go_on(check)?;
        }
        let Some(leaving) = tree.leaving(&mut left) else { break };
        let Some(entering) = tree.entering(leaving, &mut left) else { break };
        tree.exchange(leaving, entering, &mut left);
    }
    Ok(())
}

/// Makes a spanning tree of tight edges by shifting whole pieces towards each other, small ones first.
fn spanning_tree(dag: &Dag<'_>, layer: &mut [i32]) -> Vec<u32> {
    let mut piece: Vec<u32> = (0..dag.nodes as u32).collect();
    let mut members: Vec<Vec<u32>> = (0..dag.nodes as u32).map(|n| vec![n]).collect();
    let mut tree = Vec::with_capacity(dag.nodes.saturating_sub(1));
    let join = |a: u32, b: u32, piece: &mut [u32], members: &mut [Vec<u32>]| -> u32 {
        let (keep, gone) =
            if members[a as usize].len() >= members[b as usize].len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut members[gone as usize]);
        for &m in &moved {
            piece[m as usize] = keep;
        }
        members[keep as usize].extend(moved);
        keep
    };
    for (i, &(a, b)) in dag.edges.iter().enumerate() {
        let (pa, pb) = (piece[a as usize], piece[b as usize]);
        if pa != pb && layer[b as usize] - layer[a as usize] == 1 {
            tree.push(i as u32);
            join(pa, pb, &mut piece, &mut members);
        }
    }
    // Round by round the smaller pieces are moved up to a neighbour; each round at least halves their number.
    loop {
        let mut pieces: Vec<u32> =
            (0..dag.nodes as u32).filter(|&p| !members[p as usize].is_empty()).collect();
        if pieces.len() <= 1 {
            return tree;
        }
        pieces.sort_by_key(|&p| members[p as usize].len());
        let biggest = pieces.pop();
        let mut joined = false;
        for p in pieces {
            if members[p as usize].is_empty() || Some(p) == biggest {
                continue;
            }
            let mut best: Option<(i32, u32, i32)> = None;
            for &m in &members[p as usize] {
                for (list, sign) in [(dag.into.of(m as usize), -1), (dag.out.of(m as usize), 1)] {
                    for &e in list {
                        let (a, b) = dag.edges[e as usize];
                        if piece[a as usize] == piece[b as usize] {
                            continue;
                        }
                        let slack = layer[b as usize] - layer[a as usize] - 1;
                        if best.is_none_or(|b| slack < b.0) {
                            best = Some((slack, e, sign * slack));
                        }
                    }
                }
            }
            // Only a graph in several parts has a piece without edges to others.
            let Some((_, edge, shift)) = best else { continue };
            for &m in &members[p as usize] {
                layer[m as usize] += shift;
            }
            let (a, b) = dag.edges[edge as usize];
            let other = if piece[a as usize] == p { piece[b as usize] } else { piece[a as usize] };
            tree.push(edge);
            join(p, other, &mut piece, &mut members);
            joined = true;
        }
        if !joined {
            return tree;
        }
    }
}

/// The spanning tree, hung up at node 0.
struct Tree<'a> {
    dag: &'a Dag<'a>,
    layer: &'a mut [i32],
    /// The tree edge to the parent.
    up: Vec<u32>,
    parent: Vec<u32>,
    /// Tree edges at each node.
    at: Vec<Vec<u32>>,
    /// Postorder numbers: the subtree of `n` is what has `high` within `low[n]..=high[n]`.
    low: Vec<u32>,
    high: Vec<u32>,
    /// Weight of the edges that leave the subtree of a node, less that of those that enter it.
    surplus: Vec<i64>,
    /// Whether the edge to the parent points at the parent.
    points_up: Vec<bool>,
    /// Where the search for the next edge to leave goes on.
    cursor: usize,
    stack: Vec<(u32, u32)>,
}

impl<'a> Tree<'a> {
    fn new(dag: &'a Dag<'a>, layer: &'a mut [i32], edges: &[u32]) -> Self {
        let n = dag.nodes;
        let mut at = vec![Vec::new(); n];
        for &e in edges {
            let (a, b) = dag.edges[e as usize];
            at[a as usize].push(e);
            at[b as usize].push(e);
        }
        let mut tree = Self {
            dag,
            layer,
            up: vec![NONE; n],
            parent: vec![NONE; n],
            at,
            low: vec![0; n],
            high: vec![0; n],
            surplus: vec![0; n],
            points_up: vec![false; n],
            cursor: 0,
            stack: Vec::new(),
        };
        tree.hang(0, NONE, NONE, 0);
        let mut by_number = vec![0u32; n];
        for node in 0..n {
            by_number[tree.high[node] as usize] = node as u32;
        }
        for &node in &by_number {
            let n = node as usize;
            let weigh = |list: &[u32]| list.iter().map(|&e| i64::from(dag.weight[e as usize])).sum::<i64>();
            tree.surplus[n] += weigh(dag.out.of(n)) - weigh(dag.into.of(n));
            if tree.parent[n] != NONE {
                tree.surplus[tree.parent[n] as usize] += tree.surplus[n];
            }
        }
        tree
    }

    fn other(&self, edge: u32, node: u32) -> u32 {
        let (a, b) = self.dag.edges[edge as usize];
        if a == node { b } else { a }
    }

    /// Numbers the subtree at `root`, entered by `up` from `parent`, from `first` on. Returns how many nodes it has.
    fn hang(&mut self, root: u32, parent: u32, up: u32, first: u32) -> u32 {
        let mut next = first;
        self.parent[root as usize] = parent;
        self.up[root as usize] = up;
        self.low[root as usize] = next;
        let mut stack = std::mem::take(&mut self.stack);
        stack.push((root, 0));
        while let Some((node, i)) = stack.last_mut() {
            let n = *node as usize;
            let Some(&edge) = self.at[n].get(*i as usize) else {
                self.high[n] = next;
                next += 1;
                stack.pop();
                continue;
            };
            *i += 1;
            if edge != self.up[n] {
                let child = self.other(edge, n as u32);
                self.parent[child as usize] = n as u32;
                self.up[child as usize] = edge;
                self.points_up[child as usize] = self.dag.edges[edge as usize].0 == child;
                self.low[child as usize] = next;
                stack.push((child, 0));
            }
        }
        self.stack = stack;
        next - first
    }

    fn within(&self, node: u32, root: u32) -> bool {
        let number = self.high[node as usize];
        self.low[root as usize] <= number && number <= self.high[root as usize]
    }

    /// What the tree edge above a node would cost per layer that it grows; negative when growing it pays.
    fn cut(&self, node: usize) -> i64 {
        if self.points_up[node] { self.surplus[node] } else { -self.surplus[node] }
    }

    /// A node whose tree edge upwards should leave: among some with a negative cut, the most negative.
    fn leaving(&mut self, left: &mut i64) -> Option<u32> {
        const CANDIDATES: u32 = 24;
        let n = self.dag.nodes;
        let (mut best, mut found) = (None, 0);
        for offset in 0..n {
            let mut node = self.cursor + offset;
            if node >= n {
                node -= n;
            }
            if self.up[node] != NONE && self.cut(node) < 0 {
                if best.is_none_or(|b: u32| self.cut(node) < self.cut(b as usize)) {
                    best = Some(node as u32);
                }
                found += 1;
                if found == CANDIDATES {
                    self.cursor = (node + 1) % n;
                    *left -= offset as i64 / 4 + 1;
                    return best;
                }
            }
        }
        *left -= n as i64 / 4;
        self.cursor = 0;
        best
    }

    /// The edge with least slack that crosses the cut against the leaving one.
    fn entering(&mut self, leaving: u32, left: &mut i64) -> Option<u32> {
        // Edges must lead the other way across: into the subtree when the leaving edge leads out of it.
        let leads_out = self.points_up[leaving as usize];
        let mut best: Option<(i32, u32)> = None;
        let mut stack = vec![leaving];
        while let Some(node) = stack.pop() {
            let n = node as usize;
            let list = if leads_out { self.dag.into.of(n) } else { self.dag.out.of(n) };
            *left -= 1 + list.len() as i64;
            for &e in list {
                let (a, b) = self.dag.edges[e as usize];
                let other = if leads_out { a } else { b };
                if !self.within(other, leaving) {
                    let slack = self.layer[b as usize] - self.layer[a as usize] - 1;
                    if best.is_none_or(|x| slack < x.0) {
                        best = Some((slack, e));
                    }
                }
            }
            for i in 0..self.at[n].len() {
                let e = self.at[n][i];
                if e != self.up[n] {
                    stack.push(self.other(e, node));
                }
            }
        }
        best.map(|b| b.1)
    }

    fn exchange(&mut self, leaving: u32, entering: u32, left: &mut i64) {
        let out_edge = self.up[leaving as usize];
        let (a, b) = self.dag.edges[entering as usize];
        let slack = self.layer[b as usize] - self.layer[a as usize] - 1;
        let leads_out = self.points_up[leaving as usize];
        // The subtree moves so that the entering edge gets tight.
        if slack != 0 {
            let shift = if leads_out { -slack } else { slack };
            let mut stack = vec![leaving];
            while let Some(node) = stack.pop() {
                self.layer[node as usize] += shift;
                *left -= 1;
                for &e in &self.at[node as usize] {
                    if e != self.up[node as usize] {
                        stack.push(self.other(e, node));
                    }
                }
            }
        }
        // The subtree's surplus passes from the nodes above its old place to those above its new one.
        let moved = self.surplus[leaving as usize];
        let (inner, outer) = if self.within(a, leaving) { (a, b) } else { (b, a) };
        let top = self.pass(self.parent[leaving as usize], outer, -moved, left);
        self.pass(outer, self.parent[leaving as usize], moved, left);
        // Inside it the way from the new root to the old one turns round.
        let (mut node, mut below) = (inner, 0);
        loop {
            let old = self.surplus[node as usize];
            self.surplus[node as usize] = moved - below;
            below = old;
            if node == leaving {
                break;
            }
            node = self.parent[node as usize];
        }
        for (edge, add) in [(out_edge, false), (entering, true)] {
            let (a, b) = self.dag.edges[edge as usize];
            for node in [a, b] {
                if add {
                    self.at[node as usize].push(edge);
                } else {
                    self.at[node as usize].retain(|&e| e != edge);
                }
            }
        }
        let (parent, up, first) = (self.parent[top as usize], self.up[top as usize], self.low[top as usize]);
        *left -= i64::from(self.hang(top, parent, up, first));
    }

    /// Adds to the surplus of `from` and the nodes above it, up to the first one that has `to` below it too.
    fn pass(&mut self, from: u32, to: u32, value: i64, left: &mut i64) -> u32 {
        let mut node = from;
        while !self.within(to, node) {
            self.surplus[node as usize] += value;
            node = self.parent[node as usize];
            *left -= 1;
        }
        node
    }
}
