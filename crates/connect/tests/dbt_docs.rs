//! Reading a dbt project from a web server that shows its artifacts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use catena_connect::{
    cancel::Cancel,
    connector::{Done, ReadError},
    registry::{Address, System},
};
use catena_ingest::dbt::read_project;
use support::{Kept, Reply, Request, Stand, settings};

fn recorded(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/dbt/bookshop/target");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

/// The recorded files, except those that are left out.
fn answer(request: &Request, without: &[&str]) -> Reply {
    let name = request.path.trim_start_matches('/');
    match name {
        "manifest.json" | "catalog.json" | "run_results.json" if !without.contains(&name) => {
            Reply::Json(String::from_utf8(recorded(name)).unwrap())
        }
        "" => Reply::status(200, "Content-Type: text/html\r\n", "<html>dbt Docs</html>"),
        _ => Reply::status(404, "Content-Type: text/html\r\n", "<html>Error response</html>"),
    }
}

async fn read(address: &str) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let connector = System::by_key("dbt").unwrap().open(&Address::parse(address), settings().0).unwrap();
    let done = connector.read(None, &mut kept, &Cancel::new()).await;
    (kept, done)
}

#[tokio::test]
async fn the_server_says_what_the_folder_says() {
    let stand = Stand::new(|request| answer(request, &[])).await;
    let (kept, done) = read(&format!("{}/#!/overview", stand.url)).await;
    assert_eq!(done.unwrap(), Done::default());
    let (manifest, catalog, results) =
        (recorded("manifest.json"), recorded("catalog.json"), recorded("run_results.json"));
    let folder = read_project(&manifest, Some(&catalog), Some(&results)).collect();
    assert_eq!(kept.said(), Kept { reads: folder, ..Kept::default() }.said());
    assert!(kept.said().len() > 100);
}

#[tokio::test]
async fn what_the_server_does_not_show_is_noted() {
    let stand = Stand::new(|request| answer(request, &["catalog.json", "run_results.json"])).await;
    let (kept, done) = read(&stand.url).await;
    let notes: Vec<String> = done.unwrap().notes.into_iter().map(|note| note.place).collect();
    assert_eq!(notes, ["catalog.json", "run_results.json"]);
    assert!(!kept.reads.is_empty());
}

#[tokio::test]
async fn without_a_manifest_nothing_is_read_and_the_error_says_why() {
    let stand = Stand::new(|request| answer(request, &["manifest.json"])).await;
    let (kept, done) = read(&stand.url).await;
    let error = done.unwrap_err().to_string();
    assert!(error.contains("/manifest.json answered 404") && error.contains("check the address"), "{error}");
    assert!(kept.reads.is_empty());
    let stand = Stand::new(|_| Reply::status(200, "Content-Type: text/html\r\n", "<html>")).await;
    let error = read(&stand.url).await.1.unwrap_err().to_string();
    assert!(error.contains("answered HTML, not JSON: is this the address of dbt docs serve?"), "{error}");
}
