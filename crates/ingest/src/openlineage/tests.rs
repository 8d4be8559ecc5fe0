use std::io::{self, BufReader, Read as _};

use catena_model::{
    evidence::Method,
    kind::Kind,
    relation::RelationKind,
    source::Known,
    statement::{Read, Record, Rejection, Statement},
};
use serde_json::{Value, json};

use super::{Limits, Reader, read_event, read_events};

const RUN: &str = "0198f000-0000-7000-8000-00000000000";

fn event(number: usize) -> Value {
    json!({
        "eventTime": format!("2026-03-01T02:00:0{number}Z"),
        "eventType": "START",
        "producer": "test",
        "run": {"runId": format!("{RUN}{number}")},
        "job": {"namespace": "jobs", "name": "nightly"},
        "inputs": [{"namespace": "postgres://db", "name": "shop.public.orders"}],
    })
}

fn reads(text: impl AsRef<[u8]>) -> Vec<Read> {
    read_events(text.as_ref(), Limits::default()).collect()
}

fn places(reads: &[Read]) -> Vec<String> {
    let place = |read: &Read| match read {
        Ok(record) => record.at.clone(),
        Err(rejection) => format!("! {}", rejection.place),
    };
    reads.iter().map(place).collect()
}

fn taken(text: impl AsRef<[u8]>) -> Record {
    let mut reads = reads(text);
    assert_eq!(reads.len(), 1, "{reads:?}");
    reads.remove(0).unwrap()
}

fn refused(event: &Value) -> String {
    let reads = reads(event.to_string());
    assert_eq!(reads.len(), 1, "{reads:?}");
    let Err(Rejection { place, why }) = &reads[0] else { panic!("taken: {reads:?}") };
    assert_eq!(place, "line 1");
    why.clone()
}

/// The events with `change` made to the first.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = event(1);
    change(&mut event);
    event
}

#[test]
fn every_layout_gives_the_same_events() {
    let events: Vec<Value> = (1..4).map(event).collect();
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    let expected: Vec<_> =
        reads(&lines).into_iter().map(|read| read.unwrap().all_statements().collect::<Vec<_>>()).collect();
    assert_eq!(expected.len(), 3);
    let array = Value::from(events.clone());
    let pretty = serde_json::to_string_pretty(&array).unwrap();
    let export = json!({"totalCount": 3, "events": array});
    let documents: String =
        events.iter().map(|event| serde_json::to_string_pretty(event).unwrap() + "\n").collect();
    let one_line: String = events.iter().map(Value::to_string).collect();
    for text in [
        lines.replace('\n', "\r\n"),
        format!("\u{feff}\n\n{lines}"),
        lines.trim_end().to_owned(),
        array.to_string(),
        format!("[\n{}\n]\n", lines.trim_end().replace('\n', ",\n")),
        pretty,
        export.to_string(),
        serde_json::to_string_pretty(&export).unwrap(),
        documents,
        one_line,
    ] {
        let found: Vec<_> =
            reads(&text).into_iter().map(|read| read.unwrap().all_statements().collect::<Vec<_>>()).collect();
        assert_eq!(found, expected, "{text}");
        // However the input arrives.
        let slow = BufReader::with_capacity(1, text.as_bytes());
        let found: Vec<_> = read_events(slow, Limits::default())
            .map(|read| read.unwrap().all_statements().collect::<Vec<_>>())
            .collect();
        assert_eq!(found, expected, "{text}");
    }
    assert!(reads("").is_empty());
    assert!(reads(" \n\n").is_empty());
    assert!(reads("[]").is_empty());
}

#[test]
fn a_cut_off_line_loses_only_itself() {
    for cut in [1, 20, 90, 150] {
        let mut lines: Vec<String> = (1..6).map(|number| event(number).to_string()).collect();
        lines[0].truncate(cut);
        lines[3].truncate(cut);
        let expected = ["! line 1", "line 2", "line 3", "! line 4", "line 5"];
        assert_eq!(places(&reads(lines.join("\n"))), expected, "{cut}");
    }
    let reads = reads(&event(1).to_string()[..100]);
    let why = &reads[0].as_ref().unwrap_err().why;
    assert!(why.starts_with("the JSON ends in the middle, in $.") && why.ends_with("send it again"), "{why}");
}

