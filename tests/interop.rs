//! Real systems, started and used now: what their clients send and their servers answer is taken in whole.
//!
//! `cargo xtask test interop` makes the Python environments and runs these; by themselves they are left out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;
#[path = "interop/demo.rs"]
mod demo;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use catena::Catena;
use catena_tests::{fixture, serving::serve_if_asked};
use serde_json::{Value, json};

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

/// A real server that a script runs; ends with this.
struct Served {
    server: Child,
    /// The server runs for as long as this is open.
    input: Option<ChildStdin>,
    address: String,
}

impl Served {
    /// Lets a script serve what is at `path`.
    fn by(environment: &str, name: &str, path: &Path) -> Self {
        let mut server = python(environment)
            .arg(script(name))
            .arg(path)
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

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.server.wait();
    }
}

/// The process that the demo starts: this very program, with this test alone.
#[test]
#[ignore = "the demo starts it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    serve_if_asked(demo::RECEIVERS);
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
    let server = Served::by("MLFLOW", "mlflow_server.py", &fixture("mlflow/mlflow.db"));
    let catalog = Catena::new();
    taken_once(&catalog, "mlflow", Path::new(&server.address));

    // A run that is new since, one metric of it logged after it was first read.
    // Later than everything in the recorded database.
    let now = 1_795_700_000_000u64;
    let run = post(
        &server.address,
        "runs/create",
        &json!({"experiment_id": "0", "run_name": "logged-meanwhile", "start_time": now}),
    )["run"]["info"]["run_id"]
        .clone();
    let [created, ..] = catalog.import("mlflow", Path::new(&server.address));
    assert_eq!(created, 1, "only the run is new");
    let point = json!({"run_id": run, "key": "late", "value": 0.5, "timestamp": now, "step": 3});
    post(&server.address, "runs/log-metric", &point);
    post(&server.address, "runs/update", &json!({"run_id": run, "status": "FINISHED", "end_time": now + 1}));
    let [created, changed, _] = catalog.import("mlflow", Path::new(&server.address));
    assert_eq!((created, changed), (0, 1), "it is asked for again until it has ended");
    let [created, changed, _] = catalog.import("mlflow", Path::new(&server.address));
    assert_eq!([created, changed], [0, 0]);
    let whole = catalog.run(["import", "mlflow", &server.address, "--all"]).json();
    assert_eq!((&whole["created"], &whole["changed"]), (&json!(0), &json!(0)), "nothing was missed");
    catalog.assert_sound();
}

#[test]
#[ignore = "runs an MLflow server"]
fn what_an_mlflow_server_has_of_traces_prompts_and_evaluations_is_taken() {
    let server = Served::by("MLFLOW", "mlflow_server.py", &fixture("mlflow/mlflow.db"));
    record("MLFLOW", "mlflow_answers.py", Path::new(&server.address));
    let catalog = Catena::new();
    taken_once(&catalog, "mlflow", Path::new(&server.address));
    let hits = |words: &str, kind: &str| {
        let found = catalog.run(["search", words, "--kind", kind]).json();
        found["hits"].as_array().unwrap().clone()
    };
    let whole = |hit: &Value| catalog.run(["show", hit["id"].as_str().unwrap()]).json().to_string();
    let trace = whole(&hits("answer", "trace")[0]);
    for said in ["score.correct", "as in the book", "expectation.expected"] {
        assert!(trace.contains(said), "{said}: {trace}");
    }
    assert!(!hits("opening", "document").is_empty(), "what was retrieved is from a document");
    let version = whole(&hits("qa", "prompt_version")[0]);
    for said in ["Answer {{q}} from {{ctx}}", "production", "first wording"] {
        assert!(version.contains(said), "{said}: {version}");
    }
    assert!(whole(&hits("golden", "dataset")[0]).contains("When does it open?"));
}

/// Asks MLflow to do something.
fn post(address: &str, what: &str, body: &Value) -> Value {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let body = body.to_string();
    write!(
        stream,
        "POST /api/2.0/mlflow/{what} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.0 200"), "{answer}");
    serde_json::from_str(body).unwrap()
}

#[test]
#[ignore = "runs dbt docs serve"]
fn what_dbt_docs_serves_is_what_lies_in_the_folder() {
    let catalog = Catena::new();
    let project = catalog.folder().join("bookshop");
    let server = Served::by("DBT", "dbt_docs_server.py", &project);
    taken_once(&catalog, "dbt", Path::new(&server.address));
    let [created, changed, _] = catalog.import("dbt", &project);
    assert_eq!([created, changed], [0, 0]);
}
