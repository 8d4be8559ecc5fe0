//! What the recorded clients' exports say, and what damaged ones do.

use std::time::{Duration, Instant};

use catena_model::statement::{Read, Record, Statement};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

use super::*;
use crate::tests::readable;

struct Recorded {
    name: &'static str,
    signal: Signal,
    protobuf: &'static [u8],
    json: &'static str,
}

macro_rules! recorded {
    ($($name:literal $signal:ident $file:literal;)*) => {
        const RECORDED: &[Recorded] = &[$(Recorded {
            name: $name,
            signal: Signal::$signal,
            protobuf: include_bytes!(concat!("../../../../tests/fixtures/otlp/", $file, ".bin")),
            json: include_str!(concat!("../../../../tests/fixtures/otlp/", $file, ".json")),
        },)*];
    };
}

recorded! {
    "openllmetry_new" Traces "openllmetry-0.62/assistant.traces";
    "openllmetry_new_langchain" Traces "openllmetry-0.62/langchain.traces";
    "openllmetry_old" Traces "openllmetry-0.45/assistant.traces";
    "openllmetry_old_langchain" Traces "openllmetry-0.45/langchain.traces";
    "openinference" Traces "openinference/assistant.traces";
    "conventions_spans" Traces "opentelemetry/spans.traces";
    "conventions_events" Traces "opentelemetry/events.traces";
    "conventions_events_logs" Logs "opentelemetry/events.logs";
    "conventions_spans_logs" Logs "opentelemetry/spans.logs";
    "openllmetry_new_metrics" Metrics "openllmetry-0.62/assistant.metrics";
}

fn recorded(name: &str) -> &'static Recorded {
    RECORDED.iter().find(|recorded| recorded.name == name).unwrap()
}

fn records(name: &str) -> Vec<Record> {
    let recorded = recorded(name);
    let told = read(recorded.signal, Form::Protobuf, recorded.protobuf, &Limits::default()).unwrap();
    told.into_iter().map(|told| told.read.unwrap()).collect()
}

