use catena_model::{statement::Statement, time::Timestamp};
use serde_json::json;

use super::{Mapping, rest::*};

fn mapping() -> Mapping {
    Mapping::new("mlflow://ml.example:5000", Timestamp::from_millis(1_795_523_700_000)).unwrap()
}

#[test]
fn a_server_may_send_both_names_of_the_run_id_and_numbers_as_text() {
    let run: Run = serde_json::from_value(json!({
        "info": {"run_uuid": "r1", "run_id": "r1", "experiment_id": 7, "start_time": "1795523603446"},
        "data": {"metrics": [{"key": "loss", "value": "NaN", "timestamp": "5", "step": 3}]},
    }))
    .unwrap();
    assert_eq!(run.info.id(), "r1");
    assert_eq!(run.info.experiment_id, "7");
    assert_eq!(run.info.start_time, Some(1_795_523_603_446));
    assert!(run.data.metrics[0].value.is_nan());
    assert_eq!(run.data.metrics[0].timestamp, 5);
}

#[test]
fn a_history_keeps_nan_and_the_infinities() {
    let history: Vec<Metric> = serde_json::from_value(json!([
        {"key": "loss", "value": 1.5, "timestamp": 1, "step": 0},
        {"key": "loss", "value": "Infinity", "timestamp": 2, "step": 1},
        {"key": "loss", "value": "-Infinity", "timestamp": 3, "step": 2},
    ]))
    .unwrap();
    let record = mapping().metric_history("r1", "loss", &history).unwrap();
    let [Statement::Points { metric, points, .. }] = record.statements.as_slice() else {
        panic!("{record:?}")
    };
    assert_eq!(metric, "loss");
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    assert_eq!(values, [1.5, f64::INFINITY, f64::NEG_INFINITY]);
}

/// A run as a server sends it: trained and evaluated on a table, with a model logged and a parent.
fn trained() -> Run {
    let source = json!({"uri": "duckdb://zoo.duckdb", "table": "zoo.main.penguins"}).to_string();
    let schema =
        json!({"mlflow_colspec": [{"type": "double", "name": "mass", "required": true}]}).to_string();
    let dataset = |name: &str, digest: &str, source_type: &str, source: &str| {
        json!({"name": name, "digest": digest, "source_type": source_type, "source": source, "schema": schema,
               "profile": "{\"num_rows\": 150}"})
    };
    let input = |context: &str, dataset: &serde_json::Value| json!({"tags": [{"key": "mlflow.data.context", "value": context}], "dataset": dataset});
    let http = json!({"url": "https://data.example.org/penguins.csv"}).to_string();
    serde_json::from_value(json!({
        "info": {
            "run_uuid": "r1", "run_id": "r1", "run_name": "small network", "experiment_id": "1",
            "user_id": "ines", "status": "FINISHED", "start_time": 1_795_523_603_446_i64,
            "end_time": 1_795_523_615_703_i64, "artifact_uri": "mlflow-artifacts:/1/r1/artifacts",
            "lifecycle_stage": "deleted", "novelty": {"kept": true},
        },
        "data": {
            "metrics": [
                {"key": "loss", "value": "NaN", "timestamp": 1_795_523_604_068_i64, "step": 4},
                {"key": "accuracy", "value": 0.98, "timestamp": 1_795_523_604_070_i64, "step": 0},
            ],
            "params": [{"key": "C", "value": "0.1"}],
            "tags": [
                {"key": "mlflow.source.type", "value": "LOCAL"},
                {"key": "mlflow.note.content", "value": "Which *penguin*?"},
                {"key": "mlflow.parentRunId", "value": "r0"},
                {"key": "mlflow.linkedPrompts", "value": "[{\"name\": \"describe\", \"version\": \"2\"}]"},
                {"key": "team", "value": "zoo"},
                {"key": "checked", "value": "true"},
            ],
        },
        "inputs": {
            "dataset_inputs": [
                input("training", &dataset("zoo.main.penguins", "d1", "duckdb", &source)),
                input("evaluation", &dataset("zoo.main.penguins", "d2", "duckdb", &source)),
                input("lookup", &dataset("penguins-csv", "d3", "http", &http)),
            ],
            "model_inputs": [{"model_id": "m-base"}],
        },
        "outputs": {"model_outputs": [{"model_id": "m-1", "step": 0}]},
    }))
    .unwrap()
}

#[test]
fn what_a_run_says() {
    insta::assert_snapshot!(crate::tests::readable([mapping().run(&trained())]));
}

