//! What a view holds, drawn or not: the counts by which a person narrows it.

use std::collections::BTreeMap;

use catena_graph::{Edge, NodeIx};
use catena_model::kind::Kind;
use catena_store::StoreResult;

use super::{
    frame::{MOST_BEYOND, Totals},
    lens::{Lens, is_run, is_transformation},
    sketch::{Focus, LIMIT, count as narrow, most_first},
    view::{LineageArgs, NodeSide, ViewBand},
    walk::Scope,
};

/// Relations whose times are looked up one by one; with more, the range stays open.
const MOST_TIMES: usize = 2_000;
/// Counts what was walked. Without `edges` they are only counted.
pub(super) fn count(
    lens: &Lens<'_>,
    focus: &Focus,
    scope: &Scope,
    edges: Option<&[Edge]>,
    args: &LineageArgs,
) -> StoreResult<Totals> {
    let mut totals = Totals { limit: LIMIT, ..Totals::default() };
    let (mut kinds, mut levels) = (BTreeMap::new(), BTreeMap::new());
    let folded = scope.folds.iter().flat_map(|fold| fold.members.iter().map(|node| (*node, fold.level)));
    let passed = scope.passed.iter().map(|(node, level)| (*node, *level));
    let passed = passed.filter(|(node, _)| !scope.shown.contains_key(node));
    let shown = scope.shown.iter().map(|(node, level)| (*node, *level));
    let mut walked = Vec::new();
    let mut within = Bits::new(lens.graph.live.node_count());
    for (node, level) in shown.chain(passed).chain(folded) {
        if !within.insert(node) {
            continue;
        }
        let Some(kind) = lens.graph.kind(node) else { continue };
        totals.nodes += 1;
        totals.transformations += u32::from(is_transformation(kind));
        totals.runs += u32::from(is_run(kind));
        *kinds.entry(kind.word().to_owned()).or_insert(0) += 1;
        *levels.entry(level).or_insert(0) += 1;
        walked.push(node);
    }
    totals.removed_edges = narrow(walked.iter().map(|node| removed_beside(lens, *node, &within)).sum());
    totals.kinds = most_first(kinds);
    totals.levels = levels.into_iter().collect();
    match edges {
        Some(edges) => of_edges(lens, edges, &mut totals)?,
        None => {
            let inside =
                |node: &NodeIx| within.contains(*node).then(|| lens.graph.live.downstream(*node).iter());
            let ends = lens.graph.live.nodes().filter_map(|node| inside(&node)).flatten();
            totals.edges = narrow(ends.filter(|end| within.contains(**end)).count());
        }
    }
    if args.band != ViewBand::System {
        totals.beyond_up = beyond(lens, focus, NodeSide::Up, &within);
        totals.beyond_down = beyond(lens, focus, NodeSide::Down, &within);
    }
    Ok(totals)
}

fn of_edges(lens: &Lens<'_>, edges: &[Edge], totals: &mut Totals) -> StoreResult<()> {
    totals.edges = narrow(edges.len());
    totals.inferred_edges =
        narrow(edges.iter().filter(|edge| lens.graph.fact(edge.id).is_inferred()).count());
    if edges.len() > MOST_TIMES {
        return Ok(());
    }
    for edge in edges {
        let Some((first, last)) = lens.times(edge.id)? else { continue };
        let (first, last) = (first.millis(), last.millis());
        totals.first_seen = Some(totals.first_seen.map_or(first, |held| held.min(first)));
        totals.last_seen = Some(totals.last_seen.map_or(last, |held| held.max(last)));
    }
    Ok(())
}

/// Relations that are no longer seen and touch the node: each is counted at its lower end, or at the one in view.
fn removed_beside(lens: &Lens<'_>, node: NodeIx, within: &Bits) -> usize {
    let asset = |node: &&NodeIx| lens.graph.kind(**node).is_some_and(|kind| kind != Kind::Column);
    let removed = &lens.graph.removed;
    let lower = removed.downstream(node).iter().filter(|end| !within.contains(**end)).filter(asset).count();
    removed.upstream(node).iter().filter(asset).count() + lower
}

/// How many assets lie further away than what was walked, up to [`MOST_BEYOND`]: counting half a million of them would
/// take longer than the rest of the view.
fn beyond(lens: &Lens<'_>, focus: &Focus, side: NodeSide, within: &Bits) -> u32 {
    let live = &lens.graph.live;
    let mut seen = Bits::new(live.node_count());
    let mut stack = focus.nodes.clone();
    let mut found = 0;
    while let Some(node) = stack.pop() {
        let beside = if side == NodeSide::Up { live.upstream(node) } else { live.downstream(node) };
        for next in beside {
            if lens.graph.kind(*next) != Some(Kind::Column) && seen.insert(*next) {
                found += u32::from(!within.contains(*next));
                if found == MOST_BEYOND {
                    return found;
                }
                stack.push(*next);
            }
        }
    }
    found
}

/// A set of nodes, a bit each.
struct Bits(Vec<u64>);

impl Bits {
    fn new(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    /// Whether it is new.
    fn insert(&mut self, node: NodeIx) -> bool {
        let (word, bit) = (node.index() / 64, 1_u64 << (node.index() % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    fn contains(&self, node: NodeIx) -> bool {
        self.0.get(node.index() / 64).is_some_and(|word| word >> (node.index() % 64) & 1 == 1)
    }
}
