//! A stand-in MLflow, of two experiments and a few runs.

#![allow(dead_code, reason = "each test file uses a part of it")]

use serde_json::{Value, json};

use super::{Reply, Request};

/// How many points `loss` has in every run.
pub const POINTS: i64 = 3;

pub fn run(id: &str, experiment: &str) -> Value {
    json!({
        "info": {
            "run_id": id, "run_uuid": id, "experiment_id": experiment, "run_name": format!("name of {id}"),
            "status": "FINISHED", "start_time": 1_795_523_603_446i64, "end_time": 1_795_523_615_703i64,
            "lifecycle_stage": "active",
        },
        "data": {
            "metrics": [{"key": "loss", "value": 0.5, "timestamp": 1_795_523_604_000i64, "step": POINTS - 1}],
            "params": [{"key": "C", "value": "0.1"}],
            "tags": [{"key": "team", "value": "zoo"}],
        },
        "inputs": {"dataset_inputs": [{
            "tags": [{"key": "mlflow.data.context", "value": "training"}],
            "dataset": {"name": "iris", "digest": "8f9e", "source_type": "s3", "source": "{\"uri\": \"s3://lake/iris.parquet\"}"},
        }]},
    })
}

pub fn history(run: &str) -> Vec<Value> {
    let point = |step: i64| {
        json!({
            "key": "loss", "value": 1.5 - 0.5 * step as f64, "timestamp": 1_795_523_603_998i64 + step,
            "step": step, "run_id": run,
        })
    };
    (0..POINTS).map(point).collect()
}

/// The traces that experiment 0 has.
pub const TRACES: [&str; 3] = [
    "tr-00000000000000000000000000000001",
    "tr-00000000000000000000000000000002",
    "tr-00000000000000000000000000000003",
];

fn head(id: &str) -> Value {
    json!({
        "trace_id": id, "request_time": "2026-11-24T12:33:23.446Z", "state": "OK",
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
        "tags": {"mlflow.traceName": "answer"}, "trace_metadata": {"mlflow.sourceRun": "r1"},
        "assessments": [{"assessment_name": "correct", "feedback": {"value": true}, "valid": true}],
    })
}

/// A trace of one span, whose ids are the trace's number in base64.
fn trace(id: &str) -> Value {
    let number = id.chars().last().unwrap();
    let (long, short) = match number {
        '1' => ("AAAAAAAAAAAAAAAAAAAAAQ==", "AAAAAAAAAAE="),
        '2' => ("AAAAAAAAAAAAAAAAAAAAAg==", "AAAAAAAAAAI="),
        _ => ("AAAAAAAAAAAAAAAAAAAAAw==", "AAAAAAAAAAM="),
    };
    json!({"trace_info": head(id), "spans": [{
        "trace_id": long, "span_id": short, "name": "answer",
        "start_time_unix_nano": 1_795_523_603_446_000_000i64, "end_time_unix_nano": 1_795_523_603_456_000_000i64,
        "attributes": [
            {"key": "mlflow.spanType", "value": {"string_value": "CHAT_MODEL"}},
            {"key": "mlflow.llm.model", "value": {"string_value": "gpt-4o-mini"}},
            {"key": "mlflow.spanOutputs", "value": {"string_value": "At nine."}},
        ],
        "status": {"code": "STATUS_CODE_OK"},
    }]})
}

/// A page of at most two, by an offset.
fn page(field: &str, all: &[Value], token: Option<&str>) -> Value {
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let to = (from + 2).min(all.len());
    let mut page = json!({field: all[from.min(to)..to]});
    if to < all.len() {
        page["next_page_token"] = json!(to.to_string());
    }
    page
}