/// The facet of this name of each output, in the order of the spans.
fn facets(records: &[Record], wanted: &str) -> Vec<Value> {
    let statements = records.iter().flat_map(|record| &record.statements);
    statements
        .filter_map(|statement| match statement {
            Statement::Facet { name, body, .. } if name == wanted => Some(body.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn protobuf_and_json_say_the_same() {
    for recorded in RECORDED {
        let said = |form, bytes: &[u8]| -> Vec<Read> {
            let told = read(recorded.signal, form, bytes, &Limits::default()).unwrap();
            told.into_iter().map(|told| told.read).collect()
        };
        let protobuf = said(Form::Protobuf, recorded.protobuf);
        assert!(
            !protobuf.is_empty() && protobuf.iter().all(Result::is_ok),
            "{}: {protobuf:?}",
            recorded.name
        );
        assert_eq!(protobuf, said(Form::Json, recorded.json.as_bytes()), "{}", recorded.name);
    }
}

#[test]
fn each_dialect_gives_its_entities_and_lineage() {
    for recorded in RECORDED {
        let told = read(recorded.signal, Form::Protobuf, recorded.protobuf, &Limits::default()).unwrap();
        insta::assert_snapshot!(recorded.name, readable(told.into_iter().map(|told| told.read)));
    }
}

#[test]
fn the_same_call_is_the_same_request_and_response_in_every_dialect() {
    let question = json!({"messages": [{"role": "user", "parts": [
        {"type": "text", "content": "When does the library open on Mondays?"}]}]});
    let call = json!([{"type": "tool_call", "id": "call_1", "name": "opening_hours", "arguments": {"day": "Monday"}}]);
    for name in ["openllmetry_new", "openllmetry_old", "conventions_spans", "openinference"] {
        let records = records(name);
        let input = facets(&records, "gen_ai.input");
        let asked =
            |input: &Value| input["messages"].as_array().unwrap().last() == question["messages"].get(0);
        assert!(input.iter().any(asked), "{name}: {input:#?}");
        let output = facets(&records, "gen_ai.output");
        assert!(output.iter().any(|output| output["messages"][0]["parts"] == call), "{name}: {output:#?}");
        let request = facets(&records, "gen_ai.request");
        assert!(
            request.iter().any(|request| request["parameters"]["temperature"] == 0.2
                && request["parameters"]["max_tokens"] == 64
                && request["model"] == "gpt-4o-mini"),
            "{name}: {request:#?}"
        );
        let response = facets(&records, "gen_ai.response");
        let usage = json!({"input_tokens": 21, "output_tokens": 8});
        assert!(
            response.iter().any(|response| response["usage"] == usage
                && response["model"] == "gpt-4o-mini-2024-07-18"
                && response["latency_ms"].is_f64()
                && response["finish_reasons"][0].as_str().unwrap().starts_with("tool_call")),
            "{name}: {response:#?}"
        );
    }
}

#[test]
fn what_was_said_in_events_is_in_the_same_shape() {
    let records = records("conventions_events_logs");
    let said = |prefix: &str| -> Vec<Value> {
        let mut found: Vec<(String, Value)> = records
            .iter()
            .flat_map(|record| &record.statements)
            .filter_map(|statement| match statement {
                Statement::Facet { name, body, thing, .. }
                    if name.starts_with(prefix) && thing.name.name.ends_with("02") =>
                {
                    Some((name.clone(), body["messages"][0].clone()))
                }
                _ => None,
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.into_iter().map(|(_, message)| message).collect()
    };
    let roles = |messages: Vec<Value>| messages.iter().map(|m| m["role"].clone()).collect::<Vec<_>>();
    assert_eq!(roles(said("gen_ai.input.")), ["system", "user"]);
    let output = said("gen_ai.output.");
    assert_eq!(output[0]["parts"][0]["type"], "tool_call");
    assert_eq!(output[0]["finish_reason"], "tool_calls");
}

#[test]
fn one_bad_span_is_one_rejection_and_can_be_read_again_alone() {
    let recorded = recorded("openllmetry_new");
    let mut export: Value = serde_json::from_str(recorded.json).unwrap();
    export["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = json!("00");
    let told = read(Signal::Traces, Form::Json, export.to_string().as_bytes(), &Limits::default()).unwrap();
    let bad: Vec<&Told> = told.iter().filter(|told| told.read.is_err()).collect();
    assert_eq!((told.len(), bad.len()), (11, 1));
    assert!(
        bad[0].read.as_ref().unwrap_err().why.contains("1 bytes long instead of 16"),
        "{:?}",
        bad[0].read
    );
    let again = read(Signal::Traces, Form::Json, &bad[0].alone, &Limits::default()).unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].read.as_ref().unwrap_err().why, bad[0].read.as_ref().unwrap_err().why);
}

#[test]
fn a_damaged_span_in_protobuf_spoils_no_other() {
    let recorded = recorded("openllmetry_new");
    let bytes = recorded.protobuf.to_vec();
    // The first model call's name, so that it is no text any more.
    let at = bytes.windows(17).position(|window| window == b"openai.embeddings").unwrap();
    let mut damaged = bytes;
    damaged[at] = 0xff;
    let told = read(Signal::Traces, Form::Protobuf, &damaged, &Limits::default()).unwrap();
    let bad: Vec<&Told> = told.iter().filter(|told| told.read.is_err()).collect();
    assert_eq!((told.len(), bad.len()), (11, 1));
    assert!(bad[0].read.as_ref().unwrap_err().why.contains("no UTF-8 text"));
    let again = read(Signal::Traces, Form::Protobuf, &bad[0].alone, &Limits::default()).unwrap();
    assert_eq!(again[0].read.as_ref().unwrap_err().why, bad[0].read.as_ref().unwrap_err().why);
}

#[test]
fn what_is_no_export_is_said_to_be_none() {
    let limits = Limits::default();
    for (form, bytes) in [
        (Form::Protobuf, &b"{\"resourceSpans\":[]}"[..]),
        (Form::Protobuf, b"<html>"),
        (Form::Json, b"[]"),
        (Form::Json, b"{\"resourceSpans\":5}"),
        (Form::Json, b"\x0a\x00"),
        (Form::Json, b"{\"resourceSpans\":[],\"resourceSpans\":[]}"),
    ] {
        assert!(read(Signal::Traces, form, bytes, &limits).is_err(), "{form:?} {bytes:?}");
    }
    assert_eq!(read(Signal::Traces, Form::Protobuf, b"", &limits).unwrap().len(), 0);
    assert_eq!(read(Signal::Traces, Form::Json, b"{}", &limits).unwrap().len(), 0);
}

fn span_with(attribute: &[u8]) -> Vec<u8> {
    let mut span = Vec::new();
    wire::put(1, &[1; 16], &mut span);
    wire::put(2, &[2; 8], &mut span);
    let mut pair = Vec::new();
    wire::put(1, b"a", &mut pair);
    wire::put(2, attribute, &mut pair);
    wire::put(9, &pair, &mut span);
    let (mut group, mut resource, mut export) = (Vec::new(), Vec::new(), Vec::new());
    wire::put(2, &span, &mut group);
    wire::put(2, &group, &mut resource);
    wire::put(1, &resource, &mut export);
    export
}

#[test]
fn bombs_are_refused_within_limits() {
    let why = |bytes: &[u8]| {
        let told = read(Signal::Traces, Form::Protobuf, bytes, &Limits::default()).unwrap();
        told[0].read.clone().unwrap_err().why
    };
    let mut nested = Vec::new();
    for _ in 0..5_000 {
        let (mut list, mut any) = (Vec::new(), Vec::new());
        wire::put(1, &nested, &mut list);
        wire::put(5, &list, &mut any);
        nested = any;
    }
    assert!(why(&span_with(&nested)).contains("more than 32 levels"));
    // An empty value is two bytes; as many as a body has room for.
    let (mut list, mut any) = (Vec::new(), Vec::new());
    for _ in 0..2_000_000 {
        wire::put(1, &[], &mut list);
    }
    wire::put(5, &list, &mut any);
    assert!(why(&span_with(&any)).contains("more than 50000 values"));
    let (mut long, mut export) = (Vec::new(), Vec::new());
    wire::put(1, &vec![b'x'; 5 << 20], &mut long);
    assert!(why(&span_with(&long)).contains("have the source shorten it"));
    for _ in 0..2_000_000 {
        wire::put(1, &[], &mut export);
    }
    let flood = read(Signal::Traces, Form::Protobuf, &export, &Limits::default());
    assert_eq!(flood.unwrap_err(), Unreadable::TooMany(50_000));
    let deep = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"attributes":[{{"key":"a","value":{}{}}}]}}]}}]}}]}}"#,
        r#"{"arrayValue":{"values":["#.repeat(1_000),
        "]}}".repeat(1_000)
    );
    assert!(read(Signal::Traces, Form::Json, deep.as_bytes(), &Limits::default()).is_err());
}

