//! The whole chain, all real: dbt builds tables out of raw files, MLflow trains on one, a small program answers from a
//! document that was written out of another, and the lineage of its answer ends at the raw file. Nobody ties anything
//! by hand.

use std::process::{Command, ExitCode, Stdio};

use catena_tests::serving::{Serving, TOKEN};
use serde_json::{Value, json};

use crate::{catena::Catena, python, script};

/// The receivers that take part, in this order.
pub const RECEIVERS: &[&str] = &[
    "--openlineage",
    "127.0.0.1:0",
    "--otlp-http",
    "127.0.0.1:0",
    "--langsmith",
    "127.0.0.1:0",
    "--mlflow",
    "127.0.0.1:0",
];

/// Lets a script do its part; gives what it printed last.
fn part(environment: &str, name: &str, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let mut command = python(environment);
    let done = command
        .args(["-W", "ignore"])
        .arg(script(name))
        .args(arguments)
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().last().unwrap_or_default().to_owned()
}

fn chroma(folder: &std::path::Path) -> Serving {
    let mut command: Command = python("CHROMA");
    command.arg(script("chroma_server.py")).arg(folder).arg("--empty").stdin(Stdio::piped());
    Serving::of(&mut command, |line| {
        line.starts_with("http://").then(|| (Value::Null, line.trim().to_owned()))
    })
}

#[test]
#[ignore = "runs dbt, MLflow, Chroma, OpenLLMetry and LangSmith"]
fn the_lineage_of_an_answer_ends_at_the_raw_file() {
    let catena = Catena::new();
    let folder = catena.folder().to_str().unwrap().to_owned();
    let serving = Serving::start(&catena.folder().join("test.catena"));
    let address = |name: &str| {
        let receivers = serving.ready["receivers"].as_array().unwrap();
        let found = receivers.iter().find(|receiver| receiver["protocol"] == name);
        found.unwrap_or_else(|| panic!("{name}: {receivers:?}"))["address"].as_str().unwrap().to_owned()
    };
    let store = chroma(catena.folder());

    part("DBT", "demo_tables.py", &[&folder, &address("openlineage"), TOKEN], &[]);
    let tracking = [("MLFLOW_TRACKING_URI", &*address("mlflow")), ("MLFLOW_TRACKING_TOKEN", TOKEN)];
    part("MLFLOW", "demo_training.py", &[&folder], &tracking);
    let otlp = address("otlp_http");
    let langsmith = address("langsmith");
    let answer =
        part("OPENLLMETRY", "demo_answer.py", &[&folder, &store.address, &otlp, &langsmith, TOKEN], &[]);
    assert!(answer.contains("opens at nine"), "{answer}");
    let added = catena.run(["connect", "add", "chroma", &store.address, "--name", "knowledge"]);
    assert_eq!(added.code, ExitCode::SUCCESS, "{added:?}");
    let pulled = catena.run(["connect", "pull", "knowledge"]);
    assert_eq!(pulled.code, ExitCode::SUCCESS, "{pulled:?}");

    // Both that watched tell of the answer, and from either it is the same chain.
    let found = catena.run(["search", "", "--kind", "output", "--limit", "50"]).json();
    let answers = found["hits"].as_array().unwrap();
    assert!(answers.len() >= 2, "{found:#}");
    for answer in answers {
        let upstream = lineage(&catena, answer["id"].as_str().unwrap());
        let chain = [
            ("model", "gpt-4o-mini"),
            ("chunk", "visiting-0"),
            ("document", "visiting.md"),
            ("dataset", "opening_hours"),
            ("dataset", "stg_hours"),
            ("dataset", "hours.csv"),
        ];
        for (kind, name) in chain {
            let there = upstream.iter().any(|(k, n)| k.starts_with(kind) && n.starts_with(name));
            assert!(there, "{kind} {name} isn't upstream of {}: {upstream:#?}", answer["name"]);
        }
        let others = upstream.iter().any(|(_, name)| name == "visits.csv");
        assert!(!others, "what has nothing to do with it: {upstream:#?}");
    }

    // Rejected, the export of the table is gone from the lineage, and stays away when the store is read again.
    let documents = catena.run(["search", "visiting", "--kind", "document"]).json();
    let document = documents["hits"][0]["id"].as_str().unwrap();
    let judge = |word: &str| {
        let said = catena.run(["judge", document, "derives_from", "library.main.opening_hours", word]);
        assert_eq!(said.code, ExitCode::SUCCESS, "{said:?}");
        let again = catena.run(["connect", "pull", "knowledge", "--all"]);
        assert_eq!(again.code, ExitCode::SUCCESS, "{again:?}");
        let upstream = lineage(&catena, answers[0]["id"].as_str().unwrap());
        upstream.iter().any(|(_, name)| name == "hours.csv")
    };
    assert!(!judge("reject"));
    assert!(judge("reopen"));

    // And what was trained is of the other file.
    let found = catena.run(["search", "library-visits", "--kind", "model_version"]).json();
    let trained = lineage(&catena, found["hits"][0]["id"].as_str().unwrap());
    for name in ["visits_by_hour", "visits.csv"] {
        assert!(trained.iter().any(|(_, found)| found == name), "{name}: {trained:#?}");
    }
    let dead = catena_tests::count(&catena.folder().join("test.catena"), "SELECT count(*) FROM dead_letter");
    assert_eq!(json!(dead), json!(0));
    catena.assert_sound();
}

fn lineage(catena: &Catena, entity: &str) -> Vec<(String, String)> {
    catena.lineage(entity, "up")
}
