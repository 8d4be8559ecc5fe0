//! What holds for every drawing.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use catena_graph::layout::{Layout, LayoutError, Link, NodeBox, Options, Point, Previous};
use catena_graph::{graph, never};
use proptest::prelude::*;

const OPTIONS: Options =
    Options { node_gap: 24.0, edge_gap: 12.0, layer_gap: 72.0, part_gap: 48.0, aspect: 1.6 };
const NEAR: f64 = 1e-6;

fn draw(sizes: &[NodeBox], links: &[Link]) -> Layout {
    Layout::new(sizes, links, &OPTIONS, &never).unwrap()
}

/// Sizes and links over up to `most` nodes; ports now and then; cycles, doubles and self loops included.
fn graphs(most: u32) -> impl Strategy<Value = (Vec<NodeBox>, Vec<Link>)> {
    (1..most).prop_flat_map(|n| {
        let size = (20.0..200.0f64, 10.0..300.0f64).prop_map(|(width, height)| NodeBox { width, height });
        let port = proptest::option::weighted(0.2, 0.0..300.0f64);
        let link = (0..n, 0..n, port.clone(), port).prop_map(|(from, to, from_port, to_port)| Link {
            from,
            to,
            from_port,
            to_port,
        });
        (proptest::collection::vec(size, n as usize), proptest::collection::vec(link, 0..(2 * n as usize)))
    })
}

/// Mostly acyclic, connected more or less, larger: reaches the levels and threads of the real thing.
fn lineages() -> impl Strategy<Value = (Vec<NodeBox>, Vec<Link>)> {
    (500..900u32, any::<u64>()).prop_map(|(n, seed)| {
        let mut state = seed;
        let mut draw = |below: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % u64::from(below)) as u32
        };
        let sizes = (0..n).map(|_| NodeBox { width: 100.0, height: 20.0 + f64::from(draw(50)) }).collect();
        let mut links = Vec::new();
        for node in 1..n {
            for _ in 0..=draw(2) {
                links.push(Link::new(node - 1 - draw(node.min(60)), node));
            }
            if draw(100) == 0 {
                links.push(Link::new(node, draw(node)));
            }
        }
        (sizes, links)
    })
}

fn overlaps(layout: &Layout, sizes: &[NodeBox], a: usize, b: usize) -> bool {
    layout.x[a] + NEAR < layout.x[b] + sizes[b].width
        && layout.x[b] + NEAR < layout.x[a] + sizes[a].width
        && layout.y[a] + NEAR < layout.y[b] + sizes[b].height
        && layout.y[b] + NEAR < layout.y[a] + sizes[a].height
}

/// All that must hold of any drawing.
fn is_sound(layout: &Layout, sizes: &[NodeBox], links: &[Link]) -> Result<(), TestCaseError> {
    let mut by_left: Vec<usize> = (0..sizes.len()).collect();
    by_left.sort_by(|&a, &b| layout.x[a].total_cmp(&layout.x[b]));
    for (i, &a) in by_left.iter().enumerate() {
        for &b in by_left[i + 1..].iter().take_while(|&&b| layout.x[b] < layout.x[a] + sizes[a].width) {
            prop_assert!(!overlaps(layout, sizes, a, b), "nodes {a} and {b} overlap");
        }
    }
    for (i, link) in links.iter().enumerate() {
        let (from, to) = (link.from as usize, link.to as usize);
        let route = layout.route(i);
        prop_assert!(route.len() >= 2, "link {i} has no route");
        if from == to {
            prop_assert!(!layout.turned[i]);
        } else if layout.turned[i] {
            prop_assert!(layout.layer[from] > layout.layer[to]);
        } else {
            prop_assert!(layout.layer[from] < layout.layer[to], "link {i} does not lead to a later layer");
        }
        let (out_at, in_at) = if layout.turned[i] { (0.0, 1.0) } else { (1.0, 0.0) };
        for (node, point, side, port) in
            [(from, route[0], out_at, link.from_port), (to, route[route.len() - 1], in_at, link.to_port)]
        {
            let size = sizes[node];
            let port = port.map_or(size.height / 2.0, |p| p.min(size.height));
            prop_assert!(
                (point.x - (layout.x[node] + side * size.width)).abs() < NEAR,
                "link {i} is off its border"
            );
            prop_assert!((point.y - (layout.y[node] + port)).abs() < NEAR, "link {i} is off its port");
        }
    }
    for route in (0..links.len()).map(|l| layout.route(l)) {
        for point in route {
            let b = layout.bounds;
            prop_assert!(b.left <= point.x && point.x <= b.right && b.top <= point.y && point.y <= b.bottom);
        }
    }
    Ok(())
}

