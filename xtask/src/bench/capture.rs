//! How fast spans and events are acknowledged over HTTP, beside MLflow's own ingestion of the same spans.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::table::Table;
use crate::failure::{Failure, Result};
use crate::mlflow_server::MlflowServer;
use crate::program::Program;
use crate::repository;

/// Spans and events sent to Catena.
const ITEMS: &str = "500000";
/// MLflow takes far longer for each.
const ITEMS_FOR_MLFLOW: &str = "20000";
const TOKEN: &str = "MeasureCaptureToken-4711";

pub fn run() -> Result<()> {
    Program::cargo(&["build", "--quiet", "--release", "--package", "catena-cli", "--example", "headless"])
        .run()?;
    Program::cargo(&["build", "--quiet", "--release", "--package", "catena-receive", "--example", "load"])
        .run()?;
    let folder = repository::target().join(format!("bench-capture-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
    let result = measure(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

fn measure(folder: &std::path::Path) -> Result<()> {
    let mut table = Table::new(["sent", "items", "acknowledged/s", "p50 ms", "p99 ms"]);
    let spans = {
        let catena = Catena::start(folder, "spans", "--otlp-http")?;
        load(&["--to", &catena.address, "--what", "spans", "--items", ITEMS, "--token", TOKEN])?
    };
    row(&mut table, "spans to Catena", &spans);
    let events = {
        let catena = Catena::start(folder, "events", "--openlineage")?;
        load(&["--to", &catena.address, "--what", "events", "--items", ITEMS, "--token", TOKEN])?
    };
    row(&mut table, "OpenLineage events to Catena", &events);
    let mlflow = MlflowServer::new(folder)?;
    let theirs = load(&[
        "--to",
        mlflow.address.trim_start_matches("http://"),
        "--what",
        "spans",
        "--items",
        ITEMS_FOR_MLFLOW,
        "--header",
        "x-mlflow-experiment-id=0",
    ])?;
    row(&mut table, "spans to MLflow", &theirs);
    println!("\nSpans of 5 to a trace, 100 to a request, and events likewise, over 4 connections.\n");
    table.print();
    let rate = |line: &Value| line["per_second"].as_f64().unwrap_or_default();
    println!("\nspans: {:.0} times as fast as MLflow", rate(&spans) / rate(&theirs));
    Ok(())
}

fn row(table: &mut Table, name: &str, line: &Value) {
    let number = |key: &str| line[key].as_f64().unwrap_or_default();
    table.row([
        name.into(),
        format!("{:.0}", number("items")),
        format!("{:.0}", number("per_second")),
        format!("{:.1}", number("p50_ms")),
        format!("{:.1}", number("p99_ms")),
    ]);
}

fn load(arguments: &[&str]) -> Result<Value> {
    let said = Program::new(repository::target().join("release/examples/load")).args(arguments).capture()?;
    serde_json::from_str(&said).map_err(|error| Failure::new(format!("the load said {said:?}: {error}")))
}

/// A receiver on a new catalog.
struct Catena {
    process: Child,
    address: String,
}

impl Catena {
    fn start(folder: &std::path::Path, name: &str, receiver: &str) -> Result<Self> {
        let mut process = std::process::Command::new(repository::target().join("release/examples/headless"))
            .arg("--catalog")
            .arg(folder.join(format!("{name}.catena")))
            .args(["serve", receiver, "127.0.0.1:0", "--token", TOKEN])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::new(format!("catena serve: {error}")))?;
        let mut ready = String::new();
        if let Some(out) = process.stdout.take() {
            let _ = BufReader::new(out).read_line(&mut ready);
        }
        let address = serde_json::from_str::<Value>(&ready)
            .ok()
            .and_then(|ready| Some(ready["receivers"][0]["address"].as_str()?.to_owned()));
        let Some(address) = address else {
            let _ = process.kill();
            return Err(Failure::new(format!("catena serve said {ready:?}")));
        };
        let address = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { process, address })
    }
}

impl Drop for Catena {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
