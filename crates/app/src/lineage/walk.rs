//! Which nodes are in view: from the focus level by level, with what was opened, closed and hidden by hand.

use std::collections::{BTreeMap, HashSet, VecDeque};

use catena_graph::NodeIx;
use catena_model::{id::EntityId, json, kind::Kind};
use catena_store::{StoreResult, table::entity};
use serde_json::json;

use super::{
    lens::{Lens, Role},
    names,
    nodes::{NodeMap, NodeSet, SideMap},
    view::{Direction, LineageArgs, NodeSide, OpenGroup, ViewBand},
};
use crate::{AppError, error::Trouble};

/// Members of a group on one page.
pub(super) const PAGE: usize = 50;
/// Nodes between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 1_024;

/// Whether to give up: a newer view of the same was asked for.
pub(super) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Gives up when that is asked for.
pub(super) fn go_on(stop: Stop<'_>) -> Result<(), AppError> {
    if stop() { Err(cancelled()) } else { Ok(()) }
}

/// What a view says that was given up.
pub(super) fn cancelled() -> AppError {
    AppError::new(Trouble::Cancelled, "a newer view took this one's place")
}

/// Neighbours of one node that are shown as one.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    pub(super) id: EntityId,
    /// Whose neighbours they are.
    pub(super) owner: NodeIx,
    pub(super) side: NodeSide,
    pub(super) kind: Kind,
    pub(super) level: i32,
    /// All of them.
    pub(super) all: Vec<NodeIx>,
    /// Those that are in view in no other way, nor on the open page.
    pub(super) members: Vec<NodeIx>,
    /// The page that is open, its filter, and how many match it.
    pub(super) open: Option<OpenGroup>,
}

/// What is in view.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Nodes that are shown, with their levels.
    pub(super) shown: NodeMap<i32>,
    /// Nodes that were bridged over, with the level of what lies behind them.
    pub(super) passed: NodeMap<i32>,
    /// What was folded; members that came into view in another way are not among them.
    pub(super) folds: Vec<Fold>,
    /// Which sides were opened by hand.
    pub(super) expanded: HashSet<(NodeIx, NodeSide)>,
}

impl Scope {
    /// How many nodes were come to, at most.
    pub(super) fn walked(&self) -> usize {
        self.shown.len() + self.passed.len() + self.folds.iter().map(|fold| fold.members.len()).sum::<usize>()
    }

    /// Every folded node, with its fold.
    pub(super) fn fold_of(&self) -> NodeMap<usize> {
        let members = self.folds.iter().enumerate();
        members.flat_map(|(at, fold)| fold.members.iter().map(move |node| (*node, at))).collect()
    }
}

/// The id of what stands for several entities: made from what it groups, so that it is the same in the next view. Of
/// UUID version 8, so that no entity has it.
pub(super) fn made_id(parts: &serde_json::Value) -> EntityId {
    let digest = json::digest(parts);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    EntityId::from_bytes(bytes)
}

/// Walks from the focus.
pub(super) fn walk(
    lens: &Lens<'_>,
    focus: &[NodeIx],
    args: &LineageArgs,
    stop: Stop<'_>,
) -> Result<Scope, AppError> {
    let mut walk = Walk {
        lens,
        scope: Scope::default(),
        budgets: Default::default(),
        walked: Default::default(),
        folded: Default::default(),
        folds_of: Default::default(),
        keep: NodeSet::default(),
        open_groups: &args.open_groups,
        group_over: usize::try_from(args.group_over.max(1)).unwrap_or(usize::MAX),
        queue: VecDeque::new(),
        stop,
        steps: 0,
    };
    walk.read_wishes(args)?;
    // Systems are few: all that the focus hangs together with is rolled up, however far away.
    let (up, down) = if args.band == ViewBand::System { (u32::MAX, u32::MAX) } else { (args.up, args.down) };
    let up = if args.direction == Direction::Down { 0 } else { up };
    let down = if args.direction == Direction::Up { 0 } else { down };
    if args.band == ViewBand::System {
        walk.group_over = usize::MAX;
    }
    for node in focus {
        walk.enter(*node, 0, up, down);
    }
    walk.run()?;
    let mut scope = walk.scope;
    for fold in &mut scope.folds {
        fold.members.retain(|node| !scope.shown.contains_key(node));
    }
    // One member needs no group; but what was opened stays there to be closed again.
    for fold in scope.folds.iter().filter(|fold| fold.open.is_none()) {
        if let [only] = fold.members.as_slice() {
            scope.shown.insert(*only, fold.level);
        }
    }
    scope.folds.retain(|fold| fold.members.len() > 1 || fold.open.is_some());
    Ok(scope)
}

