//! A layered drawing, left to right: what feeds something stands to its left.
//!
//! Steps (Sugiyama's), one module each: edges on cycles are turned round (`acyclic`), nodes get layers (`layering`,
//! `network_simplex`), layers an order with few crossings (`line`, `sweep`, `sift`), items heights (`coordinates`),
//! layers columns (`columns`), edges routes (`route`); the parts of a graph that nothing joins are packed side by side
//! (`pack`). What is on the screen already is drawn anew by `near`. Equal input gives an equal drawing, whatever the
//! number of threads.

mod acyclic;
mod both;
mod columns;
mod coordinates;
mod crossings;
mod layered;
mod layering;
mod line;
mod links;
mod near;
mod network_simplex;
mod order;
mod pack;
mod part;
mod route;
mod sift;
mod spread;
mod sweep;

use crate::cancel::{Cancelled, Check};
use crate::layout::pack::{pack, settle};
use crate::layout::part::{Part, PartLayout};

/// The size of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeBox {
    /// From left to right.
    pub width: f64,
    /// From top to bottom; grows when columns unfold inside.
    pub height: f64,
}

/// An edge to be drawn, upstream to downstream, by the nodes' places in the input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The upstream end.
    pub from: u32,
    /// The downstream end.
    pub to: u32,
    /// How far below the top of `from` it attaches (at a column's row); in the middle when `None`.
    pub from_port: Option<f64>,
    /// How far below the top of `to` it attaches; in the middle when `None`.
    pub to_port: Option<f64>,
}

impl Link {
    /// A link between the middles of two nodes.
    pub fn new(from: u32, to: u32) -> Self {
        Self { from, to, from_port: None, to_port: None }
    }
}

/// The space between things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Between two nodes of a layer.
    pub node_gap: f64,
    /// Between a passing edge and whatever stands above or below it.
    pub edge_gap: f64,
    /// Between two layers at least; wider where many edges run.
    pub layer_gap: f64,
    /// Between parts that nothing joins.
    pub part_gap: f64,
    /// Width by height that packing the parts aims at.
    pub aspect: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { node_gap: 24.0, edge_gap: 12.0, layer_gap: 72.0, part_gap: 48.0, aspect: 1.6 }
    }
}

/// A point; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// What a drawing covers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

/// What was on the screen before.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    /// The top left corner of each node of the new input that was drawn before.
    pub positions: &'a [Option<Point>],
    /// The node that must stay where it is: the one that was expanded or clicked.
    pub anchor: Option<u32>,
}

/// Why there is no drawing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// The check said so.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A link names a node that is not there.
    #[error(
        "link {link} joins node {node}, but there are only {nodes} nodes; give every node of a link a size"
    )]
    NoSuchNode {
        /// The link's place in the input.
        link: usize,
        /// The node that it names.
        node: u32,
        /// How many there are.
        nodes: usize,
    },
    /// A size or a gap is negative, infinite or not a number.
    #[error("{what} is {value}; sizes, gaps, ports and positions are finite and sizes and gaps not negative")]
    BadNumber {
        /// Which one.
        what: String,
        /// What it is.
        value: f64,
    },
    /// `positions` does not have one entry per node.
    #[error(
        "{positions} previous positions were given for {nodes} nodes; give one for each, `None` for new ones"
    )]
    PositionsMismatch {
        /// How many were given.
        positions: usize,
        /// How many there should be.
        nodes: usize,
    },
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// The left edge of each node.
    pub x: Vec<f64>,
    /// The top edge of each node.
    pub y: Vec<f64>,
    /// The layer of each node within its part, from 0 at the left.
    pub layer: Vec<u32>,
    /// Whether each link runs right to left because it lies on a cycle.
    pub turned: Vec<bool>,
    /// Crossings of edges between neighbouring layers; edges that run together as one count as one.
    pub crossings: u64,
    /// What nodes and routes cover.
    pub bounds: Rect,
    route_start: Vec<u32>,
    points: Vec<Point>,
}

impl Layout {
    /// Draws a graph.
    pub fn new(
        nodes: &[NodeBox],
        links: &[Link],
        options: &Options,
        check: Check<'_>,
    ) -> Result<Self, LayoutError> {
        validate(nodes, links, options, None)?;
        let (parts, drawn) = draw_parts(nodes, links, options, None, check)?;
        let rects: Vec<Rect> = drawn.iter().map(|d| d.bounds).collect();
        Ok(Self::assemble(nodes.len(), links.len(), &parts, drawn, &pack(&rects, options)))
    }

    /// Draws a graph of which some nodes are on the screen already. The anchor stays exactly where it is, all others
    /// that were there keep their order and move as little as making room for newcomers takes.
    pub fn relayout(
        nodes: &[NodeBox],
        links: &[Link],
        options: &Options,
        previous: &Previous<'_>,
        check: Check<'_>,
    ) -> Result<Self, LayoutError> {
        validate(nodes, links, options, Some(previous))?;
        if previous.positions.iter().all(Option::is_none) {
            return Self::new(nodes, links, options, check);
        }
        let (parts, drawn) = draw_parts(nodes, links, options, Some(previous), check)?;
        let rects: Vec<Rect> = drawn.iter().map(|d| d.bounds).collect();
        let known: Vec<bool> =
            parts.iter().map(|p| p.nodes.iter().any(|&n| previous.positions[n as usize].is_some())).collect();
        let pinned = previous.anchor.and_then(|a| parts.iter().position(|p| p.nodes.contains(&a)));
        let shifts = settle(&rects, &known, pinned, options);
        Ok(Self::assemble(nodes.len(), links.len(), &parts, drawn, &shifts))
    }

