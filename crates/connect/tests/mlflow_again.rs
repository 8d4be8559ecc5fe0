//! Reading an MLflow server again: only what may have changed is asked for, and nothing is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, ReadError},
    mlflow::Server,
};
use serde_json::{Value, json};
use support::{Kept, Reply, Request, Stand, fake_mlflow, settings};

const DAY: i64 = 86_400_000;
/// When the stand-in's own runs ended.
const ENDED: i64 = 1_795_523_615_703;

/// What the clock says in these tests.
const NOW: i64 = 1_795_600_000_000;

/// A stand-in whose runs can be changed and are searched as MLflow searches them, two a page.
struct World {
    stand: Stand,
    runs: Arc<Mutex<Vec<Value>>>,
    dies: Arc<AtomicBool>,
}

fn run(id: &str, experiment: &str, started: i64, ended: Option<i64>) -> Value {
    let mut run = fake_mlflow::run(id, experiment);
    run["info"]["start_time"] = json!(started);
    run["info"]["end_time"] = json!(ended);
    run["info"]["status"] = json!(if ended.is_some() { "FINISHED" } else { "RUNNING" });
    run
}

fn fits(run: &Value, filter: &str) -> bool {
    let Some((field, rest)) = filter.strip_prefix("attributes.").and_then(|filter| filter.split_once(' '))
    else {
        return filter.is_empty();
    };
    let (comparator, value) = rest.split_once(' ').unwrap();
    match (field, comparator) {
        ("start_time" | "end_time", ">=") => {
            run["info"][field].as_i64().is_some_and(|time| time >= value.parse().unwrap())
        }
        ("status", "=") => run["info"]["status"] == value.trim_matches('\''),
        ("run_id", "IN") => value.contains(run["info"]["run_id"].as_str().unwrap()),
        other => panic!("MLflow would not understand {other:?} in {filter}"),
    }
}

