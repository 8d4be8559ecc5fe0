//! What of the lineage a view looks at: which edges count, and which nodes are shown, bridged over, or not there.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use catena_graph::{EdgeId, NodeIx};
use catena_model::{kind::Kind, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    table::{entity, relation},
};

use super::{
    graph::Graph,
    view::{LineageArgs, NodeSide},
};

/// Whether a kind stands between data.
pub(super) fn is_transformation(kind: Kind) -> bool {
    matches!(kind, Kind::Job | Kind::Pipeline | Kind::Test)
}

/// Whether a kind is a run of something.
pub(super) fn is_run(kind: Kind) -> bool {
    matches!(kind, Kind::Run | Kind::Trace)
}

/// What a view makes of a node that it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is shown.
    Shown,
    /// It is left out, and what lies behind it is shown beside what lies before.
    Bridged,
    /// It is not there, and nothing behind it.
    Absent,
}

/// First and last time that a relation was seen.
pub(super) type Times = Option<(Timestamp, Timestamp)>;

/// What a view looks at.
pub(super) struct Lens<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) graph: &'a Graph,
    show_removed: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    kinds: HashSet<Kind>,
    bridge: fn(Kind) -> bool,
    hidden: HashMap<NodeIx, NodeSide>,
    pub(super) focus: HashSet<NodeIx>,
    times: RefCell<HashMap<EdgeId, Times>>,
}

impl<'a> Lens<'a> {
    /// The lens that `args` ask for. Things that they name and that are not there any more are of no account.
    pub(super) fn new(
        reader: &'a Reader<'a>,
        graph: &'a Graph,
        args: &LineageArgs,
        focus: &[NodeIx],
    ) -> StoreResult<Self> {
        let system = args.band == super::view::ViewBand::System;
        let mut hidden = HashMap::new();
        for hide in &args.hidden {
            let node = entity::find(reader.db(), hide.id)?.and_then(|row| graph.node(row.ix));
            hidden.extend(node.map(|node| (node, hide.with)));
        }
        // What systems hold is data; what moves it between them is an edge there.
        let bridge: fn(Kind) -> bool = match (args.hide_transformations || system, args.hide_runs || system) {
            (false, false) => |_| false,
            (true, false) => is_transformation,
            (false, true) => is_run,
            (true, true) => |kind| is_transformation(kind) || is_run(kind),
        };
        Ok(Self {
            reader,
            graph,
            show_removed: args.show_removed,
            since: args.since.map(Timestamp::from_millis),
            until: args.until.map(Timestamp::from_millis),
            kinds: args.kinds.iter().copied().collect(),
            bridge,
            hidden,
            focus: focus.iter().copied().collect(),
            times: RefCell::default(),
        })
    }

    /// When a relation was seen.
    pub(super) fn times(&self, edge: EdgeId) -> StoreResult<Times> {
        if let Some(known) = self.times.borrow().get(&edge) {
            return Ok(*known);
        }
        let times = relation::seen(self.reader.db(), i64::from(edge.0))?;
        self.times.borrow_mut().insert(edge, times);
        Ok(times)
    }

    fn by_time(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    fn in_time(&self, edge: EdgeId) -> StoreResult<bool> {
        if !self.by_time() {
            return Ok(true);
        }
        Ok(self.times(edge)?.is_some_and(|(first, last)| {
            self.since.is_none_or(|since| last >= since) && self.until.is_none_or(|until| first <= until)
        }))
    }

    /// What becomes of an asset node that is come to on the way to `side`.
    pub(super) fn role(&self, node: NodeIx, side: NodeSide) -> Role {
        let Some(kind) = self.graph.kind(node).filter(|kind| *kind != Kind::Column) else {
            return Role::Absent;
        };
        if self.focus.contains(&node) {
            return Role::Shown;
        }
        match self.hidden.get(&node) {
            Some(with) if *with == side => return Role::Absent,
            Some(_) => return Role::Bridged,
            None => {}
        }
        if (self.bridge)(kind) || !(self.kinds.is_empty() || self.kinds.contains(&kind)) {
            Role::Bridged
        } else {
            Role::Shown
        }
    }

    /// Every node at the other end of an edge that counts, on one side, columns included; each may come twice.
    pub(super) fn beside(&self, node: NodeIx, side: NodeSide, found: &mut Vec<NodeIx>) -> StoreResult<()> {
        let graphs = [Some(&self.graph.live), self.show_removed.then_some(&self.graph.removed)];
        for adjacency in graphs.into_iter().flatten() {
            match (side, self.by_time()) {
                (NodeSide::Up, false) => found.extend(adjacency.upstream(node)),
                (NodeSide::Down, false) => found.extend(adjacency.downstream(node)),
                (NodeSide::Up, true) => {
                    for (to, edge) in adjacency.edges_in(node) {
                        found.extend(self.in_time(edge)?.then_some(to));
                    }
                }
                (NodeSide::Down, true) => {
                    for (to, edge) in adjacency.edges_out(node) {
                        found.extend(self.in_time(edge)?.then_some(to));
                    }
                }
            }
        }
        Ok(())
    }

    /// The edges that count and leave a node.
    pub(super) fn edges_out(&self, node: NodeIx, found: &mut Vec<(NodeIx, EdgeId)>) -> StoreResult<()> {
        let graphs = [Some(&self.graph.live), self.show_removed.then_some(&self.graph.removed)];
        for adjacency in graphs.into_iter().flatten() {
            for (to, edge) in adjacency.edges_out(node) {
                if self.in_time(edge)? {
                    found.push((to, edge));
                }
            }
        }
        Ok(())
    }
}
