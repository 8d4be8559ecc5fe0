//! Who is next to whom: compressed in both directions, with changes laid over it.

use std::collections::HashMap;

use crate::subgraph::{EdgeId, NodeIx};

/// A directed graph that is read far more often than it is changed.
///
/// The bulk lies in flat arrays, every node's neighbours side by side and in ascending order. A change copies the two
/// lists it touches into an overlay; [`Adjacency::compact`] folds the overlay back. Several edges between the same two
/// nodes are fine, as are cycles and self loops.
///
/// Memory: 8 bytes a node and 8 bytes an edge when edges arrive ordered by (from, to) and numbered 0, 1, 2 ..., else
/// 12 bytes an edge.
#[derive(Debug, Clone, Default)]
pub struct Adjacency {
    /// Downstream neighbours.
    out: Side,
    /// Upstream neighbours.
    into: Side,
    /// Ids beside `out.to`; empty when each id equals its own place.
    ids: Vec<EdgeId>,
    /// Nodes past the compressed part count too.
    node_count: usize,
    edge_count: usize,
    patched_out: HashMap<NodeIx, Patch>,
    patched_into: HashMap<NodeIx, Vec<NodeIx>>,
    /// One bit per node that has an entry in either overlay: the fast way past it.
    patched: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
struct Side {
    /// Node `n` has the neighbours `to[start[n]..start[n + 1]]`.
    start: Vec<u32>,
    to: Vec<NodeIx>,
}

impl Side {
    fn range(&self, node: NodeIx) -> std::ops::Range<usize> {
        match (self.start.get(node.index()), self.start.get(node.index() + 1)) {
            (Some(&a), Some(&b)) => a as usize..b as usize,
            _ => 0..0,
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Patch {
    to: Vec<NodeIx>,
    ids: Vec<EdgeId>,
}

/// Neighbours of a node with the edges that lead there, ascending.
#[derive(Debug, Clone)]
pub struct Neighbours<'a> {
    to: &'a [NodeIx],
    ids: Ids<'a>,
    next: usize,
}

#[derive(Debug, Clone, Copy)]
enum Ids<'a> {
    Listed(&'a [EdgeId]),
    From(u32),
}

impl Iterator for Neighbours<'_> {
    type Item = (NodeIx, EdgeId);

    fn next(&mut self) -> Option<Self::Item> {
        let to = *self.to.get(self.next)?;
        let id = match self.ids {
            Ids::Listed(ids) => *ids.get(self.next)?,
            Ids::From(first) => EdgeId(first + self.next as u32),
        };
        self.next += 1;
        Some((to, id))
    }
}

impl Adjacency {
    /// Compresses `edges` (upstream, downstream, id). Nodes are `0..node_count`, and as many more as the edges name.
    pub fn new(node_count: usize, edges: impl IntoIterator<Item = (NodeIx, NodeIx, EdgeId)>) -> Self {
        let mut list: Vec<(NodeIx, NodeIx, EdgeId)> = edges.into_iter().collect();
        let node_count =
            list.iter().map(|e| e.0.index().max(e.1.index()) + 1).max().unwrap_or(0).max(node_count);
        // Input that is in order already (a database can give it so) needs no sorting.
        if !list.is_sorted_by(|a, b| (a.0, a.1) <= (b.0, b.1)) {
            list = sorted_by_end(list, node_count, |e| e.1);
            list = sorted_by_end(list, node_count, |e| e.0);
        }
        let out = Side { start: starts(&list, node_count, |e| e.0), to: list.iter().map(|e| e.1).collect() };
        let ids = if list.iter().enumerate().all(|(i, e)| e.2.0 as usize == i) {
            Vec::new()
        } else {
            list.iter().map(|e| e.2).collect()
        };
        let start = starts(&list, node_count, |e| e.1);
        let mut next = start.clone();
        let mut to = vec![NodeIx(0); list.len()];
        for edge in &list {
            // In order of `from`, so each list comes out ascending.
            let slot = &mut next[edge.1.index()];
            to[*slot as usize] = edge.0;
            *slot += 1;
        }
        Self {
            out,
            into: Side { start, to },
            ids,
            node_count,
            edge_count: list.len(),
            patched: vec![0; node_count.div_ceil(64)],
            ..Self::default()
        }
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.edge_count
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.node_count as u32).map(NodeIx)
    }

    /// How many neighbour lists the overlay holds; [`Adjacency::compact`] makes it 0.
    pub fn overlay_len(&self) -> usize {
        self.patched_out.len() + self.patched_into.len()
    }

    /// Bytes that the compressed part takes.
    pub fn bytes(&self) -> usize {
        4 * (self.out.start.len() + self.into.start.len())
            + 4 * (self.out.to.len() + self.into.to.len() + self.ids.len())
            + self.patched.len() * 8
    }