#[test]
fn a_broken_element_of_an_array_loses_only_itself() {
    let events: Vec<String> = (1..5).map(|number| event(number).to_string()).collect();
    // A brace is missing at the end.
    let mut broken = events.clone();
    broken[1].pop();
    let found = reads(format!("[{}]", broken.join(",")));
    assert_eq!(
        places(&found),
        ["event 1 (line 1)", "! event 2 (line 1)", "event 3 (line 1)", "event 4 (line 1)"]
    );
    // A text is never closed.
    broken[1].truncate(40);
    let found = reads(format!("[\n{}\n]", broken.join(",\n")));
    assert_eq!(
        places(&found),
        ["event 1 (line 2)", "! event 2 (line 3)", "event 3 (line 4)", "event 4 (line 5)"]
    );
    // Things that are no events.
    let found = reads(format!("[1,\"x\",null,[],{}", events[0]));
    assert_eq!(found.iter().filter(|read| read.is_err()).count(), 4);
    assert_eq!(found.iter().filter(|read| read.is_ok()).count(), 1);
}

#[test]
fn a_line_of_300_mb_is_passed_over_without_being_held() {
    let before = format!("{}\n{{\"x\":\"", event(1));
    let after = format!("\"}}\n{}\n", event(2));
    let input = before.as_bytes().chain(io::repeat(b'x').take(300 << 20)).chain(after.as_bytes());
    let reads: Vec<Read> = read_events(BufReader::new(input), Limits::default()).collect();
    assert_eq!(places(&reads), ["line 1", "! line 2", "line 3"]);
    assert_eq!(
        reads[1].as_ref().unwrap_err().why,
        "the event is 301 MiB long, more than the 16 MiB that are taken: have the source send less in one event"
    );
}

#[test]
fn a_huge_element_of_an_array_is_passed_over() {
    let limits = Limits { event_bytes: 1_000, ..Limits::default() };
    let text = format!("[{},{{\"x\":\"{}\"}},{}]", event(1), "x".repeat(5_000), event(2));
    let reads: Vec<Read> = read_events(text.as_bytes(), limits).collect();
    assert_eq!(places(&reads), ["event 1 (line 1)", "! event 2 (line 1)", "event 3 (line 1)"]);
    // An export is as long as it likes.
    let text = format!("{{\"events\":[{}]}}", vec![event(1).to_string(); 20].join(","));
    assert_eq!(read_events(text.as_bytes(), limits).filter(Result::is_ok).count(), 20);
}

#[test]
fn depth_and_duplicate_keys_are_refused_with_their_place() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!("{deep}\n{}\n{{\"eventType\":\"START\",\"eventType\":\"FAIL\"}}\n", event(1));
    let reads = reads(text);
    assert_eq!(places(&reads), ["! line 1", "line 2", "! line 3"]);
    let why = |read: &Read| read.as_ref().unwrap_err().why.clone();
    assert!(why(&reads[0]).contains("is nested more than 64 levels deep"), "{}", why(&reads[0]));
    assert!(why(&reads[2]).starts_with("$.eventType is there twice"), "{}", why(&reads[2]));
}

