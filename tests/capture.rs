//! Recorded telemetry, brought into a catalog: shuffled, repeated, in any portions; and the lineage of an answer. Then
//! the real clients, which send to `catena serve`: `cargo xtask test interop` runs these.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod catena;

use std::process::Command;

use catena::Catena;
use catena_ingest::{
    openlineage::read_event,
    otlp::{self, Form, Limits, Signal},
};
use catena_model::{
    actor::{Act, Actor, Origin},
    clock::Seeded,
    statement::Read,
};
use catena_store::{Catalog, apply::Tally};
use catena_tests::{
    Scratch, assert_same_dump, below, count, environment, recorded, script,
    serving::{Serving, TOKEN, python, serve_if_asked},
    shuffled,
};

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
    let mut stream: Vec<Read> = reads.to_vec();
    for read in reads {
        if below(&mut random, 3) == 0 {
            stream.push(read.clone());
        }
    }
    shuffled(stream, seed)
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
        assert_same_dump(&expected, &got, &format!("seed {seed}"));
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

/// The process that the other tests start: this very program, with this test alone.
#[test]
#[ignore = "the other tests start it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    serve_if_asked(&["--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0"]);
}

/// Receivers of OTLP, on a catalog of their own.
struct Receivers {
    _serving: Serving,
    http: String,
    grpc: String,
    catena: Catena,
}

impl Receivers {
    fn start() -> Self {
        let catena = Catena::new();
        let serving = Serving::start(&catena.folder().join("test.catena"));
        let address =
            |index: usize| serving.ready["receivers"][index]["address"].as_str().unwrap().to_owned();
        let (http, grpc) = (address(0), address(1));
        Self { _serving: serving, http, grpc, catena }
    }

    fn count(&self, sql: &str) -> u64 {
        count(&self.catena.folder().join("test.catena"), sql)
    }
}

/// Lets a script drive a real client; gives what it printed last.
fn send(environment: &str, name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(python(environment));
    let done = command.arg(script(name)).args(arguments).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().last().unwrap_or_default().to_owned()
}

#[test]
#[ignore = "runs OpenTelemetry's exporters"]
fn what_the_real_exporters_send_is_acknowledged_and_stored() {
    let receivers = Receivers::start();
    let sent = send("OPENINFERENCE", "send_opentelemetry.py", &[&receivers.http, &receivers.grpc, TOKEN]);
    assert_eq!(sent, "400");
    assert_eq!(receivers.count("SELECT count(*) FROM span"), 400);
    assert_eq!(receivers.count("SELECT count(*) FROM dead_letter"), 0);
}

#[test]
#[ignore = "runs OpenLLMetry over a Chroma collection"]
fn what_openllmetry_sends_over_http_and_grpc_leads_from_the_answer_to_the_document() {
    for environment in ["OPENLLMETRY", "OPENLLMETRY_OLD"] {
        let receivers = Receivers::start();
        let grpc = receivers.grpc.strip_prefix("http://").unwrap().to_owned();
        for address in [&receivers.http, &grpc] {
            let before = receivers.count("SELECT count(*) FROM span");
            assert_eq!(send(environment, "send_openllmetry.py", &[address, TOKEN]), "sent");
            let arrived = receivers.count("SELECT count(*) FROM span") - before;
            assert!(arrived > 15, "{environment} {address}: {arrived}");
        }
        assert_eq!(receivers.count("SELECT count(*) FROM dead_letter"), 0, "{environment}");
        let outputs = receivers.catena.run(["search", "chat", "--kind", "output"]).json();
        let reaches = |hit: &serde_json::Value| {
            let upstream = receivers.catena.lineage(hit["id"].as_str().unwrap(), "up");
            let has = |kind: &str, name: &str| upstream.iter().any(|(k, n)| k == kind && n.ends_with(name));
            has("model_version", "gpt-4o-mini-2024-07-18") && has("document", "handbook.md")
        };
        assert!(outputs["hits"].as_array().unwrap().iter().any(reaches), "{environment}: {outputs:#}");
    }
}

#[test]
fn an_answer_says_what_it_rests_on_and_its_trace_stands_among_the_runs() {
    let catena = Catena::new();
    {
        let catalog = Catalog::create(&catena.folder().join("test.catena"), environment(7)).unwrap();
        let act = Act { actor: Actor::Catena, origin: Origin::Receiver, cause: None };
        let reads = export(Signal::Traces, "otlp/openllmetry-0.62/assistant.traces", Form::Protobuf);
        catalog.writer().unwrap().apply(&act, "Receive", reads, &mut Tally::default()).unwrap();
    }
    let found = catena.run(["search", "chat", "--kind", "output"]).json();
    let ids = found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned());
    let answers: Vec<_> = ids.map(|id| catena.run(["cite", id.as_str()]).json()).collect();
    let cited = answers
        .iter()
        .find(|answer| answer["citations"].as_array().is_some_and(|citations| !citations.is_empty()))
        .unwrap_or_else(|| panic!("no answer rests on anything: {answers:?}"));
    let citation = &cited["citations"][0];
    assert_eq!((&citation["basis"], &citation["state"]), (&"suggested".into(), &"approximate".into()));
    assert_eq!(citation["source"]["kind"], "chunk");
    let part = |text: &serde_json::Value, span: &serde_json::Value| -> String {
        let [start, end] = ["start", "end"].map(|key| span[key].as_u64().unwrap() as usize);
        text.as_str().unwrap().chars().skip(start).take(end - start).collect()
    };
    assert_eq!(part(&cited["text"], &citation["answer_span"]), "The library opens at nine on Mondays.");
    let source = &cited["sources"][citation["source_index"].as_u64().unwrap() as usize];
    assert_eq!(part(&source["text"], &citation["source_span"]), "the library opens at nine");

    let runs = catena.run(["runs", "output_tokens > 0"]).json();
    assert!(runs["matching"].as_u64().unwrap() > 0, "{runs}");
    assert!(runs["runs"].as_array().unwrap().iter().all(|run| run["kind"] == "trace"));
    assert!(!catena.run(["runs", "metrics.rmse <"]).err.is_empty());
}

#[test]
fn runs_of_one_experiment_are_compared_by_what_they_were_given_and_measured() {
    let catena = Catena::new();
    catena.import("mlflow", &catena_tests::fixture("mlflow/mlflow.db"));
    let listed = catena.run(["runs", "system = 'mlflow'", "--sort", "name"]).json();
    let ids: Vec<&str> =
        listed["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 1, "{listed}");
    let compared = catena.run(["runs", "compare", ids[0], ids[1]]).json();
    let rows = compared["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["section"] == "metrics"), "{compared}");
    for row in rows.iter().filter(|row| row["deltas"][1].is_f64()) {
        let [base, other] = [0, 1].map(|at| {
            let value = &row["values"][at];
            value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap()
        });
        assert!((row["deltas"][1].as_f64().unwrap() - (other - base)).abs() < 1e-9, "{row}");
    }
}