    /// Downstream neighbours, ascending; one twice when two edges lead there.
    pub fn downstream(&self, node: NodeIx) -> &[NodeIx] {
        if self.is_patched(node)
            && let Some(patch) = self.patched_out.get(&node)
        {
            return &patch.to;
        }
        self.out.to.get(self.out.range(node)).unwrap_or_default()
    }

    /// Upstream neighbours, ascending; one twice when two edges come from there.
    pub fn upstream(&self, node: NodeIx) -> &[NodeIx] {
        if self.is_patched(node)
            && let Some(list) = self.patched_into.get(&node)
        {
            return list;
        }
        self.into.to.get(self.into.range(node)).unwrap_or_default()
    }

    /// Downstream neighbours with the edges that lead there.
    pub fn edges_out(&self, node: NodeIx) -> Neighbours<'_> {
        if self.is_patched(node)
            && let Some(patch) = self.patched_out.get(&node)
        {
            return Neighbours { to: &patch.to, ids: Ids::Listed(&patch.ids), next: 0 };
        }
        let range = self.out.range(node);
        let ids = if self.ids.is_empty() {
            Ids::From(range.start as u32)
        } else {
            Ids::Listed(self.ids.get(range.clone()).unwrap_or_default())
        };
        Neighbours { to: self.out.to.get(range).unwrap_or_default(), ids, next: 0 }
    }

    /// All edges between two nodes, in one direction.
    pub fn edges_between(&self, from: NodeIx, to: NodeIx) -> impl Iterator<Item = EdgeId> + '_ {
        let mut edges = self.edges_out(from);
        edges.next = edges.to.partition_point(|&t| t < to);
        edges.take_while(move |e| e.0 == to).map(|e| e.1)
    }

    /// Upstream neighbours with the edges that come from there.
    pub fn edges_in(&self, node: NodeIx) -> impl Iterator<Item = (NodeIx, EdgeId)> + '_ {
        let list = self.upstream(node);
        let first_of_each = (0..list.len()).filter(|&i| i == 0 || list[i - 1] != list[i]);
        first_of_each.flat_map(move |i| self.edges_between(list[i], node).map(move |id| (list[i], id)))
    }

    /// A new node without edges.
    pub fn add_node(&mut self) -> NodeIx {
        let node = NodeIx(self.node_count as u32);
        self.grow(self.node_count + 1);
        node
    }

    /// Adds an edge, and its nodes when they are new.
    pub fn add_edge(&mut self, from: NodeIx, to: NodeIx, id: EdgeId) {
        self.grow(from.index().max(to.index()) + 1);
        let patch = self.patch_out(from);
        let at = patch.to.partition_point(|&t| t <= to);
        patch.to.insert(at, to);
        patch.ids.insert(at, id);
        let list = self.patch_into(to);
        let at = list.partition_point(|&f| f <= from);
        list.insert(at, from);
        self.edge_count += 1;
    }

    /// Removes an edge; `false` when there was none like it.
    pub fn remove_edge(&mut self, from: NodeIx, to: NodeIx, id: EdgeId) -> bool {
        if !self.edges_between(from, to).any(|e| e == id) {
            return false;
        }
        let patch = self.patch_out(from);
        let first = patch.to.partition_point(|&t| t < to);
        if let Some(offset) = patch.ids[first..].iter().position(|&e| e == id) {
            patch.to.remove(first + offset);
            patch.ids.remove(first + offset);
        }
        let list = self.patch_into(to);
        if let Ok(at) = list.binary_search(&from) {
            list.remove(at);
        }
        self.edge_count -= 1;
        true
    }

    /// Folds the overlay into the compressed arrays.
    pub fn compact(&mut self) {
        if self.overlay_len() == 0 && self.out.start.len() == self.node_count + 1 {
            return;
        }
        let mut edges = Vec::with_capacity(self.edge_count);
        for from in self.nodes() {
            edges.extend(self.edges_out(from).map(|(to, id)| (from, to, id)));
        }
        *self = Self::new(self.node_count, edges);
    }

    fn grow(&mut self, nodes: usize) {
        self.node_count = self.node_count.max(nodes);
        let words = self.node_count.div_ceil(64);
        if self.patched.len() < words {
            self.patched.resize(words, 0);
        }
    }

    fn is_patched(&self, node: NodeIx) -> bool {
        self.patched.get(node.index() / 64).is_some_and(|w| w >> (node.index() % 64) & 1 == 1)
    }

    fn patch_out(&mut self, node: NodeIx) -> &mut Patch {
        let (to, ids) = if self.patched_out.contains_key(&node) {
            (Vec::new(), Vec::new())
        } else {
            self.edges_out(node).unzip()
        };
        self.patched[node.index() / 64] |= 1 << (node.index() % 64);
        self.patched_out.entry(node).or_insert(Patch { to, ids })
    }

    fn patch_into(&mut self, node: NodeIx) -> &mut Vec<NodeIx> {
        let list =
            if self.patched_into.contains_key(&node) { Vec::new() } else { self.upstream(node).to_vec() };
        self.patched[node.index() / 64] |= 1 << (node.index() % 64);
        self.patched_into.entry(node).or_insert(list)
    }
}

