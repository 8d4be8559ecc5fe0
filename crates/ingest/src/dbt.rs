//! From a dbt project's artifacts to statements.
//!
//! `manifest.json` says what the project's author wrote (models, seeds, snapshots, sources, tests, exposures, metrics),
//! `catalog.json` what was found in the warehouse, `run_results.json` how the last run went. Things are named within
//! `dbt://<project>` by their unique id; tables also bear the name that OpenLineage gives them, as far as the artifacts
//! tell it (`duckdb://*` and `shop.main.orders`), so that both meet in one entity. Which columns a model's columns are
//! made of is read out of the SQL that dbt compiled.

mod artifact;
mod catalog;
mod columns;
mod lineage;
#[cfg(test)]
mod lineage_tests;
mod names;
mod node;
mod project;
mod related;
#[cfg(test)]
mod tests;

pub use project::read_project;
