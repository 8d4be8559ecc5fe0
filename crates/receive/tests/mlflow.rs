//! The MLflow receiver over a real connection: what clients may send badly is refused in MLflow's words, what was
//! acknowledged is there, and no name becomes a path.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "each file of tests takes what it needs")]
mod house;

use std::io::Write;

use catena_receive::{limits::Limits, listen::Listening, protocol};
use house::{Answered, Scene, TOKEN, answered};
use serde_json::{Value, json};

struct Server {
    scene: Scene,
    listening: Listening,
}

impl Server {
    fn new() -> Self {
        let scene = Scene::new(Limits::default());
        let listening = scene.house.start(protocol::named("mlflow").unwrap(), 0, TOKEN, Vec::new()).unwrap();
        Self { scene, listening }
    }

    fn ask(&self, verb: &str, path: &str, media: &str, body: &[u8]) -> Answered {
        let media = if media.is_empty() { String::new() } else { format!("Content-Type: {media}\r\n") };
        let head = format!(
            "{verb} {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {TOKEN}\r\n{media}\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.listening.port,
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.listening.port)).unwrap();
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        answered(stream)
    }

    fn get(&self, path: &str) -> Answered {
        self.ask("GET", &format!("/api/2.0/mlflow/{path}"), "", b"")
    }

    fn post(&self, path: &str, body: &Value) -> Answered {
        self.send("POST", path, body)
    }

    fn send(&self, verb: &str, path: &str, body: &Value) -> Answered {
        self.ask(verb, &format!("/api/2.0/mlflow/{path}"), "application/json", body.to_string().as_bytes())
    }

    /// Must go well.
    fn done(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    fn run(&self) -> String {
        let made =
            self.done("runs/create", &json!({"experiment_id": "0", "start_time": 1_790_000_000_000_u64}));
        made["run"]["info"]["run_id"].as_str().unwrap().to_owned()
    }

    fn data(&self, run: &str) -> Value {
        let answer = self.get(&format!("runs/get?run_id={run}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["run"]["data"].clone()
    }
}

fn refused(answer: &Answered, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.json()["error_code"]), (status, &json!(code)), "{answer:?}");
    assert!(answer.json()["message"].as_str().is_some_and(|message| message.len() > 10), "{answer:?}");
}

