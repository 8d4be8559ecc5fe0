//! Every check and test, in order. A failing one does not stop the rest; the end sums up.

mod advisories;
mod count;
mod docs;
mod interop;
mod layers;
mod outcome;
mod rust;
mod ui;
mod window;

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::failure::{Failure, Result};
use crate::setup::npm;
use crate::setup::packages::{self, Need};
use outcome::Outcome;

/// One group of checks or tests. The names are what the summary's lines start with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Runner {
    /// The Rust code is formatted.
    Rustfmt,
    /// No lint complains, in any target.
    Clippy,
    /// No crate uses one above it.
    Layers,
    /// The UI's client is what the use cases say.
    Client,
    /// The documents name no machine and lead somewhere.
    Docs,
    /// No dependency has a known hole.
    Advisories,
    /// The crates' own tests.
    Rust,
    /// The UI is formatted and no lint complains.
    Lint,
    /// The UI's types fit.
    Typecheck,
    /// The UI's own tests.
    Ui,
    /// The real window, driven as a person would.
    Window,
    /// Real systems on the other side.
    Interop,
}

impl Runner {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self) -> Result<Outcome> {
        match self {
            Self::Rustfmt => rust::format(),
            Self::Clippy => rust::lint(),
            Self::Layers => layers::check(),
            Self::Client => Ok(outcome::of(crate::client::run(true))),
            Self::Docs => docs::check(),
            Self::Advisories => advisories::check(),
            Self::Rust => rust::test(),
            Self::Lint => ui::lint(),
            Self::Typecheck => ui::types(),
            Self::Ui => ui::test(),
            Self::Window => window::test(),
            Self::Interop => interop::test(),
        }
    }

    /// Whether the built UI has to be there: the app's crate takes it in when it is compiled.
    const fn needs_ui(self) -> bool {
        !matches!(self, Self::Rustfmt | Self::Layers | Self::Docs | Self::Advisories)
    }
}

/// Runs these, or all.
pub fn run(only: &[Runner]) -> Result<()> {
    let chosen: Vec<Runner> = Runner::value_variants()
        .iter()
        .copied()
        .filter(|runner| only.is_empty() || only.contains(runner))
        .collect();
    packages::ensure(&[Need::Build])?;
    let ui_built = if chosen.iter().any(|runner| runner.needs_ui()) { npm::build() } else { Ok(()) };
    if let Err(failure) = ui_built {
        // What doesn't need it can still tell something.
        println!("the UI could not be built: {failure}");
    }

    let mut done = Vec::new();
    for runner in chosen {
        println!("\n== {}", runner.name());
        let start = Instant::now();
        let outcome = runner.run().unwrap_or_else(|failure| {
            println!("{failure}");
            Outcome::FAILED
        });
        let took = start.elapsed();
        println!("{} took {:.1} s", runner.name(), took.as_secs_f64());
        println!("{}: {outcome}", runner.name());
        done.push((runner, outcome, took));
    }
    sum_up(&done)
}

fn sum_up(done: &[(Runner, Outcome, Duration)]) -> Result<()> {
    println!("\n== summary");
    for (runner, outcome, took) in done {
        println!("{:<12} {:>7.1} s   {outcome}", runner.name(), took.as_secs_f64());
    }
    let total = done.iter().fold(Outcome::default(), |total, (_, outcome, _)| total + *outcome);
    println!("total: {total}");
    if total.failed > 0 {
        let names: Vec<String> = done
            .iter()
            .filter(|(_, outcome, _)| outcome.failed > 0)
            .map(|(runner, ..)| runner.name())
            .collect();
        return Err(Failure::new(format!("failed: {}", names.join(", "))));
    }
    Ok(())
}
