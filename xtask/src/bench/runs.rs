//! The table of runs, the histories of metrics and the room they take, beside MLflow on the same runs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::table::Table;
use crate::failure::{Failure, Result};
use crate::mlflow_server::MlflowServer;
use crate::program::Program;
use crate::repository;
use crate::setup::venv::{self, Environment};

/// Runs in the table.
const RUNS: &str = "5000";
/// Runs whose loss has a history of 10,000 points.
const SERIES: &str = "100";
/// Runs with 100 metrics of 1,000 points each, for the room that they take.
const WIDE: &str = "20";

pub fn run() -> Result<()> {
    for (package, example) in [("catena-cli", "headless"), ("catena-app", "runs_bench")] {
        Program::cargo(&["build", "--quiet", "--release", "--package", package, "--example", example])
            .run()?;
    }
    let folder = repository::target().join(format!("bench-runs-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
    let result = measure(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

fn measure(folder: &Path) -> Result<()> {
    let database = folder.join("mlflow.db");
    many_runs(&database, &["--runs", RUNS, "--series", SERIES])?;
    let catalog = import(folder, &database, "runs")?;
    let ours =
        Program::new(repository::target().join("release/examples/runs_bench")).args([&catalog]).capture()?;
    let ours: Value = serde_json::from_str(&ours)
        .map_err(|error| Failure::new(format!("the measuring program said {ours:?}: {error}")))?;
    let theirs = asked(&database)?;
    let number = |of: &Value, key: &str| of[key].as_f64().unwrap_or_default();
    let mut table = Table::new(["", "Catena ms", "MLflow ms", "times as fast"]);
    for (name, key) in
        [("5,000 runs filtered and sorted", "table_ms"), ("100 histories of 10,000 points", "series_ms")]
    {
        let (a, b) = (number(&ours, key), number(&theirs, key));
        table.row([name.into(), format!("{a:.1}"), format!("{b:.0}"), format!("{:.0}", b / a)]);
    }
    println!(
        "\n{} of {} runs fit; MLflow found {}. Read first in {:.0} ms.\n",
        ours["matching"],
        ours["total"],
        theirs["matching"],
        number(&ours, "first_ms")
    );
    table.print();
    room(folder)
}

/// How much room metrics take: what the files grow by with them.
fn room(folder: &Path) -> Result<()> {
    let mut grown = [0_u64; 2];
    for (sign, wide) in [(-1, "0"), (1, WIDE)] {
        let database = folder.join(format!("wide-{wide}.db"));
        many_runs(&database, &["--runs", WIDE, "--wide", wide])?;
        let catalog = import(folder, &database, &format!("wide-{wide}"))?;
        for (grown, file) in grown.iter_mut().zip([&catalog, &database]) {
            let size = fs::metadata(file).map_err(|error| Failure::at(file, &error))?.len();
            *grown = if sign < 0 { size } else { size.saturating_sub(*grown) };
        }
    }
    let [ours, theirs] = grown.map(|bytes| bytes as f64 / 1e6);
    println!(
        "\n{WIDE} runs x 100 metrics x 1,000 points: {ours:.1} MB, MLflow {theirs:.1} MB: {:.0} % of it",
        100.0 * ours / theirs
    );
    Ok(())
}

fn many_runs(database: &Path, arguments: &[&str]) -> Result<()> {
    Program::new(venv::ensure(Environment::Mlflow)?)
        .args([repository::systems().join("many_runs.py").as_os_str(), database.as_os_str()])
        .args(arguments)
        .capture()
        .map(|_| ())
}

fn import(folder: &Path, database: &Path, name: &str) -> Result<std::path::PathBuf> {
    let catalog = folder.join(format!("{name}.catena"));
    let began = Instant::now();
    Program::new(repository::target().join("release/examples/headless"))
        .args([
            "--catalog".as_ref(),
            catalog.as_os_str(),
            "import".as_ref(),
            "mlflow".as_ref(),
            database.as_os_str(),
        ])
        .capture()?;
    println!("{name} imported in {:.1} s", began.elapsed().as_secs_f64());
    Ok(catalog)
}

/// What MLflow takes for the same, asked over its REST API as its own pages do.
fn asked(database: &Path) -> Result<Value> {
    let server = MlflowServer::over(database)?;
    let said = Program::new(venv::ensure(Environment::Mlflow)?)
        .args([repository::systems().join("ask_runs.py")])
        .args([&server.address])
        .capture()?;
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|error| Failure::new(format!("asking MLflow said {said:?}: {error}")))
}
