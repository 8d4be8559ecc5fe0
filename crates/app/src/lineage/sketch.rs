//! A view before it has coordinates: nodes with their texts and rows, what runs between them, and the counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use catena_graph::{Adjacency, Cycles, EdgeId, NodeIx};
use catena_model::{field::Single, kind::Kind};
use catena_store::{StoreResult, table::entity};

use super::{
    columns::{self, Rows, Trace},
    everything,
    frame::{Band, Column, ColumnEdge, Crumb, Edge, Frame, Group, Node, Side, edge_flag, node_flag},
    lens::{Lens, is_run, is_transformation},
    links::{self, Cell, Link},
    names::{self, Called},
    nodes::NodeMap,
    system, totals,
    view::{LineageArgs, NodeSide, ViewBand},
    walk::{self, Fold, PAGE, Scope, Stop, go_on},
};
use crate::AppError;

/// Height of a node without rows.
pub(super) const HEADER_HEIGHT: f32 = 52.0;
/// Height of a row.
pub(super) const ROW_HEIGHT: f32 = 20.0;
/// Width of a node.
pub(super) const NODE_WIDTH: f32 = 220.0;
/// The most nodes that are drawn without being asked twice.
pub(super) const LIMIT: u32 = 5_000;
/// The most nodes that are drawn at all.
pub(super) const MOST_NODES: u32 = 200_000;
/// Nodes between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 256;
/// Lifecycle states in which a thing is no longer there.
const ENDED: [&str; 3] = ["deleted", "dropped", "removed"];

/// What a view holds.
pub(super) struct Sketch {
    /// Without coordinates and routes; without nodes when it is too large.
    pub(super) frame: Frame,
    /// Whether it has more nodes than are drawn.
    pub(super) too_large: bool,
}

/// Sketches a view.
pub(super) fn sketch(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageArgs,
    stop: Stop<'_>,
) -> Result<Sketch, AppError> {
    let mut scope = scope(lens, focus, args, stop)?;
    if scope.walked() > 2 * MOST_NODES as usize {
        // Not worth taking in: it can't be drawn either way.
        let frame = Frame {
            band: band(args.band),
            totals: totals::count(lens, focus, &scope, None, args)?,
            ..Frame::default()
        };
        return Ok(Sketch { frame, too_large: true });
    }
    let mut linked = links::link(lens, &mut scope, stop)?;
    let totals = totals::count(lens, focus, &scope, Some(&linked.edges), args)?;
    let band = band(args.band);
    let mut frame =
        Frame { band, header_height: HEADER_HEIGHT, row_height: ROW_HEIGHT, totals, ..Frame::default() };
    if args.band == ViewBand::System {
        if scope.shown.len() > usize::try_from(MOST_NODES).unwrap_or(usize::MAX) {
            return Ok(Sketch { frame, too_large: true });
        }
        system::roll_up(lens, focus, &scope, &linked.links, &mut frame, stop)?;
        frame.crumbs = crumbs(lens, focus, args.band)?;
        let too_large = is_too_large(frame.nodes.len(), args.force);
        return Ok(Sketch { frame, too_large });
    }
    if is_too_large(scope.shown.len() + scope.folds.len(), args.force) {
        return Ok(Sketch { frame, too_large: true });
    }
    links::declutter(lens, &mut linked.links);
    let trace = match focus.trace {
        Some(column) => columns::trace(lens, column, stop)?,
        None => Trace::default(),
    };
    let mut drawing = Drawing::new(lens, focus, &scope, args, trace, stop)?;
    drawing.nodes(&mut frame)?;
    drawing.edges(&linked.links, &mut frame);
    drawing.column_edges(&mut frame)?;
    mark_cycles(&mut frame);
    frame.crumbs = crumbs(lens, focus, args.band)?;
    frame.totals.column_edges = count(frame.column_edges.len());
    Ok(Sketch { frame, too_large: false })
}

/// What is in view.
pub(super) fn scope(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageArgs,
    stop: Stop<'_>,
) -> Result<Scope, AppError> {
    if focus.nodes.is_empty() {
        everything::scope(lens, stop)
    } else {
        walk::walk(lens, &focus.nodes, args, stop)
    }
}

