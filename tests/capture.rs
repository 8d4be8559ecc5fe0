//! Recorded telemetry, brought into a catalog: shuffled, repeated, in any portions; and the lineage of an answer. Then
//! the real clients, which send to `catena serve`: `cargo xtask test interop` runs these.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod catena;

use std::{
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
};

use catena::Catena;
use catena_ingest::{
    openlineage::read_event,
    otlp::{self, Form, Limits, Signal},
};
use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Random, Seeded},
    statement::Read,
};
use catena_store::{Catalog, apply::Tally};
use catena_tests::{Scratch, environment, recorded};

const EXPORTS: &[(Signal, &str)] = &[
    (Signal::Traces, "otlp/openllmetry-0.62/assistant.traces"),
    (Signal::Traces, "otlp/openllmetry-0.62/langchain.traces"),
    (Signal::Traces, "otlp/openllmetry-0.45/assistant.traces"),
    (Signal::Traces, "otlp/openllmetry-0.45/langchain.traces"),
    (Signal::Traces, "otlp/openinference/assistant.traces"),
    (Signal::Traces, "otlp/opentelemetry/spans.traces"),
    (Signal::Traces, "otlp/opentelemetry/events.traces"),
    (Signal::Logs, "otlp/opentelemetry/spans.logs"),
    (Signal::Logs, "otlp/opentelemetry/events.logs"),
    (Signal::Metrics, "otlp/openllmetry-0.62/assistant.metrics"),
];

fn export(signal: Signal, name: &str, form: Form) -> Vec<Read> {
    let ending = if form == Form::Json { "json" } else { "bin" };
    let told = otlp::read(signal, form, &recorded(&format!("{name}.{ending}")), &Limits::default()).unwrap();
    told.into_iter().map(|told| told.read).collect()
}

fn everything() -> Vec<Read> {
    EXPORTS.iter().flat_map(|(signal, name)| export(*signal, name, Form::Protobuf)).collect()
}

/// In another order, with about a third of them twice.
fn shuffled_and_repeated(reads: &[Read], seed: u64) -> Vec<Read> {
    let mut random = Seeded(seed);
    let mut number = |below: usize| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % below as u64) as usize
    };
    let mut stream: Vec<Read> = reads.to_vec();
    for read in reads {
        if number(3) == 0 {
            stream.push(read.clone());
        }
    }
    for i in (1..stream.len()).rev() {
        stream.swap(i, number(i + 1));
    }
    stream
}

#[test]
fn spans_in_any_order_and_any_portions_give_the_same_catalog() {
    let reads = everything();
    assert!(reads.len() > 80 && reads.iter().all(Result::is_ok));
    let in_order = Scratch::new();
    in_order.import(reads.clone(), 1_000);
    let expected = in_order.dump();
    assert_eq!(in_order.problems(), []);
    for seed in 0..12 {
        let scratch = Scratch::new();
        let portion = [1, 3, 17, 1_000][seed as usize % 4];
        scratch.import(shuffled_and_repeated(&reads, seed), portion);
        let got = scratch.dump();
        if got != expected {
            let (a, b): (Vec<_>, Vec<_>) = (expected.lines().collect(), got.lines().collect());
            let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
            panic!("seed {seed}, line {at}\n  in order: {:?}\n  shuffled: {:?}", a.get(at), b.get(at));
        }
        assert_eq!(scratch.problems(), []);
    }
}

#[test]
fn the_same_export_again_in_the_other_form_changes_nothing() {
    let scratch = Scratch::new();
    for (signal, name) in EXPORTS {
        scratch.import(export(*signal, name, Form::Protobuf), 1_000);
    }
    let before = scratch.dump();
    for (signal, name) in EXPORTS {
        let again = scratch.import(export(*signal, name, Form::Json), 1_000);
        assert_eq!((again.created(), again.changed(), again.spans), (0, 0, 0), "{name}");
    }
    assert_eq!(scratch.dump(), before);
}

#[test]
fn a_span_is_few_changes_of_the_log() {
    // Of a thousand answers of one application, each is made (2), called (1), of a trace, of a model; the rest of it is
    // observed.
    let reads = export(Signal::Traces, EXPORTS[0].1, Form::Protobuf);
    let scratch = Scratch::new();
    scratch.import(reads.clone(), 1_000);
    let changes = |scratch: &Scratch| {
        let history = scratch.catalog.read(|reader| reader.history(None, None, 1_000)).unwrap();
        history.iter().map(|operation| operation.changes).sum::<u64>()
    };
    let first = changes(&scratch);
    assert!(first < reads.len() as u64 * 10, "{first} changes of {} spans", reads.len());
    scratch.import(reads, 1);
    assert_eq!(changes(&scratch), first, "a repeat is no change");
}

