//! Many neighbours of one node, shown as one.

use catena_app::{
    error::Trouble,
    lineage::{
        self, Expanded, LineageArgs, LineageEdgeArgs, LineageGroupArgs, NodeSide, OpenGroup, ViewBand,
        frame::node_flag,
    },
};
use catena_model::id::EntityId;

use crate::world::{World, edges, node, nodes};

fn fan(n: usize) -> String {
    (0..n).map(|i| format!("raw.hub -> raw.leaf_{i:05}\n")).collect()
}

fn ask(world: &World, view: &LineageArgs, group: EntityId, page: u32, filter: &str) -> lineage::LineageGroup {
    let args = LineageGroupArgs { view: view.clone(), group, page, filter: filter.to_owned() };
    lineage::group(&world.app, args).unwrap()
}

#[test]
fn a_fan_out_over_the_limit_is_one_node_with_a_count() {
    let world = World::new(&fan(31));
    let mut args = world.around("raw.hub", 1);
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["0 hub", "1 31 datasets"]);
    let group = node(&frame, "31 datasets");
    assert_eq!(group.flags, node_flag::GROUP);
    let held = group.group.as_ref().unwrap();
    assert_eq!((held.members, held.page_size, held.parent), (31, 50, Some(0)));
    assert_eq!(frame.totals.nodes, 32, "counted though folded");
    args.group_over = 31;
    assert_eq!(world.view(&args).nodes.len(), 32);
}

#[test]
fn twenty_thousand_children_are_a_group_that_is_searched_and_paged() {
    let world = World::new(&fan(20_000));
    let mut args = world.around("raw.hub", 1);
    let started = std::time::Instant::now();
    let frame = world.view(&args);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert_eq!(nodes(&frame), ["0 hub", "1 20,000 datasets"]);
    let id = EntityId::from_bytes(node(&frame, "20,000 datasets").id);
    let page = ask(&world, &args, id, 1, "");
    assert_eq!((page.members, page.matching, page.page_size), (20_000, 20_000, 50));
    assert_eq!(page.rows.len(), 50);
    assert_eq!(page.rows[0].name, "leaf_00050");
    let page = ask(&world, &args, id, 0, "LEAF_1234");
    assert_eq!((page.members, page.matching), (20_000, 10));
    assert_eq!(page.rows[9].qualified_name, "duckdb://shop/raw.leaf_12349");
    args.open_groups = vec![OpenGroup { id, page: 0, filter: "leaf_1234".to_owned() }];
    let frame = world.view(&args);
    assert_eq!(frame.nodes.len(), 12);
    let group = node(&frame, "20,000 datasets").group.clone().unwrap();
    assert_eq!((group.members, group.filter.as_str()), (19_990, "leaf_1234"));
    assert_eq!(EntityId::from_bytes(node(&frame, "20,000 datasets").id), id, "the same from view to view");
}

#[test]
fn an_open_group_stays_though_all_its_members_are_on_the_page() {
    let world = World::new(&fan(40));
    let mut args = world.around("raw.hub", 1);
    let id = EntityId::from_bytes(node(&world.view(&args), "40 datasets").id);
    args.open_groups = vec![OpenGroup { id, page: 0, filter: String::new() }];
    let frame = world.view(&args);
    assert_eq!(frame.nodes.len(), 42);
    assert!(edges(&frame).contains(&"hub -> 40 datasets".to_owned()));
    assert_eq!(ask(&world, &args, id, 0, "").members, 40);
}

#[test]
fn the_most_numerous_kind_folds_first() {
    let tests: String = (0..40).map(|i| format!("raw.hub -> test:check_{i}\n")).collect();
    let world = World::new(&format!("{tests} raw.hub -> job:one -> raw.next\n raw.hub -> dashboard:d"));
    let frame = world.view(&world.around("raw.hub", 1));
    assert_eq!(nodes(&frame), ["0 hub", "1 d", "1 one >1", "1 40 tests"]);
}

