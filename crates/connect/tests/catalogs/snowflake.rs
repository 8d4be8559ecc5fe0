//! An account that speaks the drivers' protocol, with an answer in parts, and one that speaks the SQL API, in partitions.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use super::{assert_told, opened, places, read, told, with_token, with_user};
use crate::support::{Reply, Request, Stand};

/// The columns and rows that a query gives; none when it is refused.
fn rows(sql: &str) -> Option<(Vec<&'static str>, Vec<Vec<Value>>)> {
    let row = |values: &[&str]| values.iter().map(|value| json!(value)).collect::<Vec<_>>();
    let table =
        |name: &str, kind: &str| row(&["SHOP", "MART", name, kind, "ANALYST", "What is sold", "12", "2048"]);
    Some(if sql.contains("CURRENT_VERSION") {
        (vec!["VERSION"], vec![row(&["9.9.9"])])
    } else if sql == "SHOW DATABASES" {
        (
            vec!["created_on", "name", "owner", "comment"],
            vec![row(&["x", "SHOP", "SYSADMIN", "All"]), row(&["x", "SNOWFLAKE", "", ""])],
        )
    } else if sql.contains("SCHEMATA") {
        (
            vec!["CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER", "COMMENT"],
            vec![row(&["SHOP", "MART", "SYSADMIN", ""])],
        )
    } else if sql.contains("INFORMATION_SCHEMA.TABLES")
        || sql.contains("INFORMATION_SCHEMA\".TABLES")
        || sql.contains(".TABLES ")
    {
        let columns = vec![
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TABLE_TYPE",
            "TABLE_OWNER",
            "COMMENT",
            "ROW_COUNT",
            "BYTES",
        ];
        let all = [table("BIG", "VIEW"), table("ORDERS", "BASE TABLE")];
        (columns, if sql.contains("TABLE_NAME > ''") { all.to_vec() } else { Vec::new() })
    } else if sql.contains(".COLUMNS ") {
        let columns = vec![
            "TABLE_NAME",
            "COLUMN_NAME",
            "DATA_TYPE",
            "IS_NULLABLE",
            "COMMENT",
            "COLUMN_DEFAULT",
            "CHARACTER_MAXIMUM_LENGTH",
            "NUMERIC_PRECISION",
            "NUMERIC_SCALE",
        ];
        let one = |table: &str, name: &str| {
            vec![
                json!(table),
                json!(name),
                json!("NUMBER"),
                json!("NO"),
                Value::Null,
                Value::Null,
                Value::Null,
                json!("10"),
                json!("2"),
            ]
        };
        (columns, vec![one("BIG", "AMT"), one("ORDERS", "ID"), one("ORDERS", "AMT")])
    } else if sql.contains(".VIEWS ") {
        (vec!["TABLE_NAME", "VIEW_DEFINITION"], vec![row(&["BIG", "select amt from orders"])])
    } else if sql.contains("PRIMARY KEYS") {
        (vec!["table_name", "column_name"], vec![row(&["ORDERS", "ID"])])
    } else if sql.contains("IMPORTED KEYS") {
        (vec!["fk_table_name"], Vec::new())
    } else if sql.contains("TAG_REFERENCES") {
        let columns =
            vec!["OBJECT_DATABASE", "OBJECT_SCHEMA", "OBJECT_NAME", "COLUMN_NAME", "TAG_NAME", "TAG_VALUE"];
        (
            columns,
            vec![vec![
                json!("SHOP"),
                json!("MART"),
                json!("ORDERS"),
                Value::Null,
                json!("TIER"),
                json!("gold"),
            ]],
        )
    } else if sql.contains("OBJECT_DEPENDENCIES") {
        let columns = vec![
            "REFERENCING_DATABASE",
            "REFERENCING_SCHEMA",
            "REFERENCING_OBJECT_NAME",
            "REFERENCED_DATABASE",
            "REFERENCED_SCHEMA",
            "REFERENCED_OBJECT_NAME",
            "REFERENCED_OBJECT_DOMAIN",
        ];
        (columns, vec![row(&["SHOP", "MART", "BIG", "SHOP", "MART", "ORDERS", "TABLE"])])
    } else {
        return None;
    })
}