#[test]
fn an_answer_leads_up_to_the_table_that_its_document_was_made_of() {
    let event = r#"{"eventType":"COMPLETE","eventTime":"2026-11-01T00:00:00Z","producer":"https://example.org",
        "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run":{"runId":"01937b2c-8f3e-7c1a-9d52-000000000001"},"job":{"namespace":"library","name":"write_handbook"},
        "inputs":[{"namespace":"postgres://db.example.org:5432","name":"library.public.opening_hours"}],
        "outputs":[{"namespace":"file","name":"/data/handbook.md"}]}"#;
    for name in [EXPORTS[0].1, EXPORTS[1].1, EXPORTS[2].1, EXPORTS[3].1] {
        let catena = Catena::new();
        {
            let catalog = Catalog::create(&catena.folder().join("test.catena"), environment(7)).unwrap();
            let act = Act { actor: Actor::Catena, origin: Origin::Import, cause: None };
            let reads = export(Signal::Traces, name, Form::Protobuf).into_iter().chain(read_event(
                "event",
                event.as_bytes(),
                &Default::default(),
            ));
            let mut tally = Tally::default();
            catalog.writer().unwrap().apply(&act, "Import", reads, &mut tally).unwrap();
            assert_eq!(tally.rejected, []);
        }
        let outputs = catena.run(["search", "chat", "--kind", "output"]).json();
        let hits = outputs["hits"].as_array().unwrap();
        let reaches = |hit: &serde_json::Value| {
            let upstream = catena.lineage(hit["id"].as_str().unwrap(), "up");
            let has = |kind: &str, name: &str| upstream.iter().any(|(k, n)| k == kind && n.ends_with(name));
            has("model_version", "gpt-4o-mini-2024-07-18")
                && has("document", "handbook.md")
                && has("dataset", "handbook.md")
                && has("job", "write_handbook")
                && has("dataset", "opening_hours")
        };
        assert!(hits.iter().any(reaches), "{name}: {hits:#?}");
        catena.assert_sound();
    }
}

const TOKEN: &str = "a-token-for-tests-only";
const CATALOG: &str = "CATENA_TEST_CAPTURE";

/// The process that the tests below start: this very program, with this test alone.
#[test]
#[ignore = "other tests start it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    let Some(catalog) = std::env::var_os(CATALOG) else { return };
    let words =
        ["--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--token", TOKEN].map(Into::into);
    let words = ["catena".into(), "--catalog".into(), catalog, "serve".into()].into_iter().chain(words);
    let code = catena_cli::run(words, &mut std::io::stdout(), &mut std::io::stderr());
    assert_eq!(code, ExitCode::SUCCESS);
}

struct Serving {
    process: Child,
    _said: BufReader<ChildStdout>,
    http: String,
    grpc: String,
    catena: Catena,
}

impl Serving {
    fn start() -> Self {
        let catena = Catena::new();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serves_in_a_process_of_its_own", "--ignored", "--nocapture"])
            .env(CATALOG, catena.folder().join("test.catena"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        // The test runner speaks before.
        let line =
            said.by_ref().lines().map_while(Result::ok).find(|line| line.contains("\"ready\"")).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap();
        let address = |index: usize| ready["receivers"][index]["address"].as_str().unwrap().to_owned();
        let (http, grpc) = (address(0), address(1));
        Self { process, _said: said, http, grpc, catena }
    }

    fn count(&self, sql: &str) -> u64 {
        let catalog =
            Catalog::open(&self.catena.folder().join("test.catena"), catena_app::environment::real())
                .unwrap();
        catalog.read(|reader| Ok(reader.db().query_row(sql, [], |row| row.get(0))?)).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Lets a script drive a real client; gives what it printed last.
fn send(environment: &str, name: &str, arguments: &[&str]) -> String {
    let variable = format!("CATENA_PYTHON_{environment}");
    let python: PathBuf = std::env::var_os(&variable)
        .unwrap_or_else(|| panic!("{variable} names no Python; use `cargo xtask test interop`"))
        .into();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("systems").join(name);
    let done = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().last().unwrap_or_default().to_owned()
}

#[test]
#[ignore = "runs OpenTelemetry's exporters"]
fn what_the_real_exporters_send_is_acknowledged_and_stored() {
    let serving = Serving::start();
    let sent = send("OPENINFERENCE", "send_opentelemetry.py", &[&serving.http, &serving.grpc, TOKEN]);
    assert_eq!(sent, "400");
    assert_eq!(serving.count("SELECT count(*) FROM span"), 400);
    assert_eq!(serving.count("SELECT count(*) FROM dead_letter"), 0);
}

#[test]
#[ignore = "runs OpenLLMetry over a Chroma collection"]
fn what_openllmetry_sends_over_http_and_grpc_leads_from_the_answer_to_the_document() {
    for environment in ["OPENLLMETRY", "OPENLLMETRY_OLD"] {
        let serving = Serving::start();
        let grpc = serving.grpc.strip_prefix("http://").unwrap().to_owned();
        for address in [&serving.http, &grpc] {
            let before = serving.count("SELECT count(*) FROM span");
            assert_eq!(send(environment, "send_openllmetry.py", &[address, TOKEN]), "sent");
            let arrived = serving.count("SELECT count(*) FROM span") - before;
            assert!(arrived > 15, "{environment} {address}: {arrived}");
        }
        assert_eq!(serving.count("SELECT count(*) FROM dead_letter"), 0, "{environment}");
        let outputs = serving.catena.run(["search", "chat", "--kind", "output"]).json();
        let reaches = |hit: &serde_json::Value| {
            let upstream = serving.catena.lineage(hit["id"].as_str().unwrap(), "up");
            let has = |kind: &str, name: &str| upstream.iter().any(|(k, n)| k == kind && n.ends_with(name));
            has("model_version", "gpt-4o-mini-2024-07-18") && has("document", "handbook.md")
        };
        assert!(outputs["hits"].as_array().unwrap().iter().any(reaches), "{environment}: {outputs:#}");
    }
}
