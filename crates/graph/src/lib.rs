//! The lineage graph in memory: adjacency, reach, paths, grouping and layered layout.
//!
//! Pure: no I/O, no clock, no randomness, no recursion. Nodes and edges are dense numbers; what they stand for is the
//! caller's business.
//!
//! - [`Adjacency`]: both directions, compressed, with an overlay for changes.
//! - [`closure`], [`impact`], [`paths`], [`trace`]: who is upstream or downstream of what.
//! - [`Cycles`]: what lies on a cycle.
//! - [`hide`], [`fold_fan_out`], [`roll_up`]: a smaller graph that tells the same story.
//! - [`layout`]: the layered drawing, left to right.
#![forbid(unsafe_code)]

mod adjacency;
mod cancel;
mod collapse;
mod cycles;
pub mod layout;
mod reach;
mod subgraph;
mod text;

pub use adjacency::{Adjacency, Neighbours};
pub use cancel::{Cancelled, Check, never};
pub use collapse::{
    Bridge, Bridged, Fold, Folded, FoldedEdge, FoldedNode, Group, RolledEdge, RolledUp, fold_fan_out, hide,
    roll_up,
};
pub use cycles::Cycles;
pub use reach::{
    Bounds, Direction, LevelCount, Pass, Reach, Reached, closure, closure_within, impact, paths, trace,
};
pub use subgraph::{Edge, EdgeId, NodeIx, Subgraph, Unseen};
pub use text::{NamedGraph, graph};
