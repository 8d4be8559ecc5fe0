//! What lies on a cycle: strongly connected components, by Tarjan's walk with its own stack.

use crate::adjacency::Adjacency;
use crate::subgraph::{Edge, NodeIx};

const UNSEEN: u32 = u32::MAX;

/// Which nodes reach each other.
#[derive(Debug, Clone)]
pub struct Cycles {
    /// Component of each node.
    component: Vec<u32>,
    /// Nodes in each component.
    size: Vec<u32>,
}

impl Cycles {
    /// Finds the components of a whole graph. Linear, and no deeper than one frame however long the paths are.
    pub fn of(adjacency: &Adjacency) -> Self {
        let nodes = adjacency.node_count();
        Self::find(nodes, |n| adjacency.downstream(NodeIx(n as u32)).iter().map(|t| t.index()))
    }

    pub(crate) fn find<I: Iterator<Item = usize>>(nodes: usize, neighbours: impl Fn(usize) -> I) -> Self {
        let mut component = vec![UNSEEN; nodes];
        let mut size = Vec::new();
        let mut index = vec![UNSEEN; nodes];
        let mut low = vec![0u32; nodes];
        let mut open: Vec<usize> = Vec::new();
        let mut path: Vec<(usize, I)> = Vec::new();
        let mut next_index = 0u32;
        for root in 0..nodes {
            if index[root] != UNSEEN {
                continue;
            }
            let mut enter = Some(root);
            loop {
                if let Some(node) = enter.take() {
                    index[node] = next_index;
                    low[node] = next_index;
                    next_index += 1;
                    open.push(node);
                    path.push((node, neighbours(node)));
                }
                let Some((node, rest)) = path.last_mut() else { break };
                let node = *node;
                if let Some(to) = rest.next() {
                    if index[to] == UNSEEN {
                        enter = Some(to);
                    } else if component[to] == UNSEEN {
                        low[node] = low[node].min(index[to]);
                    }
                    continue;
                }
                path.pop();
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
                if low[node] == index[node] {
                    let mut count = 0;
                    while let Some(member) = open.pop() {
                        component[member] = size.len() as u32;
                        count += 1;
                        if member == node {
                            break;
                        }
                    }
                    size.push(count);
                }
            }
        }
        Self { component, size }
    }

    /// Whether an edge closes or lies on a cycle.
    pub fn has_edge(&self, from: NodeIx, to: NodeIx) -> bool {
        from == to
            || self.component.get(from.index()).is_some_and(|c| Some(c) == self.component.get(to.index()))
    }

    /// The number of the component that a node is in; components are numbered downstream first.
    pub fn component(&self, node: NodeIx) -> Option<u32> {
        self.component.get(node.index()).copied()
    }

    /// How many nodes reach each other with this one, itself included.
    pub fn size(&self, node: NodeIx) -> u32 {
        self.component(node).and_then(|c| self.size.get(c as usize)).copied().unwrap_or(0)
    }

    /// The edges among `edges` that lie on a cycle.
    pub fn edges<'a>(&'a self, edges: &'a [Edge]) -> impl Iterator<Item = Edge> + 'a {
        edges.iter().copied().filter(|e| self.has_edge(e.from, e.to))
    }
}
