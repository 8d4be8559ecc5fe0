//! The OTLP receivers over real connections: what they store, and how they answer.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex},
    time::Duration,
};

use catena_model::{
    clock::{Fixed, Seeded},
    time::Timestamp,
};
use catena_receive::{
    House,
    commit::{self, Holder},
    limits::Limits,
    listen::Listening,
    protocol,
};
use catena_store::{Catalog, Environment, table::dead_letter};
use flate2::{Compression, write::GzEncoder};

const TOKEN: &str = "the-token-of-these-tests";
const TRACES: &[u8] = include_bytes!("../../../tests/fixtures/otlp/openllmetry-0.62/assistant.traces.bin");
const TRACES_JSON: &str = include_str!("../../../tests/fixtures/otlp/openllmetry-0.62/assistant.traces.json");
const LOGS: &[u8] = include_bytes!("../../../tests/fixtures/otlp/opentelemetry/events.logs.bin");
const METRICS: &[u8] = include_bytes!("../../../tests/fixtures/otlp/openllmetry-0.62/assistant.metrics.bin");

struct Held(Catalog);

impl Holder for Held {
    fn catalog(&self) -> &Catalog {
        &self.0
    }
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000)
    }
    fn stored(&self, _: bool) {}
}

struct Scene {
    held: Arc<Held>,
    listening: Listening,
    _house: House,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self::of("otlp_http")
    }

    fn of(protocol: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Fixed(Timestamp::from_millis(1_790_000_000_000)));
        let environment = Environment { clock, random: Arc::new(Mutex::new(Seeded(1))) };
        let held = Arc::new(Held(Catalog::create(&folder.path().join("a.catena"), environment).unwrap()));
        let house = House::open(Arc::clone(&held) as Arc<dyn Holder>, Limits::default()).unwrap();
        let listening = house.start(protocol::named(protocol).unwrap(), 0, TOKEN, Vec::new()).unwrap();
        Self { held, listening, _house: house, _folder: folder }
    }

    fn post(&self, path: &str, media: &str, body: &[u8], more: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.listening.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n",
            self.listening.port,
            body.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), body].concat());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, bytes[end + 4..].to_vec())
    }

    fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.held.0.read(|reader| Ok(reader.db().query_row(&sql, [], |row| row.get(0))?)).unwrap()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_acknowledged_is_stored_in_every_form() {
    let scene = Scene::new();
    let (status, head, body) = scene.post("/v1/traces", "application/x-protobuf", TRACES, "");
    assert_eq!((status, body.len()), (200, 0), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    assert_eq!(scene.count("span"), 11);
    let entities = scene.count("entity");
    let packed = gzip(TRACES_JSON.as_bytes());
    let (status, head, body) =
        scene.post("/v1/traces", "application/json", &packed, "Content-Encoding: gzip\r\n");
    assert_eq!((status, &body[..]), (200, &b"{}"[..]), "{head}");
    assert_eq!((scene.count("span"), scene.count("entity")), (11, entities));
    for (path, body) in [("/v1/logs", LOGS), ("/v1/metrics", METRICS)] {
        assert_eq!(scene.post(path, "application/x-protobuf", body, "").0, 200, "{path}");
    }
    assert!(scene.count("span") > 11);
    assert_eq!(scene.count("dead_letter"), 0);
}

#[test]
fn a_rejected_span_is_a_partial_success_in_the_form_of_the_request() {
    let scene = Scene::new();
    let broken = TRACES_JSON.replacen("\"spanId\": \"b0b0b0b000000001\"", "\"spanId\": \"b0\"", 1);
    let (status, _, body) = scene.post("/v1/traces", "application/json", broken.as_bytes(), "");
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &answer["partialSuccess"]["rejectedSpans"]), (200, &"1".into()), "{answer}");
    assert!(
        answer["partialSuccess"]["errorMessage"].as_str().unwrap().contains("span id is 1 bytes"),
        "{answer}"
    );
    assert_eq!((scene.count("span"), scene.count("dead_letter")), (10, 1));
    let letter =
        scene.held.0.read(|reader| dead_letter::list(reader.db(), None, None, 10)).unwrap().remove(0);
    assert!(letter.body.len() < 2_000, "only what was rejected is kept: {}", letter.body.len());
    let protocol = protocol::named("otlp_http").unwrap();
    let replay = |letter: &_| commit::replay(&*scene.held, &*protocol, letter, &Limits::default()).unwrap();
    assert!(replay(&letter).is_some());
    let text = String::from_utf8(letter.body.clone()).unwrap().replace("\"b0\"", "\"b0b0b0b000000001\"");
    assert_eq!(replay(&dead_letter::Letter { body: text.into_bytes(), ..letter }), None);
    assert_eq!((scene.count("span"), scene.count("dead_letter")), (11, 0));
}

