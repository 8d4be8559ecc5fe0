//! Everything upstream or downstream of something.

use crate::adjacency::Adjacency;
use crate::cancel::{Cancelled, Check, go_on, never};
use crate::subgraph::{Edge, EdgeId, NodeIx, Subgraph};

/// Whether a walk enters a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// It stops before it.
    Closed,
    /// It enters it, one level farther away.
    Counts,
    /// It enters it and what lies behind it within the same level: for nodes that will be hidden, so that "one level
    /// down" from a table is the next table and not the job between.
    Free,
}

impl From<bool> for Pass {
    fn from(enters: bool) -> Self {
        if enters { Self::Counts } else { Self::Closed }
    }
}

/// Which way to follow edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards what it came from.
    Up,
    /// Towards what came of it.
    Down,
    /// What it came from and what came of it; not what else came of what it came from.
    Both,
}

/// How far to go and how much to hand back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Levels away from the starts; `None` is all.
    pub depth: Option<u32>,
    /// Nodes handed back, nearest first; the counts go on past it. `None` is all.
    pub limit: Option<usize>,
}

/// A node and how far away it is: 0 for a start, negative upstream, positive downstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The node.
    pub node: NodeIx,
    /// Edges between it and the nearest start.
    pub level: i32,
}

/// How many nodes a level has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelCount {
    /// The level; negative upstream.
    pub level: i32,
    /// Its nodes, handed back or not.
    pub nodes: usize,
}

/// What a closure found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Each node once, starts first, then nearest first, upstream before downstream at the same distance, in the order of their
    /// numbers. A node that
    /// lies both ways (on a cycle) has the level that is nearer; downstream when equally near.
    pub nodes: Vec<Reached>,
    /// All edges between those nodes.
    pub edges: Vec<Edge>,
    /// Nodes per level, most upstream first; all that are there, also past the limit. A node that lies both ways
    /// counts once.
    pub levels: Vec<LevelCount>,
    /// Whether the limit cut `nodes` short of what `levels` counts.
    pub stopped: bool,
}

impl Reach {
    /// Its nodes and edges without the levels.
    pub fn subgraph(&self) -> Subgraph {
        Subgraph { nodes: self.nodes.iter().map(|n| n.node).collect(), edges: self.edges.clone() }
    }

    /// How many nodes there are, also past the limit.
    pub fn total(&self) -> usize {
        self.levels.iter().map(|l| l.nodes).sum()
    }
}

/// Nodes up, down or both ways from `starts`, through nodes that `filter` lets in (the starts always are).
pub fn closure(
    adjacency: &Adjacency,
    starts: &[NodeIx],
    direction: Direction,
    depth: Option<u32>,
    filter: impl Fn(NodeIx) -> bool,
) -> Reach {
    closure_within(adjacency, starts, direction, Bounds { depth, limit: None }, filter, &never)
        .unwrap_or_default()
}

/// [`closure`] with a limit, nodes that take no level ([`Pass::Free`]; a filter that says `bool` has none), and a way
/// to give up.
pub fn closure_within<P: Into<Pass>>(
    adjacency: &Adjacency,
    starts: &[NodeIx],
    direction: Direction,
    bounds: Bounds,
    filter: impl Fn(NodeIx) -> P,
    check: Check<'_>,
) -> Result<Reach, Cancelled> {
    let limit = bounds.limit.unwrap_or(usize::MAX);
    let mut reach = Reach::default();
    let mut taken = Bits::new(adjacency.node_count());
    let walk = Walk { adjacency, starts, direction, depth: bounds.depth, filter, check };
    let levels = walk.run(|node, level| {
        if reach.nodes.len() < limit {
            reach.nodes.push(Reached { node, level });
            taken.insert(node);
        } else {
            reach.stopped = true;
        }
    })?;
    reach.levels = levels;
    let mut lists: [&[NodeIx]; AHEAD] = [&[]; AHEAD];
    let mut some = Vec::with_capacity(AHEAD);
    reach.edges.reserve(reach.nodes.len());
    for (i, chunk) in reach.nodes.chunks(AHEAD).enumerate() {
        if i % (CHECK_EVERY / AHEAD) == 0 {
            go_on(check)?;
        }
        some.clear();
        some.extend(chunk.iter().map(|reached| reached.node));
        look_ahead(&mut lists, &some, &|node| adjacency.downstream(node));
        for &from in &some {
            reach.edges.extend(
                adjacency.edges_out(from).filter(|e| taken.contains(e.0)).map(|(to, id)| Edge {
                    from,
                    to,
                    id,
                }),
            );
        }
    }
    Ok(reach)
}

/// How many nodes each level has, without handing them back.
pub fn impact<P: Into<Pass>>(
    adjacency: &Adjacency,
    starts: &[NodeIx],
    direction: Direction,
    depth: Option<u32>,
    filter: impl Fn(NodeIx) -> P,
    check: Check<'_>,
) -> Result<Vec<LevelCount>, Cancelled> {
    Walk { adjacency, starts, direction, depth, filter, check }.run(|_, _| {})
}

