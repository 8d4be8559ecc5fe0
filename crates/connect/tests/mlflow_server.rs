//! Reading an MLflow server: in full, in pieces, of other versions, with something wrong in it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Known, ReadError},
    mlflow::Server,
    registry::{Address, Settings, System},
};
use catena_model::point::Point;
use serde_json::{Value, json};
use support::{
    Kept, Reply, Request, Stand, Stored,
    fake_mlflow::{self, POINTS},
    nothing_known, settings,
};

async fn read_with(
    settings: Settings,
    stand: &Stand,
    from: Option<&Cursor>,
    kept: &mut Kept,
) -> Result<Done, ReadError> {
    Server::new(&stand.url, settings).unwrap().read(from, kept, &Cancel::new()).await
}

async fn read(stand: &Stand) -> (Kept, Done) {
    let mut kept = Kept::default();
    let done = read_with(settings().0, stand, None, &mut kept).await.unwrap();
    assert!(done.next.is_some());
    (kept, Done { next: None, ..done })
}

/// A sound MLflow, except for what `other` answers.
async fn mlflow(other: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Stand {
    Stand::new(move |request| other(request).unwrap_or_else(|| fake_mlflow::answer(request))).await
}

#[tokio::test]
async fn everything_is_read_in_an_order_in_which_it_can_be_stored() {
    let stand = mlflow(|_| None).await;
    let (kept, done) = read(&stand).await;
    assert_eq!(done, Done::default());
    assert_eq!(kept.rejections(), Vec::<String>::new());
    let mut places = kept.places();
    // Histories come in the order in which they arrive.
    places.retain(|place| !place.contains("metric"));
    let spans = places.iter().filter(|place| place.starts_with("span")).count();
    assert_eq!(spans, fake_mlflow::TRACES.len());
    places.retain(|place| !place.starts_with("span"));
    assert_eq!(
        places,
        [
            "experiment 0",
            "experiment 1",
            "run r1",
            "run r2",
            "run r3",
            "run r4",
            "logged model m-1",
            "logged model m-2",
            "registered model clf",
            "prompt greet",
            "model clf, version 1",
            "model clf, version 2",
            "prompt greet, version 1",
            "trace tr-00000000000000000000000000000001",
            "trace tr-00000000000000000000000000000002",
            "trace tr-00000000000000000000000000000003",
            "evaluation dataset golden d-1",
            "evaluation dataset golden d-2",
            "evaluation dataset golden d-3",
        ]
    );
    for run in ["r1", "r2", "r3", "r4"] {
        assert_eq!(kept.points(run, "loss").len() as i64, POINTS, "{run}");
    }
    let said = kept.said().join("\n");
    assert!(said.contains("champion"), "{said}");
    assert!(said.contains("TrainedOn") && said.contains("iris.parquet"), "{said}");
    assert_eq!(
        kept.stages,
        [
            "experiments",
            "runs",
            "logged models",
            "registered models",
            "prompts",
            "versions of models",
            "versions of prompts",
            "traces",
            "evaluation datasets"
        ]
    );
}

#[tokio::test]
async fn the_store_is_named_by_its_first_moment_unless_somebody_names_it() {
    let stand = mlflow(|_| None).await;
    let system = System::by_key("mlflow").unwrap();
    let mut settings = settings().0;
    let probe = |settings: Settings| {
        let server = system.open(&Address::parse(&stand.url), settings).unwrap();
        async move { server.probe(&Cancel::new()).await.unwrap() }
    };
    let found = probe(settings.clone()).await;
    assert_eq!(found.namespace, "mlflow://store-20261124-123209-932");
    assert_eq!(found.version.as_deref(), Some("3.17.2"));
    settings.namespace = Some("mlflow://zoo".to_owned());
    assert_eq!(probe(settings).await.namespace, "mlflow://zoo");
}

#[tokio::test]
async fn a_server_that_dies_half_way_and_comes_back_is_read_to_the_end() {
    let count = AtomicUsize::new(0);
    // Every third answer is lost.
    let stand = mlflow(move |_| (count.fetch_add(1, Ordering::SeqCst) % 3 == 2).then_some(Reply::Drop)).await;
    let (settings, pause) = settings();
    let mut kept = Kept::default();
    let done = read_with(settings, &stand, None, &mut kept).await.unwrap();
    assert_eq!(Done { next: None, ..done }, Done::default());
    assert!(pause.waits().len() > 3, "it did die");
    let sound = mlflow(|_| None).await;
    assert_eq!(kept.said(), read(&sound).await.0.said());
}

#[tokio::test]
async fn after_a_server_that_stays_dead_the_next_reading_goes_on_where_it_was() {
    let sound = mlflow(|_| None).await;
    let (whole, _) = read(&sound).await;
    let requests = sound.paths().len();
    for dies_after in 3..requests {
        let dead = Arc::new(AtomicBool::new(false));
        let (count, is_dead) = (AtomicUsize::new(0), dead.clone());
        let stand = mlflow(move |_| {
            let count = count.fetch_add(1, Ordering::SeqCst);
            (count >= dies_after && is_dead.load(Ordering::SeqCst)).then_some(Reply::Drop)
        })
        .await;
        dead.store(true, Ordering::SeqCst);
        let mut kept = Kept::default();
        let error = read_with(settings().0, &stand, None, &mut kept).await.unwrap_err();
        assert!(error.to_string().contains("is the server running?"), "{error}");
        dead.store(false, Ordering::SeqCst);
        let asked = stand.paths().len();
        let cursor = kept.cursors.last().cloned();
        read_with(settings().0, &stand, cursor.as_ref(), &mut kept).await.unwrap();
        assert_eq!(kept.said(), whole.said(), "died after {dies_after}");
        if dies_after > requests / 2 {
            assert!(stand.paths().len() - asked < requests, "it did not start again (after {dies_after})");
        }
    }
}

#[tokio::test]
async fn stopped_after_any_portion_it_goes_on_from_there() {
    let stand = mlflow(|_| None).await;
    let (whole, _) = read(&stand).await;
    for stop_after in 1..whole.cursors.len() {
        let mut kept = Kept { stop_after: Some(stop_after), ..Kept::default() };
        let done = read_with(settings().0, &stand, None, &mut kept).await.unwrap();
        assert!(done.stopped);
        assert_eq!(kept.cursors.len(), stop_after);
        kept.stop_after = None;
        let cursor = kept.cursors.last().cloned();
        read_with(settings().0, &stand, cursor.as_ref(), &mut kept).await.unwrap();
        assert_eq!(kept.said(), whole.said(), "stopped after {stop_after}");
    }
}

#[tokio::test]
async fn a_forgotten_token_starts_its_listing_again_and_a_foreign_cursor_is_refused() {
    let stand = mlflow(|request| {
        let forgotten = request.json()["page_token"] == "gone";
        forgotten
            .then(|| Reply::status(400, "Content-Type: application/json\r\n", r#"{"message":"bad token"}"#))
    })
    .await;
    let at = |place: &str| {
        format!(
            r#"{{"store":"mlflow://store-20261124-123209-932","since":null,"begun":1795600000000,"latest":0,"place":{place}}}"#
        )
    };
    let cursor = Cursor(at(r#"{"stage":"runs","experiment":"0","token":"gone"}"#));
    let mut kept = Kept::default();
    read_with(settings().0, &stand, Some(&cursor), &mut kept).await.unwrap();
    assert!(kept.places().contains(&"run r1"), "{:?}", kept.places());
    let foreign = [
        String::new(),
        "{}".to_owned(),
        at(r#"{"stage":"rows","table":"runs","after":7}"#),
        at(r#"{"stage":"moons"}"#),
    ];
    for foreign in foreign {
        let error =
            read_with(settings().0, &stand, Some(&Cursor(foreign.clone())), &mut kept).await.unwrap_err();
        assert!(matches!(error, ReadError::BadCursor(_)), "{foreign}: {error:?}");
    }
}

#[tokio::test]
async fn the_same_page_again_and_again_is_noticed() {
    for (path, what) in [
        ("experiments/search", "experiments"),
        ("runs/search", "runs"),
        ("registered-models/search", "registered models"),
    ] {
        let stand = mlflow(move |request| {
            let Reply::Json(body) = fake_mlflow::answer(request) else { return None };
            let mut body: Value = serde_json::from_str(&body).unwrap();
            body["next_page_token"] = json!("2");
            request.path.ends_with(path).then(|| Reply::Json(body.to_string()))
        })
        .await;
        let error =
            read_with(settings().0, &stand, None, &mut Kept::default()).await.unwrap_err().to_string();
        assert!(error.contains(&format!("the same page of {what} again and again")), "{error}");
    }
}

#[tokio::test]
async fn pages_without_end_and_content_are_noticed() {
    let count = AtomicUsize::new(0);
    let stand = mlflow(move |request| {
        let token = count.fetch_add(1, Ordering::SeqCst);
        let empty = json!({"runs": [], "next_page_token": token.to_string()});
        request.path.ends_with("runs/search").then(|| Reply::Json(empty.to_string()))
    })
    .await;
    let error = read_with(settings().0, &stand, None, &mut Kept::default()).await.unwrap_err().to_string();
    assert!(error.contains("again and again"), "{error}");
}

#[tokio::test]
async fn an_older_server_is_read_as_far_as_it_goes_and_the_rest_is_noted() {
    let stand = mlflow(|request| {
        let newer = ["logged-models", "ajax-api", "/version"].iter().any(|part| request.path.contains(part));
        let filtered = request.query.contains("is_prompt");
        let refused =
            || Reply::status(400, "Content-Type: application/json\r\n", r#"{"message":"no such filter"}"#);
        if newer { Some(Reply::missing()) } else { filtered.then(refused) }
    })
    .await;
    let (kept, done) = read(&stand).await;
    let noted: Vec<&str> = done.notes.iter().map(|note| note.place.as_str()).collect();
    assert_eq!(noted, ["logged models", "prompts", "versions of prompts"]);
    assert!(done.notes[0].why.contains("older than MLflow 3"));
    assert_eq!(kept.points("r4", "loss").len() as i64, POINTS, "one by one, in pages");
    assert!(kept.places().contains(&"model clf, version 2"));
    assert_eq!(
        stand.paths().iter().filter(|path| path.contains("get-history-bulk")).count(),
        1,
        "asked for once"
    );
}

#[tokio::test]
async fn one_bad_run_does_not_spoil_the_others() {
    let stand = mlflow(|request| {
        let Reply::Json(body) = fake_mlflow::answer(request) else { return None };
        let mut body: Value = serde_json::from_str(&body).unwrap();
        if body["runs"][0]["info"]["run_id"] == "r1" && request.json()["filter"].is_null() {
            body["runs"][0]["info"]["start_time"] = json!({"not": "a time"});
        }
        request.path.ends_with("runs/search").then(|| Reply::Json(body.to_string()))
    })
    .await;
    let (kept, _) = read(&stand).await;
    let rejections = kept.rejections();
    assert_eq!(rejections.len(), 1, "{rejections:?}");
    assert!(rejections[0].starts_with("run r1: the server sent what can't be read"), "{rejections:?}");
    assert!(["run r2", "run r3", "run r4"].iter().all(|run| kept.places().contains(run)));
}

#[tokio::test]
async fn a_history_that_the_server_can_not_give_is_a_rejection() {
    let stand = mlflow(|request| {
        if request.path.contains("ajax-api") {
            return Some(Reply::missing());
        }
        let is_r2 = request.path.ends_with("get-history") && request.parameters("run_id")[0] == "r2";
        is_r2.then(|| Reply::status(500, "", ""))
    })
    .await;
    let (kept, _) = read(&stand).await;
    let rejections = kept.rejections();
    assert_eq!(rejections.len(), 1, "{rejections:?}");
    assert!(
        rejections[0].starts_with("run r2, metric loss: ") && rejections[0].contains("500"),
        "{rejections:?}"
    );
    assert_eq!(kept.points("r3", "loss").len() as i64, POINTS);
}

#[tokio::test]
async fn histories_that_are_stored_are_not_fetched_again() {
    let stand = mlflow(|_| None).await;
    let last = Point { step: POINTS - 1, at_millis: 1_795_523_604_000, value: 0.5 };
    let known = |point: Point| -> Arc<dyn Known> {
        let stored = ["r1", "r2", "r3", "r4"].map(|run| ((format!("runs/{run}"), "loss".to_owned()), point));
        Arc::new(Stored(stored.into_iter().collect()))
    };
    let fetched = |known: Arc<dyn Known>| {
        let settings = Settings { known, ..settings().0 };
        async {
            stand.requests.lock().unwrap().clear();
            read_with(settings, &stand, None, &mut Kept::default()).await.unwrap();
            stand.paths().iter().filter(|path| path.contains("history")).count()
        }
    };
    assert!(fetched(nothing_known()).await > 0);
    assert!(fetched(known(Point { step: 1, ..last })).await > 0);
    assert_eq!(fetched(known(last)).await, 0);
}

#[tokio::test]
async fn a_page_of_runs_that_is_too_large_is_asked_for_in_smaller_ones() {
    let stand = mlflow(|request| {
        let most = request.json()["max_results"].as_u64().unwrap_or(0);
        let large = request.path.ends_with("runs/search") && most > 50;
        large.then(|| Reply::Json(format!("{{\"runs\":[]{}}}", " ".repeat(1_200_000))))
    })
    .await;
    let (kept, _) = read(&stand).await;
    assert!(kept.places().contains(&"run r4"));
}

#[tokio::test]
async fn names_from_a_server_are_never_used_as_paths() {
    // V1: what a server calls its things goes into the query, encoded, or into a body.
    let evil = "../../admin?x=1&run_id=r9#";
    let stand = mlflow(move |request| {
        let Reply::Json(body) = fake_mlflow::answer(request) else { return None };
        request
            .path
            .ends_with("runs/search")
            .then(|| Reply::Json(body.replace("\"r1\"", &format!("\"{evil}\""))))
    })
    .await;
    let (kept, _) = read(&stand).await;
    assert!(kept.places().contains(&format!("run {evil}").as_str()));
    for request in stand.requests.lock().unwrap().iter() {
        assert!(!request.path.contains("admin"), "{request:?}");
        assert!(!request.parameters("run_id").contains(&"r9"), "{request:?}");
    }
}
