//! Servers that hang, lead astray, flood, or never come to an end: none is taken for an empty catalog.

use serde_json::json;

use super::{opened, read, with_token, with_user};
use crate::support::{Reply, Request, Stand};

const SYSTEMS: [&str; 5] = ["databricks", "snowflake", "openmetadata", "datahub", "nexla"];

async fn failure(system: &str, reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> String {
    let stand = Stand::new(reply).await;
    let settings =
        if system == "snowflake" { with_user("ann", "canary-7f3a") } else { with_token("canary-7f3a") };
    let (_, done) = read(opened(system, &stand, settings, &[]).as_ref(), None).await;
    let said = done.expect_err(system).to_string();
    assert!(!said.contains("canary"), "{said}");
    said
}

#[tokio::test]
async fn one_that_hangs_or_is_a_web_page_or_sends_us_elsewhere_is_refused_in_words() {
    for system in SYSTEMS {
        let said = failure(system, |_| Reply::Hang).await;
        assert!(said.contains("did not answer within"), "{system}: {said}");
        let said =
            failure(system, |_| Reply::status(200, "Content-Type: text/html\r\n", "<!doctype html>")).await;
        assert!(said.contains("is this the address of"), "{system}: {said}");
        let said = failure(system, |_| Reply::status(302, "Location: http://evil.example/api\r\n", "")).await;
        assert!(said.contains("sends us on to another server, http://evil.example"), "{system}: {said}");
        let said = failure(system, |_| Reply::status(401, "Content-Type: application/json\r\n", "{}")).await;
        assert!(said.contains("401"), "{system}: {said}");
    }
}

#[tokio::test]
async fn json_of_something_else_is_not_taken_for_an_empty_catalog() {
    for system in SYSTEMS {
        for body in [r#"{"status":"ok"}"#, "7", "[[]]", "null"] {
            let stand = Stand::new(move |_| Reply::Json(body.to_owned())).await;
            let settings = if system == "snowflake" { with_user("a", "b") } else { with_token("x") };
            let (kept, done) = read(opened(system, &stand, settings, &[]).as_ref(), None).await;
            assert!(done.is_err(), "{system} took {body}");
            assert_eq!(kept.records().len(), 0, "{system} took {body}");
        }
    }
}

#[tokio::test]
async fn a_listing_without_an_end_is_ended() {
    let pages = |request: &Request| {
        let body = match request.path.as_str() {
            "/token" => json!({"access_token": "t"}),
            "/api/2.1/unity-catalog/catalogs" => json!({"catalogs": [], "next_page_token": "again"}),
            "/api/graphql" => json!({"data": {"scrollAcrossEntities": {"nextScrollId": "again",
                                     "searchResults": [{"entity": {"urn": "urn:li:glossaryTerm:x"}}]}}}),
            "/openapi/v3/entity/glossaryterm/batchGet" => json!([]),
            path if path.starts_with("/api/v1/") => json!({"data": [], "paging": {"after": "again"}}),
            _ => serde_json::Value::from(vec![json!({"id": 1}); 100]),
        };
        Reply::Json(body.to_string())
    };
    for system in ["databricks", "openmetadata", "datahub", "nexla"] {
        let said = failure(system, pages).await;
        assert!(said.contains("again and again"), "{system}: {said}");
    }
}

#[tokio::test]
async fn an_answer_that_floods_is_cut_off() {
    for system in SYSTEMS {
        let long = format!("{{\"data\":\"{}\"}}", "x".repeat(1_100_000));
        let said = failure(system, move |_| Reply::Json(long.clone())).await;
        assert!(said.contains("more than 1 MB"), "{system}: {said}");
    }
}
