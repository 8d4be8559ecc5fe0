//! Qdrant, Weaviate, Pinecone, Milvus and LanceDB. What they answer is as their documentation and their clients'
//! recordings have it.

use std::path::Path;

use catena_connect::{
    cancel::Cancel,
    connector::Found,
    registry::{Address, System},
    secret::{Credential, Secret},
};
use serde_json::{Value, json};

use crate::{
    probe, read,
    support::{Kept, Reply, Request, Stand, settings},
};

const RECORDS: usize = 450;

fn qdrant(request: &Request) -> Reply {
    let answer = match request.path.as_str() {
        "/" => {
            return Reply::Json(
                json!({"title": "qdrant - vector search engine", "version": "1.15.0"}).to_string(),
            );
        }
        "/collections" => json!({"collections": [{"name": "kb"}, {"name": "a/b"}]}),
        "/collections/kb" | "/collections/a%2Fb" => json!({
            "status": "green", "points_count": if request.path.ends_with("kb") { RECORDS } else { 0 },
            "config": {"params": {"vectors": {"size": 3, "distance": "Cosine"}}, "hnsw_config": {"m": 16}},
            "payload_schema": {"page": {"data_type": "integer", "points": 2}},
        }),
        "/collections/a%2Fb/points/scroll" => json!({"points": [], "next_page_offset": null}),
        "/collections/kb/points/scroll" => {
            let asked = request.json();
            assert_eq!(asked["with_vector"], false);
            let from = asked["offset"].as_u64().unwrap_or(0) as usize;
            let to = (from + asked["limit"].as_u64().unwrap() as usize).min(RECORDS);
            let points: Vec<Value> = (from..to)
                .map(|n| json!({"id": n, "payload": {"page_content": format!("text {n}"), "metadata": {"source": "/a.md", "page": n}}}))
                .collect();
            json!({"points": points, "next_page_offset": (to < RECORDS).then_some(to)})
        }
        _ => return Reply::missing(),
    };
    Reply::Json(json!({"result": answer, "status": "ok", "time": 0.1}).to_string())
}

fn weaviate(request: &Request) -> Reply {
    let answer = match request.path.as_str() {
        "/v1/meta" => json!({"version": "1.32.0"}),
        "/v1/schema" => json!({"classes": [{
            "class": "Kb", "description": "What we know.", "vectorizer": "text2vec-openai",
            "moduleConfig": {"text2vec-openai": {"model": "text-embedding-3-small"}},
            "vectorIndexType": "hnsw", "vectorIndexConfig": {"distance": "cosine"},
            "properties": [{"name": "text", "dataType": ["text"]}, {"name": "source", "dataType": ["text"]}],
        }]}),
        // Two replicas of one shard.
        "/v1/nodes" => json!({"nodes": [
            {"shards": [{"class": "Kb", "name": "s1", "objectCount": 3}]},
            {"shards": [{"class": "Kb", "name": "s1", "objectCount": 3}]},
        ]}),
        "/v1/objects" => {
            let after = request.parameters("after").first().map(|id| (*id).to_owned()).unwrap_or_default();
            let all = ["id-1", "id-2", "id-3"].map(|id| {
                json!({"class": "Kb", "id": id, "properties": {"text": format!("of {id}"), "source": "/a.md"}, "vector": [0.1, 0.2]})
            });
            let limit: usize = request.parameters("limit")[0].parse().unwrap();
            let page: Vec<Value> = all
                .into_iter()
                .filter(|one| *one["id"].as_str().unwrap() > *after)
                .take(limit.min(2))
                .collect();
            json!({"objects": page})
        }
        _ => return Reply::missing(),
    };
    Reply::Json(answer.to_string())
}

fn milvus(request: &Request) -> Reply {
    let asked = request.json();
    let answer = match request.path.as_str() {
        "/v2/vectordb/collections/list" => json!(["kb"]),
        "/v2/vectordb/collections/describe" => json!({
            "collectionName": "kb", "description": "What we know.", "load": "LoadStateLoaded",
            "fields": [
                {"name": "pk", "type": "Int64", "primaryKey": true},
                {"name": "vector", "type": "FloatVector", "params": [{"key": "dim", "value": "5"}]},
                {"name": "text", "type": "VarChar"},
            ],
            "indexes": [{"fieldName": "vector", "indexName": "v", "metricType": "COSINE"}],
        }),
        "/v2/vectordb/collections/get_stats" => json!({"rowCount": 2}),
        "/v2/vectordb/entities/query" => {
            assert_eq!(asked["outputFields"], json!(["pk", "text"]), "no vectors");
            json!([{"pk": 7, "text": "seven"}, {"pk": 8, "text": "eight"}])
        }
        _ => return Reply::missing(),
    };
    Reply::Json(json!({"code": 0, "data": answer}).to_string())
}

