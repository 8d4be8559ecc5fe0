//! Reading a Chroma server that pages, hangs, leads astray, lies or dies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use catena_connect::{
    cancel::Cancel,
    connector::{Cursor, Done, Found, ReadError},
    registry::{Address, System},
    secret::{Credential, Secret},
};
use serde_json::{Value, json};
use support::{Kept, Reply, Request, Stand, settings};

const DATABASE: &str = "/api/v2/tenants/default_tenant/databases";

/// A server with a database of three collections, of which the second has this many records.
fn answer(request: &Request, records: usize) -> Reply {
    let ids = ["0a", "0b", "0c"];
    let rest = request.path.strip_prefix(DATABASE).unwrap_or_default();
    let reply = match (request.path.as_str(), rest) {
        ("/api/v2/version", _) => json!("1.0.0"),
        ("/api/v2/auth/identity", _) => {
            json!({"user_id": "", "tenant": "default_tenant", "databases": ["default_database"]})
        }
        (DATABASE, _) => json!([{"id": "0", "name": "default_database", "tenant": "default_tenant"}]),
        (_, "/default%5Fdatabase/collections" | "/default_database/collections") => {
            let offset: usize = request.parameters("offset")[0].parse().unwrap();
            let all = ids.map(|id| {
                json!({
                    "id": id, "name": format!("books-{id}"), "dimension": 3, "metadata": null,
                    "tenant": "default_tenant", "database": "default_database",
                    "configuration_json": {"hnsw": {"space": "cosine"}},
                })
            });
            Value::from(all[offset.min(3)..].to_vec())
        }
        (_, rest) => {
            let (collection, what) = rest.rsplit_once('/').unwrap();
            let has = if collection.ends_with("0b") { records } else { 0 };
            match what {
                "count" => json!(has),
                "get" => {
                    let asked = request.json();
                    let number = |key: &str| asked[key].as_u64().unwrap() as usize;
                    let page = number("offset")..(number("offset") + number("limit")).min(has);
                    let ids: Vec<String> = page.clone().map(|n| format!("r{n:05}")).collect();
                    let texts: Vec<String> = page.clone().map(|n| format!("text {n}")).collect();
                    let noted: Vec<Value> =
                        page.map(|n| json!({"source": format!("/data/{}.md", n % 7)})).collect();
                    json!({"ids": ids, "documents": texts, "metadatas": noted, "uris": null})
                }
                _ => return Reply::missing(),
            }
        }
    };
    Reply::Json(reply.to_string())
}

async fn read(stand: &Stand, from: Option<&Cursor>) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let connector =
        System::by_key("chroma").unwrap().open(&Address::parse(&stand.url), settings().0).unwrap();
    let done = connector.read(from, &mut kept, &Cancel::new()).await;
    (kept, done)
}

fn places(kept: &Kept) -> Vec<String> {
    let mut all: Vec<String> = kept.records().iter().map(|record| record.at.clone()).collect();
    all.sort();
    all.dedup();
    all
}

