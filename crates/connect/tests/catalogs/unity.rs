//! A workspace whose answers have the shape of the recorded ones, with tags and lineage, in pages.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{assert_told, opened, places, read, told, with_token, with_user};
use crate::support::{Reply, Request, Stand};

const API: &str = "/api/2.1/unity-catalog";
const CHANGED: i64 = 1_790_000_001_000;

fn table(name: &str, changed: i64) -> Value {
    json!({
        "name": name, "catalog_name": "main", "schema_name": "shop", "full_name": format!("main.shop.{name}"),
        "table_type": "MANAGED", "columns": [{"name": "id", "type_text": "int", "position": 0}], "updated_at": changed,
    })
}

fn answer(request: &Request) -> Reply {
    let page = request.parameters("page_token").first().map(|token| (*token).to_owned());
    let named = |what: &str, name: &str| json!({what: [{"name": name, "updated_at": CHANGED}]});
    let body = match (request.path.strip_prefix(API).unwrap_or(&request.path), page.as_deref()) {
        ("/catalogs", None) => json!({"catalogs": [{"name": "system"}], "next_page_token": "2"}),
        ("/catalogs", Some("2")) => named("catalogs", "main"),
        ("/schemas", _) => json!({"schemas": [
            {"name": "shop", "catalog_name": "main", "full_name": "main.shop", "updated_at": CHANGED},
            {"name": "secret", "catalog_name": "main", "full_name": "main.secret", "updated_at": CHANGED},
            {"name": "information_schema", "catalog_name": "main", "full_name": "main.information_schema"},
        ]}),
        ("/tables" | "/volumes" | "/functions" | "/models", _)
            if request.query.contains("schema_name=secret") =>
        {
            return Reply::status(
                403,
                "Content-Type: application/json\r\n",
                r#"{"error_code":"PERMISSION_DENIED","message":"no"}"#,
            );
        }
        ("/tables", None) => json!({"tables": [table("orders", CHANGED)], "next_page_token": "t2"}),
        ("/tables", Some("t2")) => json!({"tables": [table("raw", CHANGED - 5)]}),
        ("/volumes", _) => {
            json!({"volumes": [{"name": "files", "full_name": "main.shop.files", "volume_type": "MANAGED"}]})
        }
        ("/functions", _) => {
            json!({"functions": [{"name": "f", "full_name": "main.shop.f", "routine_body": "SQL"}]})
        }
        ("/models", _) => json!({"registered_models": [{"name": "churn", "full_name": "main.shop.churn"}]}),
        ("/models/main.shop.churn", _) => {
            json!({"name": "churn", "full_name": "main.shop.churn", "aliases": [{"alias_name": "prod", "version_num": 2}]})
        }
        ("/models/main.shop.churn/versions", _) => {
            json!({"model_versions": [{"model_name": "churn", "version": 2}]})
        }
        ("/entity-tag-assignments/tables/main.shop.orders/tags", _) => {
            json!({"tag_assignments": [{"entity_type": "tables", "tag_key": "pii", "tag_value": "yes"}]})
        }
        ("/entity-tag-assignments/columns/main.shop.orders.id/tags", _) => {
            json!({"tag_assignments": [{"tag_key": "key"}]})
        }
        (path, _) if path.starts_with("/entity-tag-assignments/") => json!({}),
        ("/api/2.0/lineage-tracking/table-lineage", _)
            if request.json()["table_name"] == "main.shop.orders" =>
        {
            json!({
                "upstreams": [{"tableInfo": {"name": "raw", "catalog_name": "main", "schema_name": "shop"}}],
            })
        }
        ("/api/2.0/lineage-tracking/column-lineage", _) => json!({
            "upstream_cols": [{"name": "no", "catalog_name": "main", "schema_name": "shop", "table_name": "raw"}],
        }),
        ("/api/2.0/lineage-tracking/table-lineage", _) => json!({}),
        _ => return Reply::missing(),
    };
    Reply::Json(body.to_string())
}

