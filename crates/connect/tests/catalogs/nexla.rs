//! A server that answers as Nexla's API is documented to.

use serde_json::{Value, json};

use super::{assert_told, opened, places, read, with_token};
use crate::support::{Reply, Request, Stand};

fn answer(request: &Request) -> Reply {
    if request.path == "/token" {
        assert_eq!(request.headers["authorization"], "Basic service-key-canary");
        return Reply::Json(json!({"access_token": "jwt", "expires_in": 3600}).to_string());
    }
    assert_eq!(request.headers["authorization"], "Bearer jwt");
    assert_eq!(request.headers["accept"], "application/vnd.nexla.api.v1+json");
    let page: usize = request.parameters("page")[0].parse().unwrap();
    let body = match request.path.as_str() {
        "/data_sources" => json!([{"id": 1, "name": "Orders", "status": "ACTIVE", "source_type": "s3"}]),
        "/data_sets" => {
            let one =
                |id: usize| json!({"id": id, "name": "set", "data_source_id": 1, "parent_data_sets": []});
            let (first, last) = if page == 1 { (1, 100) } else { (101, 103) };
            Value::from((first..=last).map(one).collect::<Vec<_>>())
        }
        "/data_sinks" => json!([{"id": 9, "name": "Out", "sink_type": "snowflake", "data_set_id": 103}]),
        "/flows" => {
            json!({"flows": [{"id": 4, "origin_node_id": 4, "data_source_id": 1, "children": [{"id": 5, "data_set_id": 103}]}]})
        }
        _ => return Reply::missing(),
    };
    let body = body.to_string();
    let kind = "Content-Type: application/vnd.nexla.api.v1+json; charset=utf-8\r\n";
    Reply::status(200, kind, &body)
}

#[tokio::test]
async fn a_service_key_is_exchanged_and_every_page_is_read() {
    let stand = Stand::new(answer).await;
    let (kept, done) =
        read(opened("nexla", &stand, with_token("service-key-canary"), &[]).as_ref(), None).await;
    let notes = done.unwrap().notes;
    assert_eq!(notes.len(), 1, "transforms are not there: {notes:?}");
    assert_eq!(places(&kept).len(), 1 + 103 + 1 + 1);
    assert_told(
        &kept,
        &[
            "data_sinks/9 derives_from data_sets/103",
            "data_sets/103 derives_from data_sources/1",
            "flows/4 writes data_sets/103",
        ],
    );
}
