//! Many leaves on one side of a node, folded into one.

use crate::reach::Direction;
use crate::subgraph::{EdgeId, NodeIx, Subgraph};

/// What stands in the place of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FoldedNode {
    /// The node itself.
    One(NodeIx),
    /// A fold, by its place in [`Folded::folds`].
    Fold(u32),
}

/// Leaves that one node stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// The node that they all hang on.
    pub owner: NodeIx,
    /// The side of the owner on which they are: up or down.
    pub side: Direction,
    /// The leaves, in the order of the subgraph's nodes. The count is their number.
    pub members: Vec<NodeIx>,
    /// The edges between the owner and them.
    pub edges: Vec<EdgeId>,
}

/// An edge of a folded graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldedEdge {
    /// The upstream end.
    pub from: FoldedNode,
    /// The downstream end.
    pub to: FoldedNode,
    /// The edge, or for a fold the first of [`Fold::edges`].
    pub id: EdgeId,
    /// How many edges it stands for.
    pub count: u32,
}

/// A graph with leaves folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// Nodes in the old order, then the folds.
    pub nodes: Vec<FoldedNode>,
    /// Edges in the old order, then one per fold.
    pub edges: Vec<FoldedEdge>,
    /// The folds, by owner in the old order, upstream before downstream.
    pub folds: Vec<Fold>,
}

/// Folds, for each node and side, the neighbours there that have no other neighbour, when there are more than
/// `most` of them. Nodes for which `keep` holds are never folded (the focus, what is selected, what was unfolded).
pub fn fold_fan_out(subgraph: &Subgraph, most: usize, keep: impl Fn(NodeIx) -> bool) -> Folded {
    let local = subgraph.to_local();
    // The only neighbour of each leaf, and the side of that neighbour on which the leaf is.
    let hangs_on = |leaf: usize| -> Option<(u32, Direction)> {
        let (up, down) = (local.upstream(NodeIx(leaf as u32)), local.downstream(NodeIx(leaf as u32)));
        let (list, side) = match (up, down) {
            ([first, ..], []) => (up, (first, Direction::Down)),
            ([], [first, ..]) => (down, (first, Direction::Up)),
            _ => return None,
        };
        let (owner, side) = side;
        (owner.index() != leaf && list.iter().all(|n| n == owner)).then_some((owner.0, side))
    };
    let mut leaves: Vec<(u32, bool, u32)> = Vec::new();
    for (i, &node) in subgraph.nodes.iter().enumerate() {
        if let Some((owner, side)) = hangs_on(i)
            && !keep(node)
        {
            leaves.push((owner, side == Direction::Down, i as u32));
        }
    }
    leaves.sort_unstable();
    let mut folded = Folded::default();
    let mut fold_of: Vec<Option<u32>> = vec![None; subgraph.nodes.len()];
    for group in leaves.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|g| g.len() > most.max(1)) {
        for leaf in group {
            fold_of[leaf.2 as usize] = Some(folded.folds.len() as u32);
        }
        folded.folds.push(Fold {
            owner: subgraph.nodes[group[0].0 as usize],
            side: if group[0].1 { Direction::Down } else { Direction::Up },
            members: group.iter().map(|leaf| subgraph.nodes[leaf.2 as usize]).collect(),
            edges: Vec::new(),
        });
    }
    let shown = subgraph.nodes.iter().zip(&fold_of).filter(|(_, fold)| fold.is_none());
    folded.nodes.extend(shown.map(|(&node, _)| FoldedNode::One(node)));
    folded.nodes.extend((0..folded.folds.len() as u32).map(FoldedNode::Fold));
    let places = crate::subgraph::Places::of(&subgraph.nodes);
    for edge in &subgraph.edges {
        let fold = |node| places.get(node).and_then(|place| fold_of[place as usize]);
        // A leaf's only neighbour is its owner, which is no leaf of a fold: two leaves of each other are one each.
        match fold(edge.from).or(fold(edge.to)) {
            Some(fold) => folded.folds[fold as usize].edges.push(edge.id),
            None => folded.edges.push(FoldedEdge {
                from: FoldedNode::One(edge.from),
                to: FoldedNode::One(edge.to),
                id: edge.id,
                count: 1,
            }),
        }
    }
    for (i, fold) in folded.folds.iter().enumerate() {
        let (owner, fold_node) = (FoldedNode::One(fold.owner), FoldedNode::Fold(i as u32));
        let (from, to) = if fold.side == Direction::Down { (owner, fold_node) } else { (fold_node, owner) };
        if let Some(&id) = fold.edges.first() {
            folded.edges.push(FoldedEdge { from, to, id, count: fold.edges.len() as u32 });
        }
    }
    folded
}
