//! The LangSmith receiver over a real connection: what the SDKs sent is stored and given back, what can't be taken is
//! set aside, and nothing grows without bounds.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "each file of tests takes what it needs")]
mod house;

use std::io::Write;

use catena_receive::{commit, limits::Limits, listen::Listening, protocol};
use catena_store::table::dead_letter;
use house::{Answered, Scene, TOKEN, answered};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../../tests/fixtures/langsmith/multipart.ndjson");
const BATCHES: &str = include_str!("../../../tests/fixtures/langsmith/batch.ndjson");
const NPM: &str = include_str!("../../../tests/fixtures/langsmith/npm.ndjson");
const FRAME: &[u8] = include_bytes!("../../../tests/fixtures/langsmith/zstd.bin");

const ROOT: &str = "00000000-0000-7000-8000-000000000001";

struct Smith {
    scene: Scene,
    listening: Listening,
}

impl Smith {
    fn new(limits: Limits) -> Self {
        let scene = Scene::new(limits);
        let listening =
            scene.house.start(protocol::named("langsmith").unwrap(), 0, TOKEN, Vec::new()).unwrap();
        Self { scene, listening }
    }

    fn ask(&self, verb: &str, path: &str, media: &str, more: &str, body: &[u8]) -> Answered {
        let media = if media.is_empty() { String::new() } else { format!("Content-Type: {media}\r\n") };
        let head = format!(
            "{verb} {path} HTTP/1.1\r\nHost: localhost:{}\r\nX-API-Key: {TOKEN}\r\n{media}Content-Length: {}\r\n\
             Connection: close\r\n{more}\r\n",
            self.listening.port,
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.listening.port)).unwrap();
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        answered(stream)
    }

    fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, "", "", b"")
    }

    fn send(&self, verb: &str, path: &str, body: &Value) -> Answered {
        self.ask(verb, path, "application/json", "", body.to_string().as_bytes())
    }

    /// Sends a recording as it was sent, under a prefix.
    fn replay(&self, recording: &str, prefix: &str) {
        for line in recording.lines() {
            let sent: Value = serde_json::from_str(line).unwrap();
            let said = |key: &str| sent[key].as_str().unwrap();
            if said("path").starts_with("/runs") {
                let path = format!("{prefix}{}", said("path"));
                let answer =
                    self.ask(said("method"), &path, said("content_type"), "", said("body").as_bytes());
                assert_eq!(answer.status, 202, "{path}: {answer:?}");
                assert_eq!(answer.json().get("rejected"), None, "{answer:?}");
            }
        }
    }

    fn letters(&self) -> Vec<dead_letter::Letter> {
        self.scene.held.catalog.read(|reader| dead_letter::list(reader.db(), None, None, 100)).unwrap()
    }
}

fn smith() -> Smith {
    Smith::new(Limits::default())
}

