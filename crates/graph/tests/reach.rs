//! Closures, paths and groupings against slow and obvious ways to the same.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::collections::{BTreeMap, BTreeSet};

use catena_graph::{
    Adjacency, Bounds, Cancelled, Cycles, Direction, Edge, EdgeId, FoldedNode, NodeIx, Pass, Subgraph,
    Unseen, closure, closure_within, fold_fan_out, graph, hide, impact, never, paths, roll_up, trace,
};
use proptest::prelude::*;

fn edges(most: u32) -> impl Strategy<Value = Vec<(u32, u32)>> {
    proptest::collection::vec((0..most, 0..most), 0..60)
}

fn adjacency(nodes: usize, edges: &[(u32, u32)]) -> Adjacency {
    Adjacency::new(
        nodes,
        edges.iter().enumerate().map(|(i, &(a, b))| (NodeIx(a), NodeIx(b), EdgeId(i as u32))),
    )
}

/// Distance of everything reached, by relaxing every edge until nothing changes.
fn naive(edges: &[(u32, u32)], start: u32, up: bool, passes: impl Fn(u32) -> bool) -> BTreeMap<u32, i32> {
    let mut far = BTreeMap::from([(start, 0)]);
    loop {
        let before = far.clone();
        for &(a, b) in edges {
            let (from, to) = if up { (b, a) } else { (a, b) };
            if let Some(&d) = far.get(&from)
                && passes(to)
                && far.get(&to).is_none_or(|&old| old > d + 1)
            {
                far.insert(to, d + 1);
            }
        }
        if far == before {
            return far;
        }
    }
}

