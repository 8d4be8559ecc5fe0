//! From the nodes in view to what is drawn: cells, one for each node and each group, and links between them.

use std::collections::{BTreeMap, HashMap, HashSet};

use catena_graph::{Edge, EdgeId, NodeIx, Subgraph, hide};
use catena_model::relation::RelationKind;

use super::{
    graph::Fact,
    lens::{Lens, is_run, is_transformation},
    nodes::NodeSet,
    view::NodeSide,
    walk::{Fold, Scope, Stop, cancelled, go_on},
};
use crate::AppError;

/// Bridges that one hidden node may cost; one that would cost more stays in view.
const MOST_BRIDGES: usize = 10_000;
/// Nodes between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 1_024;

/// What is drawn as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cell {
    /// A node.
    One(NodeIx),
    /// A fold, by its place in [`Scope::folds`].
    Fold(usize),
}

/// What is drawn between two cells, in the direction that data flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: Cell,
    pub(super) to: Cell,
    /// The relations that it stands for, ascending.
    pub(super) edges: Vec<EdgeId>,
    /// How many hidden nodes it leads over.
    pub(super) bridged: u32,
    pub(super) kind: RelationKind,
    pub(super) inferred: bool,
    pub(super) accepted: bool,
    pub(super) removed: bool,
}

/// The links, and the relations between everything that was walked.
pub(super) struct Linked {
    pub(super) links: Vec<Link>,
    /// Every relation that counts between shown, passed and folded nodes.
    pub(super) edges: Vec<Edge>,
}

/// Finds the links between what is in view. Nodes that can't be bridged over come into view.
pub(super) fn link(lens: &Lens<'_>, scope: &mut Scope, stop: Stop<'_>) -> Result<Linked, AppError> {
    let fold_of = scope.fold_of();
    let mut nodes: Vec<NodeIx> = scope.shown.keys().chain(fold_of.keys()).copied().collect();
    nodes.extend(
        scope.passed.keys().filter(|node| !scope.shown.contains_key(node) && !fold_of.contains_key(node)),
    );
    nodes.sort_unstable();
    let all = Subgraph { edges: edges_between(lens, &nodes, stop)?, nodes };
    let cell = |node: NodeIx| fold_of.get(&node).map_or(Cell::One(node), |fold| Cell::Fold(*fold));
    let mut between: BTreeMap<(Cell, Cell), (Vec<EdgeId>, u32)> = BTreeMap::new();
    let mut add = |from: NodeIx, to: NodeIx, edges: &[EdgeId], bridged: u32| {
        let (from, to) = (cell(from), cell(to));
        if from != to {
            let held = between.entry((from, to)).or_default();
            held.0.extend_from_slice(edges);
            held.1 = held.1.max(bridged);
        }
    };
    if scope.passed.is_empty() {
        for edge in &all.edges {
            add(edge.from, edge.to, &[edge.id], 0);
        }
    } else {
        let hidden = |node: NodeIx| {
            scope.passed.contains_key(&node)
                && !scope.shown.contains_key(&node)
                && !fold_of.contains_key(&node)
        };
        let bridged = hide(&all, hidden, MOST_BRIDGES, stop).map_err(|_| cancelled())?;
        let ends: HashMap<EdgeId, (NodeIx, NodeIx)> =
            all.edges.iter().map(|edge| (edge.id, (edge.from, edge.to))).collect();
        for bridge in &bridged.edges {
            let over: NodeSet = bridge
                .stands_for
                .iter()
                .filter_map(|id| ends.get(id))
                .flat_map(|(from, to)| [*from, *to])
                .filter(|node| *node != bridge.from && *node != bridge.to)
                .collect();
            add(bridge.from, bridge.to, &bridge.stands_for, u32::try_from(over.len()).unwrap_or(u32::MAX));
        }
        for node in bridged.kept {
            let level = scope.passed.get(&node).copied().unwrap_or_default();
            scope.shown.insert(node, level);
        }
    }
    let mut links = Vec::with_capacity(between.len());
    for ((from, to), (mut edges, bridged)) in between {
        edges.sort_unstable();
        edges.dedup();
        links.push(said(lens, from, to, edges, bridged));
    }
    links.extend(scope.folds.iter().enumerate().filter_map(|(at, fold)| to_empty_fold(lens, at, fold)));
    Ok(Linked { links, edges: all.edges })
}