#[test]
fn what_the_sdks_send_is_stored_and_given_back() {
    for (recording, prefix) in [(RECORDED, ""), (RECORDED, "/api/v1"), (BATCHES, "/api/v1")] {
        let smith = smith();
        smith.replay(recording, prefix);
        let spans = smith.scene.count("span");
        smith.replay(recording, prefix);
        assert_eq!(smith.scene.count("span"), spans, "a repeat is no news");
        assert_eq!(smith.letters(), []);
        let run = smith.get(&format!("{prefix}/runs/{ROOT}")).json();
        assert_eq!(
            (&run["name"], &run["status"], &run["run_type"]),
            (&json!("answer"), &json!("success"), &json!("chain"))
        );
        assert_eq!(run["outputs"], json!({"output": "The library opens at nine on Mondays."}));
        assert_eq!(run["start_time"], "2026-03-01T08:00:00Z");
        assert_eq!(run["extra"]["runtime"]["sdk"], "langsmith-py");
        let query = json!({"trace": ROOT, "filter": r#"eq(run_type, "llm")"#});
        let found = smith.send("POST", &format!("{prefix}/runs/query"), &query).json();
        assert_eq!(found["runs"].as_array().unwrap().len(), 1);
        assert_eq!(found["runs"][0]["prompt_tokens"], 21);
    }
    let smith = smith();
    smith.replay(NPM, "");
    assert_eq!(smith.get(&format!("/runs/{ROOT}")).json()["name"], "answer-js");
}

#[test]
fn pages_of_runs_have_each_run_once() {
    let smith = smith();
    smith.replay(RECORDED, "");
    let project = smith.get("/sessions?name=library-helpdesk").json()[0]["id"].clone();
    for order in ["asc", "desc"] {
        let (mut names, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let query = json!({"session": [project], "limit": 3, "cursor": cursor, "order": order});
            let page = smith.send("POST", "/runs/query", &query).json();
            let runs = page["runs"].as_array().unwrap();
            assert!(runs.len() <= 3);
            names.extend(runs.iter().map(|run| run["id"].to_string()));
            cursor = page["cursors"]["next"].clone();
            if cursor.is_null() {
                break;
            }
        }
        let count = names.len();
        names.sort();
        names.dedup();
        // Feedback is no run.
        assert_eq!((names.len(), count), (11, 11), "{order}");
    }
}

#[test]
fn a_frame_as_the_sdk_packs_it_is_unpacked_and_a_bomb_is_not() {
    let smith = Smith::new(Limits { body_bytes: 1 << 20, ..Limits::default() });
    let media = "multipart/form-data; boundary=00000000000000000000000000000001";
    let answer = smith.ask("POST", "/runs/multipart", media, "Content-Encoding: zstd\r\n", FRAME);
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(smith.get(&format!("/runs/{ROOT}")).status, 200);
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let bomb = ruzstd::encoding::compress_to_vec(vec![b' '; 24 << 20].as_slice(), level);
    assert!(bomb.len() < 64 << 10, "{}", bomb.len());
    let answer = smith.ask("POST", "/runs/multipart", media, "Content-Encoding: zstd\r\n", &bomb);
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.json()["detail"].as_str().unwrap().contains("bytes"));
    // Cut off in the middle: nothing of it is taken.
    let spans = smith.scene.count("span");
    let answer =
        smith.ask("POST", "/runs/multipart", media, "Content-Encoding: zstd\r\n", &FRAME[..FRAME.len() / 2]);
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(smith.scene.count("span"), spans);
}

#[test]
fn one_bad_part_is_set_aside_and_can_be_replayed() {
    let smith = smith();
    let other = "00000000-0000-7000-8000-0000000000aa";
    let part = |name: &str, body: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
        )
    };
    let body = [
        part(&format!("post.{ROOT}"), r#"{"name":"one","run_type":"chain","session_name":"s"}"#),
        part(&format!("post.{ROOT}.inputs"), "{"),
        part(
            &format!("post.{other}"),
            r#"{"name":"two","run_type":"chain","session_name":"s","start_time":"soon"}"#,
        ),
        part(&format!("post.{other}.inputs"), r#"{"q":1}"#),
    ]
    .concat()
        + "--b--\r\n";
    let answer = smith.ask("POST", "/runs/multipart", "multipart/form-data; boundary=b", "", body.as_bytes());
    assert_eq!(answer.status, 202, "{answer:?}");
    let rejected = answer.json()["rejected"].clone();
    assert_eq!(rejected.as_array().unwrap().len(), 2, "{rejected}");
    assert_eq!(smith.get(&format!("/runs/{ROOT}")).json()["name"], "one");
    assert_eq!(smith.get(&format!("/runs/{other}")).status, 404);
    let letter = smith.letters().into_iter().find(|letter| letter.place.contains(other)).unwrap();
    assert!(letter.reason.contains("$.start_time"), "{letter:?}");
    let text = String::from_utf8(letter.body.clone()).unwrap();
    let corrected =
        dead_letter::Letter { body: text.replace("soon", "2026-03-01T08:00:00Z").into_bytes(), ..letter };
    let protocol = protocol::named("langsmith").unwrap();
    assert_eq!(commit::replay(&*smith.scene.held, &*protocol, &corrected, &Limits::default()).unwrap(), None);
    let run = smith.get(&format!("/runs/{other}")).json();
    assert_eq!((&run["name"], &run["inputs"]), (&json!("two"), &json!({"q": 1})));
    // All of it bad: the client is told so.
    let all = part("post.x", "{}") + "--b--";
    let answer = smith.ask("POST", "/runs/multipart", "multipart/form-data; boundary=b", "", all.as_bytes());
    assert_eq!(answer.status, 422, "{answer:?}");
    for (media, body) in [("multipart/form-data", "--b--"), ("multipart/form-data; boundary=b", "--b\r\n")] {
        assert_eq!(smith.ask("POST", "/runs/multipart", media, "", body.as_bytes()).status, 422);
    }
}

#[test]
fn a_patch_with_nothing_but_an_id_finds_its_run_and_one_of_no_run_is_not_swallowed() {
    let smith = smith();
    let run = json!({"id": ROOT, "name": "slow", "run_type": "llm", "session_name": "s", "inputs": {"messages": "Hi"},
        "start_time": "2026-03-01T08:00:00"});
    assert_eq!(smith.send("POST", "/runs", &run).status, 202);
    let end = json!({"outputs": {"output": "Ho"}, "end_time": "2026-03-01T08:00:01Z", "trace_id": null});
    assert_eq!(smith.send("PATCH", &format!("/runs/{ROOT}"), &end).status, 202);
    let shown = smith.get(&format!("/runs/{ROOT}")).json();
    assert_eq!((&shown["status"], &shown["outputs"]), (&json!("success"), &json!({"output": "Ho"})));
    // The answer's output knows both what was asked and what was said.
    let facets = smith.scene.held.catalog.read(|reader| {
        let output = reader.find("slow")?.into_iter().find(|row| row.kind.word() == "output").unwrap();
        Ok(reader.facets(output.ix)?.into_iter().map(|row| row.name).collect::<Vec<_>>())
    });
    assert!(
        facets.as_ref().unwrap().iter().any(|name| name.ends_with("output") || name.ends_with("response")),
        "{facets:?}"
    );
    let unknown = "00000000-0000-7000-8000-0000000000ff";
    assert_eq!(smith.send("PATCH", &format!("/runs/{unknown}"), &end).status, 404);
    let of_batch = json!({"post": [{"id": unknown, "name": "late", "session_name": "s"}], "patch": [{"id": unknown, "outputs": {"a": 1}}]});
    assert_eq!(smith.send("POST", "/runs/batch", &of_batch).status, 202);
    assert_eq!(smith.get(&format!("/runs/{unknown}")).json()["outputs"], json!({"a": 1}));
}

#[test]
fn feedback_is_given_once_changed_and_taken_back() {
    let smith = smith();
    smith.replay(RECORDED, "");
    let id = "00000000-0000-7000-8000-0000000000f1";
    let said = json!({"id": id, "run_id": ROOT, "key": "tone", "score": 0.5, "created_at": "2026-03-01T09:00:00Z",
        "modified_at": "2026-03-01T09:00:00Z", "feedback_source": {"type": "api"}});
    assert_eq!(smith.send("POST", "/feedback", &said).status, 200);
    let spans = smith.scene.count("span");
    assert_eq!(smith.send("POST", "/feedback", &said).status, 200);
    assert_eq!(smith.scene.count("span"), spans);
    assert_eq!(
        smith.send("PATCH", &format!("/feedback/{id}"), &json!({"score": 0.25, "comment": "dry"})).status,
        200
    );
    let held = smith.get(&format!("/feedback/{id}")).json();
    assert_eq!(
        (&held["score"], &held["comment"], &held["key"]),
        (&json!(0.25), &json!("dry"), &json!("tone"))
    );
    let listed = smith.get(&format!("/feedback?run={ROOT}&key=tone")).json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let stats = smith.get(&format!("/runs/{ROOT}")).json()["feedback_stats"]["tone"].clone();
    assert_eq!((&stats["n"], &stats["avg"]), (&json!(1), &json!(0.25)));
    assert_eq!(smith.ask("DELETE", &format!("/feedback/{id}"), "", "", b"").status, 200);
    assert_eq!(smith.get(&format!("/feedback/{id}")).status, 404);
    // Of a run that isn't there yet: the client is told to try again, and it does.
    let early = json!({"id": id, "run_id": "00000000-0000-7000-8000-0000000000ee", "key": "x"});
    assert_eq!(smith.send("POST", "/feedback", &early).status, 404);
    assert_eq!(smith.send("POST", "/feedback", &json!({"key": "x"})).status, 422);
}

#[test]
fn of_two_commits_at_once_none_is_lost_and_the_same_again_is_no_commit() {
    let smith = smith();
    assert_eq!(smith.send("POST", "/repos/", &json!({"repo_handle": "qa"})).status, 200);
    assert_eq!(smith.send("POST", "/repos", &json!({"repo_handle": "qa"})).status, 409);
    let manifest = |text: &str| json!({"manifest": {"lc": 1, "id": ["x"], "kwargs": {"template": text, "input_variables": []}}});
    std::thread::scope(|scope| {
        for number in 0..6 {
            let smith = &smith;
            let body = manifest(&format!("v{number}"));
            scope.spawn(move || assert_eq!(smith.send("POST", "/commits/-/qa", &body).status, 200));
        }
    });
    let listed = smith.get("/commits/-/qa/?limit=100").json();
    assert_eq!((listed["total"].clone(), listed["commits"].as_array().unwrap().len()), (json!(6), 6));
    let latest = listed["commits"][0].clone();
    let again = json!({"manifest": latest["manifest"]});
    assert_eq!(smith.send("POST", "/commits/-/qa", &again).status, 409);
    let hash = latest["commit_hash"].as_str().unwrap();
    for name in ["latest", hash, &hash[..8]] {
        assert_eq!(
            smith.get(&format!("/commits/-/qa/{name}")).json()["manifest"],
            latest["manifest"],
            "{name}"
        );
    }
    let oldest = listed["commits"][5].clone();
    let tag = json!({"tag_name": "prod", "commit_id": oldest["id"]});
    assert_eq!(smith.send("POST", "/repos/-/qa/tags", &tag).status, 200);
    assert_eq!(smith.get("/commits/-/qa/prod").json()["manifest"], oldest["manifest"]);
    assert_eq!(smith.get("/commits/-/qa/staging").status, 404);
    // Moved to and fro while the clock stands still: the last word holds.
    for commit in listed["commits"].as_array().unwrap() {
        let tag = json!({"tag_name": "prod", "commit_id": commit["id"]});
        assert_eq!(smith.send("POST", "/repos/-/qa/tags", &tag).status, 200);
        assert_eq!(smith.get("/commits/-/qa/prod").json()["commit_hash"], commit["commit_hash"]);
        let description = json!({"description": commit["commit_hash"]});
        let repo = smith.send("PATCH", "/repos/-/qa", &description).json();
        assert_eq!(repo["repo"]["description"], commit["commit_hash"]);
    }
    assert_eq!(smith.get("/repos/-/qa").json()["repo"]["num_commits"], 6);
}

#[test]
fn a_project_is_one_however_it_is_named_and_bears_its_own_feedback() {
    let smith = smith();
    smith.replay(RECORDED, "");
    // Known from its runs alone, by a name and an id that stay.
    let told = smith.get("/sessions?name=library-helpdesk").json()[0].clone();
    let id = told["id"].as_str().unwrap();
    assert_eq!(smith.get(&format!("/sessions/{id}")).json()["name"], "library-helpdesk");
    let given = "00000000-0000-7000-8000-0000000000b1";
    let made = json!({"name": "library-helpdesk", "id": given, "extra": {"metadata": {"k": "v"}}});
    assert_eq!(smith.send("POST", "/sessions", &made).json()["id"], given);
    assert_eq!(smith.send("POST", "/sessions", &made).status, 200, "the same again is no conflict");
    assert_eq!(smith.send("POST", "/sessions", &json!({"name": "library-helpdesk"})).status, 409);
    for id in [id, given] {
        let query = json!({"session": [id], "is_root": true});
        assert_eq!(
            smith.send("POST", "/runs/query", &query).json()["runs"].as_array().unwrap().len(),
            4,
            "{id}"
        );
    }
    let renamed =
        smith.send("PATCH", &format!("/sessions/{given}"), &json!({"name": "desk", "description": null}));
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("desk")));
    for path in [format!("/sessions/{id}"), format!("/sessions/{given}")] {
        let held = smith.get(&path).json();
        assert_eq!((&held["name"], &held["extra"]["metadata"]["k"]), (&json!("desk"), &json!("v")), "{path}");
    }
    let summary = json!({"session_id": given, "run_id": null, "key": "accuracy", "score": 0.8, "id": ROOT.replace('1', "9")});
    assert_eq!(smith.send("POST", "/feedback", &summary).status, 200);
    assert_eq!(smith.get(&format!("/feedback?session={given}")).json()[0]["score"], json!(0.8));
    assert_eq!(smith.get(&format!("/feedback/{}", ROOT.replace('1', "9"))).json()["key"], "accuracy");
}

