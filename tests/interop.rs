//! Real systems, started and used now: what their clients send and their servers answer is taken in whole.
//!
//! `cargo xtask test interop` makes the Python environments and runs these; by themselves they are left out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use catena::Catena;
use catena_tests::fixture;

fn python(environment: &str) -> Command {
    let variable = format!("CATENA_PYTHON_{environment}");
    let python = std::env::var_os(&variable)
        .unwrap_or_else(|| panic!("{variable} names no Python; use `cargo xtask test interop`"));
    Command::new(python)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systems").join(name)
}

/// Lets a script drive the real system now, and leave in `folder` what it recorded.
fn record(environment: &str, name: &str, folder: &Path) {
    let done = python(environment).arg(script(name)).arg(folder).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A real MLflow server over a copy of a database; ends with this.
struct Mlflow {
    server: Child,
    /// The server runs for as long as this is open.
    input: Option<ChildStdin>,
    address: String,
}

impl Mlflow {
    fn serve(database: &Path) -> Self {
        let mut server = python("MLFLOW")
            .arg(script("mlflow_server.py"))
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "the server said {address:?}");
        let input = server.stdin.take();
        Self { server, input, address: address.trim().to_owned() }
    }
}

impl Drop for Mlflow {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.server.wait();
    }
}

/// Brought in, everything is taken; brought in again, nothing is new.
fn taken_once(catalog: &Catena, system: &str, from: &Path) {
    let [created, ..] = catalog.import(system, from);
    assert!(created > 0, "{system}");
    let [created, changed, same] = catalog.import(system, from);
    assert_eq!([created, changed], [0, 0], "{system}");
    assert!(same > 0, "{system}");
    catalog.assert_sound();
}

#[test]
#[ignore = "runs the OpenLineage client"]
fn what_the_openlineage_client_sends_is_taken_once() {
    let catalog = Catena::new();
    record("OPENLINEAGE", "record_openlineage.py", catalog.folder());
    taken_once(&catalog, "openlineage", &catalog.folder().join("openlineage/client.ndjson"));
}

#[test]
#[ignore = "runs dbt"]
fn what_dbt_leaves_and_what_it_sends_is_one_project() {
    let catalog = Catena::new();
    record("DBT", "record_dbt.py", catalog.folder());
    taken_once(&catalog, "dbt", &catalog.folder().join("dbt/bookshop/target"));
    taken_once(&catalog, "openlineage", &catalog.folder().join("openlineage/dbt.ndjson"));
    let found = catalog.run(["search", "customer_value", "--kind", "dataset"]).json();
    let tables =
        found["hits"].as_array().unwrap().iter().filter(|hit| hit["name"] == "customer_value").count();
    assert_eq!(tables, 1, "{found:#}");
}

#[test]
#[ignore = "runs an MLflow server"]
fn what_an_mlflow_server_answers_is_taken_once() {
    let server = Mlflow::serve(&fixture("mlflow/mlflow.db"));
    let catalog = Catena::new();
    taken_once(&catalog, "mlflow", Path::new(&server.address));
}