/// All members of an open group may be on the page: it still hangs on its owner.
fn to_empty_fold(lens: &Lens<'_>, at: usize, fold: &Fold) -> Option<Link> {
    if !fold.members.is_empty() {
        return None;
    }
    let (owner, group) = (Cell::One(fold.owner), Cell::Fold(at));
    let member = *fold.all.first()?;
    let (from, to, edges) = match fold.side {
        NodeSide::Up => (group, owner, lens.graph.live.edges_between(member, fold.owner)),
        NodeSide::Down => (owner, group, lens.graph.live.edges_between(fold.owner, member)),
    };
    Some(said(lens, from, to, edges.collect(), 0))
}

/// The relations that count between some nodes, which come in order.
fn edges_between(lens: &Lens<'_>, nodes: &[NodeIx], stop: Stop<'_>) -> Result<Vec<Edge>, AppError> {
    let within: NodeSet = nodes.iter().copied().collect();
    let mut edges = Vec::new();
    let mut out = Vec::new();
    for (at, from) in nodes.iter().enumerate() {
        if at % CHECK_EVERY == 0 {
            go_on(stop)?;
        }
        out.clear();
        lens.edges_out(*from, &mut out)?;
        let inside = out.iter().filter(|(to, _)| within.contains(to));
        edges.extend(inside.map(|&(to, id)| Edge { from: *from, to, id }));
    }
    Ok(edges)
}

/// What the relations of a link amount to. One that stands for several relations between the same two is as sure as
/// the surest of them; one that leads over hidden nodes is as sure as the least sure step.
fn said(lens: &Lens<'_>, from: Cell, to: Cell, edges: Vec<EdgeId>, bridged: u32) -> Link {
    let facts: Vec<Fact> = edges.iter().map(|edge| lens.graph.fact(*edge)).collect();
    let holds = |test: fn(Fact) -> bool| {
        if bridged > 0 { facts.iter().any(|fact| test(*fact)) } else { facts.iter().all(|fact| test(*fact)) }
    };
    let (inferred, removed) = (holds(Fact::is_inferred), holds(Fact::is_removed));
    // The last step says best what came of it: `trained_on` rather than the `reads` before it.
    let kind = facts.iter().filter_map(|fact| fact.kind()).max_by_key(|kind| telling(*kind));
    Link {
        from,
        to,
        bridged,
        kind: kind.unwrap_or(RelationKind::DerivesFrom),
        inferred,
        accepted: !inferred && facts.iter().any(|fact| fact.is_accepted()),
        removed,
        edges,
    }
}

/// How much a kind tells, where a link stands for several.
fn telling(kind: RelationKind) -> (u8, u8) {
    let much = match kind {
        RelationKind::TrainedOn | RelationKind::EvaluatedOn | RelationKind::Cites => 3,
        RelationKind::Writes | RelationKind::ProducedBy | RelationKind::DerivesFrom => 2,
        RelationKind::InfluencedBy => 0,
        _ => 1,
    };
    (much, u8::MAX - kind.code())
}

/// Drops links that only repeat what another way in view says: `a -> b` beside `a -> job -> b`, where the manifest
/// declares that b is made of a, and the job's events say how. It stays in the evidence of the steps, and in what the
/// command line prints. A direct link that is surer than the steps stays.
pub(super) fn declutter(lens: &Lens<'_>, links: &mut Vec<Link>) {
    let steps = |link: &Link| matches!((link.bridged, link.removed), (0, false));
    let between = |cell: Cell| match cell {
        Cell::One(node) => lens.graph.kind(node).is_some_and(|kind| is_transformation(kind) || is_run(kind)),
        Cell::Fold(_) => false,
    };
    let mut into: HashMap<Cell, Vec<(Cell, bool)>> = HashMap::new();
    let mut out_of: HashSet<(Cell, Cell)> = HashSet::new();
    for link in links.iter().filter(|link| steps(link)) {
        if between(link.from) && matches!(link.kind, RelationKind::Writes | RelationKind::ProducedBy) {
            into.entry(link.to).or_default().push((link.from, link.inferred));
        }
        if between(link.to) && !link.inferred {
            out_of.insert((link.from, link.to));
        }
    }
    links.retain(|link| {
        let repeats = link.bridged == 0
            && !link.removed
            && matches!(link.kind, RelationKind::DerivesFrom | RelationKind::TrainedOn)
            && !between(link.from)
            && !between(link.to)
            && into
                .get(&link.to)
                .into_iter()
                .flatten()
                .any(|(job, inferred)| !inferred && out_of.contains(&(link.from, *job)));
        !repeats
    });
}
