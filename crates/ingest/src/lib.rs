//! From what systems send or export to statements about the catalog; pure functions from bytes.

mod fault;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod fuzz_catalogs;
mod inventory;
mod platform;
#[cfg(test)]
mod tests;
mod uri;

pub mod chroma;
pub mod datahub;
pub mod dbt;
pub mod facet_schema;
pub mod genai;
pub mod json;
pub mod langsmith;
pub mod mlflow;
pub mod nexla;
pub mod objects;
pub mod openlineage;
pub mod openmetadata;
pub mod otlp;
pub mod relational;
pub mod snowflake;
pub mod sql;
pub mod telling;
pub mod unity;
pub mod vector;

pub use fault::rejected;
