//! Nodes, edges, and a set of both taken out of a larger graph.

use crate::adjacency::Adjacency;
use crate::reach::Bits;

/// A node: a dense number that the caller maps to whatever it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub u32);

impl NodeIx {
    /// As an index into a slice with one entry per node.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An edge: a number that the caller gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId(pub u32);

/// A directed edge, upstream to downstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge {
    /// The upstream end.
    pub from: NodeIx,
    /// The downstream end.
    pub to: NodeIx,
    /// Which edge it is.
    pub id: EdgeId,
}

/// Some nodes of a graph and edges between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subgraph {
    /// Its nodes, each once.
    pub nodes: Vec<NodeIx>,
    /// Its edges; both ends are in `nodes`.
    pub edges: Vec<Edge>,
}

impl Subgraph {
    /// The whole of a graph.
    pub fn whole(adjacency: &Adjacency) -> Self {
        let nodes: Vec<NodeIx> = adjacency.nodes().collect();
        let mut edges = Vec::with_capacity(adjacency.edge_count());
        for &from in &nodes {
            edges.extend(adjacency.edges_out(from).map(|(to, id)| Edge { from, to, id }));
        }
        Self { nodes, edges }
    }

    /// For each of its nodes, how many neighbours in the whole graph are not among them, of those for which `counts`
    /// holds: what expanding the node would bring in.
    pub fn unseen(&self, adjacency: &Adjacency, counts: impl Fn(NodeIx) -> bool) -> Vec<Unseen> {
        let mut shown = Bits::new(adjacency.node_count());
        for &node in &self.nodes {
            shown.insert(node);
        }
        let missing = |list: &[NodeIx]| {
            // Ascending, so that several edges to one neighbour lie together.
            let once = list.chunk_by(|a, b| a == b).map(|same| same[0]);
            once.filter(|&n| !shown.contains(n) && counts(n)).count() as u32
        };
        let of = |&node: &NodeIx| Unseen {
            up: missing(adjacency.upstream(node)),
            down: missing(adjacency.downstream(node)),
        };
        self.nodes.iter().map(of).collect()
    }

    /// As an adjacency of its own: node `i` of it is `nodes[i]` here, and edge `i` of it is `edges[i]`.
    pub fn to_local(&self) -> Adjacency {
        let place = Places::of(&self.nodes);
        let edges = self.edges.iter().enumerate().filter_map(|(i, edge)| {
            Some((NodeIx(place.get(edge.from)?), NodeIx(place.get(edge.to)?), EdgeId(i as u32)))
        });
        Adjacency::new(self.nodes.len(), edges)
    }
}

/// How many neighbours of a node are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Upstream.
    pub up: u32,
    /// Downstream.
    pub down: u32,
}

/// Where each of some nodes stands in their list.
pub(crate) struct Places(Vec<(NodeIx, u32)>);

impl Places {
    pub(crate) fn of(nodes: &[NodeIx]) -> Self {
        let mut places: Vec<(NodeIx, u32)> = nodes.iter().enumerate().map(|(i, &n)| (n, i as u32)).collect();
        places.sort_unstable();
        Self(places)
    }

    pub(crate) fn get(&self, node: NodeIx) -> Option<u32> {
        self.0.binary_search_by_key(&node, |p| p.0).ok().map(|i| self.0[i].1)
    }
}
