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
