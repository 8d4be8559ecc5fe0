//! Nodes left out, with a bridge over each gap: `a -> job -> b` becomes `a -> b`.

use std::collections::{BTreeMap, BTreeSet};

use crate::cancel::{Cancelled, Check, go_on};
use crate::subgraph::{Edge, EdgeId, NodeIx, Subgraph};

/// A subgraph with nodes hidden.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bridged {
    /// The nodes still shown, in their old order.
    pub nodes: Vec<NodeIx>,
    /// What joins them.
    pub edges: Vec<Bridge>,
    /// Nodes that were to be hidden but are still shown, because bridging over them would take more edges than the
    /// limit: a job with a thousand inputs and a thousand outputs says more in one node than in a million edges.
    pub kept: Vec<NodeIx>,
}

/// An edge between two shown nodes, and the edges that it stands for: itself, or all that lie on the ways from one to
/// the other through hidden nodes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// The upstream end.
    pub from: NodeIx,
    /// The downstream end.
    pub to: NodeIx,
    /// Ascending.
    pub stands_for: Vec<EdgeId>,
}

/// Hides nodes and bridges over them. What reached what before still does, among the nodes still shown. Between two
/// nodes there is at most one bridge; a way from a shown node back to itself is left out.
///
/// `limit` is how many bridges one hidden node may cost (its shown neighbours upstream times those downstream).
pub fn hide(
    subgraph: &Subgraph,
    hidden: impl Fn(NodeIx) -> bool,
    limit: usize,
    check: Check<'_>,
) -> Result<Bridged, Cancelled> {
    let local = subgraph.to_local();
    let mut gone: Vec<bool> = subgraph.nodes.iter().map(|&n| hidden(n)).collect();
    let mut result = Bridged::default();
    for (i, gone) in gone.iter_mut().enumerate() {
        let node = NodeIx(i as u32);
        if *gone && local.upstream(node).len().saturating_mul(local.downstream(node).len()) > limit {
            *gone = false;
            result.kept.push(subgraph.nodes[i]);
        }
    }
    // Hidden nodes seen from the current start, by the start's number, so that nothing need be cleared.
    let mut seen = vec![u32::MAX; gone.len()];
    let mut stack = Vec::new();
    for start in 0..gone.len() {
        if gone[start] {
            continue;
        }
        if start % 256 == 0 {
            go_on(check)?;
        }
        result.nodes.push(subgraph.nodes[start]);
        let round = start as u32;
        // Edges found, by the node they lead to: shown ones are where bridges end, hidden ones lie on the way.
        let mut found: BTreeMap<u32, Vec<(u32, EdgeId)>> = BTreeMap::new();
        stack.push(start);
        while let Some(node) = stack.pop() {
            for (to, edge) in local.edges_out(NodeIx(node as u32)) {
                found.entry(to.0).or_default().push((node as u32, edge));
                if gone[to.index()] && seen[to.index()] != round {
                    seen[to.index()] = round;
                    stack.push(to.index());
                }
            }
        }
        for (&end, _) in found.iter().filter(|(end, _)| !gone[**end as usize] && **end as usize != start) {
            result.edges.push(Bridge {
                from: subgraph.nodes[start],
                to: subgraph.nodes[end as usize],
                stands_for: on_the_way(&found, end, round, subgraph),
            });
        }
    }
    Ok(result)
}

/// All edges found on the ways from `start` to `end`, walking back from the end.
fn on_the_way(
    found: &BTreeMap<u32, Vec<(u32, EdgeId)>>,
    end: u32,
    start: u32,
    subgraph: &Subgraph,
) -> Vec<EdgeId> {
    let mut edges = Vec::new();
    let mut seen = BTreeSet::from([end]);
    let mut stack = vec![end];
    while let Some(node) = stack.pop() {
        for &(from, edge) in found.get(&node).into_iter().flatten() {
            let Edge { id, .. } = subgraph.edges[edge.0 as usize];
            edges.push(id);
            if from != start && seen.insert(from) {
                stack.push(from);
            }
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}
