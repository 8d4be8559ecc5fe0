//! The use cases, one function each: what the window, the command line and agents call.
//!
//! Each is declared once, in [`registry`], with what it reads or makes stale, the least role that may call it and
//! whether it has a dry run. The TypeScript client, the permission check and the window's cache follow from that.

pub mod activity;
pub mod answers;
pub mod app;
pub mod catalog;
pub mod chunks;
pub mod client;
pub mod connections;
pub mod edit;
pub mod entity;
pub mod environment;
pub mod error;
pub mod events;
pub mod exchange;
pub mod export;
pub mod facets;
pub mod history;
pub mod import;
mod indexing;
pub mod jobs;
pub mod lineage;
pub mod lookup;
pub mod named;
pub mod places;
pub mod receivers;
pub mod recent;
pub mod registry;
pub mod runs;
pub mod saved_view;
pub mod schema_history;
pub mod search;
pub mod session;
pub mod traces;
pub mod use_case;
pub mod versions;

pub use app::App;
pub use error::AppError;
