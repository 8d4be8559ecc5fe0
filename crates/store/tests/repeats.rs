//! What a source repeats is only noted; the catalog is the same as if every word of it had been looked at.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use catena_model::{
    evidence::Method,
    field::Field,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Passage, Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{apply::Tally, dump};
use proptest::prelude::*;
use serde_json::json;
use support::{Scratch, ann};

fn thing(n: u8) -> Thing {
    Thing::new(Kind::Dataset, QualifiedName::new("pg://h", &format!("t{n}")).unwrap())
}

/// A passage of a few things said of a few tables; the same number is always the same passage.
fn passage(n: u8) -> Arc<Passage> {
    let at = Timestamp::default();
    let (a, b) = (thing(n % 2), thing(2 + n % 2));
    let value = |part: u8| Some(json!(format!("{}", (n / part) % 2)));
    let mut statements = vec![
        Statement::Claim { thing: a.clone(), field: Field::DESCRIPTION, value: value(2), at },
        Statement::Facet {
            thing: a.clone(),
            about: (n.is_multiple_of(3)).then(|| b.clone()),
            name: "schema".to_owned(),
            body: json!({"fields": [n / 4 % 2]}),
            at,
        },
        Statement::Related {
            from: a.clone(),
            kind: RelationKind::DerivesFrom,
            to: b.clone(),
            method: Method::Reported,
            confidence: 100,
            detail: Some(json!({"how": n % 3})),
            at,
        },
        Statement::AlsoNamed { thing: b.clone(), name: QualifiedName::new("s3://lake", "b").unwrap() },
    ];
    match n % 5 {
        0 => statements.push(Statement::Claim { thing: b, field: Field::NAME, value: None, at }),
        1 => statements.push(Statement::Claim { thing: b, field: Field::NAME, value: value(1), at }),
        2 => statements.push(Statement::PartOf { thing: a, whole: thing(9), at }),
        3 => statements.push(Statement::OnlyRelated {
            from: a,
            kind: RelationKind::DerivesFrom,
            to: vec![b],
            method: Method::Reported,
            at,
        }),
        _ => {}
    }
    Arc::new(Passage { digest: [n; 16], statements })
}

fn record(n: u8, at: i64, whole: bool) -> Record {
    let passage = passage(n);
    let at = Timestamp::from_millis(at);
    let repeated = Statement::Repeated { passage, at };
    let mut record = Record {
        at: format!("line {n}"),
        event: None,
        source: Source::system("openlineage", "test"),
        known: Known::Detected,
        statements: vec![repeated],
    };
    if !whole {
        record.statements = record.all_statements().collect();
    }
    record
}

fn applied(said: &[(u8, i64)], whole: bool, portion: usize) -> (String, (u64, u64, u64)) {
    let scratch = Scratch::new();
    let mut tally = Tally::default();
    for portion in said.chunks(portion) {
        let reads = portion.iter().map(|&(n, at)| Ok(record(n, at, whole)));
        scratch.catalog.writer().unwrap().apply(&ann(), "Import", reads, &mut tally).unwrap();
    }
    let text = scratch.catalog.read(|reader| dump::dump(reader.db())).unwrap();
    assert_eq!(scratch.problems(), []);
    (text, (tally.created(), tally.changed(), tally.same()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_passage_says_what_its_statements_say(
        said in proptest::collection::vec((0..30_u8, 0..40_i64), 1..60),
        portion in 1..20_usize,
    ) {
        let (expected, tally) = applied(&said, false, 1);
        prop_assert_eq!(&applied(&said, true, portion), &(expected.clone(), tally));
        prop_assert_eq!(applied(&said, true, 1).0, expected);
    }
}
