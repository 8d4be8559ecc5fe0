//! The binary form of one lineage view, as the canvas reads it.
//!
//! A view of 50,000 nodes as JSON is tens of megabytes that the window would parse into as many objects. Here it is one
//! buffer of little-endian arrays that the canvas reads in place.
//!
//! # Layout
//!
//! ```text
//! 0   4 bytes   magic "CLF1"
//! 4   u16       version, 1
//! 6   u16       reply: 0 a view, 1 too large to draw
//! 8   u32       length of the whole in bytes
//! 12  u32       number of sections, n
//! 16  n times   u32 tag, u32 offset in bytes, u32 length in bytes, u32 zero
//! ..            the sections, each beginning at a multiple of 8, zeros between
//! ```
//!
//! A reader finds a section by its tag and ignores tags that it doesn't know, so that adding a section keeps older
//! readers working; changing one needs a new version. Every text is an index into the string table (`STRING_ENDS`,
//! `STRING_BYTES`), where string 0 is the empty one. The tags are the constants in [`tag`].

mod encode;
pub mod tag;

pub use encode::{encode, encode_too_large};

/// The first four bytes of every frame.
pub const MAGIC: [u8; 4] = *b"CLF1";
/// The version of the format that [`encode`] writes.
pub const VERSION: u16 = 1;
/// Stands for "none" where a section holds an optional index.
pub const NONE: u32 = u32::MAX;

/// Bits of [`Node::flags`].
pub mod node_flag {
    /// What the view was asked about.
    pub const FOCUS: u32 = 1;
    /// Stands for many nodes; see [`super::Node::group`].
    pub const GROUP: u32 = 1 << 1;
    /// Its column rows are drawn, and the box's height has room for them.
    pub const OPEN: u32 = 1 << 2;
    /// A job, task or other transformation between data.
    pub const TRANSFORMATION: u32 = 1 << 3;
    /// A run of something.
    pub const RUN: u32 = 1 << 4;
    /// Part of a cycle.
    pub const CYCLE: u32 = 1 << 5;
    /// No longer seen by the system that reported it.
    pub const REMOVED: u32 = 1 << 6;
    /// The person opened more upstream levels of it.
    pub const EXPANDED_UP: u32 = 1 << 7;
    /// The person opened more downstream levels of it.
    pub const EXPANDED_DOWN: u32 = 1 << 8;
}

/// Bits of [`Column::flags`].
pub mod column_flag {
    /// Part of the key.
    pub const KEY: u32 = 1;
    /// On the path of the column that the view was asked to trace.
    pub const TRACED: u32 = 1 << 1;
}

/// Bits of [`Edge::flags`] and [`ColumnEdge::flags`].
pub mod edge_flag {
    /// Nobody declared it: it was worked out and waits for a verdict.
    pub const INFERRED: u32 = 1;
    /// No longer seen.
    pub const REMOVED: u32 = 1 << 1;
    /// Lies on a cycle.
    pub const CYCLE: u32 = 1 << 2;
    /// Inferred, and a person accepted it.
    pub const ACCEPTED: u32 = 1 << 3;
    /// On the path of the column that the view was asked to trace.
    pub const TRACED: u32 = 1 << 4;
    /// Closes a cycle: drawn against the flow.
    pub const AGAINST: u32 = 1 << 5;
}

/// The most nodes beyond the levels asked for that are counted: this many stands for as many or more.
pub const MOST_BEYOND: u32 = 20_000;

/// How far the view is rolled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Band {
    /// Systems and schemas.
    System,
    /// Datasets, models, runs: one node per entity.
    #[default]
    Asset,
    /// Columns.
    Field,
}

impl Band {
    fn code(self) -> u32 {
        match self {
            Self::System => 0,
            Self::Asset => 1,
            Self::Field => 2,
        }
    }
}

/// Which way from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards where the data came from.
    Up,
    /// Towards what is made from it.
    Down,
}

/// One lineage view, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// How far it is rolled up.
    pub band: Band,
    /// Height of a node without its column rows.
    pub header_height: f32,
    /// Height of one column row.
    pub row_height: f32,
    /// Nodes in the order that they are drawn and listed.
    pub nodes: Vec<Node>,
    /// Edges between nodes.
    pub edges: Vec<Edge>,
    /// Edges between columns of nodes.
    pub column_edges: Vec<ColumnEdge>,
    /// From the outermost container to what is in view.
    pub crumbs: Vec<Crumb>,
    /// What the whole result holds, drawn or not.
    pub totals: Totals,
}