/// All nodes and edges on any way from `a` to `b` through nodes that `filter` lets in; nothing when there is no way.
///
/// Where a cycle touches a way, all of the cycle is on it.
pub fn paths(
    adjacency: &Adjacency,
    a: NodeIx,
    b: NodeIx,
    filter: impl Fn(NodeIx) -> bool,
    check: Check<'_>,
) -> Result<Subgraph, Cancelled> {
    let mut below = Bits::new(adjacency.node_count());
    let down =
        Walk { adjacency, starts: &[a], direction: Direction::Down, depth: None, filter: &filter, check };
    down.run(|node, _| below.insert(node))?;
    let mut found = Subgraph::default();
    if !below.contains(b) {
        return Ok(found);
    }
    let mut between = Bits::new(adjacency.node_count());
    // Only what lies below `a` is entered on the way up.
    let up = Walk {
        adjacency,
        starts: &[b],
        direction: Direction::Up,
        depth: None,
        filter: |n| below.contains(n),
        check,
    };
    up.run(|node, _| {
        between.insert(node);
        found.nodes.push(node);
    })?;
    found.nodes.sort_unstable();
    for &from in &found.nodes {
        let out = adjacency.edges_out(from).filter(|e| between.contains(e.0));
        found.edges.extend(out.map(|(to, id)| Edge { from, to, id }));
    }
    Ok(found)
}

/// Everything up and down from one node of a subgraph, inside that subgraph.
pub fn trace(subgraph: &Subgraph, node: NodeIx) -> Reach {
    let Some(start) = subgraph.nodes.iter().position(|&n| n == node) else {
        return Reach::default();
    };
    let mut reach = closure(&subgraph.to_local(), &[NodeIx(start as u32)], Direction::Both, None, |_| true);
    for reached in &mut reach.nodes {
        reached.node = subgraph.nodes[reached.node.index()];
    }
    for edge in &mut reach.edges {
        let original = subgraph.edges[edge.id.0 as usize];
        *edge = Edge { from: original.from, to: original.to, id: EdgeId(original.id.0) };
    }
    reach
}

/// Nodes between two looks at the check.
const CHECK_EVERY: usize = 4096;

/// A breadth-first walk, level by level, both ways at once so that the nearest come first.
struct Walk<'a, F> {
    adjacency: &'a Adjacency,
    starts: &'a [NodeIx],
    direction: Direction,
    depth: Option<u32>,
    filter: F,
    check: Check<'a>,
}

impl<P: Into<Pass>, F: Fn(NodeIx) -> P> Walk<'_, F> {
    fn run(&self, mut visit: impl FnMut(NodeIx, i32)) -> Result<Vec<LevelCount>, Cancelled> {
        let nodes = self.adjacency.node_count();
        let mut seen = Bits::new(nodes);
        let mut frontier = Vec::new();
        for &start in self.starts {
            if start.index() < nodes && !seen.contains(start) {
                seen.insert(start);
                frontier.push(start);
                visit(start, 0);
            }
        }
        let mut levels = vec![LevelCount { level: 0, nodes: frontier.len() }];
        let mut ups = Vec::new();
        let (mut up, mut down) = match self.direction {
            Direction::Up => (Some(Way::new(&frontier, seen)), None),
            Direction::Down => (None, Some(Way::new(&frontier, seen))),
            Direction::Both => (Some(Way::new(&frontier, seen.clone())), Some(Way::new(&frontier, seen))),
        };
        let mut level = 0i32;
        while self.depth.is_none_or(|d| (level as u32) < d) {
            level += 1;
            // Downstream is looked at first, so that it wins where both are equally near; upstream is told first.
            let below = match &mut down {
                Some(way) => way.step(self, |n| self.adjacency.downstream(n))?,
                None => &[],
            };
            let below: Vec<NodeIx> = below.iter().copied().filter(|&n| !known(&up, n)).collect();
            let above = match &mut up {
                Some(way) => way.step(self, |n| self.adjacency.upstream(n))?,
                None => &[],
            };
            let above: Vec<NodeIx> = above.iter().copied().filter(|&n| !known(&down, n)).collect();
            for &node in &above {
                visit(node, -level);
            }
            for &node in &below {
                visit(node, level);
            }
            if !above.is_empty() {
                ups.push(LevelCount { level: -level, nodes: above.len() });
            }
            if !below.is_empty() {
                levels.push(LevelCount { level, nodes: below.len() });
            }
            let done = |way: &Option<Way>| way.as_ref().is_none_or(|w| w.frontier.is_empty());
            if done(&up) && done(&down) {
                break;
            }
        }
        ups.reverse();
        ups.append(&mut levels);
        Ok(ups)
    }
}