/// What a view is about.
#[derive(Debug, Default)]
pub(super) struct Focus {
    /// The assets, each once.
    pub(super) nodes: Vec<NodeIx>,
    /// The column that is traced.
    pub(super) trace: Option<NodeIx>,
}

fn band(band: ViewBand) -> Band {
    match band {
        ViewBand::System => Band::System,
        ViewBand::Asset => Band::Asset,
        ViewBand::Field => Band::Field,
    }
}

/// A count as the frame holds it.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn is_too_large(nodes: usize, force: bool) -> bool {
    count(nodes) > if force { MOST_NODES } else { LIMIT }
}

/// One cell with what is known of it.
struct Drawn {
    cell: Cell,
    level: i32,
    called: Option<Called>,
}

struct Drawing<'a> {
    lens: &'a Lens<'a>,
    focus: &'a Focus,
    scope: &'a Scope,
    trace: Trace,
    rows: Rows,
    open: HashSet<NodeIx>,
    cells: Vec<Drawn>,
    at: HashMap<Cell, u32>,
    stop: Stop<'a>,
}

impl<'a> Drawing<'a> {
    fn new(
        lens: &'a Lens<'a>,
        focus: &'a Focus,
        scope: &'a Scope,
        args: &LineageArgs,
        trace: Trace,
        stop: Stop<'a>,
    ) -> Result<Self, AppError> {
        let mut cells = Vec::with_capacity(scope.shown.len() + scope.folds.len());
        for (at, (node, level)) in scope.shown.iter().enumerate() {
            if at % CHECK_EVERY == 0 {
                go_on(stop)?;
            }
            let called = names::look_up(lens, *node)?;
            cells.extend(called.map(|called| Drawn {
                cell: Cell::One(*node),
                level: *level,
                called: Some(called),
            }));
        }
        let folds = scope.folds.iter().enumerate();
        cells.extend(folds.map(|(at, fold)| Drawn { cell: Cell::Fold(at), level: fold.level, called: None }));
        cells.sort_by_cached_key(|drawn| {
            // By level, then by name; groups behind the nodes of their level.
            let name = drawn.called.as_ref().map(|called| (called.name.to_lowercase(), called.id));
            (drawn.level, drawn.called.is_none(), name, drawn.cell)
        });
        let at: HashMap<Cell, u32> = cells.iter().zip(0..).map(|(drawn, at)| (drawn.cell, at)).collect();
        let open: HashSet<NodeIx> = if args.band == ViewBand::Field {
            scope.shown.keys().copied().collect()
        } else {
            let mut open = HashSet::new();
            for id in &args.columns {
                open.extend(entity::find(lens.reader.db(), *id)?.and_then(|row| lens.graph.node(row.ix)));
            }
            open
        };
        let assets: Vec<NodeIx> = cells
            .iter()
            .filter_map(|drawn| match drawn.cell {
                Cell::One(node) => Some(node),
                Cell::Fold(_) => None,
            })
            .collect();
        let rows = columns::rows(lens, &assets, |node| open.contains(&node), &trace, stop)?;
        Ok(Self { lens, focus, scope, trace, rows, open, cells, at, stop })
    }

    fn nodes(&mut self, frame: &mut Frame) -> Result<(), AppError> {
        let folded = self.scope.fold_of();
        for (at, drawn) in self.cells.iter().enumerate() {
            if at % CHECK_EVERY == 0 {
                go_on(self.stop)?;
            }
            frame.nodes.push(match (drawn.cell, &drawn.called) {
                (Cell::Fold(fold), _) => self.group(&self.scope.folds[fold]),
                (Cell::One(node), Some(called)) => {
                    let mut shown = self.node(node, drawn.level, called)?;
                    shown.hidden_up = self.hidden(node, NodeSide::Up, &folded)?;
                    shown.hidden_down = self.hidden(node, NodeSide::Down, &folded)?;
                    shown
                }
                (Cell::One(_), None) => continue,
            });
        }
        Ok(())
    }

