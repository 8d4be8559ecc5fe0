//! A server whose answers have the shape of those that the real client understood.

use serde_json::{Value, json};

use super::{assert_told, opened, places, read, with_token};
use crate::support::{Reply, Request, Stand};

fn table(number: usize) -> Value {
    json!({
        "id": format!("{number:08}-0000-0000-0000-000000000000"), "name": format!("t{number}"), "serviceType": "Postgres",
        "fullyQualifiedName": format!("pg.shop.mart.t{number}"), "columns": [{"name": "day", "dataType": "DATE"}],
        "tags": [{"tagFQN": "PII.Sensitive", "source": "Classification"}], "owners": [{"name": "ann", "type": "user"}],
    })
}

fn answer(request: &Request) -> Reply {
    let body = match request.path.as_str() {
        "/api/v1/system/version" => json!({"version": "2.0.7", "revision": "x", "timestamp": 1}),
        "/api/v1/tables" => {
            let from: usize = request.parameters("after").first().map_or(0, |after| after.parse().unwrap());
            let mut page = json!({"data": [table(from), table(from + 1)], "paging": {"total": 4}});
            if from == 0 {
                page["paging"]["after"] = "2".into();
            }
            page
        }
        "/api/v1/glossaryTerms" => {
            return Reply::status(
                403,
                "Content-Type: application/json\r\n",
                r#"{"code":403,"message":"no"}"#,
            );
        }
        // A version that has one owner, and says of `owners` that it doesn't know it.
        "/api/v1/databases" if request.query.contains("owners") => {
            return Reply::status(
                400,
                "Content-Type: application/json\r\n",
                r#"{"code":400,"message":"Invalid field name owners"}"#,
            );
        }
        "/api/v1/databases" => json!({"data": [{"name": "shop", "fullyQualifiedName": "pg.shop",
                                               "owner": {"name": "bob"}}], "paging": {"total": 1}}),
        path if path.starts_with("/api/v1/lineage/table/00000001") => json!({
            "entity": {"id": "00000001-0000-0000-0000-000000000000", "type": "table"},
            "nodes": [{"id": "00000000-0000-0000-0000-000000000000", "type": "table", "fullyQualifiedName": "pg.shop.mart.t0"}],
            "upstreamEdges": [{"fromEntity": "00000000-0000-0000-0000-000000000000",
                               "toEntity": "00000001-0000-0000-0000-000000000000",
                               "lineageDetails": {"columnsLineage": [
                                   {"fromColumns": ["pg.shop.mart.t0.day"], "toColumn": "pg.shop.mart.t1.day"}]}}],
            "downstreamEdges": [],
        }),
        path if path.starts_with("/api/v1/lineage/") => {
            json!({"entity": {"id": "x"}, "nodes": [], "upstreamEdges": [], "downstreamEdges": []})
        }
        path if path.starts_with("/api/v1/") => json!({"data": [], "paging": {"total": 0}}),
        _ => return Reply::missing(),
    };
    Reply::Json(body.to_string())
}

#[tokio::test]
async fn every_page_of_every_sort_is_read_with_lineage_and_older_versions_are_understood() {
    let stand = Stand::new(answer).await;
    let connector = opened("openmetadata", &stand, with_token("bot-canary"), &[]);
    let (kept, done) = read(connector.as_ref(), None).await;
    let notes = done.unwrap().notes;
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0].place, "glossary terms");
    let tables: Vec<String> = places(&kept).into_iter().filter(|place| place.starts_with("table ")).collect();
    assert_eq!(tables, [0, 1, 2, 3].map(|number| format!("table pg.shop.mart.t{number}")));
    assert_told(
        &kept,
        &[
            "pg.shop.mart.t1 derives_from pg.shop.mart.t0",
            "pg.shop.mart.t1.day derives_from pg.shop.mart.t0.day",
            "pg.shop.mart.t3 owners [\"ann\"]",
            "pg.shop owners [\"bob\"]",
        ],
    );
    // From the second page of the tables on.
    let cursor = kept.cursors.iter().find(|cursor| cursor.0.contains("\"2\"")).unwrap();
    let (rest, done) = read(connector.as_ref(), Some(cursor)).await;
    done.unwrap();
    assert_eq!(places(&rest), ["table pg.shop.mart.t2", "table pg.shop.mart.t3"]);
}
