//! Sends spans or OpenLineage events as fast as they are acknowledged, and says how fast that was: to a receiver of
//! Catena, or to any other server that speaks the same protocol.
//!
//! ```text
//! load --to 127.0.0.1:4318 --what spans --items 200000 --token T
//! load --to 127.0.0.1:5000 --what spans --items 20000 --header x-mlflow-experiment-id=0
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;

struct Load {
    to: String,
    what: What,
    /// How many spans or events in all.
    items: usize,
    /// How many in one request.
    each: usize,
    connections: usize,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
enum What {
    Spans,
    Events,
}

impl What {
    fn path(self) -> &'static str {
        match self {
            Self::Spans => "/v1/traces",
            Self::Events => "/api/v1/lineage/batch",
        }
    }

    fn media(self) -> &'static str {
        match self {
            Self::Spans => "application/x-protobuf",
            Self::Events => "application/json",
        }
    }

    fn body(self, first: usize, count: usize) -> Bytes {
        match self {
            Self::Spans => spans(first, count).into(),
            Self::Events => events(first, count).into(),
        }
    }
}

fn arguments() -> Load {
    let mut load = Load {
        to: "127.0.0.1:4318".to_owned(),
        what: What::Spans,
        items: 100_000,
        each: 100,
        connections: 4,
        headers: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().expect("every option has a value");
        match name.as_str() {
            "--to" => load.to = value,
            "--what" => load.what = if value == "events" { What::Events } else { What::Spans },
            "--items" => load.items = value.parse().expect("--items is a number"),
            "--each" => load.each = value.parse().expect("--each is a number"),
            "--connections" => load.connections = value.parse().expect("--connections is a number"),
            "--token" => load.headers.push(("authorization".to_owned(), format!("Bearer {value}"))),
            "--header" => {
                let (name, value) = value.split_once('=').expect("--header NAME=VALUE");
                load.headers.push((name.to_owned(), value.to_owned()));
            }
            other => panic!("unknown option {other}"),
        }
    }
    load
}

#[tokio::main]
async fn main() {
    let load = Arc::new(arguments());
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let senders: Vec<_> =
        (0..load.connections).map(|_| tokio::spawn(send(Arc::clone(&load), Arc::clone(&next)))).collect();
    let (mut waits, mut busy) = (Vec::new(), 0);
    for sender in senders {
        let (its_waits, its_busy) = sender.await.unwrap();
        waits.extend(its_waits);
        busy += its_busy;
    }
    let seconds = start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    let answer = serde_json::json!({
        "items": load.items, "requests": waits.len(), "seconds": seconds,
        "per_second": load.items as f64 / seconds,
        "p50_ms": at(0.5), "p99_ms": at(0.99), "most_ms": at(1.0), "told_to_wait": busy,
    });
    println!("{answer}");
}

/// Sends until all items are sent; gives how long each request took to be acknowledged, and how often it was told to
/// come again.
async fn send(load: Arc<Load>, next: Arc<AtomicUsize>) -> (Vec<Duration>, usize) {
    let (mut waits, mut busy) = (Vec::new(), 0);
    let mut connection = connect(&load.to).await;
    loop {
        let first = next.fetch_add(load.each, Ordering::Relaxed);
        if first >= load.items {
            return (waits, busy);
        }
        let body = load.what.body(first, load.each.min(load.items - first));
        let begun = Instant::now();
        loop {
            let mut request = Request::post(load.what.path())
                .header("host", &load.to)
                .header("content-type", load.what.media());
            for (name, value) in &load.headers {
                request = request.header(name, value);
            }
            let request = request.body(Full::new(body.clone())).unwrap();
            if connection.ready().await.is_err() {
                connection = connect(&load.to).await;
            }
            let answer = connection.send_request(request).await.expect("the server answers");
            let status = answer.status();
            let said = answer.into_body().collect().await.expect("the answer is whole").to_bytes();
            if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
                busy += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&said));
            break;
        }
        waits.push(begun.elapsed());
    }
}

async fn connect(to: &str) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(to).await.expect("somebody listens there");
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

const SPANS_OF_A_TRACE: usize = 5;
const QUESTION: &str =
    "Which flights were late last week, and was it the weather? Answer in two sentences and cite.";

/// An export of `count` spans: traces of a question that is answered with the help of passages and a tool.
fn spans(first: usize, count: usize) -> Vec<u8> {
    let mut of_scope = Vec::new();
    message(&mut of_scope, 1, |scope| text(scope, 1, "load"));
    for number in first..first + count {
        let (trace, step) = (number / SPANS_OF_A_TRACE, number % SPANS_OF_A_TRACE);
        message(&mut of_scope, 2, |span| one_span(span, trace as u64, step as u64));
    }
    let mut export = Vec::new();
    message(&mut export, 1, |resource_spans| {
        message(resource_spans, 1, |resource| attribute(resource, 1, "service.name", "flight-desk"));
        field(resource_spans, 2, &of_scope);
    });
    export
}