#[test]
fn a_long_resource_is_not_multiplied() {
    let export = |resource: usize, groups: usize, spans: usize, form: Form| -> Vec<u8> {
        let text = "x".repeat(resource);
        if form == Form::Json {
            let group = json!({"spans": vec![json!({"traceId": "00"}); spans]});
            let attributes = json!([{"key": "a", "value": {"stringValue": text}}]);
            let resource = json!({"resource": {"attributes": attributes}, "scopeSpans": vec![group; groups]});
            return json!({"resourceSpans": [resource]}).to_string().into_bytes();
        }
        let (mut any, mut pair, mut said) = (Vec::new(), Vec::new(), Vec::new());
        wire::put(1, text.as_bytes(), &mut any);
        wire::put(2, &any, &mut pair);
        wire::put(1, &pair, &mut said);
        let (mut group, mut whole, mut export) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..spans {
            wire::put(2, &[], &mut group);
        }
        wire::put(1, &said, &mut whole);
        for _ in 0..groups {
            wire::put(2, &group, &mut whole);
        }
        wire::put(1, &whole, &mut export);
        export
    };
    for form in [Form::Protobuf, Form::Json] {
        let many = read(Signal::Traces, form, &export(1 << 20, 1_000, 0, form), &Limits::default());
        assert!(matches!(many, Err(Unreadable::Resources(_))), "{form:?}");
        let told = read(Signal::Traces, form, &export(1 << 20, 1, 5_000, form), &Limits::default()).unwrap();
        let kept: usize = told.iter().map(|told| told.alone.len()).sum();
        assert!(told.len() == 5_000 && kept < 10 << 20, "{form:?}: {kept}");
        assert!(read(Signal::Traces, form, &told[4_999].alone, &Limits::default()).unwrap()[0].read.is_err());
    }
}

#[test]
fn depth_is_the_same_in_both_forms() {
    let nested = |depth: usize| {
        let (mut binary, mut text) = (Vec::new(), r#"{"intValue":"1"}"#.to_owned());
        binary.extend([0x18, 1]);
        for _ in 0..depth {
            let (mut list, mut any) = (Vec::new(), Vec::new());
            wire::put(1, &binary, &mut list);
            wire::put(5, &list, &mut any);
            binary = any;
            text = format!(r#"{{"arrayValue":{{"values":[{text}]}}}}"#);
        }
        let json = format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{}","spanId":"{}","attributes":[{{"key":"a","value":{text}}}]}}]}}]}}]}}"#,
            "01".repeat(16),
            "02".repeat(8)
        );
        let protobuf = traces_from_protobuf(&span_with(&binary), &Limits::default()).unwrap().remove(0);
        (protobuf, traces_from_json(json.as_bytes(), &Limits::default()).unwrap().remove(0))
    };
    let (protobuf, json) = nested(32);
    assert!(protobuf.is_ok());
    assert_eq!(protobuf, json);
    let (protobuf, json) = nested(33);
    assert!(protobuf.is_err() && json.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_exports_never_panic_and_end_soon(
        which in 0..RECORDED.len(),
        json in any::<bool>(),
        damages in vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let recorded = &RECORDED[which];
        let mut bytes = if json { recorded.json.as_bytes().to_vec() } else { recorded.protobuf.to_vec() };
        for (at, byte, how) in damages {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        let started = Instant::now();
        for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
            for form in [Form::Protobuf, Form::Json] {
                if let Ok(told) = read(signal, form, &bytes, &Limits::default()) {
                    for told in told {
                        if told.read.is_err() {
                            prop_assert!(!told.alone.is_empty());
                        }
                    }
                }
            }
        }
        prop_assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
            let _ = read(signal, Form::Protobuf, &bytes, &Limits::default());
            let _ = read(signal, Form::Json, &bytes, &Limits::default());
        }
    }
}
