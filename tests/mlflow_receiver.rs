//! Catena as an MLflow server: one script against MLflow's own server and against `catena serve`, and what the catalog
//! holds of either.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use catena_model::{json::canonical, kind::Kind};
use catena_store::{
    Catalog, Reader,
    table::{entity, series},
};
use catena_tests::{
    script,
    serving::{self, Serving, TOKEN, serve_if_asked},
};
use serde_json::{Value, json};

/// The process that the other tests start: this very program, with this test alone.
#[test]
#[ignore = "the other tests start it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    serve_if_asked(&["--mlflow", "127.0.0.1:0"]);
}

/// A real MLflow server over a database of its own.
fn mlflow(folder: &Path) -> Serving {
    let mut command = Command::new(serving::python("MLFLOW"));
    command.arg(script("mlflow_server.py")).arg("--new").arg(folder).stdin(Stdio::piped());
    Serving::of(&mut command, |line| {
        line.starts_with("http://").then(|| (Value::Null, line.trim().to_owned()))
    })
}

/// Runs a phase of the script; gives what it saw.
fn ran(address: &str, arguments: &[&str]) -> Value {
    let done = Command::new(serving::python("MLFLOW"))
        .args(["-W", "ignore"])
        .arg(script("mlflow_receiver_app.py"))
        .args(arguments)
        .env("MLFLOW_TRACKING_URI", address)
        .env("MLFLOW_TRACKING_TOKEN", TOKEN)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{arguments:?}: {said}\n{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[test]
#[ignore = "runs a real MLflow server and client"]
fn a_script_sees_and_leaves_the_same_at_catena_as_at_mlflow() {
    let theirs = catena::Catena::new();
    let server = mlflow(theirs.folder());
    let their_training = ran(&server.address, &["train"]);
    let their_reading = ran(&server.address, &["read", &their_training.to_string()]);
    let imported = theirs.run(["import", "mlflow", &server.address]);
    assert_eq!(imported.code, ExitCode::SUCCESS, "{imported:?}");
    assert_eq!(imported.json()["rejected"], json!([]));
    drop(server);

    let ours = catena::Catena::new();
    let catalog = ours.folder().join("test.catena");
    let serving = Serving::start(&catalog);
    let our_training = ran(&serving.address, &["train"]);
    serving.kill();
    let serving = Serving::start(&catalog);
    let our_reading = ran(&serving.address, &["read", &our_training.to_string()]);
    drop(serving);

    let mut differing = Vec::new();
    for key in ["before", "default", "changed param", "answer", "duplicates", "experiment"] {
        if our_training[key] != their_training[key] {
            differing.push(format!("{key}: {} is {} at MLflow", our_training[key], their_training[key]));
        }
    }
    for (key, expected) in their_reading.as_object().unwrap() {
        if &our_reading[key] != expected {
            differing.push(format!("{key}: {} is {expected} at MLflow", our_reading[key]));
        }
    }
    assert!(differing.is_empty(), "{differing:#?}");
    ours.assert_sound();

    let search = ours.run(["search", "gpt-4o-mini"]).json().to_string();
    assert!(search.contains("gpt-4o-mini"), "the spans' model is there: {search}");
    let theirs = said(&theirs.folder().join("test.catena"), &their_training);
    let ours = said(&catalog, &our_training);
    let missing: Vec<_> = theirs.difference(&ours).collect();
    let more: Vec<_> = ours.difference(&theirs).collect();
    assert!(missing.is_empty() && more.is_empty(), "only theirs: {missing:#?}\nonly ours: {more:#?}");
    assert!(theirs.len() > 80, "{}", theirs.len());
    for part in [
        "points loss",
        "facet params",
        "facet prompt",
        "trained_on",
        "produced_by",
        "derives_from",
        "champion",
    ] {
        assert!(theirs.iter().any(|line| line.contains(part)), "{part}");
    }
}

/// What a catalog holds of an MLflow, in words in which two servers that were told the same agree: without the times
/// that they set, and with what they made up (ids) called by what it is for.
fn said(catalog: &Path, trained: &Value) -> BTreeSet<String> {
    let catalog = Catalog::open(catalog, catena_tests::environment(1)).unwrap();
    let lines = catalog.read(|reader| Ok(lines(reader))).unwrap();
    let roles = ["run", "other", "running", "model", "trace"];
    let roles: Vec<(String, String)> =
        roles.iter().map(|role| (trained[role].as_str().unwrap().to_owned(), format!("<{role}>"))).collect();
    let plain = |mut line: String| {
        for (id, role) in &roles {
            line = line.replace(id, role);
        }
        line
    };
    lines.into_iter().map(plain).collect()
}

const KINDS: [Kind; 8] = [
    Kind::Experiment,
    Kind::Run,
    Kind::LoggedModel,
    Kind::Model,
    Kind::ModelVersion,
    Kind::Prompt,
    Kind::PromptVersion,
    Kind::Dataset,
];

/// What servers set by themselves, or an import does not ask for.
const LEFT_OUT: [&str; 15] = [
    "mlflow_object",
    "workspace",
    "mlflow.source.git.commit",
    "mlflow.source.git.branch",
    "start_time",
    "end_time",
    "creation_time",
    "last_update_time",
    "creation_timestamp",
    "last_updated_timestamp",
    "creation_timestamp_ms",
    "last_updated_timestamp_ms",
    "timestamp",
    "model_uuid",
    "utc_time_created",
];

/// What only the spans of traces tell of, which an import does not ask for.
const OF_SPANS: [&str; 2] = ["dataset s3://library-lake handbook/opening.md", "model openai gpt-4o-mini"];

fn lines(reader: &Reader<'_>) -> Vec<String> {
    let mut heads = Vec::new();
    entity::each(reader.db(), |ix, kind, head, gone| {
        if KINDS.contains(&kind) && ix == head && !gone {
            heads.push((ix, kind));
        }
    })
    .unwrap();
    let called = |ix| {
        let names = reader.names(ix).unwrap();
        let name = |namespace: &str, name: &str| {
            let namespace = if namespace.starts_with("mlflow://") { "mlflow" } else { namespace };
            format!("{namespace} {name}")
        };
        let mut names: Vec<String> =
            names.iter().map(|row| name(&row.name.namespace, &row.name.name)).collect();
        names.sort();
        names.join(", ")
    };
    let mut lines = Vec::new();
    for (ix, kind) in heads {
        let me = format!("{} {}", kind.word(), called(ix));
        if OF_SPANS.contains(&me.as_str()) {
            continue;
        }
        lines.push(me.clone());
        for field in reader.fields(ix).unwrap() {
            // A parent is told by its place.
            let value = match field.current.value.as_str() {
                _ if field.field.to_string() == "parent" => continue,
                Some(text) => text.to_owned(),
                None => canonical(&without_times(&field.current.value)),
            };
            lines.push(format!("{me}: field {} = {value}", field.field));
        }
        for facet in reader.facets(ix).unwrap() {
            let about = facet.about.map(called).unwrap_or_default();
            if facet.name != "mlflow_object" && !facet.name.starts_with("artifact/") {
                lines.push(format!(
                    "{me}: facet {} {about} = {}",
                    facet.name,
                    canonical(&without_times(&facet.body))
                ));
            }
        }
        for relation in reader.relations(ix).unwrap() {
            // Traces are not asked for by an import.
            if relation.outgoing && KINDS.contains(&relation.other.kind) {
                lines.push(format!("{me}: {} {}", relation.row.kind.word(), called(relation.other.ix)));
            }
        }
        for row in reader.series(ix).unwrap() {
            let points = series::points(reader.db(), row.ix).unwrap();
            let points: Vec<String> =
                points.iter().map(|point| format!("{}:{}", point.step, point.value)).collect();
            lines.push(format!("{me}: points {} = {}", row.metric, points.join(" ")));
        }
    }
    lines
}

fn without_times(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), without_times(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_times).collect(),
        // JSON in a text, as tags have it.
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => without_times(&inner),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}
