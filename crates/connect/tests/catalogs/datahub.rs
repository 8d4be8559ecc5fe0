//! A server whose answers have the shape of those that the real client sent and understood.

use serde_json::{Value, json};

use super::{assert_told, opened, places, read, with_token};
use crate::support::{Reply, Request, Stand};

fn urn(name: &str) -> String {
    format!("urn:li:dataset:(urn:li:dataPlatform:postgres,shop.mart.{name},PROD)")
}

fn answer(request: &Request) -> Reply {
    let asked = request.json();
    let body = match request.path.as_str() {
        "/config" => json!({"versions": {"acryldata/datahub": {"version": "v1.2.0"}}, "noCode": "true"}),
        "/api/graphql" => {
            let (names, next): (&[&str], Option<&str>) =
                match (asked["variables"]["types"][0].as_str(), asked["variables"]["scrollId"].as_str()) {
                    (Some("DATASET"), None) => (&["daily"], Some("s2")),
                    (Some("DATASET"), Some("s2")) => (&["orders", "nobody's"], None),
                    _ => (&[], None),
                };
            let results: Vec<Value> =
                names.iter().map(|name| json!({"entity": {"urn": urn(name)}})).collect();
            json!({"data": {"scrollAcrossEntities": {"nextScrollId": next, "total": 3, "searchResults": results}}})
        }
        "/openapi/v3/entity/dataset/batchGet" => {
            let known = |urn: &str| {
                json!({
                    "urn": urn,
                    "datasetProperties": {"value": {"description": "What it is"}},
                    "upstreamLineage": {"value": {"upstreams": [{"dataset": self::urn("orders")}]}},
                    "ownership": {"value": {"owners": [{"owner": "urn:li:corpuser:ann"}]}},
                })
            };
            let mut all: Vec<Value> = asked
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|of| of["urn"].as_str())
                .filter(|urn| !urn.contains("nobody"))
                .map(known)
                .collect();
            // One that was not asked for.
            all.push(known(&urn("planted")));
            Value::from(all)
        }
        _ => return Reply::missing(),
    };
    Reply::Json(body.to_string())
}

#[tokio::test]
async fn what_the_search_finds_is_read_a_page_at_a_time_and_nothing_that_was_not_asked_for() {
    let stand = Stand::new(answer).await;
    let connector = opened("datahub", &stand, with_token("x"), &[]);
    let (kept, done) = read(connector.as_ref(), None).await;
    done.unwrap();
    assert_eq!(places(&kept), [format!("table {}", urn("daily")), format!("table {}", urn("orders"))]);
    assert_told(
        &kept,
        &[
            &format!("{} derives_from {}", urn("daily"), urn("orders")),
            &format!("{} owners [\"ann\"]", urn("orders")),
        ],
    );
    let cursor = kept.cursors.iter().find(|cursor| cursor.0.contains("s2")).unwrap();
    let (rest, done) = read(connector.as_ref(), Some(cursor)).await;
    done.unwrap();
    assert_eq!(places(&rest), [format!("table {}", urn("orders"))]);
}

#[tokio::test]
async fn a_search_that_is_refused_says_why() {
    let stand = Stand::new(|_| {
        Reply::Json(json!({"errors": [{"message": "Unauthorized to search"}], "data": null}).to_string())
    })
    .await;
    let (_, done) = read(opened("datahub", &stand, with_token("x"), &[]).as_ref(), None).await;
    assert!(done.unwrap_err().to_string().contains("Unauthorized to search"));
}