#[test]
fn what_every_event_needs_is_asked_for() {
    let cases: Vec<(Value, &str)> = vec![
        (changed(|e| e["eventTime"] = json!("yesterday")), "$.eventTime: \"yesterday\" is not a time"),
        (changed(|e| e["eventTime"] = json!(5)), "$.eventTime: expected a text, found a number"),
        (changed(|e| e["eventTime"] = Value::Null), "$.eventTime: it is missing"),
        (changed(|e| e["run"]["runId"] = json!("run-7")), "$.run.runId: \"run-7\" is not a UUID"),
        (changed(|e| e["run"] = json!([])), "$.run: expected an object, found an array"),
        (changed(|e| e["run"] = Value::Null), "$.run: it is missing, but eventType is there"),
        (changed(|e| e["job"] = Value::Null), "$.job: it is missing"),
        (changed(|e| e["job"]["name"] = json!("")), "$.job: the name is empty"),
        (changed(|e| e["eventType"] = json!("FINISHED")), "$.eventType: \"FINISHED\" is no state of a run"),
        (changed(|e| e["inputs"] = json!("orders")), "$.inputs: expected an array, found a text"),
        (changed(|e| e["inputs"][0]["name"] = json!(7)), "$.inputs[0].name: expected a text, found a number"),
        (
            changed(|e| e["inputs"][0]["name"] = json!("a\0b")),
            "$.inputs[0]: the name contains a NUL character",
        ),
        (changed(|e| e["inputs"][0]["facets"] = json!(1)), "$.inputs[0].facets: expected an object"),
        (json!({"eventTime": "2026-03-01T02:00:00Z"}), "$: it has neither run, job nor dataset"),
        (json!([1]), ""),
    ];
    for (event, expected) in cases {
        if event.is_array() {
            continue;
        }
        let why = refused(&event);
        assert!(why.starts_with(expected), "{why}\n  expected {expected}");
    }
    let html = reads("<!doctype html><html></html>");
    assert!(html[0].as_ref().unwrap_err().why.contains("HTML"));
}

#[test]
fn a_nul_in_a_column_name_refuses_the_event() {
    let why = refused(&changed(|e| {
        e["inputs"][0]["facets"] = json!({"schema": {"fields": [{"name": "id"}, {"name": "a\0"}]}});
    }));
    assert!(why.starts_with("$.inputs[0].facets.schema.fields[1].name: the name contains a NUL"), "{why}");
}

#[test]
fn a_malformed_facet_is_kept_and_reported_beside_its_event() {
    let event = changed(|e| {
        e["job"]["facets"] = json!({"documentation": {"description": 5}, "sql": "select 1"});
        e["inputs"][0]["facets"] = json!({"schema": {"fields": [{"name": "id"}, {"name": 7}]}});
    });
    let reads = reads(event.to_string());
    assert_eq!(places(&reads), ["line 1", "! line 1", "! line 1", "! line 1"]);
    let whys: Vec<_> = reads[1..].iter().map(|read| read.as_ref().unwrap_err().why.as_str()).collect();
    assert!(whys[0].starts_with("$.job.facets.documentation.description: expected a text, found a number"));
    assert!(whys[1].starts_with("$.job.facets.sql: expected an object, found a text"), "{whys:?}");
    assert!(whys[2].starts_with("$.inputs[0].facets.schema.fields[1].name: expected a text"), "{whys:?}");
    let statements: Vec<_> = reads[0].as_ref().unwrap().all_statements().collect();
    let kept = |wanted: &str| {
        statements.iter().any(|s| matches!(s, Statement::Facet { name, .. } if name == wanted))
    };
    assert!(kept("documentation") && kept("sql") && kept("schema"));
}

#[test]
fn markup_and_bidi_stay_text() {
    let name = "<img src=x onerror=alert(1)>\u{202e}cod.txt";
    let record = taken(changed(|e| e["inputs"][0]["name"] = json!(name)).to_string());
    let named = record.all_statements().any(
        |s| matches!(s, Statement::Related { to, .. } if to.kind == Kind::Dataset && to.name.name == name),
    );
    assert!(named);
}

