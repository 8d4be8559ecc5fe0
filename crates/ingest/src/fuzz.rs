//! What readers do with input that something has damaged: never panic, never hang, never lose the rest.

use std::io::BufReader;

use catena_model::statement::{Read, Rejection};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

use crate::{dbt, mlflow, openlineage};

const CLIENT: &str = include_str!("../../../tests/fixtures/openlineage/client.ndjson");
const DBT_EVENTS: &str = include_str!("../../../tests/fixtures/openlineage/dbt.ndjson");
const MANIFEST: &str = include_str!("../../../tests/fixtures/dbt/bookshop/target/manifest.json");
const CATALOG: &str = include_str!("../../../tests/fixtures/dbt/bookshop/target/catalog.json");
const RESULTS: &str = include_str!("../../../tests/fixtures/dbt/bookshop/target/run_results.json");

/// One way to damage a text.
#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Drop(Index, usize),
    Repeat(Index, usize),
    Insert(Index, &'static str),
    Nest(Index, usize),
}

/// What tends to hurt readers of JSON.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "-",
    "1e999",
    "-0",
    "99999999999999999999",
    "0.1e-9",
    "\\",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{feff}",
    "\0",
    "<script>",
    "\"name\":",
    "\"facets\":5,",
    "\"events\":[",
    "{\"_deleted\":true}",
    "\n",
    "\r\n",
    "NaN",
    "\u{7f}",
    "../../",
    "\"runId\":\"x\",",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), 1_usize..200).prop_map(|(at, count)| Damage::Drop(at, count)),
        (any::<Index>(), 1_usize..200).prop_map(|(at, count)| Damage::Repeat(at, count)),
        (any::<Index>(), select(TOKENS)).prop_map(|(at, token)| Damage::Insert(at, token)),
        (any::<Index>(), 1_usize..5_000).prop_map(|(at, depth)| Damage::Nest(at, depth)),
    ]
}

fn damaged(text: &str, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        match damage {
            Damage::Flip(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] ^= byte;
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Drop(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + count).min(bytes.len()));
            }
            Damage::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let part = bytes[at..(at + count).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Damage::Insert(at, token) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, token.bytes());
            }
            Damage::Nest(at, depth) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, "[".repeat(*depth).into_bytes());
            }
        }
    }
    bytes
}

/// Values of every type, to stand where another is expected.
fn stranger() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!(""),
        json!("a\0b"),
        json!("<b>\u{202e}"),
        json!([]),
        json!([1, null]),
        json!({}),
        json!({"name": 5}),
        json!([[{"a": []}]]),
        json!("x".repeat(5_000)),
    ])
}

/// Replaces some value within another by a stranger; the index chooses which.
fn replace(value: &mut Value, which: Index, stranger: &Value) {
    let count = size(value);
    let mut at = which.index(count);
    set(value, &mut at, stranger);
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

fn set(value: &mut Value, at: &mut usize, stranger: &Value) -> bool {
    if *at == 0 {
        *value = stranger.clone();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| set(item, at, stranger)),
        Value::Object(map) => map.values_mut().any(|item| set(item, at, stranger)),
        _ => false,
    }
}

fn event_line() -> impl Strategy<Value = &'static str> {
    select(CLIENT.lines().chain(DBT_EVENTS.lines()).collect::<Vec<_>>())
}

fn events(bytes: &[u8]) -> Vec<Read> {
    openlineage::read_events(bytes, openlineage::Limits::default()).collect()
}

