//! Writes a frame.

use std::collections::HashMap;

use super::{Band, Crumb, Edge, Frame, FrameError, MAGIC, NONE, Node, Side, Totals, VERSION, node_flag, tag};

/// The frame in bytes.
///
/// # Errors
///
/// When an index points outside of the frame, an edge has no line, or the result is longer than 4 GiB.
pub fn encode(frame: &Frame) -> Result<Vec<u8>, FrameError> {
    check(frame)?;
    let mut strings = Strings::new();
    let mut out = Sections::default();
    write_totals(&mut out, &mut strings, frame.band, &frame.totals)?;
    out.section(tag::METRICS, |bytes| {
        put_f32(bytes, frame.header_height);
        put_f32(bytes, frame.row_height);
    });
    write_crumbs(&mut out, &mut strings, &frame.crumbs)?;
    write_nodes(&mut out, &mut strings, &frame.nodes)?;
    let starts = column_starts(&frame.nodes)?;
    write_columns(&mut out, &mut strings, frame, &starts)?;
    write_edges(&mut out, &mut strings, &frame.edges)?;
    write_groups(&mut out, &mut strings, &frame.nodes)?;
    strings.write(&mut out);
    out.finish(0)
}

/// The answer "too large to draw": counts to filter by, and nothing to draw.
///
/// # Errors
///
/// When the result is longer than 4 GiB.
pub fn encode_too_large(band: Band, totals: &Totals) -> Result<Vec<u8>, FrameError> {
    let mut strings = Strings::new();
    let mut out = Sections::default();
    write_totals(&mut out, &mut strings, band, totals)?;
    strings.write(&mut out);
    out.finish(1)
}

fn check(frame: &Frame) -> Result<(), FrameError> {
    let count = frame.nodes.len();
    let node = |what, index, to: u32| match usize::try_from(to) {
        Ok(at) if at < count => Ok(()),
        _ => Err(FrameError::Dangling { what, index, target: "node", to, count }),
    };
    for (index, edge) in frame.edges.iter().enumerate() {
        node("edge", index, edge.from)?;
        node("edge", index, edge.to)?;
        if edge.route.len() < 2 {
            return Err(FrameError::Route { index, points: edge.route.len() });
        }
    }
    for (index, item) in frame.nodes.iter().enumerate() {
        if let Some(parent) = item.group.as_ref().and_then(|group| group.parent) {
            node("group", index, parent)?;
        }
    }
    for (index, edge) in frame.column_edges.iter().enumerate() {
        for end in [edge.from, edge.to] {
            node("column edge", index, end.node)?;
            let rows = frame.nodes.get(end.node as usize).map_or(0, |item| item.columns.len());
            if end.column as usize >= rows {
                return Err(FrameError::Dangling {
                    what: "column edge",
                    index,
                    target: "column",
                    to: end.column,
                    count: rows,
                });
            }
        }
    }
    Ok(())
}

fn write_totals<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    band: Band,
    totals: &'a Totals,
) -> Result<(), FrameError> {
    out.section(tag::TIMES, |bytes| {
        for time in [totals.first_seen, totals.last_seen] {
            // Milliseconds fit a f64 exactly for the next 285,000 years.
            #[allow(clippy::cast_precision_loss)]
            let value = time.map_or(f64::NAN, |ms| ms as f64);
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    });
    out.section(tag::TOTALS, |bytes| {
        for value in [
            band.code(),
            totals.limit,
            totals.nodes,
            totals.edges,
            totals.column_edges,
            totals.transformations,
            totals.runs,
            totals.removed_edges,
            totals.inferred_edges,
            totals.beyond_up,
            totals.beyond_down,
        ] {
            put(bytes, value);
        }
    });
    out.try_section(tag::KIND_COUNTS, |bytes| {
        for (kind, count) in &totals.kinds {
            put(bytes, strings.of(kind)?);
            put(bytes, *count);
        }
        Ok(())
    })?;
    out.section(tag::LEVEL_COUNTS, |bytes| {
        for (level, count) in &totals.levels {
            bytes.extend_from_slice(&level.to_le_bytes());
            put(bytes, *count);
        }
    });
    Ok(())
}

fn write_crumbs<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    crumbs: &'a [Crumb],
) -> Result<(), FrameError> {
    out.section(tag::CRUMB_IDS, |bytes| {
        for crumb in crumbs {
            bytes.extend_from_slice(&crumb.id.unwrap_or_default());
        }
    });
    out.try_section(tag::CRUMBS, |bytes| {
        for crumb in crumbs {
            put(bytes, strings.of(&crumb.label)?);
            put(bytes, crumb.band.code());
        }
        Ok(())
    })
}

