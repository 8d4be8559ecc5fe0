//! What the recorded SDKs say, and what becomes of damaged input.

use catena_model::{
    span::{Span, SpanKind, SpanStatus},
    statement::{Read, Record, Statement},
};
use proptest::{prelude::*, sample::Index};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    batch::{self, Item, What},
    dataset, feedback, multipart, project, prompt,
    run::{self, Verb},
    wire::Object,
};
use crate::json::Limits;

const MULTIPART: &str = include_str!("../../../../tests/fixtures/langsmith/multipart.ndjson");
const BATCH: &str = include_str!("../../../../tests/fixtures/langsmith/batch.ndjson");
const NPM: &str = include_str!("../../../../tests/fixtures/langsmith/npm.ndjson");

/// A request as it was recorded.
#[derive(Deserialize)]
struct Sent {
    path: String,
    content_type: String,
    body: String,
}

fn sent(recording: &str) -> Vec<Sent> {
    recording.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn items(sent: &Sent) -> Vec<Item> {
    match sent.path.as_str() {
        "/runs/multipart" => {
            let boundary = multipart::boundary(&sent.content_type).unwrap();
            batch::of_parts(sent.body.as_bytes(), boundary, &Limits::default()).unwrap()
        }
        "/runs/batch" => batch::of_json(sent.body.as_bytes(), &Limits::default()).unwrap(),
        "/feedback" => {
            let object = batch::object(sent.body.as_bytes(), &Limits::default()).unwrap();
            vec![Item { place: "feedback".into(), what: What::Feedback(object), lies: 0..sent.body.len() }]
        }
        _ => Vec::new(),
    }
}

fn read(item: Item) -> Read {
    match item.what {
        What::Run(verb, object) => run::read(&item.place, verb, object),
        What::Feedback(object) => feedback::read(&item.place, object, feedback::About::Run),
        What::Bad(rejection) => Err(rejection),
    }
}

fn records(recording: &str) -> Vec<Record> {
    sent(recording).iter().flat_map(items).map(|item| read(item).unwrap()).collect()
}

fn spans(records: &[Record]) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for statement in records.iter().flat_map(|record| &record.statements) {
        let Statement::Span { span, .. } = statement else { continue };
        match joined.iter_mut().find(|held| held.id == span.id) {
            Some(held) => *held = held.clone().merge((**span).clone()),
            None => joined.push((**span).clone()),
        }
    }
    joined
}

fn all_lines(records: &[Record]) -> Vec<String> {
    let mut lines: Vec<_> = records.iter().flat_map(crate::tests::lines).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn the_sdk_over_multipart_and_over_json_says_the_same() {
    // The recordings differ in how the client cut its batches, and multipart's has more in it.
    let (parts, json) = (all_lines(&records(MULTIPART)), all_lines(&records(BATCH)));
    let of_answer = |lines: &[String]| -> Vec<String> {
        let about = "000000000000700080000000000000";
        lines
            .iter()
            .filter(|line| line.contains(&format!("{about}01")) || line.contains(&format!("{about}07")))
            .filter(|line| !line.contains(" span ") && !line.contains("gen_ai.response"))
            .cloned()
            .collect()
    };
    assert_eq!(of_answer(&parts), of_answer(&json));
    assert!(of_answer(&json).len() > 15);
}

#[test]
fn an_answer_has_its_model_prompt_passages_tool_and_project() {
    let lines = all_lines(&records(MULTIPART));
    let trace = "trace trace/00000000000070008000000000000001";
    let output = "output trace/00000000000070008000000000000001/00000000000070008000000000000004";
    for expected in [
        format!("{trace} part of experiment langsmith://catena/projects/library-helpdesk"),
        format!("{trace}: name = \"answer\""),
        format!("{trace} run_of service app://library-helpdesk/library-helpdesk (reported)"),
        format!("{trace} depends_on tool app://library-helpdesk/clock (reported)"),
        format!("{output} produced_by {trace} (reported)"),
        format!("{output} uses_model model_version openai/gpt-4o-mini-2024-07-18 (reported)"),
        "model_version openai/gpt-4o-mini-2024-07-18 part of model openai/gpt-4o-mini".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected}\nin {lines:#?}");
    }
    let chunk = lines
        .iter()
        .find(|line| line.contains("derives_from document s3://library-lake/handbook/opening.md"));
    assert!(chunk.is_some_and(|line| line.starts_with("chunk text/")), "{lines:#?}");
    // LangChain's own trace names the prompt's commit that was pulled.
    let prompted = lines.iter().find(|line| {
        line.contains("uses_prompt prompt_version langsmith://catena/prompts/helpdesk-answer/0000")
    });
    assert!(prompted.is_some(), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.starts_with(trace) && line.contains("facet score.correctness")),
        "{lines:#?}"
    );
}