#[test]
fn the_same_event_is_the_same_however_it_is_written() {
    let one = taken(event(1).to_string()).event.unwrap();
    let pretty = taken(serde_json::to_string_pretty(&event(1)).unwrap()).event.unwrap();
    assert_eq!(one, pretty);
    let other_time = taken(changed(|e| e["eventTime"] = json!("2026-03-01T03:00:01+01:00")).to_string());
    let other_time = other_time.event.unwrap();
    // The same moment, written otherwise, is the same event with other content.
    assert_eq!(one.key, other_time.key);
    assert_ne!(one.content, other_time.content);
    let later = taken(changed(|e| e["eventType"] = json!("COMPLETE")).to_string()).event.unwrap();
    assert_ne!(one.key, later.key);
}

#[test]
fn old_column_lineage_and_dotted_fields_are_understood() {
    let event = json!({
        "eventTime": "2026-03-01T02:00:00Z",
        "dataset": {"namespace": "hive://m", "name": "mart.daily", "facets": {"columnLineage": {"fields": {"total.sum": {
            "inputFields": [{"namespace": "hive://m", "name": "raw.sales", "field": "cents"}],
            "transformationType": "MASKED",
            "transformationDescription": "hashed",
        }}}}},
    });
    let record = taken(event.to_string());
    assert_eq!(record.known, Known::Declared);
    let lines = crate::tests::lines(&record);
    assert!(
        lines.contains(
            &"column hive://m/mart.daily.total.sum derives_from column hive://m/raw.sales.cents (declared) \
              {\"transformations\":[{\"description\":\"hashed\",\"masking\":true,\"subtype\":\"MASKED\",\"type\":\"DIRECT\"}]}"
                .to_owned()
        ),
        "{lines:#?}"
    );
    assert!(lines.contains(
        &"column hive://m/mart.daily.total.sum part of column hive://m/mart.daily.total".to_owned()
    ));
    assert!(
        lines.contains(&"column hive://m/mart.daily.total part of dataset hive://m/mart.daily".to_owned())
    );
    let derived = record.all_statements().any(|s| {
        matches!(s, Statement::Related { from, kind: RelationKind::DerivesFrom, to, .. }
            if from.kind == Kind::Dataset && to.name.name == "raw.sales")
    });
    assert!(derived, "without a job, the datasets themselves are joined");
}

#[test]
fn a_model_among_the_datasets_is_a_model() {
    let record = taken(
        changed(|e| {
            e["inputs"] = json!([{"namespace": "mlflow://*", "name": "prompts/explain/2"}]);
            e["outputs"] = json!([{"namespace": "mlflow://ml:5000", "name": "models/churn/3"}]);
            e["run"]["facets"] =
                json!({"externalQuery": {"source": "mlflow", "externalQueryId": "52959b7d"}});
        })
        .to_string(),
    );
    let lines = crate::tests::lines(&record);
    for wanted in [
        "job jobs/nightly uses_prompt prompt_version mlflow://*/prompts/explain/2 (reported)",
        "model_version mlflow://ml:5000/models/churn/3 produced_by job jobs/nightly (reported)",
        "model_version mlflow://ml:5000/models/churn/3 part of model mlflow://ml:5000/models/churn",
        "run jobs/0198f000-0000-7000-8000-000000000001 related_to run mlflow://*/runs/52959b7d (reported) {\"role\":\"external run\"}",
    ] {
        assert!(lines.contains(&wanted.to_owned()), "{wanted}\n{lines:#?}");
    }
}

#[test]
fn a_failing_reader_ends_with_a_rejection() {
    struct Failing;
    impl io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable came out"))
        }
    }
    let text = format!("{}\n", event(1));
    let mut events = read_events(BufReader::new(text.as_bytes().chain(Failing)), Limits::default());
    assert!(events.next().unwrap().is_ok());
    let rejection = events.next().unwrap().unwrap_err();
    assert_eq!(rejection.place, "line 2");
    assert!(rejection.why.contains("the cable came out"));
    assert!(events.next().is_none());
    assert!(events.failure().is_some());
}

#[test]
fn what_a_real_client_sends() {
    let text = include_str!("../../../../tests/fixtures/openlineage/client.ndjson");
    insta::assert_snapshot!(crate::tests::readable(reads(text)));
}

