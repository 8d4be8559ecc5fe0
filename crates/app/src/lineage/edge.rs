//! Who says that there is an edge: every relation behind it, the hidden steps that it bridges, and their evidence.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use catena_graph::{EdgeId, NodeIx, never, paths};
use catena_model::{
    evidence::{Evidence, Method},
    kind::Kind,
    relation::{Flow, RelationKey, RelationKind},
};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, Ix},
        relation::{self, RelationRow},
    },
};
use serde_json::Value;

use super::{
    graph::Graph,
    lens::{Lens, is_run, is_transformation},
    view::{EdgeRelation, EvidenceRow, LineageEdge, NodeSide, StoodFor},
    walk::{Stop, go_on, neighbours},
};
use crate::{AppError, error::Trouble, named::Named};

/// Steps that an edge may bridge over other things than jobs and runs (a view of some kinds only).
const MOST_STEPS: u32 = 12;
/// Nodes looked at for such a way.
const MOST_LOOKED_AT: usize = 50_000;
/// Relations that one edge lists.
const MOST_RELATIONS: usize = 200;
/// Edges between members that one edge lists.
const MOST_BETWEEN: usize = 50;
/// Members between two looks at whether the answer is still wanted.
const CHECK_EVERY: usize = 64;
/// Runs of a job that are looked at for the latest one.
const MOST_RUNS: usize = 500;
/// A statement's characters that are shown.
const MOST_SQL: usize = 100_000;

/// A method's name in JSON.
pub(super) fn method_word(method: Method) -> String {
    serde_json::to_value(method).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What fits, where a relation was found because two things fit.
pub(super) fn matched_by(evidence: &Evidence) -> Option<String> {
    evidence.detail.as_ref()?.get("matched_by")?.as_str().map(str::to_owned)
}

/// Percent as a share of 1.
pub(super) fn share(percent: u8) -> f64 {
    f64::from(percent.min(100)) / 100.0
}

/// Finds who says that data flows from one node to another.
pub(super) fn explain(
    reader: &Reader<'_>,
    graph: &Graph,
    from: NodeIx,
    to: NodeIx,
) -> Result<LineageEdge, AppError> {
    let (relations, steps) = behind(graph, from, to)?;
    if relations.is_empty() {
        return Err(gone());
    }
    let through = names(reader, steps)?;
    Ok(LineageEdge {
        relations: read_all(reader, graph, relations)?,
        through,
        between: Vec::new(),
        stands_for: 1,
    })
}

/// The edges between what the ends of one stand for, and who says that there are any.
pub(super) fn between(
    lens: &Lens<'_>,
    [from, to]: &[Vec<NodeIx>; 2],
    stop: Stop<'_>,
) -> Result<LineageEdge, AppError> {
    let (reader, graph) = (lens.reader, lens.graph);
    let ends: HashSet<NodeIx> = to.iter().copied().collect();
    let (mut relations, mut steps, mut pairs) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut stands_for = 0_u32;
    for (at, start) in from.iter().enumerate() {
        if at % CHECK_EVERY == 0 {
            go_on(stop)?;
        }
        for end in neighbours(lens, *start, NodeSide::Down, stop, |_| {})? {
            if !ends.contains(&end) || end == *start {
                continue;
            }
            stands_for = stands_for.saturating_add(1);
            if pairs.len() < MOST_BETWEEN {
                pairs.push((*start, end));
            }
            if relations.len() < MOST_RELATIONS {
                let (found, hidden) = behind(graph, *start, end)?;
                relations.extend(found);
                steps.extend(hidden);
            }
        }
    }
    if relations.is_empty() {
        return Err(gone());
    }
    let mut between = Vec::with_capacity(pairs.len());
    for (start, end) in pairs {
        if let (Some(from), Some(to)) = (name(reader, start)?, name(reader, end)?) {
            between.push(StoodFor { from, to });
        }
    }
    between.sort_by(|a, b| (&a.from.name, &a.to.name).cmp(&(&b.from.name, &b.to.name)));
    let through = names(reader, steps.into_iter().take(MOST_BETWEEN))?;
    Ok(LineageEdge { relations: read_all(reader, graph, relations)?, through, between, stands_for })
}

fn gone() -> AppError {
    AppError::new(Trouble::NotFound, "there is no such relation any more: the lineage changed; look again")
}

/// The relations behind an edge between two nodes, and the hidden steps that it bridges, in the order that data flows.
fn behind(graph: &Graph, from: NodeIx, to: NodeIx) -> Result<(BTreeSet<EdgeId>, Vec<NodeIx>), AppError> {
    let mut relations: BTreeSet<EdgeId> = direct(graph, from, to).collect();
    let (steps, edges) = bridged(graph, from, to)?;
    relations.extend(edges);
    relations.extend(declared_besides(graph, from, to));
    Ok((relations, steps))
}

fn names(reader: &Reader<'_>, nodes: impl IntoIterator<Item = NodeIx>) -> StoreResult<Vec<Named>> {
    nodes.into_iter().filter_map(|node| name(reader, node).transpose()).collect()
}

fn read_all(
    reader: &Reader<'_>,
    graph: &Graph,
    relations: BTreeSet<EdgeId>,
) -> Result<Vec<EdgeRelation>, AppError> {
    let mut explained = Vec::new();
    for edge in relations.into_iter().take(MOST_RELATIONS) {
        if let Some(relation) = read(reader, graph, edge)? {
            explained.push(relation);
        }
    }
    explained.sort_by(|a: &EdgeRelation, b| {
        (a.removed, a.inferred).cmp(&(b.removed, b.inferred)).then_with(|| sure(b).total_cmp(&sure(a)))
    });
    Ok(explained)
}

fn sure(relation: &EdgeRelation) -> f64 {
    relation.evidence.iter().map(|row| row.confidence).fold(0.0, f64::max)
}

/// Relations from one to the other.
fn direct(graph: &Graph, from: NodeIx, to: NodeIx) -> impl Iterator<Item = EdgeId> + '_ {
    graph.live.edges_between(from, to).chain(graph.removed.edges_between(from, to))
}