/// What a sound MLflow answers.
pub fn answer(request: &Request) -> Reply {
    let body = request.json();
    let token = body["page_token"].as_str().or_else(|| request.parameters("page_token").first().copied());
    let asked = |id: &str| body["experiment_ids"].as_array().is_some_and(|ids| ids.contains(&json!(id)));
    let runs: Vec<Value> =
        ["r1", "r2", "r3"].map(|id| run(id, "0")).into_iter().chain([run("r4", "1")]).collect();
    let prompts = request.query.contains("is_prompt");
    let answer = match request.path.as_str() {
        "/version" => return Reply::status(200, "Content-Type: text/plain\r\n", "3.17.2"),
        "/api/2.0/mlflow/experiments/get" => json!({"experiment": {
            "experiment_id": "0", "name": "Default", "creation_time": 1_795_523_529_932i64,
        }}),
        "/api/2.0/mlflow/experiments/search" => page(
            "experiments",
            &["0", "1"].map(|id| json!({"experiment_id": id, "name": format!("experiment {id}")})),
            token,
        ),
        "/api/2.0/mlflow/runs/search" => {
            let filter = body["filter"].as_str().unwrap_or_default();
            let which: Vec<Value> = runs
                .into_iter()
                .filter(|run| asked(run["info"]["experiment_id"].as_str().unwrap()))
                .filter(|run| filter.is_empty() || filter.contains(run["info"]["run_id"].as_str().unwrap()))
                .collect();
            page("runs", &which, token)
        }
        "/ajax-api/2.0/mlflow/metrics/get-history-bulk" => {
            json!({"metrics": request.parameters("run_id").into_iter().flat_map(history).collect::<Vec<_>>()})
        }
        "/api/2.0/mlflow/metrics/get-history" => page("metrics", &history(request.parameters("run_id")[0]), token),
        "/api/2.0/mlflow/logged-models/search" => {
            let model = |id: &str, run: &str| {
                json!({"info": {"model_id": id, "experiment_id": "0", "name": "model", "source_run_id": run}})
            };
            page("models", &[model("m-1", "r1"), model("m-2", "r4")], token)
        }
        "/api/2.0/mlflow/registered-models/search" if prompts => {
            let tags = json!([{"key": "mlflow.prompt.is_prompt", "value": "true"}]);
            page("registered_models", &[json!({"name": "greet", "tags": tags})], token)
        }
        "/api/2.0/mlflow/registered-models/search" => page(
            "registered_models",
            &[json!({"name": "clf", "aliases": [{"alias": "champion", "version": "2"}]})],
            token,
        ),
        "/api/2.0/mlflow/model-versions/search" if prompts => {
            let tags = json!([
                {"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": "Hello {{name}}"},
            ]);
            page("model_versions", &[json!({"name": "greet", "version": "1", "tags": tags})], token)
        }
        "/api/2.0/mlflow/model-versions/search" => page(
            "model_versions",
            &["1", "2"].map(|version| {
                json!({"name": "clf", "version": version, "run_id": "r1", "source": "models:/m-1", "current_stage": "None"})
            }),
            token,
        ),
        "/api/3.0/mlflow/traces/search" => {
            let here = body["locations"].as_array().into_iter().flatten();
            let here = here.map(|place| place["mlflow_experiment"]["experiment_id"].as_str().unwrap());
            let here: Vec<&str> = here.collect();
            page("traces", &TRACES.map(head).into_iter().filter(|_| here.contains(&"0")).collect::<Vec<_>>(), token)
        }
        "/api/3.0/mlflow/traces/batchGet" => {
            let asked = request.parameters("trace_ids");
            json!({"traces": asked.into_iter().map(trace).collect::<Vec<_>>()})
        }
        "/api/3.0/mlflow/datasets/search" => page(
            "datasets",
            &["d-1", "d-2", "d-3"].map(|id| json!({"dataset_id": id, "name": format!("golden {id}"), "tags": "{}"})),
            token,
        ),
        path if path.starts_with("/api/3.0/mlflow/datasets/") => json!({"records": json!([{
            "dataset_record_id": "dr-1", "inputs": {"q": "When?"},
            "source": {"source_type": "TRACE", "source_data": {"trace_id": TRACES[0]}},
        }]).to_string()}),
        _ => return Reply::missing(),
    };
    Reply::Json(answer.to_string())
}