/// One node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The entity's id; for a group, an id made from what it groups.
    pub id: [u8; 16],
    /// The entity's kind, or `group`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What the outside world calls it.
    pub qualified_name: String,
    /// The system it lives in (`dbt`, `mlflow`, ...).
    pub system: String,
    /// One short line more: its schema, version or state.
    pub detail: String,
    /// Distance from the focus, negative upstream.
    pub level: i32,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height, column rows included.
    pub height: f32,
    /// Bits of [`node_flag`].
    pub flags: u32,
    /// Direct parents that are not shown.
    pub hidden_up: u32,
    /// Direct children that are not shown.
    pub hidden_down: u32,
    /// How many columns it has, shown or not.
    pub column_count: u32,
    /// The rows it carries: all when open, else only those on a traced column's path.
    pub columns: Vec<Column>,
    /// What it stands for, when it is a group.
    pub group: Option<Group>,
}

/// One column row of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// The column's id.
    pub id: [u8; 16],
    /// Its name.
    pub name: String,
    /// Its type as the system says it.
    pub data_type: String,
    /// Bits of [`column_flag`].
    pub flags: u32,
}

/// A node that stands for many.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The node whose neighbours it folds, by index; none when it folds several nodes' neighbours.
    pub parent: Option<u32>,
    /// On which side of the parent.
    pub side: Side,
    /// How many it stands for, those on the open page not counted.
    pub members: u32,
    /// The open page, from 0.
    pub page: u32,
    /// Members on one page.
    pub page_size: u32,
    /// What the page is filtered by.
    pub filter: String,
}

/// One edge, in the direction that data flows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Source node by index.
    pub from: u32,
    /// Target node by index.
    pub to: u32,
    /// The relation's kind (`derives_from`, `trained_on`, ...).
    pub kind: String,
    /// Bits of [`edge_flag`].
    pub flags: u32,
    /// How many hidden steps it stands for; 0 for a relation of its own.
    pub bridged: u32,
    /// Points that its curve passes through, the first at the source and the last at the target.
    pub route: Vec<(f32, f32)>,
}

/// A column row, by its node's index and its place in that node's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    /// Index of the node.
    pub node: u32,
    /// Index among the node's rows.
    pub column: u32,
}

/// One edge between columns, in the direction that data flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnEdge {
    /// Source.
    pub from: ColumnRef,
    /// Target.
    pub to: ColumnRef,
    /// Bits of [`edge_flag`].
    pub flags: u32,
}

/// One step of the way from the outermost container to what is in view.
#[derive(Clone, Debug, PartialEq)]
pub struct Crumb {
    /// The entity, when it is one.
    pub id: Option<[u8; 16]>,
    /// What it is called.
    pub label: String,
    /// The band that choosing it leads to.
    pub band: Band,
}

/// What a result holds, drawn or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// The most nodes that are drawn unless the view is forced.
    pub limit: u32,
    /// Nodes within the levels asked for, before anything is folded or hidden.
    pub nodes: u32,
    /// Edges between them.
    pub edges: u32,
    /// Column edges between them.
    pub column_edges: u32,
    /// How many of the nodes are transformations.
    pub transformations: u32,
    /// How many of the nodes are runs.
    pub runs: u32,
    /// How many edges are no longer seen.
    pub removed_edges: u32,
    /// How many edges are inferred.
    pub inferred_edges: u32,
    /// Nodes further upstream than the levels asked for, up to [`MOST_BEYOND`].
    pub beyond_up: u32,
    /// Nodes further downstream than the levels asked for, up to [`MOST_BEYOND`].
    pub beyond_down: u32,
    /// Earliest time that a relation was seen, in ms since 1970.
    pub first_seen: Option<i64>,
    /// Latest time that a relation was seen, in ms since 1970.
    pub last_seen: Option<i64>,
    /// Nodes per kind, most first.
    pub kinds: Vec<(String, u32)>,
    /// Nodes per level, from the furthest up.
    pub levels: Vec<(i32, u32)>,
}

/// Why a frame can't be written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// Something refers to what isn't there.
    #[error(
        "lineage frame: {what} {index} refers to {target} {to}, but there are only {count}; this is a bug, please report it"
    )]
    Dangling {
        /// What refers.
        what: &'static str,
        /// Its index.
        index: usize,
        /// What it refers to.
        target: &'static str,
        /// The index it names.
        to: u32,
        /// How many there are.
        count: usize,
    },
    /// An edge without a line to draw.
    #[error(
        "lineage frame: edge {index} has {points} route points, it needs at least 2; this is a bug, please report it"
    )]
    Route {
        /// The edge's index.
        index: usize,
        /// How many points it has.
        points: usize,
    },
    /// More than 32 bits can address.
    #[error("lineage frame: the view is larger than 4 GiB; ask for fewer levels or filter it first")]
    TooLong,
}

#[cfg(test)]
mod tests;
