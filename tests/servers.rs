//! Imports from servers by the command line, against stand-ins on loopback: read once, read again, taken back.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;
mod stand;

use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use catena::Catena;
use catena_tests::{fixture, recorded};
use serde_json::{Value, json};
use stand::{Reply, Request, Stand};

fn missing() -> Reply {
    (404, json!({"message": "no such thing"}).to_string())
}

fn events() -> Vec<String> {
    String::from_utf8(recorded("openlineage/client.ndjson")).unwrap().lines().map(str::to_owned).collect()
}

/// As Marquez lists events: newest first, five at most.
fn marquez(request: &Request) -> Reply {
    if request.path() != "/api/v1/events/lineage" {
        return missing();
    }
    let events = events();
    let page: Vec<String> = events.iter().rev().skip(request.number("offset")).take(5).cloned().collect();
    (200, format!(r#"{{"events":[{}],"totalCount":{}}}"#, page.join(","), events.len()))
}

fn operations(catalog: &Catena) -> usize {
    let history = catalog.run(["history", "--limit", "1000"]).json();
    history["operations"].as_array().unwrap().len()
}

#[test]
fn events_from_a_server_are_those_of_the_file_and_come_back_after_an_undo() {
    let stand = Stand::new(marquez);
    let catalog = Catena::new();
    let report = catalog.run(["import", "openlineage", &stand.url]).json();
    assert!(report["created"].as_u64().unwrap() > 10, "{report}");
    assert_eq!(report["rejected"], json!([]));
    let [created, changed, same] = catalog.import("openlineage", &fixture("openlineage/client.ndjson"));
    assert_eq!([created, changed], [0, 0]);
    assert!(same > 0);

    assert!(operations(&catalog) > 1, "portions are operations of their own");
    let import = report["import"].as_str().unwrap();
    let plan = catalog.run(["revert", import, "--dry-run"]).json();
    assert_eq!(plan["operations"].as_u64().unwrap() as usize, operations(&catalog));
    assert_eq!(plan["collision_count"], 0);
    let undone = catalog.run(["revert", import]);
    assert_eq!(undone.code, ExitCode::SUCCESS, "{undone:?}");
    assert_eq!(catalog.run(["search", "daily_sales"]).json()["hits"], json!([]));
    catalog.assert_sound();
    let again = catalog.run(["import", "openlineage", &stand.url]).json();
    assert_eq!(again["created"], report["created"]);
    catalog.assert_sound();
    let nothing = catalog.run(["import", "openlineage", &stand.url]).json();
    assert_eq!((&nothing["created"], &nothing["changed"]), (&json!(0), &json!(0)));
    assert_eq!(nothing.get("import"), None, "nothing is there to be taken back");
}

#[test]
fn a_server_that_fails_half_way_leaves_what_was_read_and_the_next_import_adds_the_rest() {
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let stand = Stand::new(move |request| match request.number("offset") {
        10 if failing.load(Ordering::SeqCst) => (403, json!({"message": "not now"}).to_string()),
        _ => marquez(request),
    });
    let catalog = Catena::new();
    let answer = catalog.run(["import", "openlineage", &stand.url]);
    assert_eq!(answer.code, ExitCode::from(1), "{answer:?}");
    assert!(answer.err.contains("403") && answer.err.contains("not now"), "{}", answer.err);
    assert!(answer.json()["created"].as_u64().unwrap() > 0, "what was read stays: {answer:?}");
    stand.asked();
    fails.store(false, Ordering::SeqCst);
    assert_eq!(catalog.run(["import", "openlineage", &stand.url]).code, ExitCode::SUCCESS);
    assert_eq!(stand.asked()[0].number("offset"), 10, "it goes on where it was");
    let [created, changed, _] = catalog.import("openlineage", &fixture("openlineage/client.ndjson"));
    assert_eq!([created, changed], [0, 0], "nothing was missed");
    catalog.assert_sound();
}

#[test]
fn a_dbt_project_from_a_server_is_the_one_in_the_folder() {
    let stand = Stand::new(|request| {
        let name = request.path().trim_start_matches('/');
        match name {
            "manifest.json" | "catalog.json" | "run_results.json" => {
                (200, String::from_utf8(recorded(&format!("dbt/bookshop/target/{name}"))).unwrap())
            }
            _ => missing(),
        }
    });
    let catalog = Catena::new();
    let [created, ..] = catalog.import("dbt", Path::new(&stand.url));
    assert!(created > 0);
    let [created, changed, _] = catalog.import("dbt", &fixture("dbt/bookshop/target"));
    assert_eq!([created, changed], [0, 0]);
    catalog.assert_sound();
}

const ENDED: i64 = 1_600_000_000_000;

/// An MLflow with three runs, one of which has not ended; without a registry, as the oldest are.
fn mlflow(request: &Request) -> Reply {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let made = ENDED - 9 * 86_400_000;
    let run = |id: &str, days: i64, status: &str| {
        let at = ENDED - days * 86_400_000;
        json!({
            "info": {"run_id": id, "experiment_id": "1", "status": status, "start_time": at - 5_000,
                "end_time": (status == "FINISHED").then_some(at), "lifecycle_stage": "active"},
            "data": {"metrics": [{"key": "loss", "value": 0.25, "timestamp": at, "step": 1}]},
        })
    };
    let runs = [run("old", 5, "FINISHED"), run("new", 0, "FINISHED"), run("going", 7, "RUNNING")];
    let filter = body["filter"].as_str().unwrap_or_default();
    let since = |key: &str, run: &Value| {
        let from = filter.rsplit(' ').next().unwrap().parse().unwrap_or(i64::MAX);
        run["info"][key].as_i64().is_some_and(|time| time >= from)
    };
    let asked = |run: &&Value| match filter {
        "" => true,
        _ if filter.starts_with("attributes.start_time >=") => since("start_time", run),
        _ if filter.starts_with("attributes.end_time >=") => since("end_time", run),
        _ => filter.ends_with(&format!("'{}'", run["info"]["status"].as_str().unwrap())),
    };
    let point = |step: i64| json!({"key": "loss", "value": 0.25, "timestamp": ENDED - step, "step": step});
    let answer = match request.path() {
        "/api/2.0/mlflow/experiments/get" => {
            json!({"experiment": {"experiment_id": "0", "name": "Default", "creation_time": made}})
        }
        "/api/2.0/mlflow/experiments/search" => {
            json!({"experiments": [{"experiment_id": "1", "name": "delays", "creation_time": made}]})
        }
        "/api/2.0/mlflow/runs/search" => json!({"runs": runs.iter().filter(asked).collect::<Vec<_>>()}),
        "/api/2.0/mlflow/metrics/get-history" => {
            let at = runs
                .iter()
                .find(|run| {
                    request.target.contains(&format!("run_id={}&", run["info"]["run_id"].as_str().unwrap()))
                })
                .map(|run| run["data"]["metrics"][0].clone());
            json!({"metrics": [point(0), at]})
        }
        _ => return missing(),
    };
    (200, answer.to_string())
}

fn filters(asked: &[Request]) -> Vec<String> {
    let searches = asked.iter().filter(|request| request.path().ends_with("runs/search"));
    searches
        .map(|request| {
            serde_json::from_str::<Value>(&request.body).unwrap()["filter"].as_str().unwrap_or("").to_owned()
        })
        .collect()
}

fn histories(asked: &[Request]) -> Vec<&str> {
    asked
        .iter()
        .map(|request| request.target.as_str())
        .filter(|target| target.contains("/get-history?"))
        .collect()
}

#[test]
fn mlflow_is_asked_again_only_for_what_may_have_changed() {
    let stand = Stand::new(mlflow);
    let catalog = Catena::new();
    let import = |all: bool| match all {
        false => catalog.run(["import", "mlflow", &stand.url]).json(),
        true => catalog.run(["import", "mlflow", &stand.url, "--all"]).json(),
    };
    let first = import(false);
    assert!(first["created"].as_u64().unwrap() >= 4, "{first}");
    let asked = stand.asked();
    assert_eq!(filters(&asked), [""]);
    assert_eq!(histories(&asked).len(), 3);

    let second = import(false);
    assert_eq!((&second["created"], &second["changed"]), (&json!(0), &json!(0)));
    let notes = second["notes"].to_string();
    assert!(notes.contains("--all"), "{notes}");
    let asked = stand.asked();
    assert_eq!(filters(&asked).len(), 4);
    assert!(filters(&asked).iter().all(|filter| filter.starts_with("attributes.")), "{:?}", filters(&asked));
    // Of the two that it was told of again, one has ended and is stored to its last point.
    assert_eq!(histories(&asked).len(), 1);
    assert!(histories(&asked)[0].contains("run_id=going"));

    let whole = import(true);
    assert_eq!((&whole["created"], &whole["changed"]), (&json!(0), &json!(0)));
    let asked = stand.asked();
    assert_eq!((filters(&asked), histories(&asked).len()), (vec![String::new()], 3));

    let undone = catalog.run(["revert", first["import"].as_str().unwrap()]);
    assert_eq!(undone.code, ExitCode::SUCCESS, "{undone:?}");
    let back = import(false);
    assert_eq!(back["created"], first["created"], "what was taken back is asked for again");
    assert_eq!(filters(&stand.asked()), [""]);
    catalog.assert_sound();
}