/// No edge runs through a node: level pieces stay clear of boxes, the others cross between columns.
fn routes_are_clear(layout: &Layout, sizes: &[NodeBox], links: &[Link]) -> Result<(), TestCaseError> {
    for (l, link) in links.iter().enumerate() {
        for piece in layout.route(l).windows(2) {
            let (left, right) = (piece[0].x.min(piece[1].x), piece[0].x.max(piece[1].x));
            let (top, bottom) = (piece[0].y.min(piece[1].y), piece[0].y.max(piece[1].y));
            for n in (0..sizes.len()).filter(|&n| n != link.from as usize && n != link.to as usize) {
                let clear = right <= layout.x[n] + NEAR
                    || layout.x[n] + sizes[n].width <= left + NEAR
                    || bottom <= layout.y[n] + NEAR
                    || layout.y[n] + sizes[n].height <= top + NEAR;
                prop_assert!(clear, "link {l} runs through node {n}");
            }
        }
    }
    Ok(())
}

fn positions(layout: &Layout) -> Vec<Option<Point>> {
    layout.x.iter().zip(&layout.y).map(|(&x, &y)| Some(Point { x, y })).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_drawings_are_sound((sizes, links) in graphs(24)) {
        let layout = draw(&sizes, &links);
        is_sound(&layout, &sizes, &links)?;
        routes_are_clear(&layout, &sizes, &links)?;
        prop_assert_eq!(&layout, &draw(&sizes, &links));
    }

    #[test]
    fn nodes_in_another_order_are_drawn_as_soundly((sizes, links) in graphs(24), seed in any::<u32>()) {
        let n = sizes.len() as u32;
        let label = |node: u32| (node + seed % n) % n;
        let mut relabelled = sizes.clone();
        for (node, size) in sizes.iter().enumerate() {
            relabelled[label(node as u32) as usize] = *size;
        }
        let relinked: Vec<Link> =
            links.iter().rev().map(|l| Link { from: label(l.from), to: label(l.to), ..*l }).collect();
        let layout = draw(&relabelled, &relinked);
        is_sound(&layout, &relabelled, &relinked)?;
        // Which nodes hang together, and so how many edges must be turned at least, does not depend on names.
        let first = draw(&sizes, &links);
        prop_assert_eq!(first.turned.contains(&true), layout.turned.contains(&true));
    }

    #[test]
    fn what_is_on_the_screen_stays(
        (sizes, links) in graphs(24),
        new_links in proptest::collection::vec((0u32..30, 0u32..30), 0..12),
        anchor in any::<u32>(),
        taller in 0.0..400.0f64,
    ) {
        let first = draw(&sizes, &links);
        let old = sizes.len();
        let anchor = (anchor as usize) % old;
        let mut sizes = sizes;
        let mut links = links;
        sizes[anchor].height += taller;
        let count = new_links.iter().map(|l| l.0.max(l.1) as usize + 1).max().unwrap_or(0).max(old);
        sizes.resize(count, NodeBox { width: 90.0, height: 30.0 });
        links.extend(new_links.iter().map(|&(a, b)| Link::new(a, b)));
        let mut before = positions(&first);
        before.resize(count, None);
        let previous = Previous { positions: &before, anchor: Some(anchor as u32) };
        let second = Layout::relayout(&sizes, &links, &OPTIONS, &previous, &never).unwrap();
        is_sound(&second, &sizes, &links)?;
        routes_are_clear(&second, &sizes, &links)?;
        prop_assert_eq!((second.x[anchor], second.y[anchor]), (first.x[anchor], first.y[anchor]));
        // Those that stay in one column together keep their order there, within what hung together before.
        for a in 0..old {
            for b in 0..old {
                if first.x[a] == first.x[b] && second.x[a] == second.x[b] && second.layer[a] == second.layer[b]
                    && joined(a, b, old, &first, &links)
                {
                    prop_assert_eq!(first.y[a] < first.y[b], second.y[a] < second.y[b], "nodes {} and {}", a, b);
                }
            }
        }
        let again = Layout::relayout(&sizes, &links, &OPTIONS, &previous, &never).unwrap();
        prop_assert_eq!(second, again);
    }
}