#[test]
fn every_facet_is_kept_as_it_was_sent() {
    for text in [
        include_str!("../../../../tests/fixtures/openlineage/client.ndjson"),
        include_str!("../../../../tests/fixtures/openlineage/dbt.ndjson"),
    ] {
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let mut sent = Vec::new();
            let mut groups: Vec<&Value> =
                ["run", "job", "dataset"].iter().map(|key| &event[*key]["facets"]).collect();
            for end in ["inputs", "outputs"] {
                for dataset in event[end].as_array().unwrap_or(&Vec::new()) {
                    let facets = ["facets", "inputFacets", "outputFacets"].map(|key| dataset[key].clone());
                    sent.extend(facets.into_iter().filter_map(|f| f.as_object().cloned()).flatten());
                }
            }
            groups.retain(|group| group.is_object());
            sent.extend(groups.into_iter().filter_map(|f| f.as_object().cloned()).flatten());
            let record = taken(line);
            for (name, body) in sent {
                let kept = record.all_statements().any(
                    |s| matches!(s, Statement::Facet { name: n, body: b, .. } if *n == name && b == body),
                );
                assert!(kept, "{name} of {line}");
            }
        }
    }
}

#[test]
fn nothing_of_the_sample_is_rejected() {
    let reads = reads(include_str!("../../../../tests/fixtures/sample/openlineage.ndjson"));
    assert!(reads.iter().all(Result::is_ok));
    assert!(reads.iter().flatten().flat_map(|record| record.all_statements()).any(|s| {
        matches!(s, Statement::Related { from, kind: RelationKind::ProducedBy, .. } if from.kind == Kind::ModelVersion)
    }));
}

#[test]
fn real_events_have_identities_of_their_own() {
    let mut keys = std::collections::HashSet::new();
    for text in [
        include_str!("../../../../tests/fixtures/openlineage/client.ndjson"),
        include_str!("../../../../tests/fixtures/openlineage/dbt.ndjson"),
        include_str!("../../../../tests/fixtures/sample/openlineage.ndjson"),
    ] {
        for record in reads(text).into_iter().flatten() {
            assert!(keys.insert(record.event.unwrap().key), "{}", record.at);
        }
    }
}

#[test]
fn long_texts_make_no_long_messages() {
    let long = "x".repeat(1 << 20);
    for event in [
        changed(|e| e["eventTime"] = json!(long)),
        changed(|e| e["eventType"] = json!(long)),
        changed(|e| e["run"]["runId"] = json!(long)),
        changed(|e| e["inputs"][0]["name"] = json!(long)),
        changed(|e| e["job"]["facets"] = json!({ long.as_str(): 5 })),
    ] {
        for rejection in reads(event.to_string()).into_iter().filter_map(Result::err) {
            assert!(rejection.why.len() < 1_000, "{} bytes", rejection.why.len());
            assert!(rejection.why.contains(": "), "{}", rejection.why);
        }
    }
}

#[test]
fn what_a_real_dbt_run_sends() {
    let text = include_str!("../../../../tests/fixtures/openlineage/dbt.ndjson");
    insta::assert_snapshot!(crate::tests::readable(reads(text)));
}

#[test]
fn what_is_repeated_says_what_it_said_the_first_time() {
    for text in [
        include_str!("../../../../tests/fixtures/openlineage/client.ndjson"),
        include_str!("../../../../tests/fixtures/openlineage/dbt.ndjson"),
    ] {
        let mut reader = Reader::new(Limits::default());
        for line in text.lines().chain(text.lines()) {
            let said = |reads: Vec<Read>| -> Vec<_> {
                let records = reads.into_iter().map(|read| read.unwrap());
                records
                    .map(|record| (record.event.clone(), record.all_statements().collect::<Vec<_>>()))
                    .collect()
            };
            let alone = said(read_event("line", line.as_bytes(), &Limits::default()));
            assert_eq!(said(reader.read("line", line.as_bytes())), alone);
        }
    }
}

