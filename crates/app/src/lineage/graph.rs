//! The lineage of the whole catalog in memory, and keeping it so.
//!
//! A node is the head of a group of merged entities, numbered by its place in the catalog file; an edge is a relation,
//! numbered by its place too, and runs the way data flows. Relations that carry no data, that lead from a head to
//! itself, or that touch what is gone, are left out. Those that are no longer seen lie apart, so that whoever doesn't
//! ask for them pays nothing.

use std::collections::{BTreeSet, HashMap};

use catena_graph::{Adjacency, EdgeId, NodeIx};
use catena_model::{
    change::{Aspect, Subject},
    kind::Kind,
    operation::Link,
    relation::{Flow, RelationKey, RelationKind, Verdict},
};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, Ix},
        log,
        relation::{self, RelationRow},
    },
};

/// Relations changed since that are followed one by one; with more, loading anew is quicker.
const MOST_CHANGES: u64 = 2_000;
/// Operations looked at one by one.
const MOST_OPERATIONS: u64 = 500;
/// Neighbour lists in the overlay before it is folded in.
const MOST_OVERLAY: usize = 50_000;

/// What an edge says, in 16 bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fact(u16);

const REMOVED: u16 = 1 << 8;
const INFERRED: u16 = 1 << 9;
const ACCEPTED: u16 = 1 << 10;

impl Fact {
    fn of(row: &RelationRow) -> Self {
        let mut bits = u16::from(row.kind.code());
        for (set, bit) in [
            (row.state.removed, REMOVED),
            (row.state.inferred, INFERRED),
            (row.verdict == Some(Verdict::Accepted), ACCEPTED),
        ] {
            bits |= if set { bit } else { 0 };
        }
        Self(bits)
    }

    /// What the relation says.
    pub(super) fn kind(self) -> Option<RelationKind> {
        RelationKind::from_code(self.0.to_le_bytes()[0])
    }

    /// No longer seen, or rejected.
    pub(super) fn is_removed(self) -> bool {
        self.0 & REMOVED != 0
    }

    /// A guess that no person accepted.
    pub(super) fn is_inferred(self) -> bool {
        self.0 & INFERRED != 0
    }

    /// A person accepted it.
    pub(super) fn is_accepted(self) -> bool {
        self.0 & ACCEPTED != 0
    }
}

/// Which place in the log a state of the catalog is at.
pub(super) type Mark = (u64, Link);

/// The lineage as of one place in the log.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    mark: Mark,
    /// What is believed.
    pub(super) live: Adjacency,
    /// What is no longer seen, or was rejected.
    pub(super) removed: Adjacency,
    /// Kind code by place; 0 where nothing is.
    kinds: Vec<u8>,
    /// By the relation's place.
    facts: Vec<Fact>,
    /// Where merged entities lead.
    heads: HashMap<Ix, Ix>,
    /// What was merged into a head.
    members: HashMap<Ix, Vec<Ix>>,
}

/// An edge as it lies in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    from: NodeIx,
    to: NodeIx,
    id: EdgeId,
    fact: Fact,
}

fn number(ix: Ix) -> Option<u32> {
    u32::try_from(ix).ok()
}

impl Graph {
    /// Reads all of it.
    pub(super) fn load(reader: &Reader<'_>) -> StoreResult<Self> {
        let db = reader.db();
        let mut graph = Self {
            mark: log::last(db)?,
            live: Adjacency::default(),
            removed: Adjacency::default(),
            kinds: Vec::new(),
            facts: Vec::new(),
            heads: HashMap::new(),
            members: HashMap::new(),
        };
        entity::each(db, |ix, kind, head, gone| graph.place(ix, kind, head, gone))?;
        let (mut live, mut removed) = (Vec::new(), Vec::new());
        relation::each(db, |row| {
            if let Some(edge) = graph.placed(&row) {
                graph.note(edge);
                let list = if edge.fact.is_removed() { &mut removed } else { &mut live };
                list.push((edge.from, edge.to, edge.id));
            }
        })?;
        graph.facts.shrink_to_fit();
        graph.kinds.shrink_to_fit();
        // Nodes without edges need no place in the arrays.
        graph.live = Adjacency::new(0, live);
        graph.removed = Adjacency::new(0, removed);
        Ok(graph)
    }