#[test]
fn examples_are_laid_over_what_is_known_of_them() {
    let smith = smith();
    let dataset = smith.send("POST", "/datasets", &json!({"name": "hours"})).json();
    let example = json!({"id": ROOT, "dataset_id": dataset["id"], "inputs": {"q": 1}, "outputs": {"a": 1}, "metadata": {"m": 1}});
    assert_eq!(smith.send("POST", "/examples", &example).status, 200);
    let changed = smith.send(
        "PATCH",
        &format!("/examples/{ROOT}"),
        &json!({"outputs": {"a": 2}, "metadata": {"n": 2}}),
    );
    assert_eq!(changed.status, 200, "{changed:?}");
    let held = smith.get(&format!("/examples/{ROOT}")).json();
    assert_eq!((&held["inputs"], &held["outputs"]), (&json!({"q": 1}), &json!({"a": 2})));
    assert_eq!(held["metadata"], json!({"n": 2, "dataset_split": ["base"]}));
    for number in 0..8 {
        smith.send("PATCH", &format!("/examples/{ROOT}"), &json!({"outputs": {"a": number}}));
        assert_eq!(smith.get(&format!("/examples/{ROOT}")).json()["outputs"], json!({"a": number}));
    }
    let path = format!("/datasets/{}", dataset["id"].as_str().unwrap());
    assert_eq!(smith.get(&path).json()["example_count"], 1);
    let unknown = format!("/v1/platform/datasets/{ROOT}/examples");
    let answer = smith.ask("POST", &unknown, "multipart/form-data; boundary=b", "", b"--b--");
    assert_eq!(answer.status, 404, "{answer:?}");
}

