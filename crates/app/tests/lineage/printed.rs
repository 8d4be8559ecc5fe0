//! What the command line prints.

use catena_app::lineage::{Direction, Headless, headless};
use serde_json::json;

use crate::world::World;

const SHOP: &str = "
    raw.a -> job:one -> raw.b -> job:two -> raw.c
    raw.a -> raw.b
    raw.a#id -> raw.b#id -> raw.c#id
    raw.b#lonely
    raw.x#id -> raw.a#id";

fn print(world: &World, word: &str, direction: Direction, depth: Option<u32>, columns: bool) -> Headless {
    headless(&world.session.catalog, &world.session.graph, world.ix(word), direction, depth, columns).unwrap()
}

fn nodes(printed: &Headless) -> Vec<String> {
    printed.nodes.iter().map(|node| format!("{} {} {}", node.level, node.kind.word(), node.name)).collect()
}

fn edges(printed: &Headless) -> Vec<String> {
    let name = |id| {
        let node = printed.nodes.iter().find(|node| node.id == id).unwrap();
        node.qualified_names[0].rsplit('/').next().unwrap().to_owned()
    };
    let mut edges: Vec<String> = printed
        .edges
        .iter()
        .map(|edge| format!("{} -{}> {}", name(edge.from), edge.kind.word(), name(edge.to)))
        .collect();
    edges.sort();
    edges
}

#[test]
fn levels_are_signed_and_edges_run_with_the_data() {
    let world = World::new(SHOP);
    let printed = print(&world, "raw.b", Direction::Both, None, false);
    assert_eq!(nodes(&printed), ["-1 dataset a", "-1 job one", "0 dataset b", "1 job two", "2 dataset c"]);
    assert_eq!(
        edges(&printed),
        [
            "one -writes> raw.b",
            "raw.a -derives_from> raw.b",
            "raw.a -reads> one",
            "raw.b -reads> two",
            "two -writes> raw.c"
        ]
    );
    assert_eq!(nodes(&print(&world, "raw.b", Direction::Down, Some(1), false)), ["0 dataset b", "1 job two"]);
    assert_eq!(nodes(&print(&world, "raw.b", Direction::Up, Some(0), false)), ["0 dataset b"]);
}

#[test]
fn columns_come_on_request_with_their_datasets_level() {
    let world = World::new(SHOP);
    let printed = print(&world, "raw.b", Direction::Down, None, true);
    assert_eq!(nodes(&printed), ["0 dataset b", "0 column id", "1 job two", "2 dataset c", "2 column id"]);
    assert!(edges(&printed).contains(&"raw.b.id -derives_from> raw.c.id".to_owned()));
}

#[test]
fn a_column_has_its_own_lineage() {
    let world = World::new(SHOP);
    for columns in [false, true] {
        let printed = print(&world, "raw.b#id", Direction::Both, None, columns);
        assert_eq!(nodes(&printed), ["-2 column id", "-1 column id", "0 column id", "1 column id"]);
    }
}

#[test]
fn evidence_is_printed_as_programs_read_it() {
    let world = World::new("raw.a ~> raw.b");
    let printed = serde_json::to_value(print(&world, "raw.b", Direction::Up, None, false)).unwrap();
    let a = &printed["nodes"][0];
    assert_eq!(a["qualified_names"], json!(["duckdb://shop/raw.a"]));
    assert_eq!((&a["kind"], &a["name"], &a["level"]), (&json!("dataset"), &json!("a"), &json!(-1)));
    assert_eq!(
        printed["edges"],
        json!([{
            "from": a["id"],
            "to": printed["nodes"][1]["id"],
            "kind": "derives_from",
            "evidence": [{
                "source": "test:shop",
                "method": "name_matched",
                "confidence": 0.7,
                "first_seen": "1970-01-01T00:00:01Z",
                "last_seen": "1970-01-01T00:00:01Z",
                "withdrawn": false,
            }],
        }])
    );
}