/// Every rejection says where and why, in a length that a person reads.
fn sensible(reads: &[Read]) -> Result<(), TestCaseError> {
    for Rejection { place, why } in reads.iter().filter_map(|read| read.as_ref().err()) {
        prop_assert!(!place.is_empty() && !why.is_empty());
        prop_assert!(why.len() < 1_100 && place.len() < 400, "{} characters", why.chars().count());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_line_never_touches_its_neighbours(line in event_line(), damages in vec(damage(), 1..4)) {
        let neighbour = CLIENT.lines().next().unwrap_or_default();
        let mut bytes = damaged(line, &damages);
        bytes.retain(|byte| *byte != b'\n');
        let text = [neighbour.as_bytes(), &bytes, neighbour.as_bytes()].join(&b'\n');
        let reads = events(&text);
        sensible(&reads)?;
        prop_assert!(reads.first().is_some_and(Result::is_ok));
        prop_assert!(reads.last().is_some_and(Result::is_ok));
    }

    #[test]
    fn a_damaged_file_is_read_the_same_however_it_arrives(
        lines in vec(event_line(), 1..4),
        pretty in any::<bool>(),
        damages in vec(damage(), 0..4),
        chunk in 1_usize..64,
    ) {
        let text = match pretty {
            false => lines.join("\n"),
            true => {
                let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
                serde_json::to_string_pretty(&events).unwrap_or_default()
            }
        };
        let bytes = damaged(&text, &damages);
        let reads = events(&bytes);
        sensible(&reads)?;
        let chunked = BufReader::with_capacity(chunk, bytes.as_slice());
        let again: Vec<Read> = openlineage::read_events(chunked, openlineage::Limits::default()).collect();
        // By their text: a NaN is unequal to itself.
        prop_assert_eq!(format!("{reads:?}"), format!("{again:?}"));
    }

    #[test]
    fn a_value_of_another_type_is_taken_or_rejected(
        line in event_line(),
        which in vec((any::<Index>(), stranger()), 1..3),
    ) {
        let mut event: Value = serde_json::from_str(line)?;
        for (which, stranger) in &which {
            replace(&mut event, *which, stranger);
        }
        let reads = events(event.to_string().as_bytes());
        sensible(&reads)?;
        // An empty array is an input of no events.
        prop_assert!(event == json!([]) || !reads.is_empty());
        prop_assert!(reads.iter().filter(|read| read.is_ok()).count() <= 1);
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in vec(any::<u8>(), 0..2_000)) {
        sensible(&events(&bytes))?;
        let reads: Vec<Read> = dbt::read_project(&bytes, Some(&bytes), Some(&bytes)).collect();
        sensible(&reads)?;
    }

    #[test]
    fn mlflow_objects_of_other_types_are_taken_or_refused(which in any::<Index>(), stranger in stranger()) {
        let run = json!({
            "info": {"run_id": "r1", "experiment_id": "1", "run_name": "n", "start_time": 5, "status": "FINISHED"},
            "data": {"metrics": [{"key": "a", "value": 1.5, "timestamp": 1, "step": 2}],
                     "tags": [{"key": "mlflow.parentRunId", "value": "r0"}], "params": [{"key": "p", "value": "1"}]},
            "inputs": {"dataset_inputs": [{"tags": [{"key": "mlflow.data.context", "value": "training"}],
                "dataset": {"name": "n", "digest": "d", "source_type": "s3", "source": "{\"uri\":\"s3://a/b\"}",
                            "schema": "{\"mlflow_colspec\":[{\"name\":\"c\",\"type\":\"long\"}]}"}}]},
            "outputs": {"model_outputs": [{"model_id": "m-1"}]},
        });
        let mut damaged = run;
        replace(&mut damaged, which, &stranger);
        let mapping = mlflow::Mapping::new("mlflow://ml:5000", Default::default());
        if let (Ok(run), Ok(mapping)) = (serde_json::from_value::<mlflow::rest::Run>(damaged), mapping) {
            sensible(&[mapping.run(&run)])?;
        }
    }

    #[test]
    fn traces_and_evaluations_of_other_types_are_taken_or_refused(which in any::<Index>(), stranger in stranger()) {
        let trace = json!({
            "trace_info": {
                "trace_id": "tr-e5154511222791c20ddef5356b7e3450", "state": "OK", "tags": {"mlflow.traceName": "answer"},
                "trace_location": {"mlflow_experiment": {"experiment_id": "1"}}, "trace_metadata": {"mlflow.sourceRun": "r"},
                "assessments": [{"assessment_name": "correct", "feedback": {"value": true}, "source": {"source_id": "ann"}},
                                {"assessment_name": "expected", "expectation": {"value": "nine"}}],
            },
            "spans": [{
                "trace_id": "5RVFESInkcIN3vU1a340UA==", "span_id": "bLE3haJWPNY=", "name": "find",
                "start_time_unix_nano": 5, "end_time_unix_nano": "6", "status": {"code": "STATUS_CODE_OK"},
                "attributes": [{"key": "mlflow.spanType", "value": {"string_value": "RETRIEVER"}},
                    {"key": "mlflow.spanOutputs", "value": {"array_value": {"values": [{"kvlist_value": {"values": [
                        {"key": "page_content", "value": {"string_value": "At nine."}}]}}]}}}],
                "events": [{"name": "e", "time_unix_nano": 5, "attributes": []}],
            }],
        });
        let dataset = json!([
            {"dataset_id": "d-1", "name": "golden", "tags": "{}", "schema": "{}", "digest": "d", "created_time": 5},
            {"dataset_record_id": "dr-1", "inputs": {"q": 1}, "source": {"source_data": {"trace_id": "tr-1"}}},
        ]);
        let (mut trace, mut dataset) = (trace, dataset);
        replace(&mut trace, which, &stranger);
        replace(&mut dataset, which, &stranger);
        if let Ok(mapping) = mlflow::Mapping::new("mlflow://ml:5000", Default::default()) {
            sensible(&mapping.whole_trace(&trace, Some("qa")))?;
            sensible(&[mapping.evaluation_dataset(&dataset[0], &[dataset[1].clone()])])?;
        }
    }
}

proptest! {
    // A manifest is 40 times as long as an event.
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn damaged_artifacts_are_read_to_the_end(
        which in 0_usize..3,
        damages in vec(damage(), 1..4),
    ) {
        let mut files = [MANIFEST, CATALOG, RESULTS].map(|text| text.as_bytes().to_vec());
        files[which] = damaged([MANIFEST, CATALOG, RESULTS][which], &damages);
        let reads: Vec<Read> = dbt::read_project(&files[0], Some(&files[1]), Some(&files[2])).collect();
        sensible(&reads)?;
        prop_assert!(!reads.is_empty());
    }

    #[test]
    fn a_node_with_a_value_of_another_type_loses_only_itself(
        node in any::<Index>(),
        which in any::<Index>(),
        stranger in stranger(),
    ) {
        let mut manifest: Value = serde_json::from_str(MANIFEST)?;
        let whole = dbt::read_project(MANIFEST.as_bytes(), None, None).count();
        if let Some(nodes) = manifest["nodes"].as_object_mut() {
            let at = node.index(nodes.len());
            if let Some(node) = nodes.values_mut().nth(at) {
                replace(node, which, &stranger);
            }
        }
        let text = manifest.to_string();
        let reads: Vec<Read> = dbt::read_project(text.as_bytes(), None, None).collect();
        sensible(&reads)?;
        prop_assert_eq!(reads.len(), whole);
        prop_assert!(reads.iter().filter(|read| read.is_err()).count() <= 1);
    }
}
