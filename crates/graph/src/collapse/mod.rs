//! A smaller graph that tells the same story: nodes hidden, leaves folded, groups merged.

mod fold;
mod hide;
mod roll_up;

pub use fold::{Fold, Folded, FoldedEdge, FoldedNode, fold_fan_out};
pub use hide::{Bridge, Bridged, hide};
pub use roll_up::{Group, RolledEdge, RolledUp, roll_up};
