//! The catalog in one SQLite file: operation log, current state, observed facts, search index.
//!
//! Curated state is a projection of the operation log: every change is logged in the transaction that projects it
//! ([`writer`]), and [`check`] replays the log to prove that both agree. Observed facts (facets, metric points, the
//! times at which a claim or relation was last seen) are stored beside it, keyed by their own identity.

pub mod apply;
pub mod backup;
pub mod catalog;
pub mod check;
pub mod dump;
pub mod error;
pub mod history;
pub mod identity;
mod link;
mod placing;
mod project;
pub mod read;
pub mod rollup;
pub mod runs;
mod schema;
pub mod search;
pub mod table;
pub mod writer;

pub use catalog::{Access, Catalog, Environment};
pub use error::{StoreError, StoreResult};
pub use read::Reader;
pub use writer::Writer;