/// The steps over which one leads to the other, in the order that data flows, and the relations on the way: over jobs
/// and runs if there is such a way, else (a view that shows some kinds only) the shortest over anything.
fn bridged(graph: &Graph, from: NodeIx, to: NodeIx) -> Result<(Vec<NodeIx>, Vec<EdgeId>), AppError> {
    let step = |node: NodeIx| graph.kind(node).is_some_and(|kind| is_transformation(kind) || is_run(kind));
    let over_steps = |node: NodeIx| node == from || node == to || step(node);
    // Only out of `from` and into `to`: a way that comes back to either is another edge's.
    let found = paths(&graph.live, from, to, over_steps, &never)
        .map_err(|error| AppError::new(Trouble::Cancelled, error.to_string()))?;
    let edges: Vec<(NodeIx, NodeIx, EdgeId)> = found
        .edges
        .iter()
        .filter(|edge| edge.to != from && edge.from != to && !(edge.from == from && edge.to == to))
        .map(|edge| (edge.from, edge.to, edge.id))
        .collect();
    if !edges.is_empty() {
        let order = in_order(from, &edges);
        let steps = order.into_iter().filter(|node| *node != from && *node != to).collect();
        return Ok((steps, edges.into_iter().map(|edge| edge.2).collect()));
    }
    if direct(graph, from, to).next().is_some() {
        return Ok((Vec::new(), Vec::new()));
    }
    Ok(shortest(graph, from, to).unwrap_or_default())
}

/// Nodes by their distance from the start.
fn in_order(from: NodeIx, edges: &[(NodeIx, NodeIx, EdgeId)]) -> Vec<NodeIx> {
    let mut next: BTreeMap<NodeIx, Vec<NodeIx>> = BTreeMap::new();
    for (a, b, _) in edges {
        next.entry(*a).or_default().push(*b);
    }
    let mut order = vec![from];
    let mut seen = BTreeSet::from([from]);
    let mut at = 0;
    while let Some(node) = order.get(at).copied() {
        at += 1;
        order.extend(next.get(&node).into_iter().flatten().copied().filter(|node| seen.insert(*node)));
    }
    order
}

