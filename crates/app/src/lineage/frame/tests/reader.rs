//! Reads a frame; also for the tests of whole views.

use super::{
    Band, Column, ColumnEdge, ColumnRef, Crumb, Edge, Frame, Group, MAGIC, NONE, Node, Side, Totals, VERSION,
    tag,
};

/// A reader of its own, so that the layout is checked by something else than the writer.
pub struct Reader<'a> {
    bytes: &'a [u8],
    /// 0 a view, 1 too large to draw.
    pub reply: u16,
}

impl<'a> Reader<'a> {
    /// Looks at the head.
    pub fn new(bytes: &'a [u8]) -> Self {
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
        let ends = self.section(tag::STRING_ENDS);
        let end = |index: u32| u32_at(ends, index as usize * 4) as usize;
        let start = if index == 0 { 0 } else { end(index - 1) };
        let bytes = &self.section(tag::STRING_BYTES)[start..end(index)];
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// What the result holds.
    pub fn totals(&self) -> Totals {
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

    /// All of it.
    pub fn frame(&self) -> Frame {
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
