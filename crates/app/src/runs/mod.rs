//! What was run, of any system and any experiment: one table, compared side by side, and metrics over time.

mod column;
mod compare;
mod filter;
mod groups;
mod held;
mod list;
mod series;
mod table;
mod words;

pub use compare::{CompareArgs, CompareReply, CompareRow, CompareSection, ComparedRun, compare};
pub use groups::{RunGroup, RunGroupTotal};
pub use held::HeldRuns;
pub use list::{RunColumn, RunSort, RunTableRow, RunsArgs, RunsReply, runs};
pub use series::{RunSeriesArgs, SeriesAxis, series};

#[cfg(test)]
mod tests;