impl World {
    async fn new(searches: bool) -> Self {
        let started = ENDED - 1_000;
        let runs = Arc::new(Mutex::new(vec![
            run("r1", "0", started - 40 * DAY, Some(ENDED - 40 * DAY)),
            run("r2", "0", started - 30 * DAY, Some(ENDED - 30 * DAY)),
            run("r3", "0", started, Some(ENDED)),
            run("r4", "1", started - 50 * DAY, None),
        ]));
        let dies = Arc::new(AtomicBool::new(false));
        let (held, dead) = (Arc::clone(&runs), Arc::clone(&dies));
        let stand = Stand::new(move |request: &Request| {
            if dead.load(Ordering::SeqCst) && request.path.contains("model") {
                return Reply::Drop;
            }
            if request.path == "/api/2.0/mlflow/experiments/search" {
                let made =
                    |id: &str, made: i64| json!({"experiment_id": id, "name": id, "creation_time": made});
                return Reply::Json(
                    json!({"experiments": [made("0", ENDED - 60 * DAY), made("1", ENDED - 60 * DAY)]})
                        .to_string(),
                );
            }
            if request.path != "/api/2.0/mlflow/runs/search" {
                return fake_mlflow::answer(request);
            }
            let body = request.json();
            let filter = body["filter"].as_str().unwrap_or_default();
            if !searches && filter.contains("_time") {
                return Reply::status(
                    400,
                    "Content-Type: application/json\r\n",
                    r#"{"message":"no such filter"}"#,
                );
            }
            let asked = body["experiment_ids"].as_array().unwrap();
            let all: Vec<Value> = held
                .lock()
                .unwrap()
                .iter()
                .filter(|run| asked.contains(&run["info"]["experiment_id"]) && fits(run, filter))
                .cloned()
                .collect();
            let from: usize = body["page_token"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
            let to = (from + 2).min(all.len());
            let mut page = json!({"runs": all[from.min(to)..to]});
            if to < all.len() {
                page["next_page_token"] = json!(to.to_string());
            }
            Reply::Json(page.to_string())
        })
        .await;
        Self { stand, runs, dies }
    }

    async fn read(&self, from: Option<&Cursor>) -> (Kept, Result<Done, ReadError>) {
        let mut kept = Kept::default();
        self.stand.requests.lock().unwrap().clear();
        let server = Server::new(&self.stand.url, settings().0).unwrap();
        let done = server.read(from, &mut kept, &Cancel::new()).await;
        (kept, done)
    }

    fn histories_asked_for(&self) -> usize {
        self.stand.paths().iter().filter(|path| path.contains("get-history")).count()
    }
}

fn runs_in(kept: &Kept) -> Vec<String> {
    let mut runs: Vec<String> = kept
        .places()
        .into_iter()
        .filter(|place| place.starts_with("run ") && !place.contains("metric"))
        .map(str::to_owned)
        .collect();
    runs.sort();
    runs
}

#[tokio::test]
async fn the_second_reading_asks_only_for_what_may_have_changed() {
    let world = World::new(true).await;
    let (first, done) = world.read(None).await;
    assert_eq!(runs_in(&first), ["run r1", "run r2", "run r3", "run r4"]);
    let done = done.unwrap();
    assert_eq!(done.notes, []);

    let (second, again) = world.read(done.next.as_ref()).await;
    let again = again.unwrap();
    // The one that ended last is within the overlap, the other had not ended.
    assert_eq!(runs_in(&second), ["run r3", "run r4"]);
    assert!(again.notes[0].why.contains("--all"), "{:?}", again.notes);
    assert!(second.places().contains(&"model clf, version 2"), "registries are small and read whole");

    {
        let mut runs = world.runs.lock().unwrap();
        runs[3] = run("r4", "1", ENDED - 50 * DAY, Some(ENDED + DAY));
        runs.push(run("r5", "0", ENDED + DAY, None));
        runs.push(run("r6", "1", ENDED + DAY, Some(ENDED + DAY)));
    }
    let (third, done) = world.read(again.next.as_ref()).await;
    assert_eq!(runs_in(&third), ["run r3", "run r4", "run r5", "run r6"]);
    // Ended while the third was under way, before the latest that it saw: that one's clock was ahead.
    world.runs.lock().unwrap().push(run("r7", "0", NOW - 2_000_000, Some(NOW - 1_000_000)));
    let (fourth, _) = world.read(done.unwrap().next.as_ref()).await;
    assert_eq!(runs_in(&fourth), ["run r4", "run r5", "run r6", "run r7"]);
}

#[tokio::test]
async fn an_interrupted_second_reading_goes_on_and_the_third_misses_nothing() {
    let world = World::new(true).await;
    let next = world.read(None).await.1.unwrap().next;
    world.runs.lock().unwrap().push(run("r5", "0", ENDED + 1_000, Some(ENDED + 2_000)));
    world.dies.store(true, Ordering::SeqCst);
    let (kept, died) = world.read(next.as_ref()).await;
    assert!(died.is_err());
    assert!(runs_in(&kept).contains(&"run r5".to_owned()));
    world.dies.store(false, Ordering::SeqCst);
    let cursor = kept.cursors.last().cloned();
    let (rest, done) = world.read(cursor.as_ref()).await;
    assert_eq!(runs_in(&rest), Vec::<String>::new());
    assert_eq!(world.histories_asked_for(), 0);
    assert!(rest.places().contains(&"logged model m-1"));
    // What came while it was away is found by the next.
    world.runs.lock().unwrap().push(run("r6", "0", ENDED + 3_000, Some(ENDED + 4_000)));
    let (third, _) = world.read(done.unwrap().next.as_ref()).await;
    assert!(runs_in(&third).contains(&"run r6".to_owned()));
}

#[tokio::test]
async fn a_server_that_can_not_search_by_time_is_read_in_full() {
    let world = World::new(false).await;
    let next = world.read(None).await.1.unwrap().next;
    let (second, done) = world.read(next.as_ref()).await;
    assert_eq!(runs_in(&second), ["run r1", "run r2", "run r3", "run r4"]);
    assert!(done.is_ok());
}

#[tokio::test]
async fn another_store_at_the_same_address_is_read_from_its_beginning() {
    let world = World::new(true).await;
    let next = world.read(None).await.1.unwrap().next.unwrap();
    let other = Cursor(next.0.replace("store-20261124", "store-20250101"));
    assert_ne!(other, next);
    let (kept, _) = world.read(Some(&other)).await;
    assert_eq!(runs_in(&kept).len(), 4);
}

#[tokio::test]
async fn of_traces_only_the_recent_are_asked_for_again() {
    let server = World::new(true).await;
    let filters = || {
        let requests = server.stand.requests.lock().unwrap();
        let searches = requests.iter().filter(|request| request.path.ends_with("traces/search"));
        searches.map(|request| request.json()["filter"].clone()).collect::<Vec<Value>>()
    };
    let (kept, done) = server.read(None).await;
    assert!(filters().iter().all(Value::is_null), "{:?}", filters());
    assert!(kept.places().contains(&"trace tr-00000000000000000000000000000001"));
    let next = done.unwrap().next.unwrap();
    server.read(Some(&next)).await.1.unwrap();
    let again = filters();
    assert!(!again.is_empty());
    assert!(again.iter().all(|filter| filter.as_str().unwrap().starts_with("timestamp_ms >= ")), "{again:?}");
}