fn write_nodes<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    nodes: &'a [Node],
) -> Result<(), FrameError> {
    out.section(tag::NODE_IDS, |bytes| {
        for node in nodes {
            bytes.extend_from_slice(&node.id);
        }
    });
    out.section(tag::NODE_BOXES, |bytes| {
        for node in nodes {
            for value in [node.x, node.y, node.width, node.height] {
                put_f32(bytes, value);
            }
        }
    });
    out.try_section(tag::NODE_KINDS, |bytes| {
        for node in nodes {
            put(bytes, strings.of(&node.kind)?);
        }
        Ok(())
    })?;
    out.section(tag::NODE_FLAGS, |bytes| {
        for node in nodes {
            let group = if node.group.is_some() { node_flag::GROUP } else { 0 };
            put(bytes, node.flags | group);
        }
    });
    out.section(tag::NODE_LEVELS, |bytes| {
        for node in nodes {
            bytes.extend_from_slice(&node.level.to_le_bytes());
        }
    });
    out.section(tag::NODE_HIDDEN, |bytes| {
        for node in nodes {
            put(bytes, node.hidden_up);
            put(bytes, node.hidden_down);
        }
    });
    out.try_section(tag::NODE_TEXTS, |bytes| {
        for node in nodes {
            for text in [&node.name, &node.qualified_name, &node.system, &node.detail] {
                put(bytes, strings.of(text)?);
            }
        }
        Ok(())
    })?;
    out.section(tag::NODE_COLUMN_COUNTS, |bytes| {
        for node in nodes {
            put(bytes, node.column_count);
        }
    });
    Ok(())
}

fn column_starts(nodes: &[Node]) -> Result<Vec<u32>, FrameError> {
    running_total(nodes.iter().map(|node| node.columns.len()))
}

fn running_total(lengths: impl Iterator<Item = usize>) -> Result<Vec<u32>, FrameError> {
    let mut total = 0usize;
    let mut starts = vec![0];
    for length in lengths {
        total += length;
        starts.push(u32::try_from(total).map_err(|_| FrameError::TooLong)?);
    }
    Ok(starts)
}

fn write_columns<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    frame: &'a Frame,
    starts: &[u32],
) -> Result<(), FrameError> {
    let columns = || frame.nodes.iter().flat_map(|node| &node.columns);
    out.section(tag::NODE_COLUMN_STARTS, |bytes| {
        for start in starts {
            put(bytes, *start);
        }
    });
    out.section(tag::COLUMN_IDS, |bytes| {
        for column in columns() {
            bytes.extend_from_slice(&column.id);
        }
    });
    out.try_section(tag::COLUMNS, |bytes| {
        for column in columns() {
            put(bytes, strings.of(&column.name)?);
            put(bytes, strings.of(&column.data_type)?);
            put(bytes, column.flags);
        }
        Ok(())
    })?;
    out.section(tag::COLUMN_EDGES, |bytes| {
        for edge in &frame.column_edges {
            for end in [edge.from, edge.to] {
                let start = starts.get(end.node as usize).copied().unwrap_or_default();
                put(bytes, start + end.column);
            }
            put(bytes, edge.flags);
        }
    });
    Ok(())
}

