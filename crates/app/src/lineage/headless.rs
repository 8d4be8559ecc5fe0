//! The lineage of one entity for the command line and for programs: every relation with its evidence, nothing folded,
//! bridged or dropped.

use std::collections::{BTreeMap, VecDeque};

use catena_graph::{EdgeId, NodeIx};
use catena_model::{id::EntityId, kind::Kind, relation::RelationKind, time::Timestamp};
use catena_store::{
    Catalog, Reader, StoreResult,
    table::{
        entity::{self, Ix},
        relation,
    },
};
use serde::Serialize;

use super::{
    cache::GraphCache,
    columns,
    edge::{matched_by, method_word, share},
    graph::Graph,
    lens::Lens,
    nodes::{NodeMap, NodeSet},
    view::{Direction, LineageArgs},
    whole,
};
use crate::{AppError, error::Trouble, lookup::within, named::called};

/// The lineage of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headless {
    /// Most upstream first; at the same level by name.
    pub nodes: Vec<HeadlessNode>,
    /// The relations among the nodes that hold, in the direction that data flows.
    pub edges: Vec<HeadlessEdge>,
}

/// One entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadlessNode {
    /// Its id.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Its names in the outside world, full ones first.
    pub qualified_names: Vec<String>,
    /// Steps from the focus, negative upstream. A column that was added has its dataset's.
    pub level: i32,
    /// What it is called with what it is a part of, for people: `orders.amount`.
    #[serde(skip)]
    pub within: String,
}

/// One relation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadlessEdge {
    /// Upstream.
    pub from: EntityId,
    /// Downstream.
    pub to: EntityId,
    /// What the relation says.
    pub kind: RelationKind,
    /// Who says so.
    pub evidence: Vec<HeadlessEvidence>,
}

/// One source's word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadlessEvidence {
    /// Who says so: `system:instance`, `person` or `catena`.
    pub source: String,
    /// How it is known (`reported`, `declared`, `sql_parsed`, ...).
    pub method: String,
    /// What fits, where it was found because two things fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_by: Option<String>,
    /// From 0 to 1.
    pub confidence: f64,
    /// When it was first said.
    pub first_seen: Timestamp,
    /// When it was last said.
    pub last_seen: Timestamp,
    /// Whether the source has since said that it is gone.
    pub withdrawn: bool,
}

/// Everything within `depth` steps of the entity at `head` (all of it for none). Columns are left out, unless the
/// entity itself is one: then its path through other columns is given. `columns` adds the columns of the datasets
/// found that take part in column lineage, and what runs between them. For an entity without lineage of its own (a
/// model, an experiment) the steps count from its parts that have some.
pub fn headless(
    catalog: &Catalog,
    graph: &GraphCache,
    head: Ix,
    direction: Direction,
    depth: Option<u32>,
    columns: bool,
) -> Result<Headless, AppError> {
    graph.read(catalog, |reader, graph| {
        let focus = graph.node(head).ok_or_else(|| {
            AppError::new(Trouble::NotFound, "the entity is no longer in the catalog: search for it again")
        })?;
        let mut starts = whole::starts(reader, graph, focus, usize::MAX)?;
        if !starts.contains(&focus) {
            starts.push(focus);
        }
        let mut levels = levels(graph, &starts, direction, depth);
        if columns {
            add_columns(reader, graph, &mut levels)?;
        }
        let edges = edges(reader, graph, &levels)?;
        let mut nodes = Vec::with_capacity(levels.len());
        for (node, level) in &levels {
            let Some(row) = entity::at(reader.db(), Ix::from(node.0))? else { continue };
            nodes.push(HeadlessNode {
                id: row.id,
                kind: row.kind,
                name: called(&row),
                qualified_names: reader
                    .telling_names(row.ix)?
                    .iter()
                    .map(|row| row.name.to_string())
                    .collect(),
                level: *level,
                within: within(reader, &row)?,
            });
        }
        nodes.sort_by(|a, b| (a.level, &a.name, a.id).cmp(&(b.level, &b.name, b.id)));
        Ok(Headless { nodes, edges })
    })
}

/// How far away each node is; nearer ways count, and downstream when equally near.
fn levels(graph: &Graph, starts: &[NodeIx], direction: Direction, depth: Option<u32>) -> NodeMap<i32> {
    let of_column = starts.iter().any(|start| graph.kind(*start) == Some(Kind::Column));
    let depth = depth.map_or(i32::MAX, |depth| i32::try_from(depth).unwrap_or(i32::MAX));
    let mut levels: NodeMap<i32> = starts.iter().map(|start| (*start, 0)).collect();
    let mut queue = VecDeque::new();
    for (step, other_way) in [(1, Direction::Up), (-1, Direction::Down)] {
        if direction != other_way {
            queue.extend(starts.iter().map(|start| (*start, 0_i32, step)));
        }
    }
    let seen: NodeSet = starts.iter().copied().collect();
    let mut seen = [seen.clone(), seen];
    while let Some((node, level, step)) = queue.pop_front() {
        if level.abs() >= depth {
            continue;
        }
        let down = step > 0;
        let beside = if down { graph.live.downstream(node) } else { graph.live.upstream(node) };
        for next in beside {
            let fits = of_column || graph.kind(*next) != Some(Kind::Column);
            if fits && seen[usize::from(down)].insert(*next) {
                levels.entry(*next).or_insert(level + step);
                queue.push_back((*next, level + step, step));
            }
        }
    }
    levels
}

fn add_columns(reader: &Reader<'_>, graph: &Graph, levels: &mut NodeMap<i32>) -> StoreResult<()> {
    let lens = Lens::new(reader, graph, &LineageArgs::default(), &[])?;
    let mut found = Vec::new();
    for (asset, level) in levels.iter().filter(|(node, _)| graph.kind(**node) != Some(Kind::Column)) {
        for column in columns::of(&lens, *asset)? {
            if columns::takes_part(&lens, column) {
                found.push((column, *level));
            }
        }
    }
    for (column, level) in found {
        levels.entry(column).or_insert(level);
    }
    Ok(())
}

fn edges(reader: &Reader<'_>, graph: &Graph, levels: &NodeMap<i32>) -> StoreResult<Vec<HeadlessEdge>> {
    let mut joined: BTreeMap<(NodeIx, NodeIx, RelationKind), Vec<EdgeId>> = BTreeMap::new();
    for from in levels.keys() {
        for (to, edge) in graph.live.edges_out(*from) {
            if levels.contains_key(&to)
                && let Some(kind) = graph.fact(edge).kind()
            {
                joined.entry((*from, to, kind)).or_default().push(edge);
            }
        }
    }
    let id = |node: NodeIx| -> StoreResult<Option<EntityId>> {
        Ok(entity::at(reader.db(), Ix::from(node.0))?.map(|row| row.id))
    };
    let mut edges = Vec::with_capacity(joined.len());
    for ((from, to, kind), relations) in joined {
        let (Some(from), Some(to)) = (id(from)?, id(to)?) else { continue };
        let mut evidence = Vec::new();
        for edge in relations {
            evidence.extend(relation::all_evidence(reader.db(), i64::from(edge.0))?.into_iter().map(|row| {
                HeadlessEvidence {
                    source: row.evidence.source.to_string(),
                    method: method_word(row.evidence.method),
                    matched_by: matched_by(&row.evidence),
                    confidence: share(row.evidence.confidence),
                    first_seen: row.first_at,
                    last_seen: row.last_at,
                    withdrawn: row.evidence.withdrawn,
                }
            }));
        }
        edges.push(HeadlessEdge { from, to, kind, evidence });
    }
    edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
    Ok(edges)
}
