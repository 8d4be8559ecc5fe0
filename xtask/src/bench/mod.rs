//! Measuring against peers, in the same run and on the same input, so that the ratio means something on any machine.

mod capture;
mod import;
mod layout;
mod page;
mod postgres;
mod reach;
mod runs;
mod screen;
mod search;
mod start;
mod table;
mod webdriver;
mod window;

use clap::ValueEnum;

use crate::failure::Result;

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bench {
    /// The layered layout, against elkjs.
    Layout,
    /// Everything downstream of a node, against a recursive query in PostgreSQL.
    Reach,
    /// How many OpenLineage events a second are taken in, durably.
    Import,
    /// How long a keystroke takes among a million entities.
    Search,
    /// How soon the window is ready with a million entities, and its memory.
    Start,
    /// How fast spans and events are acknowledged, beside MLflow.
    Capture,
    /// The table of runs and the histories of metrics, beside MLflow.
    Runs,
    /// How smoothly the lineage canvas moves, beside React Flow.
    Window,
}

/// Measures one, or all.
pub fn run(name: Option<Bench>) -> Result<()> {
    let all = Bench::value_variants();
    for &bench in all.iter().filter(|&&bench| name.is_none_or(|name| name == bench)) {
        match bench {
            Bench::Layout => layout::run()?,
            Bench::Reach => reach::run()?,
            Bench::Import => import::run()?,
            Bench::Search => search::run()?,
            Bench::Start => start::run()?,
            Bench::Capture => capture::run()?,
            Bench::Runs => runs::run()?,
            Bench::Window => window::run()?,
        }
    }
    Ok(())
}
