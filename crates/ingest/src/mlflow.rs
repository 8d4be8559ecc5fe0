//! From MLflow's experiments, runs and registry to statements.
//!
//! [`rest`] has the objects as MLflow's REST API sends them; the reader of `mlflow.db` fills the same ones. A
//! [`Mapping`] turns each into one record. Everything is read as a snapshot: what an object no longer says is
//! withdrawn, so a record must be made of the whole object.

mod dataset;
mod evaluation;
mod experiment;
mod logged_model;
mod mapping;
mod registry;
pub mod rest;
mod run;
mod spans;
#[cfg(test)]
mod tests;
mod trace;

pub use mapping::Mapping;