#[test]
fn what_is_there_twice_or_not_at_all_is_said_in_mlflows_words() {
    let server = Server::new();
    let made = server.done("experiments/create", &json!({"name": "hours"}));
    assert_eq!(made["experiment_id"], "1");
    refused(&server.post("experiments/create", &json!({"name": "hours"})), 400, "RESOURCE_ALREADY_EXISTS");
    refused(&server.post("experiments/create", &json!({"name": "Default"})), 400, "RESOURCE_ALREADY_EXISTS");
    refused(&server.post("experiments/create", &json!({})), 400, "INVALID_PARAMETER_VALUE");
    refused(&server.get("experiments/get?experiment_id=7"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("experiments/get-by-name?experiment_name=x"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("runs/get?run_id=x"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("runs/get"), 400, "INVALID_PARAMETER_VALUE");
    let metric = json!({"run_id": "x", "key": "loss", "value": 1.0});
    refused(&server.post("runs/log-metric", &metric), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.post("runs/create", &json!({"experiment_id": "9"})), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("logged-models/m-0"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("registered-models/get?name=x"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("model-versions/get?name=x&version=1"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.ask("GET", "/api/3.0/mlflow/traces/tr-1", "", b""), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.ask("GET", "/api/2.0/mlflow/nothing", "", b""), 404, "ENDPOINT_NOT_FOUND");
    assert_eq!(server.ask("GET", "/version", "", b"").body, "3.17.2");
    for name in ["a/b", "a:b", " a", "", "..", &"x".repeat(300)] {
        let answer = server.post("registered-models/create", &json!({"name": name}));
        refused(&answer, 400, "INVALID_PARAMETER_VALUE");
    }
}

#[test]
fn bad_bodies_are_refused_and_leave_nothing_behind() {
    let server = Server::new();
    let run = server.run();
    let entities = server.scene.count("entity");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        deep.clone(),
        format!(r#"{{"name": {deep}}}"#),
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        r#"{"name": "a", "name": "b"}"#.to_owned(),
        r#"{"name": 7, "tags": "x"}"#.to_owned().replace('7', "{}"),
        "{\"name\": \"a\u{0}b\"}".to_owned(),
        r#"{"name": "a\u0000b"}"#.to_owned(),
    ] {
        let answer =
            server.ask("POST", "/api/2.0/mlflow/experiments/create", "application/json", body.as_bytes());
        let shown: String = body.chars().take(40).collect();
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        refused(&answer, 400, "INVALID_PARAMETER_VALUE");
    }
    let param = |value: String| json!({"run_id": run, "key": "config", "value": value});
    refused(&server.post("runs/log-parameter", &param("x".repeat(1 << 20))), 400, "INVALID_PARAMETER_VALUE");
    let key = json!({"run_id": run, "key": "x".repeat(300), "value": "1"});
    refused(&server.post("runs/log-parameter", &key), 400, "INVALID_PARAMETER_VALUE");
    for value in [json!("a lot"), json!(null), json!([1]), json!({})] {
        let metric = json!({"run_id": run, "key": "loss", "value": value});
        refused(&server.post("runs/log-metric", &metric), 400, "INVALID_PARAMETER_VALUE");
    }
    let step = json!({"run_id": run, "key": "loss", "value": 1, "step": "soon"});
    refused(&server.post("runs/log-metric", &step), 400, "INVALID_PARAMETER_VALUE");
    // One bad one of a batch, and nothing of it is stored.
    let batch = json!({
        "run_id": run,
        "metrics": [{"key": "loss", "value": 1.0, "timestamp": 1, "step": 0}],
        "params": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
    });
    refused(&server.post("runs/log-batch", &batch), 400, "INVALID_PARAMETER_VALUE");
    for filter in ["metrics.loss ~ 1", "tags.a = 'b' OR tags.b = 'c'", "'; DROP TABLE entity; --"] {
        let search = json!({"experiment_ids": ["0"], "filter": filter});
        refused(&server.post("runs/search", &search), 400, "INVALID_PARAMETER_VALUE");
    }
    for (name, value) in
        [("max_results", json!(0)), ("max_results", json!(60_000)), ("page_token", json!("x"))]
    {
        let search = json!({"experiment_ids": ["0"], name: value});
        refused(&server.post("runs/search", &search), 400, "INVALID_PARAMETER_VALUE");
    }
    let data = server.data(&run);
    assert_eq!((&data["metrics"], data.get("params")), (&json!([]), None));
    assert_eq!(server.scene.count("entity"), entities);
}

#[test]
fn metrics_that_are_no_numbers_are_kept_as_such_and_the_last_value_is_that_of_the_last_step() {
    let server = Server::new();
    let run = server.run();
    for (step, value) in [(0, json!(1.5)), (2, json!("NaN")), (3, json!("-Infinity")), (1, json!(7))] {
        let metric = json!({"run_id": run, "key": "loss", "value": value, "timestamp": step, "step": step});
        server.done("runs/log-metric", &metric);
        // Sent again, as a client does that did not hear the answer.
        server.done("runs/log-metric", &metric);
    }
    let history = server.get(&format!("metrics/get-history?run_id={run}&metric_key=loss")).json();
    let values: Vec<_> =
        history["metrics"].as_array().unwrap().iter().map(|point| point["value"].clone()).collect();
    assert_eq!(values, [json!(1.5), json!(7.0), json!("NaN"), json!("-Infinity")]);
    assert_eq!(server.data(&run)["metrics"][0]["value"], "-Infinity");
    let page = server.get(&format!("metrics/get-history?run_id={run}&metric_key=loss&max_results=3")).json();
    let next = page["next_page_token"].as_str().unwrap();
    let rest = server
        .get(&format!("metrics/get-history?run_id={run}&metric_key=loss&max_results=3&page_token={next}"));
    assert_eq!(rest.json()["metrics"].as_array().unwrap().len(), 1);
    let path = format!(
        "metrics/get-history-bulk-interval?run_ids={run}&run_ids=x&metric_key=loss&max_results=2&start_step=1"
    );
    let spread = server.get(&path).json();
    let steps: Vec<_> =
        spread["metrics"].as_array().unwrap().iter().map(|point| point["step"].clone()).collect();
    assert_eq!(steps, [1, 2, 3].map(|step| json!(step)));
}

#[test]
fn of_changes_at_the_same_moment_none_is_lost() {
    let server = Server::new();
    let run = server.run();
    // The clock of these tests stands still.
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (server, run) = (&server, &run);
            scope.spawn(move || {
                for tag in 0..5 {
                    let key = format!("tag {number} {tag}");
                    server.done("runs/set-tag", &json!({"run_id": run, "key": key, "value": "1"}));
                }
            });
        }
    });
    // And the run's name.
    assert_eq!(server.data(&run)["tags"].as_array().unwrap().len(), 41);
}

#[test]
fn files_come_back_as_they_were_and_no_name_becomes_a_path() {
    let server = Server::new();
    let run = server.run();
    let at = |path: &str| format!("/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{path}");
    for (path, media) in [("model/MLmodel", "text/plain"), ("a%20b.json", "application/json"), ("empty", "")]
    {
        let bytes: &[u8] = if path == "empty" { b"" } else { b"{\"a\": 1}" };
        let answer = server.ask("PUT", &at(path), media, bytes);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(server.ask("GET", &at(path), "", b"").body.as_bytes(), bytes);
    }
    let listed = server.get(&format!("artifacts/list?run_id={run}")).json();
    assert_eq!(
        listed["files"],
        json!([
            {"path": "a b.json", "is_dir": false, "file_size": 8},
            {"path": "empty", "is_dir": false, "file_size": 0},
            {"path": "model", "is_dir": true},
        ])
    );
    for path in ["../x", "%2e%2e/x", "a%2fb", "a%5cb", "a//b", "x/%00", "", "."] {
        let answer = server.ask("PUT", &at(path), "text/plain", b"x");
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
    }
    for path in ["../../etc", "/etc/passwd", "0/../..", "a%5Cb"] {
        let answer = server.ask("GET", &format!("/api/2.0/mlflow-artifacts/artifacts?path={path}"), "", b"");
        let empty = answer.status == 200 && answer.json()["files"] == json!([]);
        assert!(empty || answer.status == 400, "{path}: {answer:?}");
    }
    let nowhere = "/api/2.0/mlflow-artifacts/artifacts/0/none/artifacts/x";
    refused(&server.ask("PUT", nowhere, "text/plain", b"x"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.ask("GET", nowhere, "", b""), 404, "RESOURCE_DOES_NOT_EXIST");

    // Beside the catalog there are the bytes under their digests, and nothing else.
    let mut folder = server.scene.held.catalog.path().as_os_str().to_owned();
    folder.push(".artifacts");
    let mut names = Vec::new();
    for inner in std::fs::read_dir(&folder).unwrap() {
        let inner = inner.unwrap();
        for file in std::fs::read_dir(inner.path()).unwrap() {
            names.push(format!("{}{}", inner.file_name().display(), file.unwrap().file_name().display()));
        }
    }
    assert_eq!(names.len(), 2, "equal files are there once: {names:?}");
    assert!(
        names.iter().all(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())),
        "{names:?}"
    );

    // A file that was changed behind the catalog's back is not given out.
    let digest = names.iter().find(|name| !name.starts_with("e3b0c442")).unwrap();
    std::fs::write(std::path::Path::new(&folder).join(&digest[..2]).join(&digest[2..]), b"{\"a\": 2}")
        .unwrap();
    refused(&server.ask("GET", &at("model/MLmodel"), "", b""), 503, "TEMPORARILY_UNAVAILABLE");
    assert_eq!(server.ask("DELETE", &at("model"), "", b"").status, 200);
    refused(&server.ask("GET", &at("model/MLmodel"), "", b""), 404, "RESOURCE_DOES_NOT_EXIST");
}

#[test]
fn what_was_deleted_is_out_of_sight_and_can_be_made_again() {
    let server = Server::new();
    server.done("registered-models/create", &json!({"name": "m"}));
    for _ in 0..2 {
        server.done("model-versions/create", &json!({"name": "m", "source": "s3://b/m"}));
    }
    server.done("registered-models/alias", &json!({"name": "m", "alias": "best", "version": "2"}));
    assert_eq!(
        server.get("registered-models/alias?name=m&alias=best").json()["model_version"]["version"],
        "2"
    );
    let gone = json!({"name": "m", "version": "2"});
    assert_eq!(server.send("DELETE", "model-versions/delete", &gone).status, 200);
    refused(&server.get("model-versions/get?name=m&version=2"), 404, "RESOURCE_DOES_NOT_EXIST");
    refused(&server.get("registered-models/alias?name=m&alias=best"), 400, "INVALID_PARAMETER_VALUE");
    let made = server.done("model-versions/create", &json!({"name": "m", "source": "s3://b/m"}));
    assert_eq!(made["model_version"]["version"], "3", "a number is used once");
    assert_eq!(server.send("DELETE", "registered-models/delete", &json!({"name": "m"})).status, 200);
    assert_eq!(server.get("registered-models/search").json()["registered_models"], json!([]));
    server.done("registered-models/create", &json!({"name": "m"}));
    assert_eq!(
        server.get("registered-models/get?name=m").json()["registered_model"].get("latest_versions"),
        None
    );
    let tag = json!({"name": "m", "key": "mlflow.prompt.is_prompt", "value": "true"});
    refused(&server.post("registered-models/set-tag", &tag), 400, "INVALID_PARAMETER_VALUE");
}

#[test]
fn spans_need_an_experiment_and_are_given_back_with_their_trace() {
    let server = Server::new();
    let trace = "0123456789abcdef0123456789abcdef";
    let export = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": trace, "spanId": "00000000000000a1", "name": "answer",
        "startTimeUnixNano": "1790000000000000000", "endTimeUnixNano": "1790000001000000000",
        "attributes": [
            {"key": "mlflow.traceRequestId", "value": {"stringValue": format!("\"tr-{trace}\"")}},
            {"key": "mlflow.spanType", "value": {"stringValue": "\"LLM\""}},
            {"key": "mlflow.llm.model", "value": {"stringValue": "\"gpt-4o-mini\""}},
        ],
    }]}]}]});
    let body = export.to_string();
    let spans = |experiment: &str| {
        let head = format!(
            "POST /v1/traces HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {TOKEN}\r\n{experiment}\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            server.listening.port,
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.listening.port)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        answered(stream)
    };
    refused(&spans(""), 400, "INVALID_PARAMETER_VALUE");
    refused(&spans("x-mlflow-experiment-id: 8\r\n"), 404, "RESOURCE_DOES_NOT_EXIST");
    assert_eq!(server.scene.count("span"), 0);
    assert_eq!(spans("x-mlflow-experiment-id: 0\r\n").status, 200);
    let get = format!("/api/3.0/mlflow/traces/get?trace_id=tr-{trace}");
    let found = server.ask("GET", &get, "", b"").json()["trace"].clone();
    assert_eq!(found["trace_info"]["state"], "IN_PROGRESS");
    assert_eq!(found["spans"][0]["span_id"], "AAAAAAAAAKE=");
    let info = json!({"trace": {"trace_info": {
        "trace_id": format!("tr-{trace}"), "state": "OK", "request_time": "2026-09-21T13:33:20Z",
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
        "tags": {"mlflow.traceName": "answer"},
    }}});
    let started =
        server.ask("POST", "/api/3.0/mlflow/traces", "application/json", info.to_string().as_bytes());
    assert_eq!(started.status, 200, "{started:?}");
    let found = server.ask("GET", &get, "", b"").json()["trace"].clone();
    assert_eq!((&found["trace_info"]["state"], found["spans"].as_array().unwrap().len()), (&json!("OK"), 1));
    let bad = json!({"trace": {"trace_info": {"trace_id": "tr-../../x"}}});
    let answer = server.ask("POST", "/api/3.0/mlflow/traces", "application/json", bad.to_string().as_bytes());
    refused(&answer, 400, "INVALID_PARAMETER_VALUE");
    // The answer is an output of the model that gave it.
    let outputs = "entity WHERE kind = (SELECT kind FROM name WHERE name LIKE '%/00000000000000a1' LIMIT 1)";
    assert_eq!(server.scene.count(outputs), 1);
}