    /// Where a link runs: from the border of one node to that of the other. Every piece is either level, or crosses
    /// the gap between two columns; a curve that leaves and enters level (control points in the middle of the gap) meets
    /// no node either.
    pub fn route(&self, link: usize) -> &[Point] {
        match (self.route_start.get(link), self.route_start.get(link + 1)) {
            (Some(&a), Some(&b)) => &self.points[a as usize..b as usize],
            _ => &[],
        }
    }

    /// The points of all routes, one after the other; with [`Layout::route_starts`] ready to be sent as it is.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Where each link's points start in [`Layout::points`], and at last their number.
    pub fn route_starts(&self) -> &[u32] {
        &self.route_start
    }

    fn assemble(
        nodes: usize,
        links: usize,
        parts: &[Part],
        drawn: Vec<PartLayout>,
        shifts: &[Point],
    ) -> Self {
        let mut layout = Self {
            x: vec![0.0; nodes],
            y: vec![0.0; nodes],
            layer: vec![0; nodes],
            turned: vec![false; links],
            route_start: vec![0; links + 1],
            ..Self::default()
        };
        let mut bounds: Option<Rect> = None;
        for ((part, drawn), shift) in parts.iter().zip(&drawn).zip(shifts) {
            for (i, &node) in part.nodes.iter().enumerate() {
                layout.x[node as usize] = drawn.x[i] + shift.x;
                layout.y[node as usize] = drawn.y[i] + shift.y;
                layout.layer[node as usize] = drawn.layer[i];
            }
            for (i, &link) in part.links.iter().enumerate() {
                layout.turned[link as usize] = drawn.turned[i];
                layout.route_start[link as usize + 1] = drawn.route(i).len() as u32;
            }
            layout.crossings += drawn.crossings;
            let own = drawn.bounds.moved(*shift);
            bounds = Some(bounds.map_or(own, |b| b.joined(own)));
        }
        for i in 0..links {
            layout.route_start[i + 1] += layout.route_start[i];
        }
        layout.points = vec![Point::default(); layout.route_start[links] as usize];
        for ((part, drawn), shift) in parts.iter().zip(&drawn).zip(shifts) {
            for (i, &link) in part.links.iter().enumerate() {
                let start = layout.route_start[link as usize] as usize;
                for (to, from) in layout.points[start..].iter_mut().zip(drawn.route(i)) {
                    *to = Point { x: from.x + shift.x, y: from.y + shift.y };
                }
            }
        }
        layout.bounds = bounds.unwrap_or_default();
        layout
    }
}

impl Rect {
    pub(crate) fn moved(self, by: Point) -> Self {
        Self {
            left: self.left + by.x,
            right: self.right + by.x,
            top: self.top + by.y,
            bottom: self.bottom + by.y,
        }
    }

    pub(crate) fn joined(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.max(other.right),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }
}

fn draw_parts(
    nodes: &[NodeBox],
    links: &[Link],
    options: &Options,
    previous: Option<&Previous<'_>>,
    check: Check<'_>,
) -> Result<(Vec<Part>, Vec<PartLayout>), Cancelled> {
    let parts = part::split(nodes.len(), links);
    let mut drawn = Vec::with_capacity(parts.len());
    for part in &parts {
        drawn.push(part::draw(part, nodes, links, options, previous, check)?);
    }
    Ok((parts, drawn))
}

fn validate(
    nodes: &[NodeBox],
    links: &[Link],
    options: &Options,
    previous: Option<&Previous<'_>>,
) -> Result<(), LayoutError> {
    let number = |what: &dyn Fn() -> String, value: f64, least: f64| {
        if value.is_finite() && value >= least {
            Ok(())
        } else {
            Err(LayoutError::BadNumber { what: what(), value })
        }
    };
    for (i, node) in nodes.iter().enumerate() {
        number(&|| format!("the width of node {i}"), node.width, 0.0)?;
        number(&|| format!("the height of node {i}"), node.height, 0.0)?;
    }
    for (i, link) in links.iter().enumerate() {
        if let Some(&node) = [link.from, link.to].iter().find(|&&n| n as usize >= nodes.len()) {
            return Err(LayoutError::NoSuchNode { link: i, node, nodes: nodes.len() });
        }
        for port in [link.from_port, link.to_port].into_iter().flatten() {
            number(&|| format!("a port of link {i}"), port, f64::MIN)?;
        }
    }
    let gaps = [options.node_gap, options.edge_gap, options.layer_gap, options.part_gap, options.aspect];
    for (name, gap) in ["node_gap", "edge_gap", "layer_gap", "part_gap", "aspect"].into_iter().zip(gaps) {
        number(&|| name.to_owned(), gap, 0.0)?;
    }
    if let Some(previous) = previous {
        if previous.positions.len() != nodes.len() {
            return Err(LayoutError::PositionsMismatch {
                positions: previous.positions.len(),
                nodes: nodes.len(),
            });
        }
        for (i, point) in previous.positions.iter().enumerate() {
            for value in point.iter().flat_map(|p| [p.x, p.y]) {
                number(&|| format!("the previous position of node {i}"), value, f64::MIN)?;
            }
        }
    }
    Ok(())
}