fn shortest(graph: &Graph, from: NodeIx, to: NodeIx) -> Option<(Vec<NodeIx>, Vec<EdgeId>)> {
    let mut came: HashMap<NodeIx, NodeIx> = HashMap::new();
    let mut queue = VecDeque::from([(from, 0)]);
    while let Some((node, steps)) = queue.pop_front() {
        if steps > MOST_STEPS || came.len() > MOST_LOOKED_AT {
            return None;
        }
        if node == to {
            break;
        }
        for next in graph.live.downstream(node) {
            if *next != from && !came.contains_key(next) && graph.kind(*next) != Some(Kind::Column) {
                came.insert(*next, node);
                queue.push_back((*next, steps + 1));
            }
        }
    }
    let (mut steps, mut edges, mut at) = (Vec::new(), Vec::new(), to);
    while at != from {
        let before = *came.get(&at)?;
        edges.extend(graph.live.edges_between(before, at));
        steps.extend((before != from).then_some(before));
        at = before;
    }
    steps.reverse();
    Some((steps, edges))
}

/// What is declared of the ends of a step without naming it: the view doesn't draw `a -> b` beside `a -> job -> b`, so
/// that its evidence is shown with the steps.
fn declared_besides(graph: &Graph, from: NodeIx, to: NodeIx) -> Vec<EdgeId> {
    let step = |node: NodeIx| graph.kind(node).is_some_and(|kind| is_transformation(kind) || is_run(kind));
    let repeats = |edge: &EdgeId| {
        matches!(graph.fact(*edge).kind(), Some(RelationKind::DerivesFrom | RelationKind::TrainedOn))
    };
    let pairs: Vec<(NodeIx, NodeIx)> = if step(to) {
        graph.live.downstream(to).iter().map(|end| (from, *end)).collect()
    } else if step(from) {
        graph.live.upstream(from).iter().map(|start| (*start, to)).collect()
    } else {
        return Vec::new();
    };
    // Only where the step itself is there: otherwise nothing was left out for it.
    if graph.live.edges_between(from, to).next().is_none() {
        return Vec::new();
    }
    let all = pairs.into_iter().flat_map(|(a, b)| graph.live.edges_between(a, b));
    all.filter(repeats).take(MOST_RELATIONS / 2).collect()
}

fn name(reader: &Reader<'_>, node: NodeIx) -> StoreResult<Option<Named>> {
    Ok(entity::at(reader.db(), Ix::from(node.0))?.map(|row| Named::from(&row)))
}

/// One relation with everything that is said for it.
fn read(reader: &Reader<'_>, graph: &Graph, edge: EdgeId) -> StoreResult<Option<EdgeRelation>> {
    let db = reader.db();
    let Some(row) = relation::at(db, i64::from(edge.0))? else { return Ok(None) };
    let (Some(src), Some(dst)) = (entity::at(db, row.src)?, entity::at(db, row.dst)?) else {
        return Ok(None);
    };
    let known = Circumstances::of(reader, graph, &row)?;
    let mut rows = relation::all_evidence(db, row.ix)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.last_at));
    let evidence = rows
        .into_iter()
        .map(|row| EvidenceRow {
            source: row.evidence.source.to_string(),
            method: method_word(row.evidence.method),
            matched_by: matched_by(&row.evidence),
            confidence: share(row.evidence.confidence),
            first_seen: Some(row.first_at.millis()),
            last_seen: Some(row.last_at.millis()),
            job: known.job.clone(),
            run: known.run.clone(),
            sql: known.sql.clone(),
        })
        .collect();
    Ok(Some(EdgeRelation {
        relation: RelationKey { from: src.id, kind: row.kind, to: dst.id },
        inferred: row.state.inferred,
        verdict: row.verdict,
        removed: row.state.removed,
        evidence,
    }))
}

/// The job, run and statement that a relation comes from, as far as they can be told.
struct Circumstances {
    job: Option<Named>,
    run: Option<Named>,
    sql: Option<String>,
}