#[test]
fn what_an_experiment_says() {
    let experiment: Experiment = serde_json::from_value(json!({
        "experiment_id": 1, "name": "penguin-species", "artifact_location": "mlflow-artifacts:/1",
        "lifecycle_stage": "active", "creation_time": 1_795_523_603_175_i64, "workspace": "default",
        "tags": [{"key": "team", "value": "zoo"}, {"key": "mlflow.note.content", "value": "Which penguin?"}],
    }))
    .unwrap();
    insta::assert_snapshot!(crate::tests::readable([mapping().experiment(&experiment)]));
}

#[test]
fn what_the_registry_says() {
    let model: RegisteredModel = serde_json::from_value(json!({
        "name": "penguin-species", "creation_timestamp": 1_795_558_199_000_i64,
        "description": "Tells the species apart.", "tags": [{"key": "tier", "value": "demo"}],
        "aliases": [{"alias": "champion", "version": 3}, {"alias": "challenger", "version": "4"}],
    }))
    .unwrap();
    let version: ModelVersion = serde_json::from_value(json!({
        "name": "penguin-species", "version": "3", "current_stage": "Production", "description": "Attempt 3.",
        "source": "models:/m-1", "run_id": "r1", "status": "READY", "run_link": "", "aliases": ["best"],
        "tags": [{"key": "validated", "value": "true"}],
    }))
    .unwrap();
    let copy: ModelVersion = serde_json::from_value(json!({
        "name": "prod.penguin-species", "version": 1, "source": "models:/penguin-species/3",
    }))
    .unwrap();
    let mapping = mapping();
    insta::assert_snapshot!(crate::tests::readable([
        mapping.registered_model(&model),
        mapping.model_version(&version, &model.aliases, Some(&trained())),
        mapping.model_version(&copy, &[], None),
    ]));
}

#[test]
fn what_a_prompt_says() {
    let tags =
        json!([{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "author", "value": "ines"}]);
    let prompt: RegisteredModel =
        serde_json::from_value(json!({"name": "describe-penguin", "tags": tags})).unwrap();
    let version = |number: u32, kind: &str, text: &str| -> ModelVersion {
        serde_json::from_value(json!({
            "name": "describe-penguin", "version": number, "current_stage": "None", "source": "dummy-source",
            "run_id": "", "description": "First try",
            "tags": [
                {"key": "mlflow.prompt.is_prompt", "value": "true"},
                {"key": "_mlflow_prompt_type", "value": kind},
                {"key": "mlflow.prompt.text", "value": text},
            ],
        }))
        .unwrap()
    };
    let mapping = mapping();
    insta::assert_snapshot!(crate::tests::readable([
        mapping.registered_model(&prompt),
        mapping.model_version(&version(1, "text", "Describe a {{species}}."), &[], None),
        mapping.model_version(&version(2, "chat", r#"[{"role":"user","content":"Hi"}]"#), &[], None),
    ]));
}

#[test]
fn what_a_logged_model_says() {
    let model: LoggedModel = serde_json::from_value(json!({
        "info": {
            "model_id": "m-1", "experiment_id": "1", "name": "species", "status": "LOGGED_MODEL_READY",
            "creation_timestamp_ms": 1_795_558_184_090_i64, "source_run_id": "r1", "model_type": "",
        },
        "data": {
            "params": [{"key": "C", "value": "0.1"}],
            "metrics": [
                {"key": "accuracy", "value": 0.89, "timestamp": 5, "step": 0, "run_id": "r1",
                 "dataset_name": "zoo.main.penguins", "dataset_digest": "d2"},
                {"key": "unknown", "value": 1, "timestamp": 5, "dataset_name": "elsewhere", "dataset_digest": "x"},
            ],
        },
    }))
    .unwrap();
    insta::assert_snapshot!(crate::tests::readable([mapping().logged_model(&model, Some(&trained()))]));
}

#[test]
fn ids_that_name_nothing_are_rejected_by_place() {
    let mapping = mapping();
    let rejected = [
        mapping.run(&Run::default()),
        mapping.experiment(&Experiment::default()),
        mapping.registered_model(&RegisteredModel { name: "a\0b".to_owned(), ..RegisteredModel::default() }),
        mapping.model_version(
            &ModelVersion { name: "churn".to_owned(), ..ModelVersion::default() },
            &[],
            None,
        ),
    ]
    .map(|read| {
        let rejection = read.unwrap_err();
        format!("{}: {}", rejection.place, rejection.why)
    });
    assert_eq!(
        rejected,
        [
            "run : runs id: the name is empty: give every job and dataset a namespace and a name",
            "experiment : experiments id: the name is empty: give every job and dataset a namespace and a name",
            "registered model a\0b: models id: the name contains a NUL character: remove it at the source",
            "model churn, version : the version has no number: ask the server for it again",
        ]
    );
}
