//! How far a view goes: levels, sides opened and closed by hand, nodes hidden with a side.

use catena_app::lineage::{
    Direction, Expanded, Hidden, LineageArgs, NodeSide,
    frame::{edge_flag, node_flag},
};

use crate::world::{World, edge, edges, node, nodes, thing};

const CHAIN: &str = "
    raw.a -> job:one -> raw.b
    raw.b -> job:two -> raw.c
    raw.x -> job:two
    raw.b -> job:side -> raw.side";

fn open(world: &World, word: &str, side: NodeSide, levels: u32) -> Expanded {
    Expanded { id: world.id(word), side, levels }
}

#[test]
fn a_view_opens_at_one_level_each_way_with_counts() {
    let world = World::new(CHAIN);
    let frame = world.view(&world.around("raw.b", 1));
    assert_eq!(nodes(&frame), ["-1 one <1", "0 b", "1 side >1", "1 two <1 >1"]);
    assert_eq!(edges(&frame), ["b -> side", "b -> two", "one -> b"]);
    assert_eq!(frame.totals.beyond_up, 1);
    assert_eq!(frame.totals.beyond_down, 2);
    assert_eq!(node(&frame, "b").flags, node_flag::FOCUS);
    assert_eq!(node(&frame, "one").flags, node_flag::TRANSFORMATION);
}

#[test]
fn directions_and_levels_bound_the_view() {
    let world = World::new(CHAIN);
    let args = LineageArgs { direction: Direction::Down, ..world.around("raw.b", 2) };
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["0 b <1", "1 side", "1 two <1", "2 c", "2 side"]);
    let args = LineageArgs { direction: Direction::Up, ..world.around("raw.c", 9) };
    assert_eq!(nodes(&world.view(&args)), ["-4 a", "-3 one", "-2 b >1", "-2 x", "-1 two", "0 c"]);
}

#[test]
fn a_nodes_side_opens_by_levels_and_closes_again() {
    let world = World::new(CHAIN);
    let mut args = world.around("raw.b", 1);
    args.expanded = vec![open(&world, "job:two", NodeSide::Up, 1)];
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-1 one <1", "0 b", "0 x", "1 side >1", "1 two >1"]);
    assert_eq!(node(&frame, "two").flags & node_flag::EXPANDED_UP, node_flag::EXPANDED_UP);
    args.expanded = vec![open(&world, "job:two", NodeSide::Down, 9), open(&world, "raw.b", NodeSide::Up, 0)];
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["0 b <1", "1 side >1", "1 two <1", "2 c"]);
}

#[test]
fn a_hidden_node_goes_with_what_is_only_reached_through_it() {
    let world = World::new(&format!("{CHAIN}\n raw.c -> job:end\n raw.side -> job:end -> raw.z"));
    let mut args = world.around("raw.b", 9);
    args.direction = Direction::Down;
    args.hidden = vec![Hidden { id: world.id("job:two"), with: NodeSide::Down }];
    let frame = world.view(&args);
    // `end` is still reached over `side`; what hides is not counted as still to be opened.
    assert_eq!(nodes(&frame), ["0 b <1", "1 side", "2 side", "3 end <1", "4 z"]);
    args.hidden = vec![Hidden { id: world.id("job:two"), with: NodeSide::Up }];
    let frame = world.view(&args);
    assert_eq!(
        edges(&frame),
        ["b -1-> c", "b -> side", "c -> end", "end -> z", "side -> end", "side -> side"]
    );
}

#[test]
fn a_cycle_is_marked_and_ends() {
    let world = World::new("raw.a -> job:one -> raw.b\n raw.b -> job:two -> raw.a\n raw.b -> raw.out");
    let frame = world.view(&world.around("raw.a", 50));
    assert_eq!(frame.nodes.len(), 5);
    for name in ["a", "b", "one", "two"] {
        assert_ne!(node(&frame, name).flags & node_flag::CYCLE, 0, "{name}");
    }
    assert_eq!(node(&frame, "out").flags & node_flag::CYCLE, 0);
    let marked = |flag| frame.edges.iter().filter(|edge| edge.flags & flag != 0).count();
    assert_eq!(marked(edge_flag::CYCLE), 4, "every edge of the cycle, and no other");
    assert_eq!(marked(edge_flag::AGAINST), 1, "one edge closes it");
    // Equally near both ways counts as downstream.
    assert_eq!(node(&frame, "b").level, 2);
    assert_eq!(node(&frame, "two").level, -1);
}

