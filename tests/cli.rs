//! The command line's promises: answers for programs, exit codes, and bad input that costs nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

#[path = "cli_documents.rs"]
mod documents;
#[path = "cli_files.rs"]
mod files;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catena_tests::fixture;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Shell {
    folder: TempDir,
}

struct Answer {
    code: ExitCode,
    out: String,
    err: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    fn ended(&self, code: u8) -> bool {
        // ExitCode has no equality; its debug form has.
        format!("{:?}", self.code) == format!("{:?}", ExitCode::from(code))
    }
}

impl Shell {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs `catena --catalog test.catena --format json WORDS`.
    fn run(&self, words: &[&str]) -> Answer {
        self.run_on(&self.path("test.catena"), words)
    }

    fn run_on(&self, catalog: &Path, words: &[&str]) -> Answer {
        let mut line: Vec<OsString> =
            vec!["catena".into(), "--catalog".into(), catalog.into(), "--format".into(), "json".into()];
        line.extend(words.iter().map(OsString::from));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = catena_cli::run(line, &mut out, &mut err);
        Answer { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

    fn import(&self, kind: &str, from: &Path) -> Answer {
        self.run(&["import", kind, from.to_str().unwrap()])
    }
}

fn event(run: u32, input: &str, output: &str) -> Value {
    json!({
        "eventType": "COMPLETE",
        "eventTime": "2026-11-24T12:00:00Z",
        "producer": "https://example.org/test",
        "run": { "runId": format!("01937b2c-8f3e-7c1a-9d52-{run:012x}") },
        "job": { "namespace": "jobs", "name": format!("make {output}") },
        "inputs": [{ "namespace": "pg://h", "name": input }],
        "outputs": [{ "namespace": "pg://h", "name": output }],
    })
}

fn lines(events: impl IntoIterator<Item = Value>) -> String {
    events.into_iter().map(|event| format!("{event}\n")).collect()
}

#[test]
fn an_import_reports_and_its_repeat_changes_nothing() {
    let shell = Shell::new();
    for (kind, from) in [
        ("openlineage", fixture("openlineage/dbt.ndjson")),
        ("dbt", fixture("dbt/bookshop")),
        ("mlflow", fixture("mlflow/mlflow.db")),
    ] {
        let first = shell.import(kind, &from);
        assert!(first.ended(0), "{kind}: {}", first.err);
        assert!(first.json()["created"].as_u64().unwrap() > 0, "{kind}");
        let again = shell.import(kind, &from);
        assert!(again.ended(0));
        let report = again.json();
        assert_eq!((&report["created"], &report["changed"]), (&json!(0), &json!(0)), "{kind}");
        assert_eq!(report["rejected"], json!([]));
    }
    let check = shell.run(&["check"]);
    assert!(check.ended(0), "{}", check.out);
    assert_eq!(check.json()["holds"], true);
}

#[test]
fn a_truncated_line_is_rejected_by_number_and_the_other_999_are_stored() {
    let shell = Shell::new();
    let mut events: Vec<String> =
        (1..=1_000).map(|n| event(n, "raw", &format!("out_{n}")).to_string()).collect();
    events[6].truncate(60);
    let answer = shell.import("openlineage", &shell.write("events.ndjson", events.join("\n")));
    assert!(answer.ended(3));
    let report = answer.json();
    let rejected = report["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0]["where"].as_str().unwrap().contains("line 7"), "{rejected:?}");
    let lineage = shell.run(&["lineage", "raw", "--direction", "down", "--depth", "all"]).json();
    let datasets =
        lineage["nodes"].as_array().unwrap().iter().filter(|node| node["kind"] == "dataset").count();
    assert_eq!(datasets, 1_000);
}

#[test]
fn lineage_runs_from_upstream_to_downstream_with_levels_and_evidence() {
    let shell = Shell::new();
    shell.import(
        "openlineage",
        &shell.write("e.ndjson", lines([event(1, "a.raw", "a.clean"), event(2, "a.clean", "a.mart")])),
    );
    let lineage = shell.run(&["lineage", "a.mart", "--direction", "up", "--depth", "all"]).json();
    let nodes = lineage["nodes"].as_array().unwrap();
    let level = |name: &str| {
        nodes
            .iter()
            .find(|node| node["qualified_names"] == json!([format!("pg://h/{name}")]))
            .unwrap_or_else(|| panic!("{name}"))["level"]
            .clone()
    };
    assert_eq!((level("a.mart"), level("a.clean"), level("a.raw")), (json!(0), json!(-2), json!(-4)));
    let id = |name: &str| nodes.iter().find(|node| node["name"] == name).unwrap()["id"].clone();
    let edges = lineage["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 4);
    let read = edges.iter().find(|edge| edge["kind"] == "reads" && edge["from"] == id("raw")).unwrap();
    assert_eq!(read["evidence"][0]["method"], "reported");
    let one = shell.run(&["lineage", "a.mart", "--direction", "up", "--depth", "1"]).json();
    assert_eq!(one["nodes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_name_that_several_entities_have_lists_them() {
    let shell = Shell::new();
    let mut second = event(2, "a.raw", "a.clean");
    second["inputs"][0]["namespace"] = json!("pg://other");
    shell.import("openlineage", &shell.write("e.ndjson", lines([event(1, "a.raw", "a.clean"), second])));
    let answer = shell.run(&["show", "a.raw"]);
    assert!(answer.ended(1));
    assert!(answer.err.contains("pg://h/a.raw") && answer.err.contains("pg://other/a.raw"), "{}", answer.err);
    assert!(shell.run(&["show", "pg://other/a.raw"]).ended(0));
    assert!(shell.run(&["show", "nothing.like.it"]).ended(1));
}

#[test]
fn bad_events_are_rejected_with_reasons_and_cost_nothing_else() {
    let shell = Shell::new();
    let good = event(1, "a.raw", "a.clean");
    let mut other_content = good.clone();
    other_content["job"]["facets"] = json!({ "documentation": { "description": "other" } });
    let mut nul = event(3, "a.raw", "x");
    nul["outputs"][0]["name"] = json!("nul\u{0}name");
    let mut wrong_type = event(4, "a.raw", "y");
    wrong_type["inputs"] = json!("not a list");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let mut html = event(6, "a.raw", "b.html");
    html["outputs"][0]["facets"] =
        json!({ "documentation": { "description": "<img src=x onerror=alert(1)>\u{202e}evil" } });
    let text = format!(
        "{good}\n{other_content}\n{nul}\n{wrong_type}\n{}\n{deep}\n{html}\n",
        r#"{"eventType":"START","eventType":"FAIL"}"#
    );
    let answer = shell.import("openlineage", &shell.write("e.ndjson", text));
    assert!(answer.ended(3), "{}", answer.err);
    let report = answer.json();
    let places: Vec<&str> =
        report["rejected"].as_array().unwrap().iter().map(|r| r["where"].as_str().unwrap()).collect();
    for line in [2, 3, 4, 5, 6] {
        assert!(places.iter().any(|place| place.contains(&format!("line {line}"))), "{line}: {report}");
    }
    assert!(!places.iter().any(|place| place.contains("line 1") || place.contains("line 7")), "{report}");
    let shown = shell.run(&["show", "b.html"]).json();
    assert!(
        shown["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["value"] == "<img src=x onerror=alert(1)>\u{202e}evil")
    );
    assert!(shell.run(&["check"]).ended(0));
}

#[test]
fn a_line_of_many_megabytes_is_passed_over() {
    let shell = Shell::new();
    let long = format!("{{\"eventType\":\"{}\"}}", "x".repeat(40 << 20));
    let text = format!("{}\n{long}\n{}\n", event(1, "a", "b"), event(2, "b", "c"));
    let answer = shell.import("openlineage", &shell.write("e.ndjson", text));
    assert!(answer.ended(3));
    let report = answer.json();
    assert_eq!(report["rejected"].as_array().unwrap().len(), 1);
    assert!(report["rejected"][0]["where"].as_str().unwrap().contains("line 2"));
    assert_eq!(report["created"], 7);
}

#[test]
fn a_cycle_is_walked_once() {
    let shell = Shell::new();
    shell.import(
        "openlineage",
        &shell.write("e.ndjson", lines([event(1, "a", "b"), event(2, "b", "c"), event(3, "c", "a")])),
    );
    let lineage = shell.run(&["lineage", "pg://h/a", "--direction", "both", "--depth", "all"]).json();
    assert_eq!(lineage["nodes"].as_array().unwrap().len(), 6);
    assert_eq!(lineage["edges"].as_array().unwrap().len(), 6);
}

#[test]
fn what_cannot_be_read_says_what_and_where() {
    let shell = Shell::new();
    let text = shell.write("text.db", "this is no database at all, but long enough to look at");
    for (kind, from, says) in [
        ("openlineage", shell.path("missing.ndjson"), "missing.ndjson"),
        ("dbt", shell.path("nowhere"), "manifest.json"),
        ("mlflow", text, "text.db"),
    ] {
        let answer = shell.import(kind, &from);
        assert!(answer.ended(1), "{kind}");
        assert!(answer.err.contains(says), "{kind}: {}", answer.err);
    }
    let foreign = shell.write("foreign.catena", "not a catalog, just a text that is long enough");
    let answer = shell.run_on(&foreign, &["check"]);
    assert!(answer.ended(1) && answer.err.contains("not a Catena catalog"), "{}", answer.err);
    assert!(shell.run_on(&shell.path("none.catena"), &["check"]).ended(1));
}

#[test]
fn a_revert_is_planned_made_and_undone() {
    let shell = Shell::new();
    shell.import("openlineage", &shell.write("e.ndjson", lines([event(1, "a.raw", "a.clean")])));
    let history = shell.run(&["history"]).json();
    let import = history["operations"][0]["id"].as_str().unwrap().to_owned();
    assert!(history["operations"][0]["title"].as_str().unwrap().starts_with("Import OpenLineage"));
    let plan = shell.run(&["revert", &import, "--dry-run"]).json();
    assert!(plan["change_count"].as_u64().unwrap() > 0);
    assert!(shell.run(&["show", "a.raw"]).ended(0));
    let undo = shell.run(&["revert", &import]).json()["operation"].as_str().unwrap().to_owned();
    assert!(shell.run(&["show", "a.raw"]).ended(1));
    assert!(shell.run(&["revert", &undo]).ended(0));
    assert!(shell.run(&["show", "a.raw"]).ended(0));
    assert!(shell.run(&["check"]).ended(0));
}

#[test]
fn a_backup_is_restored_and_a_damaged_one_is_not() {
    let shell = Shell::new();
    shell.import("openlineage", &shell.write("e.ndjson", lines([event(1, "a.raw", "a.clean")])));
    let backup = shell.path("copy.catena");
    assert!(shell.run(&["backup", backup.to_str().unwrap()]).ended(0));
    shell.import("openlineage", &shell.write("f.ndjson", lines([event(2, "a.clean", "a.mart")])));
    assert!(shell.run(&["show", "a.mart"]).ended(0));
    let damaged = shell.path("damaged.catena");
    let mut bytes = std::fs::read(&backup).unwrap();
    let at = bytes.windows(5).position(|window| window == b"a.raw").unwrap();
    bytes[at] = b'z';
    std::fs::write(&damaged, bytes).unwrap();
    assert!(shell.run(&["restore", damaged.to_str().unwrap()]).ended(1));
    assert!(shell.run(&["show", "a.mart"]).ended(0));
    let restored = shell.run(&["restore", backup.to_str().unwrap()]);
    assert!(restored.ended(0), "{}", restored.err);
    assert!(shell.run(&["show", "a.mart"]).ended(1));
    assert!(shell.run(&["show", "a.raw"]).ended(0));
}

#[test]
fn search_answers_with_reasons_and_forgives_a_typo() {
    let shell = Shell::new();
    shell.import("dbt", &fixture("dbt/bookshop"));
    let hits = shell.run(&["search", "stg_ordrs"]).json();
    let first = &hits["hits"][0];
    assert_eq!(first["name"], "stg_orders", "{hits}");
    assert!(!first["why"].as_str().unwrap().is_empty());
    assert!(
        first["qualified_names"]
            .as_array()
            .unwrap()
            .iter()
            .any(|name| name.as_str().unwrap().starts_with("dbt://"))
    );
}