fn refused() -> Value {
    json!({"code": "002003", "message": "SQL compilation error: does not exist or not authorized.", "success": false,
           "data": {"errorCode": "002003"}})
}

/// The drivers' protocol; columns come in two parts, of which the second is at another path.
fn session(request: &Request, may_read_usage: bool) -> Reply {
    let host = &request.headers["host"];
    let body = match request.path.as_str() {
        "/session/v1/login-request" => {
            assert!(!request.headers.contains_key("authorization"));
            let data = &request.json()["data"];
            if data["PASSWORD"] != "hunter2" {
                json!({"success": false, "code": "390100", "message": "Incorrect username or password was specified.", "data": null})
            } else {
                json!({"success": true, "data": {"token": "session-1"}})
            }
        }
        "/queries/v1/query-request" => {
            assert_eq!(request.headers["authorization"], "Snowflake Token=\"session-1\"");
            let asked = request.json();
            let sql = asked["sqlText"].as_str().unwrap();
            match rows(sql).filter(|_| may_read_usage || !sql.contains("ACCOUNT_USAGE")) {
                None => refused(),
                Some((columns, mut rows)) => {
                    let rowtype: Vec<Value> =
                        columns.iter().map(|name| json!({"name": name, "type": "text"})).collect();
                    let mut data = json!({"rowtype": rowtype, "queryResultFormat": "json"});
                    if sql.contains(".COLUMNS ") {
                        rows.truncate(1);
                        data["chunks"] =
                            json!([{"url": format!("http://{host}/parts/2?signature=a%2Fb"), "rowCount": 2}]);
                        data["chunkHeaders"] = json!({"x-amz-server-side-encryption-customer-key": "k"});
                    }
                    data["rowset"] = json!(rows);
                    json!({"success": true, "data": data})
                }
            }
        }
        "/parts/2" => {
            assert!(
                !request.headers.contains_key("authorization"),
                "the part's address is its own permission"
            );
            assert_eq!(request.headers["x-amz-server-side-encryption-customer-key"], "k");
            assert_eq!(request.query, "signature=a%2Fb");
            let (_, rows) = rows("x .COLUMNS x").unwrap();
            let text: Vec<String> = rows[1..].iter().map(|row| json!(row).to_string()).collect();
            return Reply::status(200, "Content-Type: binary/octet-stream\r\n", &text.join(","));
        }
        "/session" => json!({"success": true}),
        _ => return Reply::missing(),
    };
    Reply::Json(body.to_string())
}

const EXPECTED: &[&str] = &[
    "SHOP.MART.BIG derives_from SHOP.MART.ORDERS",
    "SHOP.MART.ORDERS tags [\"TIER: gold\"]",
    "SHOP.MART.ORDERS.AMT data_type \"NUMBER(10,2)\"",
    "SHOP.MART.ORDERS owners [\"ANALYST\"]",
];

const PLACES: [&str; 4] =
    ["database SHOP", "schema SHOP.MART", "table SHOP.MART.ORDERS", "view SHOP.MART.BIG"];

#[tokio::test]
async fn a_session_reads_all_parts_of_an_answer_and_says_what_it_may_not_read() {
    let stand = Stand::new(|request| session(request, true)).await;
    let connector = opened("snowflake", &stand, with_user("ann", "hunter2"), &[("role", "READER")]);
    let probe = connector.probe(&catena_connect::cancel::Cancel::new()).await.unwrap();
    assert_eq!(probe.version.as_deref(), Some("9.9.9"));
    let (kept, done) = read(connector.as_ref(), None).await;
    let notes: Vec<String> = done.unwrap().notes.into_iter().map(|note| note.place).collect();
    assert_eq!(notes, ["functions", "stages"]);
    assert_eq!(places(&kept), PLACES);
    assert_told(&kept, EXPECTED);
    let requests = stand.requests.lock().unwrap();
    assert!(requests.iter().any(|request| request.query.contains("roleName=READER")));
    assert_eq!(requests.last().unwrap().path, "/session", "it says goodbye");
}