fn pinecone(request: &Request, host: &str) -> Reply {
    if request.headers.get("api-key").map(String::as_str) != Some("pcsk-sample") {
        return Reply::status(401, "", "");
    }
    let answer = match request.path.as_str() {
        "/indexes" => json!({"indexes": [
            {"name": "kb", "metric": "cosine", "dimension": 3, "host": host, "spec": {"serverless": {"cloud": "aws"}}},
            {"name": "elsewhere", "metric": "cosine", "dimension": 3, "host": "evil.example", "spec": {}},
        ]}),
        "/describe_index_stats" => {
            json!({"namespaces": {"": {"vectorCount": 2}, "team": {"vectorCount": 1}}, "dimension": 3, "totalVectorCount": 3})
        }
        "/vectors/list" if request.parameters("namespace") == ["team"] => json!({"vectors": [{"id": "t1"}]}),
        "/vectors/list" if request.parameters("paginationToken").is_empty() => {
            json!({"vectors": [{"id": "d1"}], "pagination": {"next": "more"}})
        }
        "/vectors/list" => json!({"vectors": [{"id": "d2"}]}),
        "/vectors/fetch" => {
            let vectors: serde_json::Map<String, Value> = request
                .parameters("ids")
                .into_iter()
                .map(|id| {
                    (
                        id.to_owned(),
                        json!({"id": id, "values": [1, 2, 3], "metadata": {"source": "/a.md", "text": id}}),
                    )
                })
                .collect();
            json!({"vectors": vectors})
        }
        _ => return Reply::missing(),
    };
    Reply::Json(answer.to_string())
}

fn places(kept: &Kept) -> Vec<String> {
    let mut all: Vec<String> = kept.records().iter().map(|record| record.at.clone()).collect();
    all.sort();
    all.dedup();
    all
}

fn facet(kept: &Kept, place: &str, wanted: &str) -> Value {
    use catena_model::statement::Statement;
    let records = kept.records().into_iter().filter(|record| record.at == place);
    let mut found = records.flat_map(|record| &record.statements).filter_map(|statement| match statement {
        Statement::Facet { name, body, .. } if name == wanted => Some(body.clone()),
        _ => None,
    });
    found.next().unwrap_or_default()
}

#[tokio::test]
async fn every_point_of_every_collection_of_qdrant_is_read_in_pages() {
    let stand = Stand::new(qdrant).await;
    let probed = probe("qdrant", &stand.url, &[]).await.unwrap();
    assert_eq!(probed.found, [Found::new("collections", 2), Found::new("records", RECORDS as u64)]);
    assert_eq!(probed.version.as_deref(), Some("1.15.0"));
    let (kept, done) = read("qdrant", &stand.url, &[], None).await;
    assert_eq!(done.unwrap().notes, []);
    assert_eq!(kept.rejections(), Vec::<String>::new());
    assert_eq!(places(&kept).len(), 2 + RECORDS + 1, "collections, records, and what their metadata has");
    let told = facet(&kept, "collection kb", "vectorCollection");
    assert_eq!(
        (&told["dimension"], &told["metric"], &told["index"]),
        (&json!(3), &json!("cosine"), &json!("hnsw"))
    );
    let record = facet(&kept, "record 7 of kb", "passage");
    assert_eq!((&record["text"], &record["metadata"]["page"]), (&json!("text 7"), &json!(7)));
}

#[tokio::test]
async fn no_more_records_are_read_than_were_chosen() {
    let stand = Stand::new(qdrant).await;
    let (kept, done) = read("qdrant", &stand.url, &[("records", "250")], None).await;
    assert_eq!(places(&kept).len(), 2 + 250 + 1);
    let notes = done.unwrap().notes;
    assert!(notes[0].place == "records of kb" && notes[0].why.contains("250"), "{notes:?}");
    let (kept, _) = read("qdrant", &stand.url, &[("records", "0")], None).await;
    assert_eq!(places(&kept), ["collection a/b", "collection kb"]);
    assert!(
        probe("qdrant", &stand.url, &[("records", "many")])
            .await
            .unwrap_err()
            .to_string()
            .contains("whole number")
    );
}

#[tokio::test]
async fn a_reading_that_was_cut_short_goes_on() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    for dies_after in [4, 5, 6] {
        let count = AtomicUsize::new(0);
        let stand = Stand::new(move |request| match count.fetch_add(1, Ordering::SeqCst) {
            n if (dies_after..dies_after + 4).contains(&n) => Reply::Drop,
            _ => qdrant(request),
        })
        .await;
        let (mut kept, died) = read("qdrant", &stand.url, &[], None).await;
        assert!(died.unwrap_err().to_string().contains("is the server running?"));
        let cursor = kept.cursors.last().cloned();
        let (rest, done) = read("qdrant", &stand.url, &[], cursor.as_ref()).await;
        done.unwrap();
        kept.reads.extend(rest.reads);
        let records = places(&kept).iter().filter(|place| place.starts_with("record ")).count();
        assert_eq!(records, RECORDS, "died after {dies_after}");
    }
}