#[test]
fn what_is_no_export_is_a_bad_request_that_is_not_sent_again() {
    let scene = Scene::new();
    let (status, head, body) = scene.post("/v1/traces", "application/x-protobuf", b"<html>", "");
    assert_eq!(status, 400, "{head}");
    // google.rpc.Status: INVALID_ARGUMENT and a text.
    assert_eq!(body[..3], [0x08, 3, 0x12]);
    assert!(String::from_utf8_lossy(&body).contains("no OTLP export in protobuf"));
    let (status, _, body) = scene.post("/v1/traces", "application/json", b"{\"resourceSpans\":1}", "");
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &answer["code"]), (400, &3.into()));
    assert_eq!(scene.count("dead_letter"), 2);
    assert_eq!(scene.post("/v1/traces", "text/plain", b"x", "").0, 415);
    assert_eq!(scene.post("/v1/profiles", "application/json", b"{}", "").0, 404);
    let bomb = gzip(&vec![0; 200 << 20]);
    assert_eq!(
        scene.post("/v1/traces", "application/x-protobuf", &bomb, "Content-Encoding: gzip\r\n").0,
        413
    );
    assert_eq!(scene.count("span"), 0);
}

/// A unary call; gives HTTP's status, gRPC's status and message, and the response message.
async fn call(
    port: u16,
    path: &str,
    token: &str,
    body: Vec<u8>,
    encoding: Option<&str>,
) -> (u16, String, Vec<u8>) {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let mut request = hyper::Request::post(format!("http://127.0.0.1:{port}{path}"))
        .header("content-type", "application/grpc+proto")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"));
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    let framed = [&[u8::from(encoding.is_some())][..], &(body.len() as u32).to_be_bytes(), &body].concat();
    let request = request.body(http_body_util::Full::new(bytes::Bytes::from(framed))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let collected = http_body_util::BodyExt::collect(response.into_body()).await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or(headers);
    let said = |name: &str| trailers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    (status, format!("{} {}", said("grpc-status"), said("grpc-message")), collected.to_bytes().to_vec())
}

#[test]
fn grpc_answers_with_a_message_and_a_status_or_a_status_alone() {
    const PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let scene = Scene::of("otlp_grpc");
    let port = scene.listening.port;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let call = |path: &'static str, token: &'static str, body: Vec<u8>, encoding: Option<&'static str>| {
        runtime.block_on(call(port, path, token, body, encoding))
    };
    let (status, said, response) = call(PATH, TOKEN, TRACES.to_vec(), None);
    assert_eq!((status, said.as_str(), &response[..]), (200, "0 ", &[0; 5][..]));
    assert_eq!(scene.count("span"), 11);
    assert_eq!(call(PATH, TOKEN, gzip(TRACES), Some("gzip")).1, "0 ");
    assert_eq!(scene.count("span"), 11);
    let mut broken = TRACES.to_vec();
    let at = broken.windows(10).position(|window| window == b"chroma.add").unwrap();
    broken[at] = 0xff;
    let (_, said, response) = call(PATH, TOKEN, broken, None);
    assert_eq!(said, "0 ");
    let response = String::from_utf8_lossy(&response).into_owned();
    assert!(response.contains("no UTF-8 text"), "{response}");
    let refused = |answer: (u16, String, Vec<u8>), code: &str| {
        assert_eq!((answer.0, answer.2.len()), (200, 0));
        assert!(answer.1.starts_with(code), "{}", answer.1);
    };
    refused(call(PATH, "not-the-token-of-these", TRACES.to_vec(), None), "16 the token");
    refused(
        call("/opentelemetry.proto.collector.trace.v1.TraceService/Import", TOKEN, Vec::new(), None),
        "12 ",
    );
    refused(call(PATH, TOKEN, b"<html>".to_vec(), None), "3 the body is no OTLP export");
    refused(call(PATH, TOKEN, b"nonsense".to_vec(), Some("gzip")), "3 ");
    refused(call(PATH, TOKEN, gzip(&vec![0; 100 << 20]), Some("gzip")), "8 ");
    assert_eq!(scene.count("span"), 11);
}
