//! The frame against a reader written from its documentation, and against the fixture that the canvas reads too.

use super::*;

mod reader;

use reader::Reader;

fn id(seed: u8) -> [u8; 16] {
    std::array::from_fn(|place| seed.wrapping_mul(16).wrapping_add(u8::try_from(place).unwrap()))
}

fn column(seed: u8, name: &str, data_type: &str, flags: u32) -> Column {
    Column { id: id(seed), name: name.into(), data_type: data_type.into(), flags }
}

/// Every feature once: open and closed columns, a group, a cycle, an inferred and a removed edge, text beyond ASCII.
fn small() -> Frame {
    let node = |seed: u8, kind: &str, name: &str, level: i32, x: f32, y: f32, flags: u32| Node {
        id: id(seed),
        kind: kind.into(),
        name: name.into(),
        qualified_name: format!("duckdb://jaffle/{name}"),
        system: "dbt".into(),
        level,
        x,
        y,
        width: 220.0,
        height: 52.0,
        flags,
        ..Node::default()
    };
    let orders = Node {
        height: 52.0 + 2.0 * 20.0,
        hidden_up: 3,
        column_count: 2,
        columns: vec![column(8, "id", "bigint", column_flag::KEY), column(9, "größe", "text", 0)],
        detail: "main.raw".into(),
        ..node(1, "dataset", "raw_orders", -1, 0.0, 0.0, node_flag::OPEN | node_flag::EXPANDED_UP)
    };
    let features = Node {
        column_count: 14,
        columns: vec![column(10, "order_id", "bigint", column_flag::TRACED)],
        hidden_down: 214,
        ..node(2, "dataset", "订单_features 🐌", 0, 320.0, 12.5, node_flag::FOCUS | node_flag::CYCLE)
    };
    let job = node(3, "job", "train\u{202e}churn", 1, 640.0, 0.0, node_flag::TRANSFORMATION);
    let group = Node {
        system: String::new(),
        qualified_name: String::new(),
        group: Some(Group {
            parent: Some(1),
            side: Side::Down,
            members: 214,
            page: 2,
            page_size: 50,
            filter: "churn".into(),
        }),
        ..node(4, "group", "214 models", 1, 640.0, 80.0, node_flag::GROUP)
    };
    let edge = |from, to, kind: &str, flags, bridged, route: &[(f32, f32)]| Edge {
        from,
        to,
        kind: kind.into(),
        flags,
        bridged,
        route: route.to_vec(),
    };
    Frame {
        band: Band::Field,
        header_height: 52.0,
        row_height: 20.0,
        nodes: vec![orders, features, job, group],
        edges: vec![
            edge(0, 1, "derives_from", 0, 0, &[(220.0, 26.0), (320.0, 38.5)]),
            edge(1, 2, "reads", edge_flag::INFERRED, 2, &[(540.0, 38.5), (590.0, 30.0), (640.0, 26.0)]),
            edge(2, 0, "writes", edge_flag::CYCLE | edge_flag::REMOVED, 0, &[(860.0, 26.0), (0.0, 26.0)]),
            edge(1, 3, "derives_from", 0, 0, &[(540.0, 38.5), (640.0, 106.0)]),
        ],
        column_edges: vec![ColumnEdge {
            from: ColumnRef { node: 0, column: 0 },
            to: ColumnRef { node: 1, column: 0 },
            flags: edge_flag::TRACED,
        }],
        crumbs: vec![
            Crumb { id: None, label: "dbt".into(), band: Band::System },
            Crumb { id: Some(id(2)), label: "订单_features 🐌".into(), band: Band::Field },
        ],
        totals: Totals {
            limit: 50_000,
            nodes: 217,
            edges: 218,
            column_edges: 1,
            transformations: 1,
            runs: 0,
            removed_edges: 1,
            inferred_edges: 1,
            beyond_up: 3,
            beyond_down: 0,
            first_seen: Some(1_795_000_000_000),
            last_seen: None,
            kinds: vec![("model".into(), 214), ("dataset".into(), 2), ("job".into(), 1)],
            levels: vec![(-1, 1), (0, 1), (1, 215)],
        },
    }
}

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/lineage").join(name)
}

#[test]
fn what_is_written_is_read_back() {
    let bytes = encode(&small()).unwrap();
    let reader = Reader::new(&bytes);
    assert_eq!(reader.reply, 0);
    assert_eq!(reader.frame(), small());
}

#[test]
fn an_empty_frame_is_read_back() {
    let bytes = encode(&Frame::default()).unwrap();
    assert_eq!(Reader::new(&bytes).frame(), Frame::default());
}

/// The same bytes are read by `ui/src/lineage/frame.test.ts`. After a change of the format write them anew with
/// `CATENA_WRITE_FIXTURES=1`.
#[test]
fn the_fixture_that_the_canvas_reads_is_what_is_written() {
    let frames = [
        ("frame-small.bin", encode(&small()).unwrap()),
        ("frame-too-large.bin", encode_too_large(Band::Asset, &small().totals).unwrap()),
    ];
    for (name, bytes) in frames {
        let path = fixture(name);
        if std::env::var_os("CATENA_WRITE_FIXTURES").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
    }
}

#[test]
fn too_large_carries_the_counts_and_nothing_to_draw() {
    let bytes = encode_too_large(Band::Asset, &small().totals).unwrap();
    let reader = Reader::new(&bytes);
    assert_eq!(reader.reply, 1);
    assert_eq!(reader.totals(), small().totals);
}

#[test]
fn a_text_is_stored_once() {
    let mut frame = small();
    let before = encode(&frame).unwrap().len();
    frame.nodes[2].detail = frame.nodes[0].name.clone();
    assert_eq!(encode(&frame).unwrap().len(), before);
}

#[test]
fn an_edge_to_nowhere_is_refused() {
    let mut frame = small();
    frame.edges[1].to = 4;
    let error = encode(&frame).unwrap_err();
    assert_eq!(error, FrameError::Dangling { what: "edge", index: 1, target: "node", to: 4, count: 4 });
}

#[test]
fn a_column_edge_to_a_missing_row_is_refused() {
    let mut frame = small();
    frame.column_edges[0].to.column = 1;
    assert!(matches!(encode(&frame), Err(FrameError::Dangling { target: "column", to: 1, count: 1, .. })));
}

#[test]
fn an_edge_without_a_line_is_refused() {
    let mut frame = small();
    frame.edges[2].route.truncate(1);
    assert_eq!(encode(&frame).unwrap_err(), FrameError::Route { index: 2, points: 1 });
}
