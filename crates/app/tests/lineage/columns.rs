//! Column lineage inside the nodes.

use catena_app::lineage::{
    LineageArgs, ViewBand,
    frame::{Frame, column_flag, edge_flag, node_flag},
};
use catena_model::{
    field::{Field, Single},
    statement::Statement,
    time::Timestamp,
};

use crate::world::{World, column_edges, edge, node, thing};

const SHOP: &str = "
    raw.a -> job:one -> raw.b -> job:two -> raw.c -> raw.d
    raw.a#id -> raw.b#id -> raw.c#id -> raw.d#id
    raw.a#name -> raw.b#title
    raw.b#extra -> raw.c#extra";

fn rows(frame: &Frame, name: &str) -> Vec<String> {
    node(frame, name)
        .columns
        .iter()
        .map(|column| {
            let traced = if column.flags & column_flag::TRACED != 0 { "*" } else { "" };
            format!("{}{traced}", column.name)
        })
        .collect()
}

#[test]
fn columns_are_rows_of_open_nodes_in_their_order() {
    let world = World::new(SHOP);
    for (column, position) in [("raw.b#title", 0), ("raw.b#id", 1), ("raw.b#extra", 2)] {
        for (field, value) in
            [(Single::Position, serde_json::json!(position)), (Single::DataType, serde_json::json!("bigint"))]
        {
            world.tell(vec![Statement::Claim {
                thing: thing(column),
                field: Field::Single(field),
                value: Some(value),
                at: Timestamp::from_millis(1),
            }]);
        }
    }
    let mut args = world.around("raw.b", 2);
    let closed = world.view(&args);
    assert!(closed.column_edges.is_empty());
    assert!(rows(&closed, "b").is_empty());
    assert_eq!(node(&closed, "b").column_count, 3);
    args.columns = vec![world.id("raw.b"), world.id("raw.a")];
    let frame = world.view(&args);
    assert_eq!(rows(&frame, "b"), ["title", "id", "extra"]);
    assert_eq!(rows(&frame, "a"), ["id", "name"]);
    assert_eq!(node(&frame, "b").columns[0].data_type, "bigint");
    assert_eq!(column_edges(&frame), ["a.id -> b.id", "a.name -> b.title"]);
    assert_ne!(node(&frame, "b").flags & node_flag::OPEN, 0);
    let grown = node(&frame, "b").height - node(&closed, "b").height;
    assert!((grown - 3.0 * frame.row_height).abs() < 0.01, "room for three rows");
}

#[test]
fn a_columns_path_goes_through_closed_nodes_too() {
    let world = World::new(SHOP);
    let args = LineageArgs { column_trace: Some(world.id("raw.b#id")), ..world.around("raw.b", 3) };
    let frame = world.view(&args);
    assert_eq!(column_edges(&frame), ["a.id -> b.id", "b.id -> c.id", "c.id -> d.id"]);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(rows(&frame, name), ["id*"], "{name}");
        assert_eq!(node(&frame, name).flags & node_flag::OPEN, 0);
        assert!((node(&frame, name).height - frame.header_height).abs() < 0.01, "nothing moves");
    }
    for (from, to) in [("a", "one"), ("one", "b"), ("b", "two"), ("two", "c"), ("c", "d")] {
        assert_ne!(edge(&frame, from, to).flags & edge_flag::TRACED, 0, "{from} -> {to}");
    }
    assert!(frame.column_edges.iter().all(|edge| edge.flags & edge_flag::TRACED != 0));
    // The way of another column goes elsewhere.
    let args = LineageArgs { column_trace: Some(world.id("raw.b#title")), ..world.around("raw.b", 3) };
    let frame = world.view(&args);
    assert_eq!(column_edges(&frame), ["a.name -> b.title"]);
    assert_eq!(edge(&frame, "two", "c").flags & edge_flag::TRACED, 0);
}

#[test]
fn toggling_columns_moves_nothing_sideways() {
    let world = World::new(SHOP);
    let mut args = world.around("raw.b", 2);
    let before = world.view(&args);
    args.previous = before
        .nodes
        .iter()
        .map(|node| catena_app::lineage::Place {
            id: catena_model::id::EntityId::from_bytes(node.id),
            x: node.x,
            y: node.y,
        })
        .collect();
    args.anchor = args.previous.iter().find(|place| place.id == world.id("raw.b")).cloned();
    args.columns = vec![world.id("raw.b")];
    let after = world.view(&args);
    for old in &before.nodes {
        let new = node(&after, &old.name);
        assert!((new.x - old.x).abs() < 0.5 && (new.y - old.y).abs() < 0.5, "{} stays", old.name);
    }
}

#[test]
fn the_field_band_opens_every_node() {
    let world = World::new(SHOP);
    let args = LineageArgs { band: ViewBand::Field, ..world.around("raw.b", 9) };
    let frame = world.view(&args);
    assert_eq!(
        column_edges(&frame),
        ["a.id -> b.id", "a.name -> b.title", "b.extra -> c.extra", "b.id -> c.id", "c.id -> d.id"]
    );
    assert_eq!(frame.totals.column_edges, 5);
    let crumbs: Vec<&str> = frame.crumbs.iter().map(|crumb| crumb.label.as_str()).collect();
    assert_eq!(crumbs, ["duckdb://shop", "raw", "b", "columns"]);
}

#[test]
fn a_column_as_focus_is_its_dataset_with_the_column_traced() {
    let world = World::new(SHOP);
    let frame = world.view(&world.around("raw.b#id", 2));
    assert_eq!(node(&frame, "b").flags & node_flag::FOCUS, node_flag::FOCUS);
    assert_eq!(rows(&frame, "a"), ["id*"]);
    assert!(frame.nodes.iter().all(|node| node.kind != "column"));
}

#[test]
fn columns_in_columns_are_rows_with_their_path() {
    let world = World::new("raw.a -> raw.b");
    let at = Timestamp::from_millis(1);
    world.tell(vec![
        Statement::PartOf { thing: thing("raw.a#address"), whole: thing("raw.a"), at },
        Statement::PartOf { thing: thing("raw.a#address.city"), whole: thing("raw.a#address"), at },
    ]);
    let mut args = world.around("raw.a", 1);
    args.columns = vec![world.id("raw.a")];
    assert_eq!(rows(&world.view(&args), "a"), ["address", "address.city"]);
}