struct Walk<'a> {
    lens: &'a Lens<'a>,
    scope: Scope,
    /// Levels to show beyond a node's side, where a person said so.
    budgets: SideMap<u32>,
    /// The most levels that were walked beyond a node's side.
    walked: SideMap<u32>,
    /// The fold that a node is in.
    folded: NodeMap<usize>,
    /// The folds on a node's side.
    folds_of: SideMap<Vec<usize>>,
    /// Nodes that are never folded: a person did something with them.
    keep: NodeSet,
    open_groups: &'a [OpenGroup],
    group_over: usize,
    queue: VecDeque<(NodeIx, NodeSide, u32)>,
    stop: Stop<'a>,
    steps: usize,
}

impl Walk<'_> {
    fn read_wishes(&mut self, args: &LineageArgs) -> StoreResult<()> {
        let find = |id| -> StoreResult<Option<NodeIx>> {
            Ok(entity::find(self.lens.reader.db(), id)?.and_then(|row| self.lens.graph.node(row.ix)))
        };
        for wish in &args.expanded {
            let Some(node) = find(wish.id)? else { continue };
            self.budgets.insert((node, wish.side), wish.levels);
            if wish.levels > 0 {
                self.scope.expanded.insert((node, wish.side));
            }
            self.keep.insert(node);
        }
        for id in &args.columns {
            self.keep.extend(find(*id)?);
        }
        Ok(())
    }

    /// Takes a node into view and goes on from it.
    fn enter(&mut self, node: NodeIx, level: i32, up: u32, down: u32) {
        let known = self.scope.shown.contains_key(&node);
        if !known {
            self.scope.shown.insert(node, level);
        }
        // At the same distance what lies downstream comes first, so that a node on a cycle counts as downstream.
        for (side, levels) in [(NodeSide::Down, down), (NodeSide::Up, up)] {
            let levels = match self.budgets.get(&(node, side)) {
                Some(0) => 0,
                Some(more) => levels.max(*more),
                None => levels,
            };
            if levels > self.walked.get(&(node, side)).copied().unwrap_or(0) {
                self.walked.insert((node, side), levels);
                self.queue.push_back((node, side, levels));
            }
        }
    }

    fn run(&mut self) -> Result<(), AppError> {
        while let Some((node, side, levels)) = self.queue.pop_front() {
            if self.walked.get(&(node, side)) != Some(&levels) {
                continue;
            }
            self.steps += 1;
            if self.steps.is_multiple_of(CHECK_EVERY) {
                go_on(self.stop)?;
            }
            let level = self.scope.shown.get(&node).copied().unwrap_or_default();
            let next = if side == NodeSide::Up { level - 1 } else { level + 1 };
            let mut found = neighbours(self.lens, node, side, self.stop, |passed| {
                self.scope.passed.entry(passed).or_insert(next);
            })?;
            self.fold(node, side, next, &mut found)?;
            let rest = levels.saturating_sub(1);
            for neighbour in found {
                let (up, down) = if side == NodeSide::Up { (rest, 0) } else { (0, rest) };
                self.enter(neighbour, next, up, down);
            }
        }
        Ok(())
    }

    /// Takes neighbours out of `found` that are shown as groups: kind by kind, the most numerous first, until few
    /// enough are left.
    fn fold(
        &mut self,
        owner: NodeIx,
        side: NodeSide,
        level: i32,
        found: &mut Vec<NodeIx>,
    ) -> Result<(), AppError> {
        let mine = self.folds_of.get(&(owner, side)).cloned().unwrap_or_default();
        if mine.is_empty() && found.len() <= self.group_over {
            return Ok(());
        }
        // Walked before, with fewer levels: what is folded stays so.
        found.retain(|node| {
            self.scope.shown.contains_key(node)
                || !self.folded.get(node).is_some_and(|fold| mine.contains(fold))
        });
        let mut fresh: BTreeMap<Kind, Vec<NodeIx>> = BTreeMap::new();
        for node in
            found.iter().filter(|node| !self.scope.shown.contains_key(node) && !self.keep.contains(node))
        {
            if let Some(kind) = self.lens.graph.kind(*node) {
                fresh.entry(kind).or_default().push(*node);
            }
        }
        let mut left: usize = fresh.values().map(Vec::len).sum();
        let mut by_size: Vec<(Kind, Vec<NodeIx>)> = fresh.into_iter().collect();
        by_size.sort_by_key(|(_, nodes)| std::cmp::Reverse(nodes.len()));
        for (kind, nodes) in by_size {
            if left <= self.group_over || nodes.len() < 2 {
                break;
            }
            left -= nodes.len();
            let gone: NodeSet = nodes.iter().copied().collect();
            found.retain(|node| !gone.contains(node));
            found.extend(self.put_away(owner, side, kind, level, nodes)?);
        }
        Ok(())
    }

    /// Folds nodes, and gives those on the open page.
    fn put_away(
        &mut self,
        owner: NodeIx,
        side: NodeSide,
        kind: Kind,
        level: i32,
        nodes: Vec<NodeIx>,
    ) -> Result<Vec<NodeIx>, AppError> {
        // Folded on another node already: they stay there, and this node's edges lead there.
        let members: Vec<NodeIx> = nodes.into_iter().filter(|node| !self.folded.contains_key(node)).collect();
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let Some(row) = entity::at(self.lens.reader.db(), i64::from(owner.0))? else { return Ok(Vec::new()) };
        let id = made_id(&json!(["group", row.id, side, kind]));
        let open = self.open_groups.iter().find(|open| open.id == id).cloned();
        let mut page = Vec::new();
        if let Some(open) = &open {
            let matching = names::matching(self.lens, &members, &open.filter, self.stop)?;
            let skip = usize::try_from(open.page).unwrap_or(usize::MAX).saturating_mul(PAGE);
            page.extend(matching.iter().skip(skip).take(PAGE).map(|row| row.node));
        }
        let at = self.scope.folds.len();
        self.folds_of.entry((owner, side)).or_default().push(at);
        self.folded.extend(members.iter().map(|node| (*node, at)));
        self.scope.folds.push(Fold { id, owner, side, kind, level, all: members.clone(), members, open });
        Ok(page)
    }
}

/// The shown nodes next to one, each once and in order, over whatever is bridged; tells what it passed.
pub(super) fn neighbours(
    lens: &Lens<'_>,
    node: NodeIx,
    side: NodeSide,
    stop: Stop<'_>,
    mut pass: impl FnMut(NodeIx),
) -> Result<Vec<NodeIx>, AppError> {
    let mut found = Vec::new();
    let mut beside = Vec::new();
    let mut passed = NodeSet::default();
    let mut stack = vec![node];
    while let Some(at) = stack.pop() {
        beside.clear();
        lens.beside(at, side, &mut beside)?;
        for next in beside.iter().copied().filter(|next| *next != node) {
            match lens.role(next, side) {
                Role::Shown => found.push(next),
                Role::Bridged if passed.insert(next) => {
                    pass(next);
                    stack.push(next);
                    if passed.len().is_multiple_of(CHECK_EVERY) {
                        go_on(stop)?;
                    }
                }
                Role::Bridged | Role::Absent => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
