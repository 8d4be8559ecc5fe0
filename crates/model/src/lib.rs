//! The words of the catalog as pure types: no I/O, no clock, no randomness.
//!
//! Curated metadata is a log of [`change::Change`]s grouped into [`operation::Operation`]s; observed facts are
//! append-only. What a system reports arrives as a [`statement::Batch`]. Current state is a projection of both.

pub mod actor;
pub mod change;
pub mod claim;
pub mod clock;
pub mod evidence;
pub mod field;
pub mod id;
pub mod json;
pub mod kind;
pub mod name;
pub mod operation;
pub mod point;
pub mod relation;
pub mod source;
pub mod span;
pub mod statement;
pub mod time;
pub mod work;
mod written;