#[test]
fn paths_and_ids_that_are_none_are_refused() {
    let smith = smith();
    for (path, status) in [
        ("/runs/7", 422),
        ("/runs/..%2f..", 404),
        ("/repos/-/../../x", 404),
        ("/examples/7", 422),
        ("/sessions/00000000-0000-7000-8000-0000000000ee", 404),
        ("/info/", 404),
        ("/v1/info", 404),
        ("/public/x/run", 404),
    ] {
        assert_eq!(smith.get(path).status, status, "{path}");
    }
    assert_eq!(smith.send("POST", "/runs/query", &json!({})).status, 422);
    assert_eq!(smith.send("POST", "/runs/query", &json!({"trace": ROOT, "filter": "drop(x)"})).status, 422);
    assert_eq!(smith.send("POST", "/runs/query", &json!({"trace": ROOT, "cursor": "x"})).status, 422);
    let duplicate = smith.ask("POST", "/datasets", "application/json", "", br#"{"name":"a","name":"b"}"#);
    assert_eq!(duplicate.status, 422, "{duplicate:?}");
    let nul = smith.send("POST", "/datasets", &json!({"name": "a\u{0}b"}));
    assert_eq!(nul.status, 422, "{nul:?}");
    let proto = smith.send(
        "POST",
        "/datasets",
        &json!({"name": "p", "extra": {"metadata": {"__proto__": {"x": 1}}}}),
    );
    assert_eq!(proto.status, 200);
    assert_eq!(proto.json()["metadata"]["__proto__"], json!({"x": 1}));
}

#[test]
fn every_route_is_handled() {
    let smith = smith();
    for route in protocol::named("langsmith").unwrap().routes() {
        let path = route
            .path
            .replace("{id}", ROOT)
            .replace("{owner}", "-")
            .replace("{repo}", "none")
            .replace("{commit}", "latest");
        let media = route.takes[0].word();
        let media = if media.starts_with("no ") { "" } else { media };
        let answer = smith.ask(route.verb.word(), &path, media, "", b"");
        // A path that nothing handles would be answered with these words.
        assert!(!answer.body.contains("nothing at this path"), "{path}: {answer:?}");
    }
}