fn one_span(span: &mut Vec<u8>, trace: u64, step: u64) {
    let id = |step: u64| (trace * 16 + step + 1).to_be_bytes();
    let mut trace_id = [7; 16];
    trace_id[8..].copy_from_slice(&trace.to_be_bytes());
    field(span, 1, &trace_id);
    field(span, 2, &id(step));
    if step > 0 {
        field(span, 4, &id(0));
    }
    let names = ["answer.workflow", "embed", "vector search", "chat gpt-4o-mini", "weather.tool"];
    text(span, 5, names[step as usize]);
    let start = 1_795_523_782_000_000_000 + trace * 1_000_000 + step * 1_000;
    fixed(span, 7, start);
    fixed(span, 8, start + 900_000);
    let mut say = |key: &str, value: &str| attribute(span, 9, key, value);
    match step {
        0 => say("traceloop.span.kind", "workflow"),
        1 => {
            say("gen_ai.operation.name", "embeddings");
            say("gen_ai.request.model", "text-embedding-3-small");
        }
        2 => {
            say("openinference.span.kind", "RETRIEVER");
            say("input.value", QUESTION);
            for passage in 0..3 {
                let key = |what: &str| format!("retrieval.documents.{passage}.document.{what}");
                say(&key("id"), &format!("chunk-{}", (trace + passage) % 5_000));
                say(&key("content"), "Departures from the three airports on a day of heavy snow, by hour.");
            }
        }
        3 => {
            say("gen_ai.operation.name", "chat");
            say("gen_ai.provider.name", "openai");
            say("gen_ai.request.model", "gpt-4o-mini");
            say("gen_ai.response.model", "gpt-4o-mini-2024-07-18");
            say(
                "gen_ai.input.messages",
                &format!(
                    r#"[{{"role":"user","parts":[{{"type":"text","content":"{QUESTION} ({trace})"}}]}}]"#
                ),
            );
            say(
                "gen_ai.output.messages",
                r#"[{"role":"assistant","parts":[{"type":"text","content":"Most of them, and yes: snow [1]."}],"finish_reason":"stop"}]"#,
            );
        }
        _ => {
            say("gen_ai.operation.name", "execute_tool");
            say("gen_ai.tool.name", "weather");
        }
    }
}

// Just enough of protocol buffers to write an export.

fn varint(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

fn field(into: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(into, number << 3 | 2);
    varint(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

fn text(into: &mut Vec<u8>, number: u64, text: &str) {
    field(into, number, text.as_bytes());
}

fn fixed(into: &mut Vec<u8>, number: u64, value: u64) {
    varint(into, number << 3 | 1);
    into.extend_from_slice(&value.to_le_bytes());
}

fn message(into: &mut Vec<u8>, number: u64, write: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    write(&mut body);
    field(into, number, &body);
}

fn attribute(into: &mut Vec<u8>, number: u64, key: &str, value: &str) {
    message(into, number, |pair| {
        text(pair, 1, key);
        message(pair, 2, |any| text(any, 1, value));
    });
}

const RUNS_OF_A_JOB: usize = 50;

/// A batch of `count` OpenLineage events: starts and ends of runs.
fn events(first: usize, count: usize) -> Vec<u8> {
    let events: Vec<_> =
        (first..first + count).map(|number| one_event(number / 2, number % 2 == 0)).collect();
    serde_json::to_vec(&events).unwrap()
}

fn one_event(run: usize, starts: bool) -> serde_json::Value {
    let job = run / RUNS_OF_A_JOB;
    let schema = serde_json::json!({
        "_producer": "https://example.org/load", "_schemaURL":
            "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
        "fields": [{"name": "day", "type": "date"}, {"name": "flights", "type": "bigint"}],
    });
    let dataset = |name: String| serde_json::json!({"namespace": "postgres://load:5432", "name": name, "facets": {"schema": schema}});
    serde_json::json!({
        "eventType": if starts { "START" } else { "COMPLETE" },
        "eventTime": format!("2026-03-01T{:02}:{:02}:{:02}.{}Z", run / 3_600 % 24, run / 60 % 60, run % 60,
            if starts { 1 } else { 2 }),
        "producer": "https://example.org/load",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": format!("0198f000-0000-7000-8002-{run:012x}")},
        "job": {"namespace": "load", "name": format!("daily_{job}")},
        "inputs": [dataset(format!("shop.raw.flights_{job}"))],
        "outputs": if starts { vec![] } else { vec![dataset(format!("shop.marts.days_{job}"))] },
    })
}