#[tokio::test]
async fn weaviates_objects_are_read_behind_each_other() {
    let stand = Stand::new(weaviate).await;
    let (kept, done) = read("weaviate", &stand.url, &[("records", "2")], None).await;
    assert_eq!(done.unwrap().notes.len(), 1);
    assert_eq!(places(&kept).iter().filter(|place| place.starts_with("record ")).count(), 2);
    let told = facet(&kept, "collection Kb", "vectorCollection");
    assert_eq!((&told["dimension"], &told["records"]), (&json!(2), &json!(3)), "a replica counts once");
    assert_eq!(told["embedding_function"], "text2vec-openai: text-embedding-3-small");
    assert_eq!(facet(&kept, "record id-2 of Kb", "passage")["text"], "of id-2");
}

#[tokio::test]
async fn milvuss_entities_are_read_without_their_vectors() {
    let stand = Stand::new(milvus).await;
    let (kept, done) = read("milvus", &stand.url, &[], None).await;
    assert_eq!(done.unwrap().notes, []);
    let told = facet(&kept, "collection kb", "vectorCollection");
    assert_eq!(
        (&told["dimension"], &told["metric"], &told["records"]),
        (&json!(5), &json!("cosine"), &json!(2))
    );
    assert_eq!(facet(&kept, "record 8 of kb", "passage")["text"], "eight");
    let refusing = Stand::new(|_| {
        Reply::Json(json!({"code": 1800, "message": "user hasn't authenticated"}).to_string())
    })
    .await;
    let error = probe("milvus", &refusing.url, &[]).await.unwrap_err().to_string();
    assert!(error.contains("user hasn't authenticated"), "{error}");
}

#[tokio::test]
async fn pinecones_key_goes_to_pinecone_only() {
    let stand = Stand::new(|request| pinecone(request, request.headers["host"].as_str())).await;
    let mut with_key = settings().0;
    with_key.credential = Some(Credential::Bearer(Secret::new("pcsk-sample")));
    let connector = System::by_key("pinecone").unwrap().open(&Address::parse(&stand.url), with_key).unwrap();
    let mut kept = Kept::default();
    let done = connector.read(None, &mut kept, &Cancel::new()).await.unwrap();
    assert_eq!(done.notes.len(), 1, "{:?}", done.notes);
    assert!(done.notes[0].place.contains("elsewhere") && done.notes[0].why.contains("not sent"));
    let records: Vec<String> =
        places(&kept).into_iter().filter(|place| place.starts_with("record ")).collect();
    assert_eq!(records, ["record d1 of kb", "record d2 of kb", "record t1 of kb/team"]);
    assert_eq!(facet(&kept, "collection kb", "vectorCollection")["records"], 2);
}

#[tokio::test]
async fn hostile_stores_come_to_an_end_and_say_why() {
    for (system, reply) in [
        ("qdrant", "{\"result\": []}"),
        ("weaviate", "7"),
        ("milvus", "{\"code\": \"x\"}"),
        ("pinecone", "7"),
    ] {
        let stand = Stand::new(|_| Reply::Json(reply.to_owned())).await;
        let error = read(system, &stand.url, &[], None).await.1.unwrap_err().to_string();
        assert!(error.contains("could not be understood") || error.contains(&stand.url), "{system}: {error}");
    }
    // The same page for ever.
    let stand = Stand::new(|request| match request.path.as_str() {
        "/collections/kb/points/scroll" => {
            Reply::Json(json!({"result": {"points": [{"id": 1}], "next_page_offset": 5}}).to_string())
        }
        _ => qdrant(request),
    })
    .await;
    let error = read("qdrant", &stand.url, &[], None).await.1.unwrap_err().to_string();
    assert!(error.contains("records"), "{error}");
    // Another server.
    let stand = Stand::new(|_| Reply::status(302, "Location: http://evil.example/\r\n", "")).await;
    assert!(probe("qdrant", &stand.url, &[]).await.unwrap_err().to_string().contains("evil.example"));
}

#[tokio::test]
async fn a_folder_of_lancedb_tells_its_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/lancedb");
    let (kept, done) = read("lancedb", folder.to_str().unwrap(), &[], None).await;
    assert_eq!(done.unwrap().notes.len(), 1, "rows are not read");
    let told = facet(&kept, "collection kb", "vectorCollection");
    assert_eq!((&told["dimension"], &told["records"], &told["version"]), (&json!(4), &json!(20), &json!(3)));
    assert!(probe("lancedb", "/nowhere/at/all", &[]).await.is_err());
    assert!(probe("lancedb", "https://cloud.example", &[]).await.unwrap_err().to_string().contains("folder"));
}
