//! What nobody reported is found by content and by name, in whatever order things come.

use catena_model::{
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::{RelationKey, RelationKind, Verdict},
    source::Known,
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{apply::Tally, history::Later};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Scratch, ann};

const TEXT: &str = "On Mondays the library opens at nine.";

fn thing(kind: Kind, namespace: &str, name: &str) -> Thing {
    Thing::new(kind, QualifiedName::new(namespace, name).unwrap())
}

fn facet(thing: &Thing, name: &str, body: Value) -> Statement {
    Statement::Facet { thing: thing.clone(), about: None, name: name.to_owned(), body, at: at() }
}

fn at() -> Timestamp {
    Timestamp::from_millis(1)
}

/// A passage that a trace retrieved, known by its text alone.
fn retrieved(name: &str, body: Value) -> (&'static str, Vec<Statement>) {
    let trace = thing(Kind::Trace, "otel", "t1");
    let chunk = thing(Kind::Chunk, "text", name);
    let related = Statement::Related {
        from: trace,
        kind: RelationKind::Retrieved,
        to: chunk.clone(),
        method: Method::Reported,
        confidence: 100,
        detail: None,
        at: at(),
    };
    ("otel:rag", vec![related, facet(&chunk, "passage", body)])
}

/// A record that a store has.
fn record(server: &str, id: &str, text: &str) -> (&'static str, Vec<Statement>) {
    let whole = thing(Kind::Dataset, server, "books");
    let chunk = thing(Kind::Chunk, server, &format!("books/{id}"));
    let part = Statement::PartOf { thing: chunk.clone(), whole, at: at() };
    ("chroma:h", vec![part, facet(&chunk, "passage", json!({"id": id, "text": text}))])
}

/// A piece of a document.
fn piece(text: &str) -> (&'static str, Vec<Statement>) {
    let whole = thing(Kind::Document, "file", "/kb/hours.md");
    let chunk = thing(Kind::Chunk, "file", "/kb/hours.md#1");
    let part = Statement::PartOf { thing: chunk.clone(), whole, at: at() };
    ("files:kb", vec![part, facet(&chunk, "passage", json!({"text": text}))])
}

fn say(scratch: &Scratch, (source, statements): (&str, Vec<Statement>)) {
    let record = Record {
        at: "x".into(),
        event: None,
        source: source.parse().unwrap(),
        known: Known::Detected,
        statements,
    };
    let mut tally = Tally::default();
    scratch.catalog.writer().unwrap().apply(&ann(), "Import", [Ok(record)], &mut tally).unwrap();
}

