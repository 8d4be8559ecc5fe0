//! A trace with its spans, as a server gives it (`traces/batchGet`).
//!
//! The spans are OpenTelemetry's in another spelling: protobuf's JSON form with its own field names, ids in base64, and
//! MLflow's attributes unpacked. They are written as OTLP's JSON has them and read as if they had been sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use catena_model::statement::Read;
use serde_json::{Map, Value, json};

use super::mapping::Mapping;
use crate::{
    fault::{rejected, shorten},
    genai::names,
    otlp,
};

/// Arrays and maps within each other, in an attribute; deeper ones are left out.
const DEEPEST: usize = 30;

impl Mapping {
    /// What a trace says: its head, and each of its spans. `application` is what the traced program is called.
    pub fn whole_trace(&self, trace: &Value, application: Option<&str>) -> Vec<Read> {
        let info = &trace["trace_info"];
        let said = info["trace_id"].as_str().unwrap_or_default();
        let Some(id) = trace_id(said) else {
            let place = format!("trace {}", shorten(said, 200));
            return vec![Err(rejected(&place, "its id is not one of OpenTelemetry's: it can't be read"))];
        };
        let mut reads = vec![self.trace(&names::trace(id), info)];
        let spans = trace["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        if spans.is_empty() {
            return reads;
        }
        let service = application.map(|name| json!({"key": "service.name", "value": {"stringValue": name}}));
        let export = json!({"resourceSpans": [{
            "resource": {"attributes": service.into_iter().collect::<Vec<_>>()},
            "scopeSpans": [{"spans": spans.iter().map(span).collect::<Vec<_>>()}],
        }]});
        match otlp::traces_from_json(export.to_string().as_bytes(), &otlp::Limits::default()) {
            Ok(spans) => reads.extend(spans),
            Err(problem) => {
                reads.push(Err(rejected(&format!("spans of trace {said}"), &problem.to_string())));
            }
        }
        reads
    }
}

/// The number in `tr-` and 32 hexadecimal digits.
pub(super) fn trace_id(said: &str) -> Option<u128> {
    let digits = said.rsplit('/').next().unwrap_or(said);
    let digits = digits.strip_prefix("tr-").unwrap_or(digits);
    let whole = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| u128::from_str_radix(digits, 16).ok())?
}

fn span(said: &Value) -> Value {
    let events = said["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let links = said["links"].as_array().map(Vec::as_slice).unwrap_or_default();
    let events = events.iter().map(|event| {
        json!({
            "name": event["name"], "timeUnixNano": event["time_unix_nano"],
            "attributes": attributes(&event["attributes"]),
        })
    });
    let links = links.iter().map(|link| {
        json!({
            "traceId": hex(&link["trace_id"]), "spanId": hex(&link["span_id"]),
            "attributes": attributes(&link["attributes"]),
        })
    });
    json!({
        "traceId": hex(&said["trace_id"]),
        "spanId": hex(&said["span_id"]),
        "parentSpanId": hex(&said["parent_span_id"]),
        "traceState": said["trace_state"],
        "name": said["name"],
        "kind": said["kind"],
        "startTimeUnixNano": said["start_time_unix_nano"],
        "endTimeUnixNano": said["end_time_unix_nano"],
        "attributes": attributes(&said["attributes"]),
        "status": {"code": said["status"]["code"], "message": said["status"]["message"]},
        "events": events.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
    })
}

/// An id, which this form has in base64; what isn't is left as it is, so that its reader says so.
fn hex(id: &Value) -> Value {
    let Some(text) = id.as_str() else { return Value::from("") };
    match STANDARD.decode(text) {
        Ok(bytes) => Value::from(bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))),
        Err(_) => Value::from(text),
    }
}

fn attributes(said: &Value) -> Vec<Value> {
    let said = said.as_array().map(Vec::as_slice).unwrap_or_default();
    said.iter()
        .map(|pair| {
            let key = pair["key"].as_str().unwrap_or_default();
            let value = match key.starts_with("mlflow.") {
                // What MLflow's own exporter sends: the value's JSON in a text.
                true => json!({"stringValue": plain(&pair["value"], 0).to_string()}),
                false => typed(&pair["value"], 0),
            };
            json!({"key": key, "value": value})
        })
        .collect()
}

const WORDS: [(&str, &str); 5] = [
    ("string_value", "stringValue"),
    ("bool_value", "boolValue"),
    ("int_value", "intValue"),
    ("double_value", "doubleValue"),
    ("bytes_value", "bytesValue"),
];

