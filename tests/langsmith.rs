//! Catena as a LangSmith: what the SDKs sent in any order, and the real SDKs against `catena serve`.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use catena_ingest::{
    json::Limits,
    langsmith::{
        batch::{self, What},
        feedback::{self, About},
        multipart, run,
    },
};
use catena_model::statement::Read;
use catena_tests::{
    Scratch, assert_same_dump, recorded, script,
    serving::{self, Serving, TOKEN, serve_if_asked},
    shuffled,
};
use serde_json::{Value, json};

/// Every run and feedback of a recording, each telling by itself.
fn tellings(recording: &str) -> Vec<Read> {
    let text = String::from_utf8(recorded(recording)).unwrap();
    let requests = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut reads = Vec::new();
    for request in requests {
        let said = |key: &str| request[key].as_str().unwrap();
        let (body, limits) = (said("body").as_bytes(), Limits::default());
        let items = match said("path") {
            "/runs/multipart" => {
                let boundary = multipart::boundary(said("content_type")).unwrap();
                batch::of_parts(body, boundary, &limits).unwrap()
            }
            "/runs/batch" => batch::of_json(body, &limits).unwrap(),
            _ => continue,
        };
        reads.extend(items.into_iter().map(|item| match item.what {
            What::Run(verb, object) => run::read(&item.place, verb, object),
            What::Feedback(object) => feedback::read(&item.place, object, About::Run),
            What::Bad(rejection) => Err(rejection),
        }));
    }
    reads
}

#[test]
fn tellings_in_any_order_and_more_than_once_give_the_same_catalog() {
    // Ids are counted anew in each recording, so each has a catalog of its own.
    for (recording, created, spans) in [("multipart", 20, 12), ("batch", 10, 7), ("npm", 8, 3)] {
        let reads = tellings(&format!("langsmith/{recording}.ndjson"));
        assert!(reads.iter().all(Result::is_ok));
        let in_order = Scratch::new();
        let tally = in_order.import(reads.clone(), 1_000);
        assert!(tally.created() >= created && tally.spans >= spans, "{recording}: {tally:?}");
        let expected = in_order.dump();
        for seed in 1..=12 {
            let catalog = Scratch::new();
            catalog.import(shuffled([reads.clone(), reads.clone()].concat(), seed), 1 + seed as usize % 5);
            let found = catalog.dump();
            assert_same_dump(&expected, &found, &format!("{recording}, seed {seed}"));
            assert_eq!(catalog.problems(), []);
        }
    }
}

/// The process that the other tests start: this very program, with this test alone.
#[test]
#[ignore = "the other tests start it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    serve_if_asked(&["--langsmith", "127.0.0.1:0"]);
}