impl Circumstances {
    fn of(reader: &Reader<'_>, graph: &Graph, row: &RelationRow) -> StoreResult<Self> {
        let (from, to) = match row.kind.flow() {
            Flow::Forward => (row.src, row.dst),
            Flow::Backward | Flow::None => (row.dst, row.src),
        };
        let (Some(from), Some(to)) = (graph.node(from), graph.node(to)) else {
            return Ok(Self { job: None, run: None, sql: None });
        };
        let (upper, lower) = (asset(reader, graph, from)?, asset(reader, graph, to)?);
        let is = |node: NodeIx, test: fn(Kind) -> bool| graph.kind(node).is_some_and(test);
        let mut job = [upper, lower].into_iter().find(|node| is(*node, is_transformation));
        let mut run = [upper, lower].into_iter().find(|node| is(*node, is_run));
        if job.is_none() && run.is_none() {
            // Between two data: what reads the one and writes the other.
            let writers: BTreeSet<NodeIx> = graph.live.upstream(lower).iter().copied().collect();
            let between =
                || graph.live.downstream(upper).iter().copied().filter(|node| writers.contains(node));
            job = between().find(|node| is(*node, is_transformation));
            run = between().find(|node| is(*node, is_run));
        }
        if job.is_none()
            && let Some(node) = run
        {
            // A run is a part of its job.
            let parent = entity::at(reader.db(), Ix::from(node.0))?.and_then(|row| row.parent);
            job = parent.and_then(|ix| graph.node(ix)).filter(|node| is(*node, is_transformation));
        }
        if run.is_none()
            && let Some(node) = job
        {
            run = latest_run(reader, graph, node, [upper, lower])?;
        }
        let mut sql = None;
        for node in [job, Some(lower)].into_iter().flatten() {
            if sql.is_none() {
                sql = statement(reader, node)?;
            }
        }
        let named =
            |node: Option<NodeIx>| node.map(|node| name(reader, node)).transpose().map(Option::flatten);
        Ok(Self { job: named(job)?, run: named(run)?, sql })
    }
}

/// The asset itself, or the one that a column belongs to.
fn asset(reader: &Reader<'_>, graph: &Graph, node: NodeIx) -> StoreResult<NodeIx> {
    let mut at = node;
    // Columns may lie in columns, but not without end.
    for _ in 0..32 {
        if graph.kind(at) != Some(Kind::Column) {
            break;
        }
        let parent = entity::at(reader.db(), Ix::from(at.0))?.and_then(|row| row.parent);
        match parent.and_then(|ix| graph.node(ix)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Ok(at)
}

/// The latest run of a job that took or made one of the ends: runs keep the names of both as facets.
fn latest_run(
    reader: &Reader<'_>,
    graph: &Graph,
    job: NodeIx,
    ends: [NodeIx; 2],
) -> StoreResult<Option<NodeIx>> {
    let mut names = BTreeSet::new();
    for end in ends.into_iter().filter(|end| *end != job) {
        let rows = reader.names(Ix::from(end.0))?;
        names.extend(rows.into_iter().map(|row| (row.name.namespace, row.name.name)));
    }
    let runs = entity::children(reader.db(), Ix::from(job.0))?;
    let runs = runs.into_iter().rev().filter(|row| row.kind == Kind::Run).take(MOST_RUNS);
    let mut latest = None;
    for run in runs {
        for facet in reader.facets(run.ix)? {
            if matches!(facet.name.as_str(), "inputs" | "outputs")
                && lists(&facet.body, &names)
                && latest.is_none_or(|(at, _)| facet.at > at)
            {
                latest = Some((facet.at, run.ix));
            }
        }
    }
    Ok(latest.and_then(|(_, ix)| graph.node(ix)))
}

fn lists(body: &Value, names: &BTreeSet<(String, String)>) -> bool {
    let part = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    body.as_array().into_iter().flatten().any(|entry| {
        part(entry, "namespace").zip(part(entry, "name")).is_some_and(|name| names.contains(&name))
    })
}

/// The statement of a job or dataset: what OpenLineage sends as `sql`, or dbt compiled.
fn statement(reader: &Reader<'_>, node: NodeIx) -> StoreResult<Option<String>> {
    let facets = reader.facets(Ix::from(node.0))?;
    let text = |name: &str, key: &str| {
        let found = facets.iter().filter(|facet| facet.name == name).max_by_key(|facet| facet.at);
        found
            .and_then(|facet| facet.body.get(key))
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    let found = text("sql", "query")
        .or_else(|| text("dbt_node", "compiled_code"))
        .or_else(|| text("dbt_node", "raw_code"));
    Ok(found.map(|text| text.chars().take(MOST_SQL).collect()))
}