fn reaches(edges: &BTreeSet<(u32, u32)>, a: u32, b: u32) -> bool {
    let list: Vec<(u32, u32)> = edges.iter().copied().collect();
    // At least one step: a node reaches itself only on a cycle.
    list.iter().filter(|e| e.0 == a).any(|e| naive(&list, e.1, false, |_| true).contains_key(&b))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn closure_equals_a_naive_walk(
        edges in edges(20), start in 0u32..20, depth in proptest::option::of(0u32..6), banned in 0u32..20,
    ) {
        let adjacency = adjacency(20, &edges);
        let passes = |n: u32| n != banned || n == start;
        let limit = depth.map_or(i32::MAX, |d| d as i32);
        let down = naive(&edges, start, false, passes);
        let up = naive(&edges, start, true, passes);
        for direction in [Direction::Down, Direction::Up, Direction::Both] {
            let mut expected: BTreeMap<u32, i32> = BTreeMap::new();
            if direction != Direction::Up {
                expected.extend(down.iter().filter(|d| *d.1 <= limit).map(|(&n, &d)| (n, d)));
            }
            if direction != Direction::Down {
                for (&n, &d) in up.iter().filter(|d| *d.1 <= limit) {
                    let nearer = expected.get(&n).is_none_or(|&old| old > d);
                    if nearer {
                        expected.insert(n, -d);
                    }
                }
            }
            let reach = closure(&adjacency, &[NodeIx(start)], direction, depth, |n| passes(n.0));
            let found: BTreeMap<u32, i32> = reach.nodes.iter().map(|r| (r.node.0, r.level)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(found.len(), reach.nodes.len());
            let inside: BTreeSet<u32> = (0..edges.len() as u32)
                .filter(|&e| {
                    let (a, b) = edges[e as usize];
                    expected.contains_key(&a) && expected.contains_key(&b)
                })
                .collect();
            prop_assert_eq!(reach.edges.iter().map(|e| e.id.0).collect::<BTreeSet<_>>(), inside);
            let mut levels: BTreeMap<i32, usize> = BTreeMap::new();
            for level in expected.values() {
                *levels.entry(*level).or_default() += 1;
            }
            let counted: Vec<(i32, usize)> = reach.levels.iter().map(|l| (l.level, l.nodes)).collect();
            prop_assert_eq!(&counted, &levels.into_iter().collect::<Vec<_>>());
            let counts = impact(&adjacency, &[NodeIx(start)], direction, depth, |n| passes(n.0), &never);
            prop_assert_eq!(counts, Ok(reach.levels));
        }
    }

    #[test]
    fn a_limit_keeps_the_nearest_and_all_counts(edges in edges(20), start in 0u32..20, limit in 0usize..20) {
        let adjacency = adjacency(20, &edges);
        let all = closure(&adjacency, &[NodeIx(start)], Direction::Both, None, |_| true);
        let bounds = Bounds { depth: None, limit: Some(limit) };
        let some = closure_within(&adjacency, &[NodeIx(start)], Direction::Both, bounds, |_| true, &never).unwrap();
        prop_assert_eq!(&some.nodes[..], &all.nodes[..limit.min(all.nodes.len())]);
        prop_assert_eq!(some.stopped, limit < all.nodes.len());
        prop_assert_eq!(some.levels, all.levels);
    }

    #[test]
    fn paths_are_what_lies_below_one_and_above_the_other(edges in edges(14), a in 0u32..14, b in 0u32..14) {
        let adjacency = adjacency(14, &edges);
        let found = paths(&adjacency, NodeIx(a), NodeIx(b), |_| true, &never).unwrap();
        let (down, up) = (naive(&edges, a, false, |_| true), naive(&edges, b, true, |_| true));
        let expected: Vec<u32> = down.keys().filter(|n| up.contains_key(n)).copied().collect();
        prop_assert_eq!(found.nodes.iter().map(|n| n.0).collect::<Vec<_>>(), expected.clone());
        let inside = edges.iter().filter(|e| expected.contains(&e.0) && expected.contains(&e.1)).count();
        prop_assert_eq!(found.edges.len(), inside);
    }

    #[test]
    fn cycles_are_nodes_that_reach_each_other(edges in edges(12)) {
        let adjacency = adjacency(12, &edges);
        let cycles = Cycles::of(&adjacency);
        let set: BTreeSet<(u32, u32)> = edges.iter().copied().collect();
        for &(a, b) in &edges {
            prop_assert_eq!(cycles.has_edge(NodeIx(a), NodeIx(b)), a == b || reaches(&set, b, a));
        }
    }

    #[test]
    fn hiding_keeps_who_reaches_whom(edges in edges(12), hidden in any::<u16>(), limit in 0usize..30) {
        let whole = Subgraph::whole(&adjacency(12, &edges));
        let bridged = hide(&whole, |n| hidden >> n.0 & 1 == 1, limit, &never).unwrap();
        let before: BTreeSet<(u32, u32)> = edges.iter().copied().collect();
        let after: BTreeSet<(u32, u32)> = bridged.edges.iter().map(|b| (b.from.0, b.to.0)).collect();
        prop_assert_eq!(after.len(), bridged.edges.len());
        for &a in &bridged.nodes {
            for &b in bridged.nodes.iter().filter(|&&b| b != a) {
                prop_assert_eq!(reaches(&before, a.0, b.0), reaches(&after, a.0, b.0));
            }
        }
        // What a bridge stands for leads from one end to the other, and passes nothing that is shown.
        let by_id: BTreeMap<EdgeId, Edge> = whole.edges.iter().map(|e| (e.id, *e)).collect();
        for bridge in &bridged.edges {
            let own: BTreeSet<(u32, u32)> =
                bridge.stands_for.iter().map(|id| (by_id[id].from.0, by_id[id].to.0)).collect();
            prop_assert!(reaches(&own, bridge.from.0, bridge.to.0));
            for &(a, b) in &own {
                prop_assert!(NodeIx(a) == bridge.from || !bridged.nodes.contains(&NodeIx(a)));
                prop_assert!(NodeIx(b) == bridge.to || !bridged.nodes.contains(&NodeIx(b)));
            }
        }
    }

    #[test]
    fn rolling_up_keeps_who_reaches_whom(edges in edges(12), groups in 1u32..6) {
        let whole = Subgraph::whole(&adjacency(12, &edges));
        let rolled = roll_up(&whole, |n| n.0 % groups);
        prop_assert_eq!(rolled.groups.iter().map(|g| g.members.len()).sum::<usize>(), 12);
        let standing: usize = rolled.edges.iter().map(|e| e.stands_for.len()).sum();
        let inner: usize = rolled.groups.iter().map(|g| g.inner_edges).sum();
        prop_assert_eq!(standing + inner, edges.len());
        let place = |node: u32| rolled.groups.iter().position(|g| g.key == node % groups).unwrap() as u32;
        let before: BTreeSet<(u32, u32)> = edges.iter().copied().collect();
        let after: BTreeSet<(u32, u32)> = rolled.edges.iter().map(|e| (e.from, e.to)).collect();
        for a in 0..12 {
            for b in 0..12 {
                if reaches(&before, a, b) && place(a) != place(b) {
                    prop_assert!(reaches(&after, place(a), place(b)));
                }
            }
        }
    }

    #[test]
    fn folding_loses_no_node_and_no_edge(edges in edges(16), most in 1usize..4, kept in 0u32..16) {
        let whole = Subgraph::whole(&adjacency(16, &edges));
        let folded = fold_fan_out(&whole, most, |n| n.0 == kept);
        let mut nodes: Vec<NodeIx> = folded.folds.iter().flat_map(|f| f.members.iter().copied()).collect();
        prop_assert!(!nodes.contains(&NodeIx(kept)));
        nodes.extend(folded.nodes.iter().filter_map(|n| match n {
            FoldedNode::One(n) => Some(*n),
            FoldedNode::Fold(_) => None,
        }));
        nodes.sort_unstable();
        prop_assert_eq!(nodes, whole.nodes);
        prop_assert_eq!(folded.edges.iter().map(|e| e.count as usize).sum::<usize>(), edges.len());
        for fold in &folded.folds {
            prop_assert!(fold.members.len() > most);
            prop_assert!(folded.nodes.contains(&FoldedNode::One(fold.owner)));
        }
    }
}

#[test]
fn both_ways_is_not_all_that_hangs_together() {
    let g = graph("orders -> clean -> model; clean -> report; other -> model; orders -> elsewhere");
    let clean = g.node("clean").unwrap();
    let reach = closure(&g.adjacency, &[clean], Direction::Both, None, |_| true);
    assert_eq!(g.names(reach.nodes.iter().map(|n| n.node)), "clean model orders report");
}

#[test]
fn what_will_be_hidden_takes_no_level() {
    let g = graph("a -> job1 -> b -> job2 -> retry -> c; b -> view");
    let jobs = g.nodes("job1 job2 retry");
    let pass = |n| if jobs.contains(&n) { Pass::Free } else { Pass::Counts };
    let level = |depth| {
        let bounds = Bounds { depth: Some(depth), limit: None };
        let reach =
            closure_within(&g.adjacency, &g.nodes("a"), Direction::Down, bounds, pass, &never).unwrap();
        g.names(reach.nodes.iter().filter(|n| n.level == depth as i32).map(|n| n.node))
    };
    assert_eq!(level(1), "b job1");
    assert_eq!(level(2), "c job2 retry view");
}

#[test]
fn what_expanding_would_bring_in_is_counted_once() {
    let g = graph("a -> b; c -> b; b -> d; b -> d; b -> e; b -> b");
    let shown = Subgraph { nodes: g.nodes("a b"), edges: Vec::new() };
    let e = g.node("e").unwrap();
    assert_eq!(shown.unseen(&g.adjacency, |_| true), [Unseen { up: 0, down: 0 }, Unseen { up: 1, down: 2 }]);
    assert_eq!(shown.unseen(&g.adjacency, |n| n != e)[1], Unseen { up: 1, down: 1 });
}

#[test]
fn a_trace_stays_inside_what_is_shown() {
    let g = graph("a -> b -> c -> d; x -> c; c -> y");
    let shown = Subgraph { nodes: g.nodes("b c y x"), edges: g.whole().edges };
    let reach = trace(&shown, g.node("y").unwrap());
    assert_eq!(g.names(reach.nodes.iter().map(|n| n.node)), "b c x y");
    assert_eq!(reach.edges.len(), 3);
    assert_eq!(trace(&shown, g.node("a").unwrap()).nodes.len(), 0);
}

#[test]
fn hiding_a_job_bridges_its_inputs_to_its_outputs() {
    let g = graph("a -> job -> b; c -> job; job -> inner -> d");
    let hidden = g.nodes("job inner");
    let bridged = hide(&g.whole(), |n| hidden.contains(&n), 100, &never).unwrap();
    let text: Vec<String> =
        bridged.edges.iter().map(|b| format!("{} {}", g.name(b.from), g.name(b.to))).collect();
    assert_eq!(text, ["a b", "a d", "c b", "c d"]);
    assert_eq!(bridged.edges[1].stands_for.len(), 3);
    let kept = hide(&g.whole(), |n| hidden.contains(&n), 3, &never).unwrap();
    assert_eq!(g.names(kept.kept), "job");
}

#[test]
fn leaves_fold_by_side_and_only_when_there_are_many() {
    let g = graph("u1 -> hub; u2 -> hub; u3 -> hub; hub -> d1; hub -> d2; hub -> next -> more");
    let folded = fold_fan_out(&g.whole(), 2, |_| false);
    assert_eq!(folded.folds.len(), 1);
    assert_eq!(g.names(folded.folds[0].members.iter().copied()), "u1 u2 u3");
    assert_eq!(folded.folds[0].side, Direction::Up);
    let edge = folded.edges.last().unwrap();
    assert_eq!((edge.from, edge.count), (FoldedNode::Fold(0), 3));
}

#[test]
fn a_million_deep_does_not_overflow_the_stack() {
    let n = 1_000_000u32;
    let adjacency = Adjacency::new(0, (1..n).map(|i| (NodeIx(i - 1), NodeIx(i), EdgeId(i - 1))));
    let reach = closure(&adjacency, &[NodeIx(0)], Direction::Down, None, |_| true);
    assert_eq!(reach.nodes.len(), n as usize);
    assert_eq!(Cycles::of(&adjacency).size(NodeIx(0)), 1);
    let all = paths(&adjacency, NodeIx(0), NodeIx(n - 1), |_| true, &never).unwrap();
    assert_eq!(all.edges.len(), n as usize - 1);
    let ends = hide(&Subgraph::whole(&adjacency), |x| x.0 != 0 && x.0 != n - 1, 9, &never).unwrap();
    assert_eq!(ends.edges[0].stands_for.len(), n as usize - 1);
}

#[test]
fn a_walk_can_be_given_up() {
    let g = graph("a -> b -> c");
    let given_up =
        closure_within(&g.adjacency, &[NodeIx(0)], Direction::Down, Bounds::default(), |_| true, &|| true);
    assert_eq!(given_up, Err(Cancelled));
}
