//! Views of unusual size: nothing freezes, and what is too large says how large.

use catena_app::lineage::{Direction, LineageArgs, headless};
use catena_model::kind::Kind;

use crate::world::World;

#[test]
fn more_than_is_drawn_asks_first_with_counts_and_can_be_forced() {
    let text: String = (0..5_001).map(|i| format!("raw.hub -> raw.leaf_{i}\n")).collect();
    let world = World::new(&format!("{text} raw.hub -> job:one"));
    let mut args = LineageArgs { group_over: 100_000, ..world.around("raw.hub", 1) };
    let totals = world.too_large(&args);
    assert_eq!((totals.limit, totals.nodes, totals.transformations), (5_000, 5_003, 1));
    assert_eq!(totals.kinds, [("dataset".to_owned(), 5_002), ("job".to_owned(), 1)]);
    assert_eq!(totals.levels, [(0, 1), (1, 5_002)]);
    args.kinds = vec![Kind::Job];
    assert_eq!(world.view(&args).nodes.len(), 2);
    args.kinds = Vec::new();
    args.force = true;
    assert_eq!(world.view(&args).nodes.len(), 5_003);
}

#[test]
fn deep_chains_end() {
    let depth = 3_000;
    let text: String = (0..depth).map(|i| format!("raw.n{i} -> raw.n{}\n", i + 1)).collect();
    let world = World::new(&text);
    let frame = world.view(&LineageArgs { up: 100_000, ..world.around(&format!("raw.n{depth}"), 1) });
    assert_eq!(frame.nodes.len(), depth + 1);
    assert_eq!(frame.nodes[0].level, -i32::try_from(depth).unwrap());
    let printed = headless(
        &world.session.catalog,
        &world.session.graph,
        world.ix("raw.n0"),
        Direction::Down,
        None,
        false,
    )
    .unwrap();
    assert_eq!(printed.nodes.len(), depth + 1);
    // Everything between the ends is hidden: one bridge.
    let mut args = world.around("raw.n0", 1);
    args.focus.push(world.id(&format!("raw.n{depth}")));
    args.kinds = vec![Kind::Job];
    let frame = world.view(&args);
    assert_eq!(frame.nodes.len(), 2);
    assert_eq!(frame.edges[0].bridged as usize, depth - 1);
}

#[test]
fn a_newer_view_of_the_same_takes_an_older_ones_place() {
    let text: String =
        (0..4_000).map(|i| format!("raw.hub -> raw.leaf_{i} -> raw.end_{}\n", i % 700)).collect();
    let world = World::new(&text);
    let large = LineageArgs { group_over: 100_000, force: true, ..world.around("raw.hub", 2) };
    // So that both start with the graph at hand.
    world.session.graph.count_around(&world.session.catalog, world.ix("raw.hub")).unwrap();
    let older = std::thread::scope(|scope| {
        let older = scope.spawn(|| catena_app::lineage::view(&world.app, large.clone()));
        while !older.is_finished() {
            // Only one that starts at the very same moment may be given up for the large one.
            let _ = catena_app::lineage::view(&world.app, world.around("raw.hub", 1));
        }
        older.join().unwrap()
    });
    assert_eq!(older.unwrap_err().trouble, catena_app::error::Trouble::Cancelled);
    let other = catena_app::lineage::view(&world.app, world.around("raw.end_1", 1));
    assert!(other.is_ok());
}
