//! Nodes merged by what they belong to: tables into schemas, schemas into systems.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::subgraph::{EdgeId, NodeIx, Subgraph};

/// Nodes with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<K> {
    /// What they share.
    pub key: K,
    /// The nodes, in the order of the subgraph.
    pub members: Vec<NodeIx>,
    /// How many edges run between them.
    pub inner_edges: usize,
}

/// All edges from one group to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledEdge {
    /// The upstream group, by its place in [`RolledUp::groups`].
    pub from: u32,
    /// The downstream group.
    pub to: u32,
    /// The edges; the count is their number.
    pub stands_for: Vec<EdgeId>,
}

/// A graph of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledUp<K> {
    /// The groups, in the order in which their first members stand in the subgraph.
    pub groups: Vec<Group<K>>,
    /// What joins them, by (from, to).
    pub edges: Vec<RolledEdge>,
}

/// Merges the nodes that have the same key, and the edges between the same two groups.
pub fn roll_up<K: Clone + Eq + Hash>(subgraph: &Subgraph, key: impl Fn(NodeIx) -> K) -> RolledUp<K> {
    let mut groups: Vec<Group<K>> = Vec::new();
    let mut by_key: HashMap<K, u32> = HashMap::new();
    let mut group_of: HashMap<NodeIx, u32> = HashMap::with_capacity(subgraph.nodes.len());
    for &node in &subgraph.nodes {
        let key = key(node);
        let group = *by_key.entry(key.clone()).or_insert_with(|| {
            groups.push(Group { key, members: Vec::new(), inner_edges: 0 });
            groups.len() as u32 - 1
        });
        groups[group as usize].members.push(node);
        group_of.insert(node, group);
    }
    let mut edges: BTreeMap<(u32, u32), Vec<EdgeId>> = BTreeMap::new();
    for edge in &subgraph.edges {
        let (Some(&from), Some(&to)) = (group_of.get(&edge.from), group_of.get(&edge.to)) else { continue };
        if from == to {
            groups[from as usize].inner_edges += 1;
        } else {
            edges.entry((from, to)).or_default().push(edge.id);
        }
    }
    let edges =
        edges.into_iter().map(|((from, to), stands_for)| RolledEdge { from, to, stands_for }).collect();
    RolledUp { groups, edges }
}