fn write_edges<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    edges: &'a [Edge],
) -> Result<(), FrameError> {
    out.try_section(tag::EDGES, |bytes| {
        for edge in edges {
            put(bytes, edge.from);
            put(bytes, edge.to);
            put(bytes, strings.of(&edge.kind)?);
            put(bytes, edge.flags);
            put(bytes, edge.bridged);
        }
        Ok(())
    })?;
    let starts = running_total(edges.iter().map(|edge| edge.route.len()))?;
    out.section(tag::ROUTE_STARTS, |bytes| {
        for start in &starts {
            put(bytes, *start);
        }
    });
    out.section(tag::ROUTE_POINTS, |bytes| {
        for (x, y) in edges.iter().flat_map(|edge| &edge.route) {
            put_f32(bytes, *x);
            put_f32(bytes, *y);
        }
    });
    Ok(())
}

fn write_groups<'a>(
    out: &mut Sections,
    strings: &mut Strings<'a>,
    nodes: &'a [Node],
) -> Result<(), FrameError> {
    out.try_section(tag::GROUPS, |bytes| {
        for (index, node) in nodes.iter().enumerate() {
            let Some(group) = &node.group else { continue };
            put(bytes, u32::try_from(index).map_err(|_| FrameError::TooLong)?);
            put(bytes, group.parent.unwrap_or(NONE));
            put(
                bytes,
                match group.side {
                    Side::Up => 0,
                    Side::Down => 1,
                },
            );
            put(bytes, group.members);
            put(bytes, group.page);
            put(bytes, group.page_size);
            put(bytes, strings.of(&group.filter)?);
        }
        Ok(())
    })
}

fn put(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put_f32(bytes: &mut Vec<u8>, value: f32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

/// Each text once.
struct Strings<'a> {
    index: HashMap<&'a str, u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl<'a> Strings<'a> {
    fn new() -> Self {
        Self { index: HashMap::from([("", 0)]), ends: vec![0], bytes: Vec::new() }
    }

    fn of(&mut self, text: &'a str) -> Result<u32, FrameError> {
        if let Some(index) = self.index.get(text) {
            return Ok(*index);
        }
        let index = u32::try_from(self.ends.len()).map_err(|_| FrameError::TooLong)?;
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(u32::try_from(self.bytes.len()).map_err(|_| FrameError::TooLong)?);
        self.index.insert(text, index);
        Ok(index)
    }

    fn write(self, out: &mut Sections) {
        out.section(tag::STRING_ENDS, |bytes| {
            for end in &self.ends {
                put(bytes, *end);
            }
        });
        out.section(tag::STRING_BYTES, |bytes| bytes.extend_from_slice(&self.bytes));
    }
}

/// The body as it grows, and where each section lies in it.
#[derive(Default)]
struct Sections {
    table: Vec<(u32, usize, usize)>,
    body: Vec<u8>,
}

impl Sections {
    fn section(&mut self, tag: u32, write: impl FnOnce(&mut Vec<u8>)) {
        self.body.resize(self.body.len().next_multiple_of(8), 0);
        let start = self.body.len();
        write(&mut self.body);
        self.table.push((tag, start, self.body.len() - start));
    }

    fn try_section(
        &mut self,
        tag: u32,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), FrameError>,
    ) -> Result<(), FrameError> {
        let mut result = Ok(());
        self.section(tag, |bytes| result = write(bytes));
        result
    }

    fn finish(self, reply: u16) -> Result<Vec<u8>, FrameError> {
        let head = 16 + self.table.len() * 16;
        let length = u32::try_from(head + self.body.len()).map_err(|_| FrameError::TooLong)?;
        let sections = u32::try_from(self.table.len()).map_err(|_| FrameError::TooLong)?;
        let mut bytes = Vec::with_capacity(head + self.body.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&reply.to_le_bytes());
        put(&mut bytes, length);
        put(&mut bytes, sections);
        for (tag, start, size) in &self.table {
            put(&mut bytes, *tag);
            put(&mut bytes, u32::try_from(head + start).map_err(|_| FrameError::TooLong)?);
            put(&mut bytes, u32::try_from(*size).map_err(|_| FrameError::TooLong)?);
            put(&mut bytes, 0);
        }
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }
}