#[tokio::test]
async fn a_role_that_may_not_read_the_accounts_usage_loses_nothing_else() {
    let stand = Stand::new(|request| session(request, false)).await;
    let (kept, done) =
        read(opened("snowflake", &stand, with_user("ann", "hunter2"), &[]).as_ref(), None).await;
    let notes = done.unwrap().notes;
    assert!(
        notes.iter().any(|note| note.place == "tags" && note.why.contains("not authorized")),
        "{notes:?}"
    );
    assert_eq!(places(&kept), PLACES);
    assert!(!told(&kept).iter().any(|said| said.contains(" tags ") || said.contains("derives_from")));
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_shown() {
    let stand = Stand::new(|request| session(request, true)).await;
    let (_, done) =
        read(opened("snowflake", &stand, with_user("ann", "wrong-canary"), &[]).as_ref(), None).await;
    let said = done.unwrap_err().to_string();
    assert!(said.contains("refused to log in: Incorrect username") && !said.contains("canary"), "{said}");
}

#[tokio::test]
async fn a_part_that_would_be_on_a_private_network_is_not_fetched() {
    let stand = Stand::new(|request| match session(request, true) {
        Reply::Json(body) => Reply::Json(body.replace(&request.headers["host"], "10.0.0.1:80")),
        other => other,
    })
    .await;
    let (_, done) = read(opened("snowflake", &stand, with_user("ann", "hunter2"), &[]).as_ref(), None).await;
    assert!(done.unwrap_err().to_string().contains("10.0.0.1"));
}

/// The SQL API: every second statement is first said to be running, and columns come in two partitions.
fn sql_api(request: &Request, asked: &AtomicUsize) -> Reply {
    assert_eq!(request.headers["authorization"], "Bearer pat-canary");
    let columns_of = |sql: &str| -> Option<(Vec<Value>, Vec<Vec<Value>>)> {
        let (columns, rows) = rows(sql)?;
        Some((columns.iter().map(|name| json!({"name": name, "type": "text"})).collect(), rows))
    };
    let result = |sql: &str, handle: &str| {
        let Some((columns, mut rows)) = columns_of(sql) else {
            return Reply::status(422, "Content-Type: application/json\r\n", &refused().to_string());
        };
        let mut partitions = vec![json!({"rowCount": rows.len()})];
        if sql.contains(".COLUMNS ") {
            rows.truncate(1);
            partitions.push(json!({"rowCount": 2}));
        }
        let body = json!({"resultSetMetaData": {"numRows": rows.len(), "format": "jsonv2", "rowType": columns,
                          "partitionInfo": partitions}, "data": rows, "code": "090001", "statementHandle": handle});
        Reply::Json(body.to_string())
    };
    match request.path.strip_prefix("/api/v2/statements") {
        Some("") => {
            let asked_for = request.json();
            let sql = asked_for["statement"].as_str().unwrap();
            assert_eq!(asked_for["warehouse"], "WH");
            if sql == "SHOW DATABASES" && asked.fetch_add(1, Ordering::SeqCst) == 0 {
                let running = json!({"code": "333334", "message": "running", "statementHandle": "0-running"});
                return Reply::status(202, "Content-Type: application/json\r\n", &running.to_string());
            }
            result(sql, "0-columns")
        }
        Some("/0-running") => result("SHOW DATABASES", "0-running"),
        Some("/0-columns") if request.query == "partition=1" => {
            let (_, rows) = rows("x .COLUMNS x").unwrap();
            Reply::Json(json!({"data": rows[1..]}).to_string())
        }
        _ => Reply::missing(),
    }
}

#[tokio::test]
async fn the_sql_api_is_waited_for_and_its_partitions_are_read() {
    let asked = Arc::new(AtomicUsize::new(0));
    let stand = Stand::new(move |request| sql_api(request, &asked)).await;
    let connector = opened("snowflake", &stand, with_token("pat-canary"), &[("warehouse", "WH")]);
    let (kept, done) = read(connector.as_ref(), None).await;
    let notes = done.unwrap().notes;
    assert!(notes.iter().all(|note| note.why.contains("not authorized")) && notes.len() == 2, "{notes:?}");
    assert_eq!(places(&kept), PLACES);
    assert_told(&kept, EXPECTED);
}
