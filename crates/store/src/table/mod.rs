//! One file per table: its layout, its rows and its queries.

pub mod claim;
pub mod connection;
pub mod cursor;
pub mod dead_letter;
pub mod document;
pub mod entity;
pub mod event;
pub mod facet;
pub mod index_queue;
pub(crate) mod link_key;
pub mod log;
pub mod meta;
pub mod name;
pub mod relation;
pub mod rollup;
pub mod schema_sighting;
pub mod series;
pub mod source;
pub mod span;
pub mod view;
pub mod work;