#[test]
fn spans_keep_what_the_api_gives_back() {
    let spans = spans(&records(MULTIPART));
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let model = named("ChatOpenAI");
    assert_eq!((model.kind, model.status), (SpanKind::Llm, SpanStatus::Ok));
    assert_eq!((model.usage.input_tokens, model.usage.output_tokens), (Some(21), Some(8)));
    assert_eq!(model.attributes["run_type"], "llm");
    assert_eq!(model.attributes["inputs"]["model"], "gpt-4o-mini");
    assert_eq!(model.resource["sdk"], "langsmith-py");
    assert_eq!(model.attributes["extra"].get("runtime"), None);
    let broken = named("broken");
    assert_eq!(broken.status, SpanStatus::Error);
    assert!(
        broken.attributes["status.message"].as_str().unwrap().starts_with("ValueError('the door is locked')")
    );
    let slow = named("slow");
    assert!(slow.start.is_some() && slow.end > slow.start);
    assert_eq!(slow.attributes["outputs"], json!({"answer": "At nine."}));
    let score = named("correctness");
    assert_eq!(feedback::of_span(score).unwrap()["score"], json!(0.9));
}

#[test]
fn the_npm_sdk_is_read_as_the_python_one() {
    let records = records(NPM);
    let lines = all_lines(&records);
    let answer =
        lines.iter().find(|line| line.contains("uses_model model_version openai/gpt-4o-mini-2024-07-18"));
    assert!(answer.is_some(), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("document s3://library-lake/handbook/opening.md")),
        "{lines:#?}"
    );
    let root = spans(&records).into_iter().find(|span| span.name == "answer-js").unwrap();
    assert_eq!(root.parent, None);
    assert!(root.end.is_some(), "the time in milliseconds is read");
}

const ID: &str = "01a20d92-9097-7af9-89e3-e9d92e9c0d85";
const ROOT: &str = "01a20d92-9090-70b3-9bbb-9eeca2503125";

fn object(value: Value) -> Object {
    serde_json::from_value(value).unwrap()
}

fn lines(read: Read) -> Vec<String> {
    crate::tests::lines(&read.unwrap())
}

#[test]
fn a_patch_alone_names_the_same_things_as_the_whole() {
    let whole = json!({
        "id": ID, "trace_id": ROOT, "parent_run_id": ROOT, "name": "chat", "run_type": "llm", "session_name": "rag",
        "start_time": "2026-11-24T12:40:38Z", "inputs": {"messages": "Hi"},
    });
    let patch = json!({
        "id": ID, "trace_id": ROOT, "parent_run_id": ROOT, "name": "chat", "run_type": "llm", "session_name": "rag",
        "end_time": "2026-11-24T12:40:39Z", "outputs": {"model": "gpt-4o", "choices": [{"message": {"content": "Ho"}}]},
    });
    let (whole, patch) = (
        lines(run::read("post", Verb::Post, object(whole))),
        lines(run::read("patch", Verb::Patch, object(patch))),
    );
    let output = |lines: &[String]| {
        lines.iter().find(|line| line.contains("produced_by")).unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(output(&whole), output(&patch));
    assert!(patch.iter().any(|line| line.contains("uses_model model openai/gpt-4o")), "{patch:#?}");
}

#[test]
fn a_patch_that_knows_little_withdraws_and_invents_nothing() {
    let patch =
        json!({"id": ID, "trace_id": ROOT, "end_time": "2026-11-24T12:40:39Z", "name": null, "extra": null});
    let said = lines(run::read("patch", Verb::Patch, object(patch)));
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("span"), "{said:#?}");
    let as_root = json!({"id": ROOT, "trace_id": ROOT, "outputs": {"a": 1}});
    let said = lines(run::read("patch", Verb::Patch, object(as_root)));
    assert_eq!(said.len(), 1, "{said:#?}");
}

#[test]
fn what_contradicts_itself_is_rejected_with_its_place() {
    let way = format!("20261124T124038800684Z{ROOT}.20261124T124038807734Z{ID}");
    for (changed, wrong) in [
        (json!({"id": ROOT, "dotted_order": way}), "$.id"),
        (json!({"id": ID, "dotted_order": way, "trace_id": ID}), "$.trace_id"),
        (json!({"id": ID, "dotted_order": way, "parent_run_id": ID}), "$.parent_run_id"),
        (json!({"id": ID, "dotted_order": "soon"}), "$.dotted_order"),
        (json!({"id": "7"}), "$.id"),
        (json!({"name": "x"}), "$.id"),
        (json!({"id": ID, "start_time": "now"}), "$.start_time"),
        (json!({"id": ID, "events": {}}), "$.events"),
        (json!({"id": ID, "session_name": "a\0b"}), "$.session_name"),
    ] {
        let rejection = run::read("post.x", Verb::Post, object(changed)).unwrap_err();
        assert!(rejection.why.starts_with(wrong), "{wrong}: {rejection:?}");
        assert_eq!(rejection.place, "post.x");
    }
    let homeless = run::read("patch.x", Verb::Patch, object(json!({"id": ID}))).unwrap_err();
    assert!(homeless.why.starts_with("$.trace_id"), "{homeless:?}");
}