/// Nodes whose lists are fetched together.
const AHEAD: usize = 32;
/// Neighbours looked at in one go.
const ROOM: usize = 64;

/// Finds the lists of some nodes and reads the beginning of each. None of these reads waits for another, so the
/// processor does them at once; looked at one by one, each list would be waited for.
fn look_ahead<'a>(
    lists: &mut [&'a [NodeIx]; AHEAD],
    some: &[NodeIx],
    neighbours: &impl Fn(NodeIx) -> &'a [NodeIx],
) {
    for (list, &node) in lists.iter_mut().zip(some) {
        *list = neighbours(node);
    }
    let firsts = lists[..some.len()].iter().filter_map(|list| list.first());
    std::hint::black_box(firsts.fold(0, |all, first| all ^ first.0));
}

fn known(way: &Option<Way>, node: NodeIx) -> bool {
    way.as_ref().is_some_and(|w| w.seen.contains(node))
}

struct Way {
    /// In ascending order.
    frontier: Vec<NodeIx>,
    next: Vec<NodeIx>,
    /// Space for putting `next` in order.
    marks: Vec<u64>,
    seen: Bits,
}

impl Way {
    fn new(starts: &[NodeIx], seen: Bits) -> Self {
        Self { frontier: starts.to_vec(), next: Vec::new(), marks: Vec::new(), seen }
    }

    fn step<'a, P: Into<Pass>, F: Fn(NodeIx) -> P>(
        &mut self,
        walk: &Walk<'_, F>,
        neighbours: impl Fn(NodeIx) -> &'a [NodeIx],
    ) -> Result<&[NodeIx], Cancelled> {
        self.next.clear();
        let mut free: Vec<NodeIx> = Vec::new();
        let mut lists: [&[NodeIx]; AHEAD] = [&[]; AHEAD];
        let mut room = [NodeIx(0); ROOM];
        for (i, some) in self.frontier.chunks(AHEAD).enumerate() {
            if i % (CHECK_EVERY / AHEAD) == 0 {
                go_on(walk.check)?;
            }
            look_ahead(&mut lists, some, &neighbours);
            for &list in &lists[..some.len()] {
                let mut list = list;
                loop {
                    for some in list.chunks(ROOM) {
                        // Whether a neighbour was seen is a coin toss that no processor foresees, so nothing jumps on
                        // it: each is written down, and the next over it unless it is new.
                        let mut found = 0;
                        for &neighbour in some {
                            let pass = (walk.filter)(neighbour).into();
                            let new = self.seen.insert_if(neighbour, pass != Pass::Closed);
                            room[found] = neighbour;
                            found += usize::from(new);
                            if new & (pass == Pass::Free) {
                                free.push(neighbour);
                            }
                        }
                        self.next.extend_from_slice(&room[..found]);
                    }
                    match free.pop() {
                        Some(behind) => list = neighbours(behind),
                        None => break,
                    }
                }
            }
        }
        self.order();
        std::mem::swap(&mut self.frontier, &mut self.next);
        Ok(&self.frontier)
    }

    /// Puts the next frontier in the order of its numbers: the lists of neighbours are then read one behind the other
    /// instead of all over memory.
    fn order(&mut self) {
        let Some((least, most)) =
            self.next.iter().map(|node| node.index() / 64).fold(None, |ends, word| match ends {
                None => Some((word, word)),
                Some((least, most)) => Some((word.min(least), word.max(most))),
            })
        else {
            return;
        };
        if self.next.len() * 4 < most - least {
            self.next.sort_unstable();
            return;
        }
        self.marks.clear();
        self.marks.resize(most - least + 1, 0);
        for node in &self.next {
            self.marks[node.index() / 64 - least] |= 1 << (node.index() % 64);
        }
        self.next.clear();
        for (word, &marked) in self.marks.iter().enumerate() {
            let mut left: u64 = marked;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                self.next.push(NodeIx(((least + word) * 64 + bit) as u32));
                left &= left - 1;
            }
        }
    }
}

/// A set of nodes, one bit each.
#[derive(Debug, Clone)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn new(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    pub(crate) fn contains(&self, node: NodeIx) -> bool {
        self.0.get(node.index() / 64).is_some_and(|w| w >> (node.index() % 64) & 1 == 1)
    }

    /// Puts the node in if it is wanted and not there; says whether it did. Without a jump.
    fn insert_if(&mut self, node: NodeIx, wanted: bool) -> bool {
        let Some(word) = self.0.get_mut(node.index() / 64) else { return false };
        let bit = u64::from(wanted) << (node.index() % 64);
        let new = bit & !*word;
        *word |= bit;
        new != 0
    }

    pub(crate) fn insert(&mut self, node: NodeIx) {
        if let Some(word) = self.0.get_mut(node.index() / 64) {
            *word |= 1 << (node.index() % 64);
        }
    }
}
