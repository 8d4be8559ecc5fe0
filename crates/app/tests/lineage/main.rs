//! Lineage as the window, the command line and the table get it, on catalogs written down as text.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod columns;
mod edges;
mod everywhere;
mod fresh;
mod groups;
mod large;
mod levels;
mod narrowed;
mod printed;
mod world;
