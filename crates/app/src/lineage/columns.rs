//! Column lineage inside the nodes: which rows they carry, what runs between them, and one column's whole path.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use catena_graph::{EdgeId, NodeIx};
use catena_model::{field::Single, kind::Kind};
use catena_store::{StoreResult, table::entity};

use super::{
    frame::{Column, ColumnRef, column_flag, edge_flag},
    lens::Lens,
    names,
    view::NodeSide,
    walk::{Stop, go_on},
};
use crate::{AppError, named::called};

/// How deep columns may lie in columns.
const MOST_DEPTH: usize = 32;
/// Rows of one node; a wider table shows those that take part in lineage, then the first of the others.
const MOST_ROWS: usize = 500;
/// Columns between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 256;

/// A column on the way to becoming a row.
struct Row {
    node: NodeIx,
    id: [u8; 16],
    name: String,
    position: i64,
}

/// The rows of the nodes in view.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// By node, in the order in which they are drawn.
    pub(super) of: HashMap<NodeIx, Vec<(NodeIx, Column)>>,
}

/// A relation between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowEdge {
    pub(super) from: ColumnRef,
    pub(super) to: ColumnRef,
    pub(super) flags: u32,
}

/// Everything that a column was made of and that is made of it.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The columns, by the asset that they belong to.
    pub(super) columns: BTreeMap<NodeIx, BTreeSet<NodeIx>>,
    /// All of them.
    all: HashSet<NodeIx>,
}

impl Trace {
    /// Whether the path goes through this asset.
    pub(super) fn passes(&self, asset: NodeIx) -> bool {
        self.columns.contains_key(&asset)
    }
}

/// The asset that a column belongs to.
pub(super) fn owner(lens: &Lens<'_>, column: NodeIx) -> StoreResult<Option<NodeIx>> {
    let mut at = column;
    for _ in 0..MOST_DEPTH {
        let Some(parent) = entity::at(lens.reader.db(), i64::from(at.0))?.and_then(|row| row.parent) else {
            return Ok(None);
        };
        let Some(node) = lens.graph.node(parent) else { return Ok(None) };
        if lens.graph.kind(node) != Some(Kind::Column) {
            return Ok(Some(node));
        }
        at = node;
    }
    Ok(None)
}

/// Follows a column both ways, through every asset, in view or not.
pub(super) fn trace(lens: &Lens<'_>, column: NodeIx, stop: Stop<'_>) -> Result<Trace, AppError> {
    let mut trace = Trace::default();
    trace.all.insert(column);
    for side in [NodeSide::Up, NodeSide::Down] {
        let mut seen = HashSet::from([column]);
        let mut queue = VecDeque::from([column]);
        let mut beside = Vec::new();
        while let Some(at) = queue.pop_front() {
            if seen.len() % CHECK_EVERY == 0 {
                go_on(stop)?;
            }
            beside.clear();
            lens.beside(at, side, &mut beside)?;
            for next in &beside {
                if lens.graph.kind(*next) == Some(Kind::Column) && seen.insert(*next) {
                    queue.push_back(*next);
                }
            }
        }
        trace.all.extend(seen);
    }
    for column in &trace.all {
        if let Some(asset) = owner(lens, *column)? {
            trace.columns.entry(asset).or_default().insert(*column);
        }
    }
    Ok(trace)
}

/// The rows that the nodes carry: all of an open node's, those on the trace of a closed one.
pub(super) fn rows(
    lens: &Lens<'_>,
    assets: &[NodeIx],
    is_open: impl Fn(NodeIx) -> bool,
    trace: &Trace,
    stop: Stop<'_>,
) -> Result<Rows, AppError> {
    let mut rows = Rows::default();
    let mut read = 0;
    for asset in assets {
        let on_trace = trace.columns.get(asset);
        let open = is_open(*asset);
        if !open && on_trace.is_none() {
            continue;
        }
        let mut list = Vec::new();
        collect(lens, *asset, "", 0, &mut list)?;
        list.retain(|row| open || on_trace.is_some_and(|columns| columns.contains(&row.node)));
        if list.len() > MOST_ROWS {
            // A stable sort: within both halves the order stays.
            list.sort_by_key(|row| !takes_part(lens, row.node));
            list.truncate(MOST_ROWS);
            list.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
        }
        let mut drawn = Vec::with_capacity(list.len());
        for row in list {
            read += 1;
            if read % CHECK_EVERY == 0 {
                go_on(stop)?;
            }
            let traced = trace.all.contains(&row.node);
            drawn.push((
                row.node,
                Column {
                    id: row.id,
                    name: row.name,
                    data_type: names::text_field(lens, row.node, Single::DataType)?.unwrap_or_default(),
                    flags: if traced { column_flag::TRACED } else { 0 },
                },
            ));
        }
        rows.of.insert(*asset, drawn);
    }
    Ok(rows)
}