/// Sends runs of one trace, one request each, until the connection breaks; gives the ids that were acknowledged.
fn send_until_broken(address: &str, round: usize, told: &AtomicUsize) -> Vec<String> {
    let host = address.strip_prefix("http://").unwrap();
    let mut acknowledged = Vec::new();
    let root = format!("00000000-0000-7000-8000-{round:04x}00000000");
    for number in 0.. {
        let id = format!("00000000-0000-7000-8000-{round:04x}{number:08x}");
        let mut run = json!({"id": id, "trace_id": root, "name": "step", "run_type": "chain", "session_name": "load",
            "start_time": "2026-03-01T08:00:00Z"});
        if number > 0 {
            run["parent_run_id"] = json!(root);
        }
        match ask(host, "POST", "/runs/batch", &json!({"post": [run]}).to_string()) {
            Some((202, _)) => acknowledged.push(id),
            Some((status, body)) => panic!("{status}: {body}"),
            None => break,
        }
        told.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

/// The status and the body of one request; nothing when the connection broke.
fn ask(host: &str, verb: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(host).ok()?;
    let media = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let head = format!(
        "{verb} {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {TOKEN}\r\n{media}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[test]
fn no_run_that_was_acknowledged_is_lost_when_the_server_is_killed() {
    let catena = catena::Catena::new();
    let catalog = catena.folder().join("test.catena");
    let mut acknowledged = Vec::new();
    for round in 1..=4 {
        let serving = Serving::start(&catalog);
        let (address, told) = (serving.address.clone(), AtomicUsize::new(0));
        acknowledged.extend(std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_until_broken(&address, round, &told));
            // In the middle of it, at another point each time.
            while told.load(Ordering::Relaxed) < round * 7 {
                std::thread::sleep(Duration::from_millis(1));
            }
            serving.kill();
            sending.join().unwrap()
        }));
    }
    assert!(acknowledged.len() >= 7 + 14 + 21 + 28, "{}", acknowledged.len());
    let serving = Serving::start(&catalog);
    let host = serving.address.strip_prefix("http://").unwrap();
    for id in &acknowledged {
        let (status, body) = ask(host, "GET", &format!("/runs/{id}"), "").unwrap();
        assert!(status == 200 && body.contains(id), "{id}: {status} {body}");
    }
    drop(serving);
    catena.assert_sound();
}

/// Runs the Python SDK's part; gives what it saw.
fn python(arguments: &[&str]) -> Value {
    let done = Command::new(serving::python("LANGSMITH"))
        .args(["-W", "ignore"])
        .arg(script("langsmith_interop.py"))
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{arguments:?}: {said}\n{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[test]
#[ignore = "runs the LangSmith Python SDK"]
fn the_python_sdk_finds_again_what_it_sent_before_the_server_was_killed() {
    let catena = catena::Catena::new();
    let catalog = catena.folder().join("test.catena");
    let serving = Serving::start(&catalog);
    let written = python(&["write", &serving.address, TOKEN]);
    assert_eq!(written["answer"], "The library opens at nine on Mondays.");
    assert_eq!(written["conflict"], true);
    serving.kill();

    let serving = Serving::start(&catalog);
    // With the prefix this time: the SDK takes either.
    let read = python(&["read", &format!("{}/api/v1", serving.address), TOKEN, &written.to_string()]);
    let question = json!({"question": "When does the library open on Mondays?"});
    let expected = json!({
        "root": ["answer", "success", question, {"output": "The library opens at nine on Mondays."}, ["helpdesk"],
            ["ChatOpenAI", "clock", "look_up"]],
        "model": ["gpt-4o-mini", 21, 8, "openai", "langsmith-py"],
        "in trace": 4,
        "roots": ["answer", "broken", "slow"],
        "failed": ["broken"],
        "by type": ["look_up"],
        "by filter": ["ChatOpenAI"],
        "by feedback": ["answer"],
        "by trace": ["ChatOpenAI", "answer", "clock", "look_up"],
        "one by one": 2,
        "feedback": [["correctness", 0.9, "as in the handbook"], ["tone", 0.5, null]],
        "changed": ["tone", 0.25, "too dry", true],
        "deleted": true,
        "slow": ["slow", question, {"answer": "At nine."}, "success"],
        "dataset": [true, "Questions that visitors ask", 3, "helpdesk"],
        "examples": ["And on Sundays?", "Is there parking?", "When does the library open on Mondays?"],
        "of split": [{"answer": "At nine."}],
        "example": [{"answer": "No."}, {"question": "Is there parking?"}],
        "project": [true, true, "3f2a1bc"],
        "projects": ["helpdesk-eval", "library-helpdesk"],
        "prompt": [["Answer from: {context}", "{question}"], ["context", "question"]],
        "latest": 3,
        "by hash": true,
        "commits": 2,
        "prompts": [["helpdesk-answer", "Answers visitors kindly", 2, ["helpdesk"]]],
        "evaluated": [false, false, true],
        "experiment": 3,
    });
    for (key, expected) in expected.as_object().unwrap() {
        assert_eq!(&read[key], expected, "{key}");
    }
    drop(serving);

    let upstream = |answer: &str| -> String {
        let hits = catena.run(["search", answer]).json();
        let output = hits["hits"].as_array().unwrap().iter().find(|hit| hit["kind"] == "output").unwrap();
        let id = output["id"].as_str().unwrap();
        catena.run(["lineage", id, "--direction", "up", "--depth", "all"]).json()["nodes"].to_string()
    };
    let of_openai = upstream("ChatOpenAI");
    for thing in ["openai/gpt-4o-mini-2024-07-18", "s3://library-lake/handbook/opening.md", "text/"] {
        assert!(of_openai.contains(thing), "{thing} in {of_openai}");
    }
    let of_langchain = upstream("FakeMessagesListChatModel");
    let version =
        format!("langsmith://catena/prompts/helpdesk-answer/{}", written["commit"].as_str().unwrap());
    assert!(of_langchain.contains(&version), "{of_langchain}");
    catena.assert_sound();
}

#[test]
#[ignore = "runs the LangSmith npm SDK"]
fn the_npm_sdk_is_taken_as_the_python_one() {
    const PACKAGE: &str = "langsmith@0.12.0";
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/npm/langsmith");
    if !modules.join("node_modules/langsmith").is_dir() {
        let installed = Command::new("npm")
            .args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"])
            .arg(&modules)
            .arg(PACKAGE)
            .status()
            .unwrap();
        assert!(installed.success(), "{PACKAGE} could not be installed");
    }
    let catena = catena::Catena::new();
    let catalog = catena.folder().join("test.catena");
    let run = |name: &str, serving: &Serving| -> String {
        // Beside its modules, where node looks for them.
        let program = modules.join(name);
        std::fs::copy(script(name), &program).unwrap();
        let done = Command::new("node").arg(&program).args([&serving.address, TOKEN]).output().unwrap();
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let serving = Serving::start(&catalog);
    run("langsmith_app.cjs", &serving);
    serving.kill();
    let serving = Serving::start(&catalog);
    let said = run("langsmith_interop.cjs", &serving);
    let seen: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let expected = json!({
        "runs": ["ChatOpenAI", "answer-js", "lookUp"],
        "outputs": {"outputs": "At nine."},
        "filtered": ["ChatOpenAI"],
        "feedback": ["correctness", 0.5, "fine"],
        "listed": 1,
        "examples": ["When?", "Where?"],
        "ofSplit": ["Where?"],
        "hasDataset": [true, false],
        "prompt": "Answer kindly {q}",
        "commits": 2,
        "prompts": [["js-answer", 2]],
        "exists": [true, false],
    });
    for (key, expected) in expected.as_object().unwrap() {
        assert_eq!(&seen[key], expected, "{key}");
    }
    drop(serving);
    catena.assert_sound();
}