    fn node(&self, node: NodeIx, level: i32, called: &Called) -> Result<Node, AppError> {
        let rows: Vec<Column> =
            self.rows.of.get(&node).into_iter().flatten().map(|(_, column)| column.clone()).collect();
        let open = self.open.contains(&node) && !rows.is_empty();
        let lifecycle = names::text_field(self.lens, node, Single::Lifecycle)?;
        let ended = lifecycle.as_deref().is_some_and(|state| ENDED.contains(&state.to_lowercase().as_str()));
        let mut flags = 0;
        for (set, flag) in [
            (self.focus.nodes.contains(&node), node_flag::FOCUS),
            (open, node_flag::OPEN),
            (is_transformation(called.kind), node_flag::TRANSFORMATION),
            (is_run(called.kind), node_flag::RUN),
            (ended, node_flag::REMOVED),
            (self.scope.expanded.contains(&(node, NodeSide::Up)), node_flag::EXPANDED_UP),
            (self.scope.expanded.contains(&(node, NodeSide::Down)), node_flag::EXPANDED_DOWN),
        ] {
            flags |= if set { flag } else { 0 };
        }
        let columns = entity::count_parts(self.lens.reader.db(), i64::from(node.0), Kind::Column)?;
        #[allow(clippy::cast_precision_loss)]
        let row_space = if open { rows.len() as f32 * ROW_HEIGHT } else { 0.0 };
        Ok(Node {
            id: *called.id.as_bytes(),
            kind: called.kind.word().to_owned(),
            name: called.name.clone(),
            qualified_name: called.qualified_text(),
            system: called.location.as_ref().map(names::system).unwrap_or_default(),
            detail: self.detail(node, called, lifecycle)?,
            level,
            width: NODE_WIDTH,
            height: HEADER_HEIGHT + row_space,
            flags,
            column_count: u32::try_from(columns).unwrap_or(u32::MAX),
            columns: rows,
            ..Node::default()
        })
    }

    /// One short line more.
    fn detail(&self, node: NodeIx, called: &Called, lifecycle: Option<String>) -> StoreResult<String> {
        let text = match called.kind {
            Kind::Dataset => called.location.as_ref().and_then(names::schema).map(str::to_owned),
            Kind::ModelVersion | Kind::PromptVersion => match lifecycle {
                Some(state) => Some(state),
                None => {
                    names::text_field(self.lens, node, Single::Version)?.map(|version| format!("v{version}"))
                }
            },
            Kind::Run | Kind::LoggedModel => lifecycle,
            _ => names::text_field(self.lens, node, Single::Subtype)?,
        };
        Ok(text.unwrap_or_default())
    }

    fn group(&self, fold: &Fold) -> Node {
        let members = fold.members.len();
        let open = fold.open.as_ref();
        Node {
            id: *fold.id.as_bytes(),
            kind: "group".to_owned(),
            name: many(if open.is_some() { fold.all.len() } else { members }, fold.kind),
            level: fold.level,
            width: NODE_WIDTH,
            height: HEADER_HEIGHT,
            flags: node_flag::GROUP,
            group: Some(Group {
                parent: self.at.get(&Cell::One(fold.owner)).copied(),
                side: side(fold.side),
                members: count(members),
                page: open.map_or(0, |open| open.page),
                page_size: count(PAGE),
                filter: open.map(|open| open.filter.clone()).unwrap_or_default(),
            }),
            ..Node::default()
        }
    }

    /// How many shown neighbours a node would have on a side that are not in view.
    fn hidden(&self, node: NodeIx, side: NodeSide, folded: &NodeMap<usize>) -> Result<u32, AppError> {
        let neighbours = walk::neighbours(self.lens, node, side, self.stop, |_| {})?;
        let there = |node: &NodeIx| self.scope.shown.contains_key(node) || folded.contains_key(node);
        Ok(count(neighbours.iter().filter(|node| !there(node)).count()))
    }