async fn failure(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> String {
    let stand = Stand::new(reply).await;
    read(&stand, None).await.1.expect_err("it is hostile").to_string()
}

#[tokio::test]
async fn every_page_of_every_collection_is_read_and_counted_beforehand() {
    let stand = Stand::new(|request| answer(request, 1_203)).await;
    let connector =
        System::by_key("chroma").unwrap().open(&Address::parse(&stand.url), settings().0).unwrap();
    let probe = connector.probe(&Cancel::new()).await.unwrap();
    assert_eq!(
        probe.found,
        [Found::new("databases", 1), Found::new("collections", 3), Found::new("records", 1_203)]
    );
    let (kept, done) = read(&stand, None).await;
    assert_eq!(done.unwrap(), Done::default());
    assert_eq!(places(&kept).len(), 3 + 1_203 + 1, "and what their metadata has");
    assert!(kept.rejections().is_empty());
    let most = stand.requests.lock().unwrap().iter().filter_map(|r| r.json()["limit"].as_u64()).max();
    assert!(most.unwrap() <= 500, "no more is held than a page");
}

#[tokio::test]
async fn one_that_dies_half_way_is_gone_on_with() {
    for dies_after in [3, 5, 7, 8] {
        let count = AtomicUsize::new(0);
        let stand = Stand::new(move |request| match count.fetch_add(1, Ordering::SeqCst) {
            n if (dies_after..dies_after + 4).contains(&n) => Reply::Drop,
            _ => answer(request, 1_203),
        })
        .await;
        let (mut kept, died) = read(&stand, None).await;
        assert!(died.unwrap_err().to_string().contains("is the server running?"));
        let cursor = kept.cursors.last().cloned();
        let (rest, done) = read(&stand, cursor.as_ref()).await;
        assert_eq!(done.unwrap(), Done::default());
        assert!(dies_after < 7 || rest.reads.len() < 1_203, "it goes on, it does not begin again");
        kept.reads.extend(rest.reads);
        let told = places(&kept).into_iter().filter(|place| !place.starts_with("metadata")).count();
        assert_eq!(told, 3 + 1_203, "died after {dies_after}");
    }
}

#[tokio::test]
async fn one_that_gives_less_than_asked_for_is_read_to_its_end() {
    let stand = Stand::new(|request| {
        let mut request = request.clone();
        let mut asked = request.json();
        if asked["limit"].as_u64().is_some() {
            asked["limit"] = 100.into();
            request.body = asked.to_string();
        }
        answer(&request, 1_203)
    })
    .await;
    let (kept, done) = read(&stand, None).await;
    assert_eq!(done.unwrap(), Done::default());
    assert_eq!(places(&kept).len(), 3 + 1_203 + 1, "and what their metadata has");
}

#[tokio::test]
async fn one_that_hangs_or_is_a_web_page_or_sends_us_elsewhere_is_refused_in_words() {
    assert!(failure(|_| Reply::Hang).await.contains("did not answer within"));
    let page = "<!doctype html><title>Sign in</title>";
    let error = failure(move |_| Reply::status(200, "Content-Type: text/html\r\n", page)).await;
    assert!(error.contains("is this the address of a Chroma server?"), "{error}");
    let error = failure(|_| Reply::status(302, "Location: http://evil.example/api\r\n", "")).await;
    assert!(error.contains("sends us on to another server, http://evil.example"), "{error}");
    let error = failure(|_| Reply::status(410, "Content-Type: application/json\r\n", "{}")).await;
    assert!(error.contains("410"), "{error}");
}

#[tokio::test]
async fn one_that_gives_the_same_page_for_ever_is_given_up() {
    let error = failure(|request| {
        let mut request = request.clone();
        let mut asked = request.json();
        if asked["offset"].as_u64().is_some() {
            asked["offset"] = 0.into();
            request.body = asked.to_string();
        }
        answer(&request, 1_203)
    })
    .await;
    assert!(error.contains("the same page of records again and again"), "{error}");
}

#[tokio::test]
async fn a_collection_that_is_deleted_meanwhile_is_left_out_with_a_note() {
    let stand = Stand::new(|request| match request.path.ends_with("0b/get") {
        true => Reply::missing(),
        false => answer(request, 1_203),
    })
    .await;
    let (kept, done) = read(&stand, None).await;
    assert_eq!(places(&kept).len(), 3);
    assert!(done.unwrap().notes[0].why.contains("deleted"));
}

#[tokio::test]
async fn a_token_is_sent_and_is_in_no_error() {
    let stand = Stand::new(|_| Reply::status(401, "Content-Type: application/json\r\n", "{}")).await;
    let mut settings = settings().0;
    settings.credential = Some(Credential::Bearer(Secret::new("canary-51c2")));
    let connector = System::by_key("chroma").unwrap().open(&Address::parse(&stand.url), settings).unwrap();
    let error = connector.read(None, &mut Kept::default(), &Cancel::new()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary-51c2"));
    let sent = stand.requests.lock().unwrap()[0].headers["authorization"].clone();
    assert_eq!(sent, "Bearer canary-51c2");
}
