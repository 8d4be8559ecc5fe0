//! The frame against a reader written from its documentation, and against the fixture that the canvas reads too.

use super::*;

/// A reader of its own, so that the layout is checked by something else than the writer.
struct Reader<'a> {
    bytes: &'a [u8],
    reply: u16,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        assert_eq!(bytes[..4], MAGIC);
        assert_eq!(u16::from_le_bytes([bytes[4], bytes[5]]), VERSION);
        assert_eq!(u32_at(bytes, 8) as usize, bytes.len());
        Self { bytes, reply: u16::from_le_bytes([bytes[6], bytes[7]]) }
    }

    fn section(&self, tag: u32) -> &'a [u8] {
        for index in 0..u32_at(self.bytes, 12) as usize {
            let at = 16 + index * 16;
            if u32_at(self.bytes, at) == tag {
                let (start, length) =
                    (u32_at(self.bytes, at + 4) as usize, u32_at(self.bytes, at + 8) as usize);
                assert_eq!(start % 8, 0, "section {tag} is aligned");
                return &self.bytes[start..start + length];
            }
        }
        panic!("no section {tag}");
    }

    fn u32s(&self, tag: u32) -> Vec<u32> {
        self.section(tag).chunks(4).map(|chunk| u32_at(chunk, 0)).collect()
    }

    fn f32s(&self, tag: u32) -> Vec<f32> {
        self.u32s(tag).into_iter().map(f32::from_bits).collect()
    }

    #[allow(clippy::cast_possible_wrap)]
    fn i32s(&self, tag: u32) -> Vec<i32> {
        self.u32s(tag).into_iter().map(|value| value as i32).collect()
    }

    fn ids(&self, tag: u32) -> Vec<[u8; 16]> {
        self.section(tag).chunks(16).map(|chunk| chunk.try_into().unwrap()).collect()
    }

    fn string(&self, index: u32) -> String {
        let ends = self.u32s(tag::STRING_ENDS);
        let start = if index == 0 { 0 } else { ends[index as usize - 1] as usize };
        let bytes = &self.section(tag::STRING_BYTES)[start..ends[index as usize] as usize];
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn totals(&self) -> Totals {
        let values = self.u32s(tag::TOTALS);
        #[allow(clippy::cast_possible_truncation)]
        let times: Vec<Option<i64>> = self
            .section(tag::TIMES)
            .chunks(8)
            .map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap()))
            .map(|ms| (!ms.is_nan()).then_some(ms as i64))
            .collect();
        Totals {
            limit: values[1],
            nodes: values[2],
            edges: values[3],
            column_edges: values[4],
            transformations: values[5],
            runs: values[6],
            removed_edges: values[7],
            inferred_edges: values[8],
            beyond_up: values[9],
            beyond_down: values[10],
            first_seen: times[0],
            last_seen: times[1],
            kinds: self
                .u32s(tag::KIND_COUNTS)
                .chunks(2)
                .map(|pair| (self.string(pair[0]), pair[1]))
                .collect(),
            levels: self
                .i32s(tag::LEVEL_COUNTS)
                .chunks(2)
                .map(|pair| (pair[0], u32::try_from(pair[1]).unwrap()))
                .collect(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        self.ids(tag::COLUMN_IDS)
            .into_iter()
            .zip(self.u32s(tag::COLUMNS).chunks(3))
            .map(|(id, row)| Column {
                id,
                name: self.string(row[0]),
                data_type: self.string(row[1]),
                flags: row[2],
            })
            .collect()
    }

    fn group(&self, node: usize) -> Option<Group> {
        self.u32s(tag::GROUPS).chunks(7).find(|row| row[0] as usize == node).map(|row| Group {
            parent: (row[1] != NONE).then_some(row[1]),
            side: if row[2] == 0 { Side::Up } else { Side::Down },
            members: row[3],
            page: row[4],
            page_size: row[5],
            filter: self.string(row[6]),
        })
    }

    fn nodes(&self) -> Vec<Node> {
        let (boxes, texts) = (self.f32s(tag::NODE_BOXES), self.u32s(tag::NODE_TEXTS));
        let (kinds, flags, levels) =
            (self.u32s(tag::NODE_KINDS), self.u32s(tag::NODE_FLAGS), self.i32s(tag::NODE_LEVELS));
        let (hidden, counts) = (self.u32s(tag::NODE_HIDDEN), self.u32s(tag::NODE_COLUMN_COUNTS));
        let (starts, columns) = (self.u32s(tag::NODE_COLUMN_STARTS), self.columns());
        self.ids(tag::NODE_IDS)
            .into_iter()
            .enumerate()
            .map(|(at, id)| Node {
                id,
                kind: self.string(kinds[at]),
                name: self.string(texts[at * 4]),
                qualified_name: self.string(texts[at * 4 + 1]),
                system: self.string(texts[at * 4 + 2]),
                detail: self.string(texts[at * 4 + 3]),
                level: levels[at],
                x: boxes[at * 4],
                y: boxes[at * 4 + 1],
                width: boxes[at * 4 + 2],
                height: boxes[at * 4 + 3],
                flags: flags[at],
                hidden_up: hidden[at * 2],
                hidden_down: hidden[at * 2 + 1],
                column_count: counts[at],
                columns: columns[starts[at] as usize..starts[at + 1] as usize].to_vec(),
                group: self.group(at),
            })
            .collect()
    }

    fn edges(&self) -> Vec<Edge> {
        let (starts, points) = (self.u32s(tag::ROUTE_STARTS), self.f32s(tag::ROUTE_POINTS));
        self.u32s(tag::EDGES)
            .chunks(5)
            .enumerate()
            .map(|(at, row)| Edge {
                from: row[0],
                to: row[1],
                kind: self.string(row[2]),
                flags: row[3],
                bridged: row[4],
                route: (starts[at] as usize..starts[at + 1] as usize)
                    .map(|point| (points[point * 2], points[point * 2 + 1]))
                    .collect(),
            })
            .collect()
    }

    fn column_edges(&self) -> Vec<ColumnEdge> {
        let starts = self.u32s(tag::NODE_COLUMN_STARTS);
        let place = |row: u32| {
            let node = starts.iter().rposition(|start| *start <= row).unwrap();
            ColumnRef { node: u32::try_from(node).unwrap(), column: row - starts[node] }
        };
        self.u32s(tag::COLUMN_EDGES)
            .chunks(3)
            .map(|row| ColumnEdge { from: place(row[0]), to: place(row[1]), flags: row[2] })
            .collect()
    }

    fn band(code: u32) -> Band {
        [Band::System, Band::Asset, Band::Field][code as usize]
    }

    fn frame(&self) -> Frame {
        let metrics = self.f32s(tag::METRICS);
        Frame {
            band: Self::band(self.u32s(tag::TOTALS)[0]),
            header_height: metrics[0],
            row_height: metrics[1],
            nodes: self.nodes(),
            edges: self.edges(),
            column_edges: self.column_edges(),
            crumbs: self
                .ids(tag::CRUMB_IDS)
                .into_iter()
                .zip(self.u32s(tag::CRUMBS).chunks(2))
                .map(|(id, pair)| Crumb {
                    id: (id != [0; 16]).then_some(id),
                    label: self.string(pair[0]),
                    band: Self::band(pair[1]),
                })
                .collect(),
            totals: self.totals(),
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

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
