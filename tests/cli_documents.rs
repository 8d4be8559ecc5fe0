//! Documents and the passages that are made of them, on the command line.

use std::fs;

use serde_json::{Value, json};

use super::Shell;

const FLOOD: &str = "The tide comes in twice a day, and goes out twice a day.";
const MOON: &str = "It follows the moon more than it follows the sun, which is far.";

/// A trace whose answer was drawn from both passages, as OpenTelemetry's collector writes it.
fn trace() -> Vec<u8> {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let passage = |at: usize, words: &str| {
        [
            text(&format!("retrieval.documents.{at}.document.id"), &format!("c{at}")),
            text(&format!("retrieval.documents.{at}.document.content"), words),
        ]
    };
    let mut attributes = vec![text("openinference.span.kind", "RETRIEVER")];
    attributes.extend(passage(0, FLOOD));
    attributes.extend(passage(1, MOON));
    let span = json!({
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "look up", "kind": 1,
        "startTimeUnixNano": "1795000000000000000", "endTimeUnixNano": "1795000000020000000",
        "attributes": attributes, "status": {},
    });
    let export = json!({ "resourceSpans": [{
        "resource": { "attributes": [text("service.name", "rag")] }, "scopeSpans": [{ "spans": [span] }],
    }]});
    serde_json::to_vec(&export).unwrap()
}

fn standing(shell: &Shell) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = chunks(shell, false)
        .iter()
        .map(|chunk| {
            let state = chunk["state"].as_str().unwrap().to_owned();
            (state, chunk["why"].as_array().unwrap().len())
        })
        .collect();
    found.sort();
    found
}

fn chunks(shell: &Shell, not_for_retrieval: bool) -> Vec<Value> {
    let answer = match not_for_retrieval {
        true => shell.run(&["chunks", "--not-for-retrieval"]),
        false => shell.run(&["chunks"]),
    };
    answer.json()["chunks"].as_array().unwrap().clone()
}

#[test]
fn a_changed_document_makes_its_passages_stale_until_the_text_is_back() {
    let shell = Shell::new();
    let path = shell.path("tides.md");
    let whole = format!("# Tides\n\n{FLOOD}\n\n{MOON}\n");
    let import = |text: &str| {
        fs::write(&path, text).unwrap();
        let answer = shell.run(&["import", "documents", path.to_str().unwrap()]);
        assert!(answer.ended(0), "{}", answer.err);
    };
    import(&whole);
    {
        let catalog =
            catena_store::Catalog::open(&shell.path("test.catena"), catena_tests::environment(3)).unwrap();
        let told = catena_ingest::otlp::read(
            catena_ingest::otlp::Signal::Traces,
            catena_ingest::otlp::Form::Json,
            &trace(),
            &catena_ingest::otlp::Limits::default(),
        );
        let reads: Vec<_> = told.unwrap().into_iter().map(|told| told.read).collect();
        let mut tally = catena_store::apply::Tally::default();
        catalog.writer().unwrap().apply(&catena_tests::by_ann(), "Receive", reads, &mut tally).unwrap();
    }
    let fresh = ("fresh".to_owned(), 0);
    assert_eq!(standing(&shell), [fresh.clone(), fresh.clone()]);

    import(&format!("# Tides\n\n{MOON}\n"));
    assert_eq!(standing(&shell), [fresh.clone(), ("stale".to_owned(), 1)]);
    let listed = chunks(&shell, true);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["document"]["name"], "tides.md");
    assert!(listed[0]["since"].is_string() && listed[0]["version"].is_string());

    import(&whole);
    assert_eq!(standing(&shell), [fresh.clone(), fresh]);

    // What a person says of the document holds for its passages.
    {
        let catalog =
            catena_store::Catalog::open(&shell.path("test.catena"), catena_tests::environment(4)).unwrap();
        let id = catalog.read(|reader| Ok(reader.the("tides.md")?.id)).unwrap();
        let tag = catena_model::field::Field::tag("deprecated");
        catalog.writer().unwrap().edit(&catena_tests::by_ann(), id, &[(tag, Some(json!(true)))]).unwrap();
    }
    let listed = chunks(&shell, true);
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!(listed[0]["why"], json!(["its document is deprecated"]));
    assert!(shell.run(&["check"]).ended(0));
}

#[test]
fn what_was_counted_is_shown_with_the_entity() {
    let shell = Shell::new();
    let events = catena_tests::fixture("openlineage/client.ndjson");
    assert!(shell.run(&["import", "openlineage", events.to_str().unwrap()]).ended(0));
    let found = shell.run(&["search", "--kind", "job", "--limit", "50"]).json();
    let counted = found["hits"].as_array().unwrap().iter().filter_map(|hit| {
        let shown = shell.run(&["show", hit["id"].as_str().unwrap()]).json();
        shown["activity"]["calls"].as_u64()
    });
    assert!(counted.sum::<u64>() > 0);
}