#[test]
fn what_is_reached_in_another_way_or_was_opened_is_not_folded() {
    let world = World::new(&format!(
        "{} raw.up -> raw.hub\n raw.up -> raw.leaf_00007\n raw.leaf_00003 -> raw.far",
        fan(40)
    ));
    let mut args = world.around("raw.hub", 1);
    args.expanded = vec![
        Expanded { id: world.id("raw.leaf_00003"), side: NodeSide::Down, levels: 1 },
        Expanded { id: world.id("raw.up"), side: NodeSide::Down, levels: 1 },
    ];
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-1 up", "0 hub", "0 leaf_00007", "1 leaf_00003", "1 38 datasets", "2 far"]);
    assert_eq!(
        edges(&frame),
        [
            "hub -> 38 datasets",
            "hub -> leaf_00003",
            "hub -> leaf_00007",
            "leaf_00003 -> far",
            "up -> hub",
            "up -> leaf_00007"
        ]
    );
}

#[test]
fn members_lines_to_the_rest_of_the_view_are_kept() {
    let joined: String = (0..40).map(|i| format!("raw.leaf_{i:05} -> raw.sum\n")).collect();
    let world = World::new(&format!("{}{joined} raw.hub -> raw.mid -> raw.sum", fan(40)));
    // The members are folded on the hub, and the sum comes into view over `mid`.
    let mut args = world.around("raw.hub", 2);
    args.expanded = vec![Expanded { id: world.id("raw.mid"), side: NodeSide::Down, levels: 1 }];
    let frame = world.view(&args);
    assert_eq!(edges(&frame), ["40 datasets -> sum", "hub -> 40 datasets", "hub -> mid", "mid -> sum"]);
}

#[test]
fn a_group_that_went_away_says_so() {
    let world = World::new(&fan(40));
    let view = world.around("raw.hub", 1);
    let group = EntityId::from_bytes([7; 16]);
    let error = lineage::group(&world.app, LineageGroupArgs { view, group, page: 0, filter: String::new() });
    assert_eq!(error.unwrap_err().trouble, Trouble::NotFound);
}

#[test]
fn an_edge_of_a_group_gives_the_edges_that_it_stands_for() {
    let world = World::new(&fan(40));
    let args = world.around("raw.hub", 1);
    let group = EntityId::from_bytes(node(&world.view(&args), "40 datasets").id);
    let ask = |from, to, view| lineage::edge(&world.app, LineageEdgeArgs { from, to, view });
    let hub = world.id("raw.hub");
    let edge = ask(hub, group, Some(Box::new(args.clone()))).unwrap();
    assert_eq!((edge.stands_for, edge.relations.len(), edge.between.len()), (40, 40, 40));
    assert_eq!((&*edge.between[7].from.name, &*edge.between[7].to.name), ("hub", "leaf_00007"));
    assert_eq!(ask(hub, group, None).unwrap_err().trouble, Trouble::NotFound);
    let nowhere = EntityId::from_bytes([7; 16]);
    assert_eq!(ask(hub, nowhere, Some(Box::new(args))).unwrap_err().trouble, Trouble::NotFound);
}

#[test]
fn an_edge_between_systems_gives_the_edges_over_their_hidden_jobs() {
    let world = World::new("raw.a -> job:one -> mart.b\n raw.c -> job:one -> mart.d\n raw.a -> raw.c");
    let args = LineageArgs { band: ViewBand::System, ..world.around("raw.a", 1) };
    let frame = world.view(&args);
    let id = |name: &str| EntityId::from_bytes(node(&frame, name).id);
    let ends = LineageEdgeArgs { from: id("raw"), to: id("mart"), view: Some(Box::new(args)) };
    let edge = lineage::edge(&world.app, ends).unwrap();
    assert_eq!(edge.stands_for, 4, "what the job read with all that it wrote");
    assert_eq!(edge.through.iter().map(|step| &*step.name).collect::<Vec<_>>(), ["one"]);
    assert_eq!(edge.relations.len(), 4);
}