#[test]
fn one_bad_part_is_one_rejection() {
    let part = |name: &str, body: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
        )
    };
    let other = ROOT;
    let body = [
        part(&format!("post.{ID}"), r#"{"name":"chat","run_type":"llm"}"#),
        part(&format!("post.{ID}.inputs"), r#"{"messages":"#),
        part(&format!("post.{ID}.outputs"), r#"{"output":"hi"}"#),
        part(&format!("post.{ID}.colour"), "{}"),
        part("delete.1", "{}"),
        part("post.seven", "{}"),
        part(&format!("post.{other}.outputs"), r#"{"output":"before its run"}"#),
        part(&format!("post.{other}"), &format!(r#"{{"id":"{other}","name":"late"}}"#)),
        part(&format!("patch.{other}.outputs"), r#"{"output":"of no run"}"#),
        part(&format!("post.{ID}"), &format!(r#"{{"id":"{other}"}}"#)),
        part(&format!("attachment.{ID}.photo"), "\u{fffd}"),
        part(&format!("post.{other}.extra"), r#"{"a":1,"a":2}"#),
    ]
    .concat()
        + "--b--";
    let items = batch::of_parts(body.as_bytes(), "b", &Limits::default()).unwrap();
    let (bad, good): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| matches!(item.what, What::Bad(_)));
    assert_eq!(good.len(), 2, "{good:#?}");
    let What::Run(_, chat) = &good[0].what else { panic!("a run") };
    assert_eq!(chat["outputs"], json!({"output": "hi"}));
    assert_eq!(chat["attachments"]["photo"]["bytes"], 3);
    let What::Run(_, late) = &good[1].what else { panic!("a run") };
    assert_eq!(late["outputs"], json!({"output": "before its run"}));
    let places: Vec<_> =
        bad.iter().map(|item| item.place.replace(ID, "ID").replace(other, "OTHER")).collect();
    assert_eq!(
        places,
        [
            "post.ID.inputs",
            "post.ID.colour",
            "delete.1",
            "post.seven",
            "post.ID",
            "post.OTHER.extra",
            "patch.OTHER.outputs"
        ]
    );
    for item in bad.iter().chain(&good) {
        // What is kept can be read again, and says the same.
        let (kept, boundary) = multipart::reread(&body.as_bytes()[item.lies.clone()]).unwrap();
        let again = batch::of_parts(&kept, &boundary, &Limits::default()).unwrap();
        assert!(again.iter().any(|again| again.place == item.place), "{}", item.place);
    }
}

#[test]
fn many_small_values_do_not_fill_the_memory() {
    let dense = format!("[{}0]", "0,".repeat(400_000));
    let parts: String = (0..5)
        .map(|number| {
            let name = format!("post.00000000-0000-7000-8000-00000000000{number}.inputs");
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{dense}\r\n")
        })
        .collect();
    let refused = batch::of_parts((parts + "--b--").as_bytes(), "b", &Limits::default()).unwrap_err();
    assert!(refused.to_string().contains("values in one request"), "{refused}");
    let runs = vec![format!(r#"{{"id":"{ID}","inputs":{{"a":{dense}}}}}"#); 5].join(",");
    assert!(batch::of_json(format!(r#"{{"post":[{runs}]}}"#).as_bytes(), &Limits::default()).is_err());
}

#[test]
fn datasets_projects_and_prompts_are_entities_with_what_the_api_says() {
    let dataset_id = "0c821160-07ae-421b-9948-be0a1176f355";
    let said = lines(dataset::read(
        "dataset",
        object(
            json!({"id": dataset_id, "name": "opening hours", "description": "d", "created_at": "2026-03-01T08:00:00Z"}),
        ),
    ));
    let thing = "dataset langsmith://catena/datasets/opening hours";
    assert!(
        said.contains(&format!("{thing} is also langsmith://catena dataset-ids/{dataset_id}")),
        "{said:#?}"
    );
    assert!(said.contains(&format!("{thing}: description = \"d\"")), "{said:#?}");
    let said = lines(dataset::read_example(
        "example",
        object(json!({"id": ID, "dataset_id": dataset_id, "inputs": {}})),
    ));
    assert!(
        said[0]
            .starts_with(&format!("dataset langsmith://catena/dataset-ids/{dataset_id}: facet example/{ID}"))
    );
    let of_project = json!({"id": ROOT, "session_id": ID, "key": "accuracy", "score": true, "modified_at": "2026-03-01T08:00:00Z"});
    let said = lines(feedback::read("feedback", object(of_project), feedback::About::Run));
    assert!(
        said[0].starts_with(&format!("experiment langsmith://catena/sessions/{ID}: facet score.accuracy")),
        "{said:#?}"
    );
    assert!(said[0].contains("\"value\":1"), "{said:#?}");
    let said = lines(project::read(
        "session",
        object(
            json!({"id": ROOT, "name": "eval", "reference_dataset_id": dataset_id, "start_time": "2026-03-01T08:00:00Z"}),
        ),
    ));
    assert!(
        said.contains(&format!(
            "experiment langsmith://catena/projects/eval evaluated_on dataset langsmith://catena/dataset-ids/{dataset_id} (declared)"
        )),
        "{said:#?}"
    );
    let hash = prompt::hash(None, &json!({"b": 1, "a": 2}));
    assert_eq!(hash, prompt::hash(None, &json!({"a": 2, "b": 1})));
    assert_ne!(hash, prompt::hash(Some("x"), &json!({"a": 2, "b": 1})));
    let said = lines(prompt::read_commit(
        "commit",
        object(
            json!({"owner": "-", "repo": "qa", "commit_hash": hash, "manifest": {"kwargs": {"template": "{q}", "input_variables": ["q"]}}}),
        ),
    ));
    let version = format!("prompt_version langsmith://catena/prompts/qa/{hash}");
    assert_eq!(said[0], format!("{version} part of prompt langsmith://catena/prompts/qa"));
    assert!(said.iter().any(|line| line.starts_with(&format!("{version}: facet template"))), "{said:#?}");
    // A run that refers to the commit means the same version.
    let run = json!({"id": ID, "name": "p", "run_type": "prompt", "session_name": "s",
        "extra": {"metadata": {"lc_hub_owner": "-", "lc_hub_repo": "qa", "lc_hub_commit_hash": hash}}});
    let said = lines(run::read("post", Verb::Post, object(run)));
    assert!(
        said.iter().any(|line| line.ends_with(&format!("uses_prompt {version} (reported)"))),
        "{said:#?}"
    );
}

/// Values of every type, to stand where another is expected.
fn stranger() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1.5),
        json!(9e300),
        json!(""),
        json!("a\0b"),
        json!("é*://\u{202e}"),
        json!([]),
        json!([[[]]]),
        json!({"kwargs": {"kwargs": []}}),
        json!([{"page_content": 7, "metadata": []}]),
        json!([[{"message": {"kwargs": 3}, "text": null}]]),
    ])
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn replace(value: &mut Value, which: &mut usize, with: &Value) {
    if *which == 0 {
        *value = with.clone();
    }
    *which = which.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, which, with)),
        Value::Object(map) => map.values_mut().for_each(|item| replace(item, which, with)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_run_with_a_stranger_in_it_is_read_or_rejected(
        of in any::<Index>(), at in any::<Index>(), with in stranger(), patch in any::<bool>(),
    ) {
        let mut runs: Vec<Value> = Vec::new();
        for item in sent(MULTIPART).iter().chain(&sent(NPM)).flat_map(items) {
            if let What::Run(_, object) = item.what {
                runs.push(Value::Object(object));
            }
        }
        let mut run = runs[of.index(runs.len())].clone();
        let mut which = at.index(count(&run) - 1) + 1;
        replace(&mut run, &mut which, &with);
        if let Value::Object(object) = run {
            let verb = if patch { Verb::Patch } else { Verb::Post };
            if let Err(rejection) = run::read("here", verb, object) {
                prop_assert!(rejection.why.len() <= 1_003 && rejection.why.starts_with("$."), "{rejection:?}");
            }
        }
    }

    #[test]
    fn a_damaged_body_is_read_refused_or_rejected_part_by_part(
        of in any::<Index>(), at in any::<Index>(), length in 0..60_usize,
        with in proptest::sample::select(vec!["", "\r\n", "--", "\"", "\0", "{", "]", "name=\"post.1\"", "\u{fffd}"]),
    ) {
        let requests: Vec<_> = sent(MULTIPART).into_iter().filter(|sent| sent.path == "/runs/multipart").collect();
        let sent = &requests[of.index(requests.len())];
        let mut body = sent.body.clone().into_bytes();
        let start = at.index(body.len());
        let end = (start + length).min(body.len());
        body.splice(start..end, with.bytes());
        let boundary = multipart::boundary(&sent.content_type).unwrap();
        if let Ok(items) = batch::of_parts(&body, boundary, &Limits::default()) {
            for item in items {
                prop_assert!(item.lies.end <= body.len());
                let _ = read(item);
            }
        }
    }
}
