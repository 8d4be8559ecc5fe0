//! Small graphs written as text, for tests and examples.

use std::collections::BTreeMap;

use crate::adjacency::Adjacency;
use crate::subgraph::{EdgeId, NodeIx, Subgraph};

/// A graph whose nodes have names.
#[derive(Debug, Clone)]
pub struct NamedGraph {
    /// The graph; edges are numbered in the order in which they are written.
    pub adjacency: Adjacency,
    names: Vec<String>,
    by_name: BTreeMap<String, NodeIx>,
}

/// Reads a graph: chains of names joined by `->`, one a line or separated by `;`. A name alone is a node.
///
/// ```
/// let g = catena_graph::graph("raw.orders -> clean.orders -> churn-model; raw.customers -> clean.orders");
/// assert_eq!(g.adjacency.edge_count(), 3);
/// ```
pub fn graph(text: &str) -> NamedGraph {
    let mut names: Vec<String> = Vec::new();
    let mut by_name = BTreeMap::new();
    let mut edges = Vec::new();
    for chain in text.split(['\n', ';']) {
        let mut last = None;
        for name in chain.split("->").map(str::trim).filter(|n| !n.is_empty()) {
            let node = *by_name.entry(name.to_owned()).or_insert_with(|| {
                names.push(name.to_owned());
                NodeIx(names.len() as u32 - 1)
            });
            if let Some(from) = last {
                edges.push((from, node, EdgeId(edges.len() as u32)));
            }
            last = Some(node);
        }
    }
    NamedGraph { adjacency: Adjacency::new(names.len(), edges), names, by_name }
}

impl NamedGraph {
    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<NodeIx> {
        self.by_name.get(name).copied()
    }

    /// The nodes of those names, written with spaces between; unknown ones are left out.
    pub fn nodes(&self, names: &str) -> Vec<NodeIx> {
        names.split_whitespace().filter_map(|n| self.node(n)).collect()
    }

    /// The name of a node; empty when there is no such node.
    pub fn name(&self, node: NodeIx) -> &str {
        self.names.get(node.index()).map_or("", String::as_str)
    }

    /// The names of some nodes, sorted, with spaces between.
    pub fn names(&self, nodes: impl IntoIterator<Item = NodeIx>) -> String {
        let mut names: Vec<&str> = nodes.into_iter().map(|n| self.name(n)).collect();
        names.sort_unstable();
        names.join(" ")
    }

    /// All of it as a subgraph.
    pub fn whole(&self) -> Subgraph {
        Subgraph::whole(&self.adjacency)
    }
}