    fn edges(&self, links: &[Link], frame: &mut Frame) {
        let traced = |cell: Cell| matches!(cell, Cell::One(node) if self.trace.passes(node));
        let step = |cell: Cell| {
            matches!(cell, Cell::One(node) if self.lens.graph.kind(node).is_some_and(
                |kind| is_transformation(kind) || is_run(kind)
            ))
        };
        // A step is on the path when the path leads into it and out of it.
        let into: HashSet<Cell> = links
            .iter()
            .filter(|link| traced(link.from))
            .map(|link| link.to)
            .filter(|to| step(*to))
            .collect();
        let through: HashSet<Cell> = links
            .iter()
            .filter(|link| traced(link.to) && into.contains(&link.from))
            .map(|link| link.from)
            .collect();
        for link in links {
            let (Some(from), Some(to)) = (self.at.get(&link.from), self.at.get(&link.to)) else { continue };
            let on_path = |cell: Cell| traced(cell) || through.contains(&cell);
            let mut flags = 0;
            for (set, flag) in [
                (link.inferred, edge_flag::INFERRED),
                (link.removed, edge_flag::REMOVED),
                (link.accepted, edge_flag::ACCEPTED),
                (on_path(link.from) && on_path(link.to), edge_flag::TRACED),
            ] {
                flags |= if set { flag } else { 0 };
            }
            frame.edges.push(Edge {
                from: *from,
                to: *to,
                kind: link.kind.word().to_owned(),
                flags,
                bridged: link.bridged,
                route: Vec::new(),
            });
        }
        frame.edges.sort_by_key(|edge| (edge.from, edge.to));
    }

    fn column_edges(&self, frame: &mut Frame) -> Result<(), AppError> {
        let place = |node: NodeIx| self.at.get(&Cell::One(node)).copied();
        let edges = columns::row_edges(self.lens, &self.rows, &self.trace, place)?;
        frame.column_edges = edges
            .into_iter()
            .map(|edge| ColumnEdge { from: edge.from, to: edge.to, flags: edge.flags })
            .collect();
        Ok(())
    }
}

/// A side as the frame writes it.
pub(super) fn side(side: NodeSide) -> Side {
    match side {
        NodeSide::Up => Side::Up,
        NodeSide::Down => Side::Down,
    }
}

/// So many of a kind, in words: `1 dataset`, `20,000 datasets`.
pub(super) fn many(n: usize, kind: Kind) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let word = kind.word().replace('_', " ");
    match (n, word.strip_suffix('y')) {
        (1, _) => format!("{text} {word}"),
        (_, Some(stem)) => format!("{text} {stem}ies"),
        _ => format!("{text} {word}s"),
    }
}

/// Marks the nodes and edges that lie on a cycle.
pub(super) fn mark_cycles(frame: &mut Frame) {
    let edges = frame.edges.iter().map(|edge| (NodeIx(edge.from), NodeIx(edge.to), EdgeId(0)));
    let cycles = Cycles::of(&Adjacency::new(frame.nodes.len(), edges));
    for (node, at) in frame.nodes.iter_mut().zip(0..) {
        if cycles.size(NodeIx(at)) > 1 {
            node.flags |= node_flag::CYCLE;
        }
    }
    for edge in &mut frame.edges {
        if edge.from != edge.to && cycles.has_edge(NodeIx(edge.from), NodeIx(edge.to)) {
            edge.flags |= edge_flag::CYCLE;
        }
    }
}

/// From the outermost container to what is in view.
fn crumbs(lens: &Lens<'_>, focus: &Focus, band: ViewBand) -> StoreResult<Vec<Crumb>> {
    let mut crumbs = Vec::new();
    let Some(called) = focus.nodes.first().map(|node| names::look_up(lens, *node)).transpose()?.flatten()
    else {
        return Ok(crumbs);
    };
    let outer = |label: String| Crumb { id: None, label, band: Band::System };
    if let Some(name) = &called.location {
        crumbs.push(outer(name.namespace.clone()));
        if called.kind == Kind::Dataset {
            crumbs.extend(names::schema(name).map(|schema| outer(schema.to_owned())));
        }
    }
    if band != ViewBand::System {
        let own = |band| Crumb { id: Some(*called.id.as_bytes()), label: called.name.clone(), band };
        crumbs.push(own(Band::Asset));
        if band == ViewBand::Field {
            crumbs.push(Crumb { label: "columns".to_owned(), ..own(Band::Field) });
        }
    }
    Ok(crumbs)
}

/// Counts by word, most first.
pub(super) fn most_first(counts: BTreeMap<String, u32>) -> Vec<(String, u32)> {
    let mut list: Vec<(String, u32)> = counts.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}