#[test]
fn around_one_known_node_all_is_drawn_afresh() {
    let (first, _) = draw_text("a -> d; b -> c; a -> root; b -> root; c -> z; d -> z");
    let sizes = vec![NodeBox { width: 100.0, height: 40.0 }; 6];
    let named = graph("a -> d; b -> c; a -> root; b -> root; c -> z; d -> z");
    let links: Vec<Link> = named.whole().edges.iter().map(|e| Link::new(e.from.0, e.to.0)).collect();
    let mut positions = vec![None; 6];
    positions[2] = Some(Point { x: 1000.5, y: -77.25 });
    let previous = Previous { positions: &positions, anchor: None };
    let second = Layout::relayout(&sizes, &links, &OPTIONS, &previous, &never).unwrap();
    assert_eq!((second.x[2], second.y[2]), (1000.5, -77.25));
    assert_eq!((second.crossings, &second.layer), (first.crossings, &first.layer));
}

#[test]
fn newcomers_come_in_without_crossing_each_other() {
    // The two new chains hang on one node; in the order of their numbers they would cross.
    let sizes = vec![NodeBox { width: 100.0, height: 40.0 }; 8];
    let old = [Link::new(0, 1), Link::new(2, 1)];
    let first = draw(&sizes[..3], &old);
    let mut links = old.to_vec();
    links.extend([(1, 3), (1, 4), (1, 5), (4, 6), (3, 7), (5, 6)].map(|(a, b)| Link::new(a, b)));
    let mut before = positions(&first);
    before.resize(8, None);
    let previous = Previous { positions: &before, anchor: Some(1) };
    let second = Layout::relayout(&sizes, &links, &OPTIONS, &previous, &never).unwrap();
    assert_eq!(second.crossings, 0);
    assert_eq!((second.x[1], second.y[1]), (first.x[1], first.y[1]));
    for node in 0..3 {
        assert_eq!(second.x[node], first.x[node]);
    }
}

/// Whether two old nodes hang together by links among old nodes.
fn joined(a: usize, b: usize, old: usize, first: &Layout, links: &[Link]) -> bool {
    let own = first.turned.len();
    let mut part: Vec<usize> = (0..old).collect();
    for _ in 0..old {
        for link in &links[..own] {
            let least = part[link.from as usize].min(part[link.to as usize]);
            part[link.from as usize] = least;
            part[link.to as usize] = least;
        }
    }
    part[a] == part[b]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn large_drawings_are_sound((sizes, links) in lineages()) {
        let layout = draw(&sizes, &links);
        is_sound(&layout, &sizes, &links)?;
        routes_are_clear(&layout, &sizes, &links)?;
        prop_assert_eq!(&layout, &draw(&sizes, &links));
    }

    #[test]
    fn what_is_drawn_anew_unchanged_hardly_moves((sizes, links) in lineages()) {
        let first = draw(&sizes, &links);
        let before = positions(&first);
        let previous = Previous { positions: &before, anchor: Some(0) };
        let second = Layout::relayout(&sizes, &links, &OPTIONS, &previous, &never).unwrap();
        for n in 0..sizes.len() {
            let moved = (second.x[n] - first.x[n], second.y[n] - first.y[n]);
            prop_assert!(moved.0.abs() < 0.1 && moved.1.abs() < 0.1, "node {} moved by {:?}", n, moved);
        }
    }
}