/// A run that ends, with a query, inputs and outputs.
fn with_query(query: &str, inputs: Value, outputs: Value) -> Record {
    let event = json!({
        "eventType": "COMPLETE",
        "eventTime": "2026-05-01T10:00:00Z",
        "producer": "https://p.example",
        "run": {"runId": "01941f29-7c00-7c6d-8f4b-3c0b5f2a1d11"},
        "job": {"namespace": "shop", "name": "load", "facets": {"sql": {"query": query}}},
        "inputs": inputs,
        "outputs": outputs,
    });
    read_event("line 1", event.to_string().as_bytes(), &Limits::default()).remove(0).unwrap()
}

/// What was read out of SQL: `from kind to`.
fn parsed(record: &Record) -> Vec<String> {
    let mut found: Vec<String> = record
        .all_statements()
        .filter_map(|statement| match statement {
            Statement::Related { from, kind, to, method: Method::SqlParsed, .. } => {
                Some(format!("{} {} {}", from.name.name, kind.word(), to.name))
            }
            _ => None,
        })
        .collect();
    found.sort();
    found
}

fn table(name: &str) -> Value {
    json!({"namespace": "duckdb://shop.db", "name": name})
}

#[test]
fn a_query_tells_what_the_event_does_not_report() {
    let query = "select o.id, sum(amount) as total from main.orders as o, read_csv('/raw/refunds.csv') as r \
                 where r.id = o.id group by o.id";
    let record = with_query(query, json!([]), json!([table("shop.main.totals")]));
    let found = parsed(&record);
    for expected in [
        "load reads duckdb://shop.db/shop.main.orders",
        "load reads file/raw/refunds.csv",
        "shop.main.totals.id derives_from duckdb://shop.db/shop.main.orders.id",
        "shop.main.totals influenced_by file/raw/refunds.csv.id",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:#?}");
    }
}

#[test]
fn a_query_says_nothing_over_what_the_event_reports() {
    let lineage = json!({"columnLineage": {"fields": {}}});
    let mut output = table("shop.main.totals");
    output["facets"] = lineage;
    let record = with_query("select id from other", json!([table("shop.main.orders")]), json!([output]));
    assert!(parsed(&record).is_empty(), "{:?}", parsed(&record));
    // Which columns there are is reported too.
    let mut output = table("shop.main.totals");
    output["facets"] = json!({"schema": {"fields": [{"name": "ID"}]}});
    let record =
        with_query("select id, 1 as x from orders", json!([table("shop.main.orders")]), json!([output]));
    assert_eq!(parsed(&record), ["shop.main.totals.ID derives_from duckdb://shop.db/shop.main.orders.id"]);
}

#[test]
fn a_query_that_writes_names_its_table_and_a_file_without_a_folder_names_nothing() {
    let query = "insert into main.totals select id from read_parquet('part.parquet')";
    let record = with_query(query, json!([]), json!([]));
    assert!(parsed(&record).is_empty(), "no dataset says where the query ran");
    let record = with_query(query, json!([table("shop.main.orders")]), json!([]));
    assert_eq!(parsed(&record), ["load writes duckdb://shop.db/shop.main.totals"]);
}

#[test]
fn a_function_that_reads_files_is_no_table_although_a_client_says_so() {
    let mut output = table("shop.main.refunds");
    let input = json!({"namespace": "duckdb://shop.db", "name": "read_csv", "field": "id"});
    output["facets"] = json!({"columnLineage": {"fields": {"id": {"inputFields": [input]}}}});
    let record = with_query("select id from read_csv('/raw/refunds.csv')", json!([]), json!([output]));
    assert_eq!(
        parsed(&record),
        ["load reads file/raw/refunds.csv", "shop.main.refunds.id derives_from file/raw/refunds.csv.id"]
    );
    let named = record.all_statements().any(
        |statement| matches!(statement, Statement::PartOf { whole, .. } if whole.name.name == "read_csv"),
    );
    assert!(!named, "{record:?}");
}