/// What Catena ties to what: `from -> to by (confidence)`.
fn ties(scratch: &Scratch) -> Vec<String> {
    let mut found = scratch.read(|reader| {
        let sql = "SELECT a.name || ' -> ' || b.name || ' by ' || json_extract(detail, '$.matched_by') || ' ' || confidence
                     || iif(relation.state & 1, ' (gone)', '')
                   FROM evidence JOIN relation ON relation.ix = evidence.relation
                   JOIN source ON source.ix = evidence.source
                   JOIN entity AS a ON a.ix = src JOIN entity AS b ON b.ix = dst WHERE source.text = 'catena'";
        let mut statement = reader.db().prepare(sql)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    found.sort();
    found
}

#[test]
fn a_retrieved_passage_is_tied_to_the_record_by_id_then_hash_then_text_whichever_comes_first() {
    let cases = [
        (json!({"id": "hours-1", "text": TEXT}), "id and text 99"),
        (json!({"text": TEXT}), "content hash 95"),
        (json!({"text": format!("{TEXT}\n")}), "text 92"),
        (json!({"text": TEXT.to_uppercase().replace(' ', "  ")}), "normalized text 80"),
        (json!({"id": "hours-1", "text": "On Mondays the library opens at ten."}), "id 50"),
    ];
    for (body, expected) in cases {
        for order in [[0, 1], [1, 0]] {
            let scratch = Scratch::new();
            let said = [retrieved("a", body.clone()), record("chroma://h", "hours-1", TEXT)];
            order.into_iter().for_each(|at| say(&scratch, said[at].clone()));
            assert_eq!(ties(&scratch), [format!("a -> hours-1 by {expected}")]);
            assert_eq!(scratch.problems(), []);
        }
    }
}

#[test]
fn a_record_is_tied_on_to_the_piece_of_a_document_and_nothing_leads_back() {
    let scratch = Scratch::new();
    say(&scratch, retrieved("a", json!({"text": TEXT})));
    say(&scratch, piece(TEXT));
    assert_eq!(ties(&scratch), ["a -> hours.md#1 by content hash 95"]);
    say(&scratch, record("chroma://h", "hours-1", TEXT));
    assert_eq!(
        ties(&scratch),
        ["a -> hours-1 by content hash 95", "hours-1 -> hours.md#1 by content hash 95"]
    );
}

#[test]
fn what_fits_several_is_less_sure_and_what_fits_many_is_left_alone() {
    let scratch = Scratch::new();
    say(&scratch, retrieved("a", json!({"text": TEXT})));
    for n in 0..5 {
        say(&scratch, record("chroma://h", &format!("copy-{n}"), TEXT));
    }
    assert_eq!(ties(&scratch).len(), 5);
    assert!(ties(&scratch).iter().all(|tie| tie.ends_with("content hash 19")));
    say(&scratch, record("chroma://h", "copy-5", TEXT));
    assert_eq!(ties(&scratch), [""; 0]);
}

#[test]
fn a_rejected_tie_stays_rejected_when_it_is_found_again() {
    let scratch = Scratch::new();
    say(&scratch, retrieved("a", json!({"text": TEXT})));
    say(&scratch, record("chroma://h", "hours-1", TEXT));
    let key = RelationKey {
        from: scratch.id("text/a"),
        kind: RelationKind::DerivesFrom,
        to: scratch.id("chroma://h/books/hours-1"),
    };
    let judged =
        scratch.catalog.writer().unwrap().judge(&ann(), key, Some(Verdict::Rejected)).unwrap().unwrap();
    // Said otherwise and then as before.
    say(&scratch, record("chroma://h", "hours-1", "Something else altogether."));
    let mut again = record("chroma://h", "hours-1", TEXT);
    again.1 = again.1.into_iter().map(|statement| statement.said_at(Timestamp::from_millis(9))).collect();
    say(&scratch, again);
    assert_eq!(ties(&scratch), ["a -> hours-1 by content hash 95 (gone)"]);
    scratch.catalog.writer().unwrap().revert(&ann(), judged.id, Later::Refuse).unwrap();
    assert_eq!(ties(&scratch), ["a -> hours-1 by content hash 95"]);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn ties_go_with_what_they_were_found_from_and_come_again() {
    let scratch = Scratch::new();
    say(&scratch, record("chroma://h", "hours-1", TEXT));
    say(&scratch, retrieved("a", json!({"text": TEXT})));
    let last = |n: u32| scratch.read(|reader| reader.history(None, None, n)).pop().unwrap();
    let pulled = last(2);
    // That something was tied to it since is no reason to ask.
    let undone = scratch.catalog.writer().unwrap().revert(&ann(), pulled.id, Later::Refuse).unwrap().unwrap();
    assert_eq!(ties(&scratch), [""; 0]);
    assert_eq!(scratch.problems(), []);
    scratch.catalog.writer().unwrap().revert(&ann(), undone.id, Later::Refuse).unwrap();
    assert_eq!(ties(&scratch), ["a -> hours-1 by content hash 95"]);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn a_document_is_tied_to_the_table_that_it_was_written_out_of() {
    let table = |namespace: &str, name: &str| {
        ("openlineage:x", vec![Statement::Exists { thing: thing(Kind::Dataset, namespace, name) }])
    };
    let document = |namespace: &str, name: &str, of: Option<&str>| {
        let document = thing(Kind::Document, namespace, name);
        let mut said = vec![Statement::Exists { thing: document.clone() }];
        said.extend(of.map(|table| facet(&document, "tableExport", json!({"table": table}))));
        ("chroma:h", said)
    };
    let cases = [
        (
            document("file", "/kb/a.md", Some("shop.main.orders")),
            vec!["a.md -> orders by table named in metadata 90"],
        ),
        (document("file", "/kb/a.md", Some("ORDERS")), vec!["a.md -> orders by table named in metadata 75"]),
        (
            document("app://rag", "kb/orders.md", None),
            vec!["orders.md -> orders by file name is the table's 60"],
        ),
        (document("app://rag", "raw/in.csv", None), vec!["in.csv -> in.csv by path ends alike 70"]),
        (document("file", "/kb/books.md", None), vec![]),
        (document("https://x.example", "orders", None), vec![]),
    ];
    for (document, expected) in cases {
        for late in [false, true] {
            let scratch = Scratch::new();
            if !late {
                say(&scratch, document.clone());
            }
            say(&scratch, table("duckdb://shop.db", "shop.main.orders"));
            say(&scratch, table("chroma://h", "books"));
            say(&scratch, table("file", "/data/raw/in.csv"));
            if late {
                say(&scratch, document.clone());
            }
            assert_eq!(ties(&scratch), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The same whatever comes first, and however it is cut into operations.
    #[test]
    fn any_order_gives_the_same_ties(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let all = || {
            vec![
                retrieved("a", json!({"id": "hours-1", "text": TEXT})),
                retrieved("b", json!({"text": "Books may be kept for three weeks."})),
                record("chroma://h", "hours-1", TEXT),
                record("chroma://other", "hours-1", TEXT),
                record("chroma://h", "loans-1", "Books may be kept  for three weeks."),
                piece(TEXT),
                ("otel:rag", vec![Statement::AlsoNamed {
                    thing: thing(Kind::Chunk, "text", "b"),
                    name: QualifiedName::new("chroma://*", "books/loans-1").unwrap(),
                }]),
                retrieved("c", json!({"text": TEXT})),
            ]
        };
        let straight = Scratch::new();
        all().into_iter().for_each(|said| say(&straight, said));
        let shuffled = Scratch::new();
        order.into_iter().for_each(|at| say(&shuffled, all()[at].clone()));
        prop_assert_eq!(straight.dump(), shuffled.dump());
        prop_assert_eq!(shuffled.problems(), vec![]);
    }
}
