//! Reading the events that a Marquez server keeps. None can be had here: a stand-in answers as its API says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use catena_connect::{
    cancel::Cancel,
    connector::{Cursor, Done, ReadError},
    registry::{Address, System},
};
use catena_ingest::openlineage::{Limits, read_events};
use serde_json::json;
use support::{Kept, Reply, Request, Stand, settings};

fn recorded() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/openlineage/client.ndjson");
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// As Marquez answers: newest first, at most `most` at once.
fn answer(request: &Request, oldest_first: &[String], most: usize) -> Reply {
    if request.path != "/api/v1/events/lineage" {
        return Reply::missing();
    }
    let number =
        |name: &str| request.parameters(name).first().map_or(0, |text| text.parse::<usize>().unwrap());
    let page: Vec<&str> = oldest_first
        .iter()
        .rev()
        .skip(number("offset"))
        .take(number("limit").min(most))
        .map(String::as_str)
        .collect();
    Reply::Json(format!(r#"{{"events":[{}],"totalCount":{}}}"#, page.join(","), oldest_first.len()))
}

async fn read(stand: &Stand, from: Option<&Cursor>) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let connector =
        System::by_key("openlineage").unwrap().open(&Address::parse(&stand.url), settings().0).unwrap();
    let done = connector.read(from, &mut kept, &Cancel::new()).await;
    (kept, done)
}

fn read_from_a_file(events: &[String]) -> Kept {
    let bytes = events.join("\n");
    Kept { reads: read_events(bytes.as_bytes(), Limits::default()).collect(), ..Kept::default() }
}

/// What makes each event the one that it is, and a digest of all that it says.
fn identities(kept: &Kept) -> Vec<String> {
    let mut all: Vec<String> =
        kept.records().into_iter().map(|record| format!("{:?}", record.event)).collect();
    all.sort();
    all.dedup();
    all
}

#[tokio::test]
async fn all_pages_are_read_and_an_event_is_the_same_one_as_in_a_file() {
    let stand = Stand::new(|request| answer(request, &recorded(), 7)).await;
    let (kept, done) = read(&stand, None).await;
    assert_eq!(done.unwrap(), Done::default());
    assert_eq!(kept.rejections(), Vec::<String>::new());
    assert_eq!(identities(&kept), identities(&read_from_a_file(&recorded())));
    assert!(stand.requests.lock().unwrap().len() > recorded().len() / 7);
    assert!(kept.places()[0].ends_with("event 1 from the newest"), "{}", kept.places()[0]);
}

#[tokio::test]
async fn a_server_that_stays_dead_half_way_is_gone_on_with() {
    let events = recorded();
    let pages = events.len().div_ceil(7);
    for dies_after in 1..pages {
        let (count, held) = (AtomicUsize::new(0), events.clone());
        let stand = Stand::new(move |request| match count.fetch_add(1, Ordering::SeqCst) {
            // Four attempts meet the dead server; then it is there again.
            n if (dies_after..dies_after + 4).contains(&n) => Reply::Drop,
            _ => answer(request, &held, 7),
        })
        .await;
        let (mut kept, died) = read(&stand, None).await;
        assert!(died.unwrap_err().to_string().contains("is the server running?"));
        let cursor = kept.cursors.last().cloned();
        let (rest, done) = read(&stand, cursor.as_ref()).await;
        assert_eq!(done.unwrap(), Done::default());
        assert!(rest.reads.len() < events.len());
        kept.reads.extend(rest.reads);
        assert_eq!(identities(&kept), identities(&read_from_a_file(&recorded())), "died after {dies_after}");
    }
}

#[tokio::test]
async fn events_that_arrive_while_it_reads_are_read_too() {
    let all = recorded();
    let there = Arc::new(Mutex::new(all.len() / 2));
    let held = all.clone();
    let stand = Stand::new(move |request| {
        let mut there = there.lock().unwrap();
        let reply = answer(request, &held[..*there], 5);
        *there = (*there + 1).min(held.len());
        reply
    })
    .await;
    let (kept, done) = read(&stand, None).await;
    assert!(done.is_ok());
    let asked = stand.requests.lock().unwrap().len();
    let seen: Vec<String> = all[..(all.len() / 2 + asked - 1).min(all.len())].to_vec();
    let file = read_from_a_file(&seen);
    let (got, wanted) = (identities(&kept), identities(&file));
    assert!(
        wanted.len() - got.len() <= 1,
        "at most what came with the last answer: {} {}",
        got.len(),
        wanted.len()
    );
}

#[tokio::test]
async fn one_bad_event_is_one_rejection() {
    let mut events = recorded();
    events.insert(3, r#"{"eventTime": 7}"#.to_owned());
    events.insert(5, format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)));
    let stand = Stand::new(move |request| answer(request, &events, 100)).await;
    let (kept, done) = read(&stand, None).await;
    assert!(done.is_ok(), "{done:?}");
    let rejections = kept.rejections();
    assert_eq!(rejections.len(), 2, "{rejections:?}");
    assert!(rejections.iter().all(|rejection| rejection.contains("from the newest")), "{rejections:?}");
    assert_eq!(identities(&kept), identities(&read_from_a_file(&recorded())));
}

#[tokio::test]
async fn what_is_no_marquez_is_said_to_be_none() {
    let html = "<html>Marquez Web</html>";
    let stand = Stand::new(move |_| Reply::status(200, "Content-Type: text/html\r\n", html)).await;
    let error = read(&stand, None).await.1.unwrap_err().to_string();
    assert!(error.contains("answered HTML, not JSON: is this the address of a Marquez server?"), "{error}");
    let stand = Stand::new(|_| Reply::missing()).await;
    let error = read(&stand, None).await.1.unwrap_err().to_string();
    assert!(error.contains("404") && error.contains("check the address"), "{error}");
    let stand = Stand::new(|_| Reply::Json(json!({"data": []}).to_string())).await;
    let error = read(&stand, None).await.1.unwrap_err().to_string();
    assert!(error.contains("can't be read"), "{error}");
}

#[tokio::test]
async fn the_same_page_whatever_is_asked_for_is_noticed() {
    let events = recorded();
    let page = format!(r#"{{"events":[{}]}}"#, events[..3].join(","));
    let stand = Stand::new(move |_| Reply::Json(page.clone())).await;
    let error = read(&stand, None).await.1.unwrap_err().to_string();
    assert!(error.contains("the same page of events again and again"), "{error}");
}

#[tokio::test]
async fn a_server_that_forgot_events_meanwhile_is_read_from_its_newest_again() {
    let fewer = recorded()[4..].to_vec();
    let held = fewer.clone();
    let stand = Stand::new(move |request| answer(request, &held, 7)).await;
    let there_were = recorded().len();
    let cursor = Cursor(format!(r#"{{"offset":{},"total":{there_were}}}"#, there_were - 1));
    let (kept, done) = read(&stand, Some(&cursor)).await;
    assert!(done.is_ok());
    assert_eq!(identities(&kept), identities(&read_from_a_file(&fewer)));
}