#[test]
fn a_view_of_nothing_that_is_there_says_so() {
    let world = World::new(CHAIN);
    let nobody = catena_model::id::EntityId::from_bytes([7; 16]);
    let gone = LineageArgs { focus: vec![nobody], ..LineageArgs::default() };
    let error = catena_app::lineage::view(&world.app, gone).map(|_| ()).unwrap_err();
    assert!(error.message.contains("no longer in the catalog"), "{error}");
}

#[test]
fn an_anchor_stays_where_it_is_and_the_others_keep_their_order() {
    let world = World::new(CHAIN);
    let mut args = world.around("raw.b", 1);
    let before = world.view(&args);
    let place = |name: &str| {
        let node = node(&before, name);
        catena_app::lineage::Place {
            id: catena_model::id::EntityId::from_bytes(node.id),
            x: node.x + 500.0,
            y: node.y - 250.0,
        }
    };
    args.anchor = Some(place("two"));
    args.previous = vec![place("b"), place("two"), place("side")];
    args.expanded =
        vec![open(&world, "job:two", NodeSide::Down, 1), open(&world, "job:two", NodeSide::Up, 1)];
    let after = world.view(&args);
    let (old, new) = (place("two"), node(&after, "two"));
    assert_eq!((new.x, new.y), (old.x, old.y));
    let above = |frame, a, b| node(frame, a).y < node(frame, b).y;
    assert_eq!(above(&before, "side", "two"), above(&after, "side", "two"));
}

#[test]
fn edges_say_what_they_are() {
    let world = World::new("raw.a -> job:one -> raw.b\n raw.b ~> raw.guess\n raw.b -> logged_model:m");
    let frame = world.view(&world.around("raw.b", 2));
    assert_eq!(edge(&frame, "a", "one").kind, "reads");
    assert_eq!(edge(&frame, "one", "b").kind, "writes");
    assert_eq!(edge(&frame, "b", "m").kind, "trained_on");
    assert_eq!(edge(&frame, "b", "guess").flags, edge_flag::INFERRED);
    assert_eq!(edge(&frame, "b", "m").flags, 0);
    assert_eq!(frame.totals.inferred_edges, 1);
}

#[test]
fn a_whole_without_lineage_is_stood_for_by_its_parts() {
    let world =
        World::new("raw.a -> run:r1 -> model_version:v1\n raw.b -> model_version:v2\n model:m\n model:none");
    let at = catena_model::time::Timestamp::from_millis(1);
    let part_of = |part, whole| catena_model::statement::Statement::PartOf {
        thing: thing(part),
        whole: thing(whole),
        at,
    };
    world.tell(vec![part_of("model_version:v1", "model:m"), part_of("model_version:v2", "model:m")]);
    let frame = world.view(&world.around("model:m", 1));
    assert_eq!(nodes(&frame), ["-1 b", "-1 r1 <1", "0 v1", "0 v2"]);
    assert_eq!(nodes(&world.view(&world.around("model:none", 1))), ["0 none"]);
    let session = &world.session;
    let printed = catena_app::lineage::headless(
        &session.catalog,
        &session.graph,
        world.ix("model:m"),
        Direction::Up,
        None,
        false,
    )
    .unwrap();
    let levels: Vec<(i32, &str)> =
        printed.nodes.iter().map(|node| (node.level, node.name.as_str())).collect();
    assert_eq!(levels, [(-2, "a"), (-1, "b"), (-1, "r1"), (0, "m"), (0, "v1"), (0, "v2")]);
}
