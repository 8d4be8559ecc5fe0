//! How fast OpenLineage events are taken in, durably, and how much of an MLflow import is ours.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::table::{Table, median};
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

const EVENTS: usize = 100_000;
/// How often the same job runs: a catalog sees far more runs than jobs.
const RUNS_PER_JOB: usize = 50;
const REPEATS: usize = 3;

pub fn run() -> Result<()> {
    Program::cargo(&["build", "--quiet", "--release", "--package", "catena-cli", "--example", "headless"])
        .run()?;
    let scratch = Scratch::new()?;
    let events = scratch.0.join("events.ndjson");
    let bytes = write_events(&events)?;
    let mut seconds = Vec::new();
    for repeat in 0..REPEATS {
        let catalog = scratch.0.join(format!("{repeat}.catena"));
        let start = Instant::now();
        import(&catalog, "openlineage", &events)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let seconds = median(seconds);
    println!(
        "\n{EVENTS} OpenLineage events of the recorded shape, {} MB, into a new catalog; median of {REPEATS}.\n",
        bytes / 1_000_000
    );
    let mut table = Table::new(["import", "s", "events/s"]);
    table.row([
        "OpenLineage, from a file".into(),
        format!("{seconds:.2}"),
        format!("{:.0}", EVENTS as f64 / seconds),
    ]);
    table.print();
    Ok(())
}

fn import(catalog: &Path, system: &str, from: &Path) -> Result<()> {
    let catena = repository::target().join("release/examples/headless");
    Program::new(catena)
        .args(["--catalog"])
        .args([catalog])
        .args(["import", system])
        .args([from])
        .capture()
        .map(drop)
}

/// Writes runs of many jobs in the shape of the recorded ones; gives the size.
fn write_events(into: &Path) -> Result<usize> {
    let recorded = repository::fixtures().join("openlineage/client.ndjson");
    let text = fs::read_to_string(&recorded).map_err(|error| Failure::at(&recorded, &error))?;
    let shapes = shapes(&text)?;
    let file = fs::File::create(into).map_err(|error| Failure::at(into, &error))?;
    let mut file = std::io::BufWriter::new(file);
    let mut bytes = 0;
    for number in 0..EVENTS {
        let event = variant(shapes[number % shapes.len()], number / shapes.len());
        bytes += event.len() + 1;
        writeln!(file, "{event}").map_err(|error| Failure::at(into, &error))?;
    }
    file.flush().map_err(|error| Failure::at(into, &error))?;
    Ok(bytes)
}

/// The start and the end of the one recorded run that has columns, owners, quality and more.
fn shapes(recorded: &str) -> Result<[&str; 2]> {
    let of = |kind: &str| {
        let kind = format!("\"eventType\":\"{kind}\"");
        recorded
            .lines()
            .find(|line| line.contains("nightly.daily_sales\"") && line.contains(RUN) && line.contains(&kind))
    };
    of("START")
        .zip(of("COMPLETE"))
        .map(|(start, end)| [start, end])
        .ok_or_else(|| Failure::new("the recording has no run of nightly.daily_sales"))
}

const RUN: &str = "0198f000-0000-7000-8000-000000000002";

/// The same event for another run, of another job, on other tables.
fn variant(shape: &str, run: usize) -> String {
    let job = run / RUNS_PER_JOB;
    shape
        .replace(RUN, &format!("0198f000-0000-7000-8001-{run:012x}"))
        .replace("nightly.daily_sales", &format!("nightly.daily_sales_{job}"))
        .replace("marts.daily_sales", &format!("marts.daily_sales_{job}"))
        .replace("raw.sales\"", &format!("raw.sales_{job}\""))
        .replace("raw/sales", &format!("raw/sales_{job}"))
        .replace("2026-03-01T", &format!("2026-03-{:02}T", run % RUNS_PER_JOB % 28 + 1))
}

/// A folder that is gone afterwards. It is beside the build, not in a temporary folder that may be memory: the disk is
/// what durable writes wait for.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let folder = repository::target().join(format!("bench-import-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_its_own_name_and_jobs_repeat() {
        let recorded = fs::read_to_string(repository::fixtures().join("openlineage/client.ndjson")).unwrap();
        let [start, end] = shapes(&recorded).unwrap();
        assert!(variant(start, 1).contains("0198f000-0000-7000-8001-000000000001"));
        assert_ne!(variant(end, 1), variant(end, 2));
        for event in [variant(end, RUNS_PER_JOB), variant(end, RUNS_PER_JOB + 1)] {
            let event: serde_json::Value = serde_json::from_str(&event).unwrap();
            assert_eq!(event["job"]["name"], "nightly.daily_sales_1");
            assert_eq!(event["outputs"][0]["name"], "bakery.marts.daily_sales_1");
        }
    }
}