#[test]
fn every_dead_letter_can_be_read_again() {
    let protocol = protocol::named("mlflow").unwrap();
    let tags = json!([{"key": "mlflow.prompt.is_prompt", "value": "true"}]);
    let trace = "tr-0123456789abcdef0123456789abcdef";
    for (form, whole, statements) in [
        ("experiment", json!({"object": {"experiment_id": "1", "name": "a"}}), 4),
        (
            "run",
            json!({"object": {"info": {"run_id": "r"}}, "metrics": [{"key": "loss", "value": "NaN"}]}),
            6,
        ),
        ("metrics", json!({"object": {"run_id": "r"}, "metrics": [{"key": "loss", "value": 1}]}), 1),
        ("logged model", json!({"object": {"info": {"model_id": "m-1"}}}), 4),
        ("registered model", json!({"object": {"name": "m", "deleted": true}}), 5),
        ("model version", json!({"object": {"name": "p", "version": "1", "tags": tags}}), 5),
        ("trace", json!({"object": {"trace_id": trace, "tags": {"a": "b"}}}), 5),
        ("artifact", json!({"object": {"size": 1}, "of": "run", "id": "r", "path": "a/b"}), 1),
    ] {
        let read = |raw: Vec<u8>| protocol.reread(form, &raw.into(), &Limits::default()).remove(0);
        let piece = read(whole.to_string().into_bytes());
        assert_eq!(piece.form, form);
        let record = piece.read.unwrap_or_else(|why| panic!("{form}: {why:?}"));
        assert!(record.statements.len() >= statements, "{form}: {record:?}");
        for broken in ["", "{", "[]", "{}", r#"{"object": 7}"#, r#"{"object": {"info": 7}}"#] {
            assert!(read(broken.as_bytes().to_vec()).read.is_err(), "{form}: {broken}");
        }
    }
    // A span of its own protocol, in its own form.
    let spans = protocol.reread("traces in JSON", &"{".into(), &Limits::default());
    assert!(spans[0].read.is_err());
}