#[tokio::test]
async fn everything_is_read_with_tags_and_lineage_and_what_may_not_be_read_is_said() {
    let stand = Stand::new(answer).await;
    let connector = opened("databricks", &stand, with_token("dapi-canary"), &[("detail", "columns")]);
    let (kept, done) = read(connector.as_ref(), None).await;
    let done = done.unwrap();
    assert_eq!(done.notes.len(), 4, "{:?}", done.notes);
    assert!(done.notes.iter().all(|note| note.why.contains("may not read")), "{:?}", done.notes);
    assert_eq!(
        places(&kept),
        [
            "catalog main",
            "function main.shop.f",
            "model_version main.shop.churn/2",
            "registered model main.shop.churn",
            "schema main.secret",
            "schema main.shop",
            "table main.shop.orders",
            "table main.shop.raw",
            "volume main.shop.files",
        ]
    );
    assert_told(
        &kept,
        &[
            "main.shop.orders tags [\"pii: yes\"]",
            "main.shop.orders.id tags [\"key\"]",
            "main.shop.orders derives_from main.shop.raw",
            "main.shop.orders.id derives_from main.shop.raw.no",
            "main.shop.churn/2 aliases [\"prod\"]",
        ],
    );
    assert!(
        stand
            .requests
            .lock()
            .unwrap()
            .iter()
            .all(|request| request.headers["authorization"] == "Bearer dapi-canary")
    );

    // After a complete reading, only what changed since is told; what changed at that very moment once more.
    let (kept, done) = read(connector.as_ref(), done.next.as_ref()).await;
    assert!(done.unwrap().next.is_some());
    assert!(places(&kept).contains(&"table main.shop.orders".to_owned()));
    assert!(!places(&kept).contains(&"table main.shop.raw".to_owned()));
}

#[tokio::test]
async fn a_workspace_without_tags_and_lineage_is_asked_for_them_once() {
    let stand =
        Stand::new(|request| match request.path.contains("lineage") || request.path.contains("tag-assign") {
            true => Reply::missing(),
            false => answer(request),
        })
        .await;
    let connector = opened("databricks", &stand, with_token("x"), &[("detail", "columns")]);
    let (kept, done) = read(connector.as_ref(), None).await;
    let places: Vec<String> = done.unwrap().notes.into_iter().map(|note| note.place).collect();
    assert!(places.contains(&"tags".to_owned()) && places.contains(&"lineage".to_owned()), "{places:?}");
    assert!(!told(&kept).iter().any(|said| said.contains(" tags ") || said.contains("derives_from")));
    let asked = |what: &str| stand.paths().iter().filter(|path| path.contains(what)).count();
    assert_eq!((asked("lineage"), asked("tag-assign")), (1, 1));
}

#[tokio::test]
async fn one_that_dies_after_a_schema_goes_on_with_the_next() {
    let count = AtomicUsize::new(0);
    let stand = Stand::new(move |request| {
        match request.path.ends_with("/functions") && request.query.contains("shop") {
            true if count.fetch_add(1, Ordering::SeqCst) < 4 => Reply::Drop,
            _ => answer(request),
        }
    })
    .await;
    let connector = opened("databricks", &stand, with_token("x"), &[]);
    let (kept, died) = read(connector.as_ref(), None).await;
    assert!(died.unwrap_err().to_string().contains("is the server running?"));
    let before = stand.paths().len();
    let (rest, done) = read(connector.as_ref(), kept.cursors.last()).await;
    done.unwrap();
    let again = stand.requests.lock().unwrap()[before..]
        .iter()
        .any(|request| request.query.contains("schema_name=secret"));
    assert!(!again, "the first schema was read whole");
    assert!(places(&rest).contains(&"volume main.shop.files".to_owned()));
}

#[tokio::test]
async fn a_service_principal_gets_a_token_for_its_secret() {
    let stand = Stand::new(|request| match request.path.as_str() {
        "/oidc/v1/token" => {
            assert_eq!(request.body, "grant_type=client_credentials&scope=all-apis");
            assert!(request.headers["authorization"].starts_with("Basic "));
            Reply::Json(
                json!({"access_token": "oauth-1", "token_type": "Bearer", "expires_in": 3600}).to_string(),
            )
        }
        _ => {
            assert_eq!(request.headers["authorization"], "Bearer oauth-1");
            answer(request)
        }
    })
    .await;
    let connector = opened("databricks", &stand, with_user("id", "secret"), &[("detail", "none")]);
    let (kept, done) = read(connector.as_ref(), None).await;
    done.unwrap();
    assert_eq!(places(&kept).len(), 9);
}