/// The columns of an asset, those in other columns too, in the order in which they are drawn.
pub(super) fn of(lens: &Lens<'_>, asset: NodeIx) -> StoreResult<Vec<NodeIx>> {
    let mut list = Vec::new();
    collect(lens, asset, "", 0, &mut list)?;
    Ok(list.into_iter().map(|row| row.node).collect())
}

/// Whether a column is made of others, or others of it.
pub(super) fn takes_part(lens: &Lens<'_>, column: NodeIx) -> bool {
    !lens.graph.live.upstream(column).is_empty() || !lens.graph.live.downstream(column).is_empty()
}

fn collect(
    lens: &Lens<'_>,
    whole: NodeIx,
    within: &str,
    depth: usize,
    out: &mut Vec<Row>,
) -> StoreResult<()> {
    let mut level = Vec::new();
    for part in entity::children(lens.reader.db(), i64::from(whole.0))? {
        let Some(node) = lens.graph.node(part.ix).filter(|_| part.kind == Kind::Column) else { continue };
        let position = names::field_value(lens, node, Single::Position)?.and_then(|value| value.as_i64());
        level.push(Row {
            node,
            id: *part.id.as_bytes(),
            name: format!("{within}{}", called(&part)),
            position: position.unwrap_or(i64::MAX),
        });
    }
    level.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    for row in level {
        let (node, within) = (row.node, format!("{}.", row.name));
        out.push(row);
        if depth < MOST_DEPTH {
            collect(lens, node, &within, depth + 1, out)?;
        }
    }
    Ok(())
}

/// The relations between rows; `place` is where a node stands in the frame.
pub(super) fn row_edges(
    lens: &Lens<'_>,
    rows: &Rows,
    trace: &Trace,
    place: impl Fn(NodeIx) -> Option<u32>,
) -> StoreResult<Vec<RowEdge>> {
    let mut at: HashMap<NodeIx, ColumnRef> = HashMap::new();
    for (asset, list) in &rows.of {
        let Some(node) = place(*asset) else { continue };
        for (column, (row, _)) in (0_u32..).zip(list) {
            at.insert(*row, ColumnRef { node, column });
        }
    }
    let mut edges: BTreeMap<(u32, u32, u32, u32), Vec<EdgeId>> = BTreeMap::new();
    let mut out = Vec::new();
    for (row, from) in &at {
        out.clear();
        lens.edges_out(*row, &mut out)?;
        for (next, edge) in &out {
            if let Some(to) = at.get(next) {
                edges.entry((from.node, from.column, to.node, to.column)).or_default().push(*edge);
            }
        }
    }
    let traced: HashSet<ColumnRef> =
        at.iter().filter(|(row, _)| trace.all.contains(row)).map(|(_, place)| *place).collect();
    Ok(edges
        .into_iter()
        .map(|((from, from_column, to, to_column), edges)| {
            let (from, to) =
                (ColumnRef { node: from, column: from_column }, ColumnRef { node: to, column: to_column });
            let facts = || edges.iter().map(|edge| lens.graph.fact(*edge));
            let inferred = facts().all(|fact| fact.is_inferred());
            let mut flags = 0;
            for (set, flag) in [
                (inferred, edge_flag::INFERRED),
                (facts().all(|fact| fact.is_removed()), edge_flag::REMOVED),
                (!inferred && facts().any(|fact| fact.is_accepted()), edge_flag::ACCEPTED),
                (traced.contains(&from) && traced.contains(&to), edge_flag::TRACED),
            ] {
                flags |= if set { flag } else { 0 };
            }
            RowEdge { from, to, flags }
        })
        .collect())
}