type Listed = (NodeIx, NodeIx, EdgeId);

/// Where each node's edges start when they are listed by one of their ends.
fn starts(list: &[Listed], node_count: usize, end: impl Fn(&Listed) -> NodeIx) -> Vec<u32> {
    let mut start = vec![0u32; node_count + 1];
    for edge in list {
        start[end(edge).index() + 1] += 1;
    }
    for i in 0..node_count {
        start[i + 1] += start[i];
    }
    start
}

/// Counting sort: stable and linear.
fn sorted_by_end(list: Vec<Listed>, node_count: usize, end: impl Fn(&Listed) -> NodeIx) -> Vec<Listed> {
    let mut next = starts(&list, node_count, &end);
    let mut sorted = vec![(NodeIx(0), NodeIx(0), EdgeId(0)); list.len()];
    for edge in list {
        let slot = &mut next[end(&edge).index()];
        sorted[*slot as usize] = edge;
        *slot += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed(adjacency: &Adjacency) -> (Vec<Listed>, Vec<Listed>) {
        let out = adjacency.nodes().flat_map(|n| adjacency.edges_out(n).map(move |(t, e)| (n, t, e)));
        let into = adjacency.nodes().flat_map(|n| adjacency.edges_in(n).map(move |(f, e)| (f, n, e)));
        let (mut out, mut into): (Vec<Listed>, Vec<Listed>) = (out.collect(), into.collect());
        out.sort_unstable();
        into.sort_unstable();
        (out, into)
    }

    #[test]
    fn ordered_and_numbered_edges_need_no_ids() {
        let edges = |ids: [u32; 3]| {
            [(0, 1, ids[0]), (0, 2, ids[1]), (1, 2, ids[2])]
                .map(|(a, b, e)| (NodeIx(a), NodeIx(b), EdgeId(e)))
        };
        let plain = Adjacency::new(3, edges([0, 1, 2]));
        let numbered = Adjacency::new(3, edges([7, 1, 2]));
        assert_eq!(numbered.bytes() - plain.bytes(), 12);
        assert_eq!(
            plain.edges_out(NodeIx(0)).collect::<Vec<_>>(),
            [(NodeIx(1), EdgeId(0)), (NodeIx(2), EdgeId(1))]
        );
        assert_eq!(numbered.edges_in(NodeIx(1)).collect::<Vec<_>>(), [(NodeIx(0), EdgeId(7))]);
    }

    #[test]
    fn unknown_nodes_have_no_neighbours() {
        let adjacency = Adjacency::new(0, []);
        assert!(adjacency.downstream(NodeIx(5)).is_empty());
        assert_eq!(adjacency.edges_in(NodeIx(5)).count(), 0);
    }

    proptest! {
        #[test]
        fn overlay_equals_rebuilt(
            base in proptest::collection::vec((0u32..12, 0u32..12), 0..40),
            changes in proptest::collection::vec((any::<bool>(), 0u32..16, 0u32..16), 0..40),
        ) {
            let mut edges: Vec<Listed> =
                base.iter().enumerate().map(|(i, &(a, b))| (NodeIx(a), NodeIx(b), EdgeId(i as u32))).collect();
            let mut changed = Adjacency::new(12, edges.iter().copied());
            for (i, &(add, a, b)) in changes.iter().enumerate() {
                if add {
                    let edge = (NodeIx(a), NodeIx(b), EdgeId(1000 + i as u32));
                    changed.add_edge(edge.0, edge.1, edge.2);
                    edges.push(edge);
                } else if !edges.is_empty() {
                    let edge = edges.swap_remove((a as usize * 16 + b as usize) % edges.len());
                    prop_assert!(changed.remove_edge(edge.0, edge.1, edge.2));
                    prop_assert!(!changed.remove_edge(edge.0, edge.1, edge.2));
                }
            }
            edges.sort_unstable();
            prop_assert_eq!(listed(&changed), (edges.clone(), edges.clone()));
            prop_assert_eq!(changed.edge_count(), edges.len());
            let last = changed.add_node();
            changed.compact();
            prop_assert_eq!(changed.overlay_len(), 0);
            prop_assert_eq!(changed.node_count(), last.index() + 1);
            prop_assert_eq!(listed(&changed), (edges.clone(), edges));
        }
    }
}