    /// Where in the log it was read.
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// Bytes that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.live.bytes()
            + self.removed.bytes()
            + self.kinds.len()
            + self.facts.len() * 2
            + (self.heads.len() + self.members.len()) * 32
    }

    fn place(&mut self, ix: Ix, kind: Kind, head: Ix, gone: bool) {
        let Some(at) = number(ix).map(|n| n as usize) else { return };
        if self.kinds.len() <= at {
            self.kinds.resize(at + 1, 0);
        }
        self.kinds[at] = if gone { 0 } else { kind.code() };
        if let Some(before) = self.heads.remove(&ix)
            && let Some(members) = self.members.get_mut(&before)
        {
            members.retain(|member| *member != ix);
        }
        if head != ix {
            self.heads.insert(ix, head);
            self.members.entry(head).or_default().push(ix);
        }
    }

    fn note(&mut self, edge: Placed) {
        let at = edge.id.0 as usize;
        if self.facts.len() <= at {
            self.facts.resize(at + 1, Fact::default());
        }
        self.facts[at] = edge.fact;
    }

    /// The node of an entity, where merges lead; none when it is gone.
    pub(super) fn node(&self, ix: Ix) -> Option<NodeIx> {
        let there =
            |ix: Ix| number(ix).is_some_and(|n| self.kinds.get(n as usize).is_some_and(|kind| *kind != 0));
        let head = self.heads.get(&ix).copied().unwrap_or(ix);
        (there(ix) && there(head)).then(|| number(head).map(NodeIx)).flatten()
    }

    /// What a node is.
    pub(super) fn kind(&self, node: NodeIx) -> Option<Kind> {
        self.kinds.get(node.index()).copied().and_then(Kind::from_code)
    }

    /// The entities that a node stands for, its head first.
    pub(super) fn members(&self, node: NodeIx) -> impl Iterator<Item = Ix> + '_ {
        let head = Ix::from(node.0);
        std::iter::once(head).chain(self.members.get(&head).into_iter().flatten().copied())
    }

    /// What an edge says.
    pub(super) fn fact(&self, edge: EdgeId) -> Fact {
        self.facts.get(edge.0 as usize).copied().unwrap_or_default()
    }

    fn placed(&self, row: &RelationRow) -> Option<Placed> {
        let (from, to) = self.ends(row.src, row.kind, row.dst)?;
        Some(Placed { from, to, id: EdgeId(number(row.ix)?), fact: Fact::of(row) })
    }

    /// Between which nodes, in the direction of the data, a relation runs.
    fn ends(&self, src: Ix, kind: RelationKind, dst: Ix) -> Option<(NodeIx, NodeIx)> {
        let (from, to) = match kind.flow() {
            Flow::Forward => (src, dst),
            Flow::Backward => (dst, src),
            Flow::None => return None,
        };
        let (from, to) = (self.node(from)?, self.node(to)?);
        (from != to).then_some((from, to))
    }

    /// Follows the log to where the reader is. `false` when that can't be done, or not cheaply: load it anew, this one
    /// is half done.
    pub(super) fn follow(&mut self, reader: &Reader<'_>, to: Mark) -> StoreResult<bool> {
        let db = reader.db();
        let behind = to.0.saturating_sub(self.mark.0);
        if behind > MOST_OPERATIONS {
            return Ok(false);
        }
        let limit = u32::try_from(behind).unwrap_or(u32::MAX);
        let operations = log::latest(db, None, limit)?;
        let changes: u64 = operations.iter().map(|operation| operation.changes).sum();
        if changes > MOST_CHANGES.max(self.live.edge_count() as u64 / 50) {
            return Ok(false);
        }
        let (mut keys, mut entities) = (BTreeSet::new(), BTreeSet::new());
        for operation in &operations {
            for change in log::changes(db, operation.seq, u32::MAX)? {
                match (change.subject, change.aspect) {
                    (Subject::Relation { key }, _) => {
                        keys.insert(key);
                    }
                    (Subject::Entity { id }, Aspect::Exists | Aspect::MergedInto) => {
                        entities.insert(id);
                    }
                    _ => {}
                }
            }
        }
        // Whose node may be another one now: the groups of the entities, as they were and as they are.
        let mut moved = BTreeSet::new();
        for id in entities {
            let Some(row) = entity::find(db, id)? else { continue };
            let before = self.heads.get(&row.ix).copied().unwrap_or(row.ix);
            moved.insert(before);
            moved.extend(self.members.get(&before).into_iter().flatten());
            moved.extend(entity::group(db, row.head)?.into_iter().map(|member| member.ix));
        }
        let mut touched = self.touched(reader, &keys)?;
        for ix in &moved {
            touched.extend(relation::touching(db, *ix)?.into_iter().map(|row| (row.src, row.kind, row.dst)));
        }
        let mut rows = Vec::with_capacity(touched.len());
        for (src, kind, dst) in touched {
            let row = relation::find(db, src, kind, dst)?;
            if !self.take_out(src, kind, dst, row.as_ref()) {
                return Ok(false);
            }
            rows.extend(row);
        }
        for ix in moved {
            if let Some(row) = entity::at(db, ix)? {
                self.place(row.ix, row.kind, row.head, row.gone);
            }
        }
        for row in rows {
            if let Some(edge) = self.placed(&row) {
                self.note(edge);
                let side = if edge.fact.is_removed() { &mut self.removed } else { &mut self.live };
                side.add_edge(edge.from, edge.to, edge.id);
            }
        }
        if self.live.overlay_len() > MOST_OVERLAY {
            self.live.compact();
        }
        self.mark = to;
        Ok(true)
    }

    fn touched(
        &self,
        reader: &Reader<'_>,
        keys: &BTreeSet<RelationKey>,
    ) -> StoreResult<BTreeSet<(Ix, RelationKind, Ix)>> {
        let mut touched = BTreeSet::new();
        for key in keys.iter().filter(|key| key.kind.flow() != Flow::None) {
            if let (Some(from), Some(to)) =
                (entity::find(reader.db(), key.from)?, entity::find(reader.db(), key.to)?)
            {
                touched.insert((from.ix, key.kind, to.ix));
            }
        }
        Ok(touched)
    }

    /// Takes out the edge of a relation as it lies so far; `false` when it can't be told which one it is.
    fn take_out(&mut self, src: Ix, kind: RelationKind, dst: Ix, row: Option<&RelationRow>) -> bool {
        let Some((from, to)) = self.ends(src, kind, dst) else { return true };
        let same_kind = |id: &EdgeId| self.fact(*id).kind() == Some(kind);
        let here: Vec<(bool, EdgeId)> = [(true, &self.live), (false, &self.removed)]
            .into_iter()
            .flat_map(|(live, side)| side.edges_between(from, to).map(move |id| (live, id)))
            .filter(|(_, id)| same_kind(id))
            .collect();
        let own = row.and_then(|row| number(row.ix)).map(EdgeId);
        let (live, id) = match (here.as_slice(), own) {
            ([], _) => return true,
            ([only], own) if self.is_alone(from, to) || own == Some(only.1) => *only,
            (several, Some(own)) => match several.iter().find(|(_, id)| *id == own) {
                Some(found) => *found,
                None => return false,
            },
            (_, None) => return false,
        };
        let side = if live { &mut self.live } else { &mut self.removed };
        side.remove_edge(from, to, id)
    }

    /// Whether neither end has members, so that there is at most one relation of a kind between the two.
    fn is_alone(&self, from: NodeIx, to: NodeIx) -> bool {
        self.members(from).count() == 1 && self.members(to).count() == 1
    }
}