fn draw_text(text: &str) -> (Layout, catena_graph::NamedGraph) {
    let named = graph(text);
    let sizes = vec![NodeBox { width: 100.0, height: 40.0 }; named.adjacency.node_count()];
    let links: Vec<Link> = named.whole().edges.iter().map(|e| Link::new(e.from.0, e.to.0)).collect();
    (draw(&sizes, &links), named)
}

#[test]
fn a_chain_is_level() {
    let (layout, _) = draw_text("raw.orders -> clean.orders -> features -> churn-model");
    assert_eq!(layout.layer, [0, 1, 2, 3]);
    assert!(layout.y.iter().all(|&y| y == layout.y[0]));
    assert_eq!(layout.crossings, 0);
    assert_eq!(layout.route(0).len(), 2);
}

#[test]
fn two_crossed_pairs_are_uncrossed() {
    let (layout, _) = draw_text("a -> d; b -> c; a -> root; b -> root");
    assert_eq!(layout.crossings, 0);
}

#[test]
fn a_tree_has_no_crossings() {
    let mut text = String::new();
    for i in 1..200 {
        text.push_str(&format!("n{} -> n{i};", (i - 1) / 3));
    }
    let (layout, _) = draw_text(&text);
    assert_eq!(layout.crossings, 0);
}

#[test]
fn one_edge_of_a_cycle_is_turned() {
    let (layout, _) = draw_text("a -> b -> c -> a");
    assert_eq!(layout.turned.iter().filter(|t| **t).count(), 1);
}

#[test]
fn a_source_stands_beside_what_it_feeds() {
    let (layout, named) = draw_text("a -> b -> c -> d; late -> d");
    assert_eq!(layout.layer[named.node("late").unwrap().index()], 2);
}

#[test]
fn a_long_edge_passes_what_stands_between() {
    let (layout, named) = draw_text("a -> b -> c -> d; a -> d");
    let last = named.whole().edges.iter().position(|e| e.from.0 == 0 && e.to.0 == 3).unwrap();
    let b = named.node("b").unwrap().index();
    let at_b: Vec<f64> = layout.route(last).iter().filter(|p| p.x == layout.x[b]).map(|p| p.y).collect();
    assert!(at_b.iter().all(|&y| y <= layout.y[b] || y >= layout.y[b] + 40.0));
}

#[test]
fn a_long_row_does_not_overflow_the_stack() {
    let n = 200_000u32;
    let sizes = vec![NodeBox { width: 10.0, height: 10.0 }; n as usize];
    let links: Vec<Link> = (1..n).map(|i| Link::new(i - 1, i)).collect();
    let layout = draw(&sizes, &links);
    assert_eq!(layout.layer[n as usize - 1], n - 1);
}

#[test]
fn nothing_is_drawn_as_nothing() {
    let layout = draw(&[], &[]);
    assert!(layout.x.is_empty() && layout.points().is_empty());
}

#[test]
fn bad_input_is_named() {
    let size = NodeBox { width: 10.0, height: 10.0 };
    let missing = Layout::new(&[size], &[Link::new(0, 7)], &OPTIONS, &never);
    assert_eq!(missing, Err(LayoutError::NoSuchNode { link: 0, node: 7, nodes: 1 }));
    let flat = Layout::new(&[NodeBox { width: f64::NAN, ..size }], &[], &OPTIONS, &never);
    assert!(matches!(flat, Err(LayoutError::BadNumber { what, .. }) if what == "the width of node 0"));
    let few = Layout::relayout(&[size], &[], &OPTIONS, &Previous { positions: &[], anchor: None }, &never);
    assert_eq!(few, Err(LayoutError::PositionsMismatch { positions: 0, nodes: 1 }));
}

#[test]
fn work_can_be_given_up() {
    let links: Vec<Link> = (1..500).map(|i| Link::new(i / 2, i)).collect();
    let sizes = vec![NodeBox { width: 10.0, height: 10.0 }; 500];
    let given_up = Layout::new(&sizes, &links, &OPTIONS, &|| true);
    assert!(matches!(given_up, Err(LayoutError::Cancelled(_))));
}