/// A value as OTLP's JSON has it.
fn typed(said: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return json!({});
    }
    if let Some((from, to)) = WORDS.iter().find(|(from, _)| said.get(from).is_some()) {
        return Value::Object(Map::from_iter([((*to).to_owned(), said[*from].clone())]));
    }
    if let Some(items) = said["array_value"]["values"].as_array() {
        let items: Vec<Value> = items.iter().map(|item| typed(item, depth + 1)).collect();
        return json!({"arrayValue": {"values": items}});
    }
    let pairs = said["kvlist_value"]["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let pairs =
        pairs.iter().map(|pair| json!({"key": pair["key"], "value": typed(&pair["value"], depth + 1)}));
    json!({"kvlistValue": {"values": pairs.collect::<Vec<_>>()}})
}

/// A value by itself.
fn plain(said: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some((word, _)) = WORDS.iter().find(|(word, _)| said.get(word).is_some()) {
        return match (*word, &said[*word]) {
            // 64 bits, which protobuf's JSON form has as a text.
            ("int_value", Value::String(text)) => text.parse::<i64>().map_or(Value::Null, Value::from),
            (_, value) => value.clone(),
        };
    }
    if said.get("array_value").is_some() {
        let items = said["array_value"]["values"].as_array().map(Vec::as_slice).unwrap_or_default();
        return items.iter().map(|item| plain(item, depth + 1)).collect();
    }
    let Some(list) = said.get("kvlist_value") else { return Value::Null };
    let pairs = list["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let key = |pair: &Value| pair["key"].as_str().unwrap_or_default().to_owned();
    Value::Object(pairs.iter().map(|pair| (key(pair), plain(&pair["value"], depth + 1))).collect())
}

#[cfg(test)]
mod tests {
    use catena_model::{kind::Kind, statement::Statement};

    use super::*;

    /// As MLflow 3.17 gives it.
    fn given() -> Value {
        json!({
            "trace_info": {
                "trace_id": "tr-e5154511222791c20ddef5356b7e3450",
                "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}},
                "request_time": "2026-11-25T07:03:00.012Z", "state": "OK", "trace_metadata": {}, "tags": {},
            },
            "spans": [{
                "trace_id": "5RVFESInkcIN3vU1a340UA==", "span_id": "bLE3haJWPNY=", "parent_span_id": "Y6Vg/Il85Hc=",
                "name": "find", "start_time_unix_nano": 1_795_590_180_242_730_011_u64,
                "end_time_unix_nano": "1795590180243206008",
                "attributes": [
                    {"key": "mlflow.spanType", "value": {"string_value": "RETRIEVER"}},
                    {"key": "mlflow.spanOutputs", "value": {"array_value": {"values": [{"kvlist_value": {"values": [
                        {"key": "page_content", "value": {"string_value": "At nine."}},
                        {"key": "metadata", "value": {"kvlist_value": {"values": [
                            {"key": "doc_uri", "value": {"string_value": "s3://lake/opening.md"}}]}}},
                        {"key": "id", "value": {"string_value": "c1"}},
                    ]}}]}}},
                    {"key": "shop.tries", "value": {"int_value": "3"}},
                ],
                "status": {"code": "STATUS_CODE_OK"},
            }],
        })
    }

    fn mapping() -> Mapping {
        Mapping::new("mlflow://ml.example:5000", Default::default()).unwrap()
    }

    #[test]
    fn spans_are_read_as_if_they_had_been_sent() {
        let reads = mapping().whole_trace(&given(), Some("qa"));
        assert_eq!(reads.len(), 2, "{reads:?}");
        let record = reads[1].as_ref().unwrap();
        let span = record.statements.iter().find_map(|statement| match statement {
            Statement::Span { span, .. } => Some(span),
            _ => None,
        });
        assert_eq!(span.unwrap().attributes["shop.tries"], 3);
        let documents = record.statements.iter().filter(|statement| {
            matches!(statement, Statement::Related { to, .. } | Statement::Exists { thing: to }
                if to.kind == Kind::Document && to.name.namespace == "s3://lake")
        });
        assert!(documents.count() > 0, "{:?}", record.statements);
    }

    #[test]
    fn an_id_of_another_sort_is_rejected_and_one_bad_span_is_only_itself() {
        for bad in ["", "tr-12", "tr-+0000000000000000000000000000000"] {
            let mut trace = given();
            trace["trace_info"]["trace_id"] = bad.into();
            assert!(mapping().whole_trace(&trace, None)[0].is_err(), "{bad}");
        }
        let mut trace = given();
        let mut second = trace["spans"][0].clone();
        second["span_id"] = "!".into();
        trace["spans"].as_array_mut().unwrap().push(second);
        let reads = mapping().whole_trace(&trace, None);
        assert_eq!(reads.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    }
}
