use std::sync::{Arc, Mutex};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Seeded},
    name::QualifiedName,
    source::Known,
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use sha2::{Digest, Sha256};

use super::*;
use crate::{Catalog, Environment, apply::Tally, dump::dump};

const FLOOD: &str = "The tide comes in twice a day, and goes out twice a day.";
const MOON: &str = "It follows the moon more than it follows the sun, which is far.";

fn catalog() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_795_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(5))),
    };
    let catalog = Catalog::create(&folder.path().join("c.catena"), environment).unwrap();
    (folder, catalog)
}

fn thing(kind: Kind, namespace: &str, name: &str) -> Thing {
    Thing::new(kind, QualifiedName::new(namespace, name).unwrap())
}

fn tides() -> Thing {
    thing(Kind::Document, "file", "/data/tides.md")
}

fn chunk(id: &str) -> Thing {
    thing(Kind::Chunk, "chroma://h:1", &format!("kb/{id}"))
}

fn says(catalog: &Catalog, system: &str, statements: Vec<Statement>) {
    let record = Record {
        at: "here".to_owned(),
        event: None,
        source: Source::system(system, "x"),
        known: Known::Detected,
        statements,
    };
    let act = Act { actor: Actor::Person { name: "ann".to_owned() }, origin: Origin::Import, cause: None };
    catalog.writer().unwrap().apply(&act, "t", [Ok(record)], &mut Tally::default()).unwrap();
}

fn read(catalog: &Catalog, text: &str, second: i64) {
    let reading = Reading {
        document: tides(),
        digest: Sha256::digest(text.as_bytes()).into(),
        text: text.to_owned(),
        parse: json!({}),
        at: Timestamp::from_millis(second * 1_000),
    };
    says(catalog, "files", vec![Statement::Reading(Box::new(reading))]);
}

fn holds(catalog: &Catalog, id: &str, text: &str, from: Option<Thing>) {
    let at = Timestamp::from_millis(1);
    let mut statements = vec![Statement::Facet {
        thing: chunk(id),
        about: None,
        name: "passage".to_owned(),
        body: json!({ "text": text }),
        at,
    }];
    statements.extend(from.map(|document| Statement::Related {
        from: chunk(id),
        kind: RelationKind::DerivesFrom,
        to: document,
        method: Method::Declared,
        confidence: 100,
        detail: None,
        at,
    }));
    says(catalog, "chroma", statements);
}

fn standing_of(catalog: &Catalog, id: &str) -> Option<PlaceRow> {
    let name = chunk(id).name.to_string();
    let place = catalog.read(|reader| {
        let row = reader.the(&name)?;
        document::place_of(reader.db(), row.ix)
    });
    place.unwrap()
}

fn dumped(catalog: &Catalog) -> String {
    catalog.read(|reader| dump(reader.db())).unwrap()
}

#[test]
fn a_chunk_goes_stale_when_its_text_goes_and_is_fresh_when_it_comes_back() {
    let (_folder, catalog) = catalog();
    let whole = format!("# Tides\n\n{FLOOD}\n\n{MOON}\n");
    read(&catalog, &whole, 10);
    holds(&catalog, "a", FLOOD, Some(tides()));
    holds(&catalog, "b", MOON, Some(tides()));
    holds(&catalog, "c", "This was never in it, whatever anybody says.", Some(tides()));
    let a = standing_of(&catalog, "a").unwrap();
    assert_eq!((a.state, a.at), (Freshness::Fresh, Some((9, 9 + FLOOD.len(), Fit::Exact))));
    assert_eq!(standing_of(&catalog, "c").unwrap().state, Freshness::Unplaced);

    read(&catalog, &format!("# Tides\n\n{MOON}\n"), 20);
    let a = standing_of(&catalog, "a").unwrap();
    assert_eq!((a.state, a.since), (Freshness::Stale, Some(Timestamp::from_millis(20_000))));
    assert_eq!(a.version, Sha256::digest(whole.as_bytes()).to_vec());
    assert_eq!(standing_of(&catalog, "b").unwrap().state, Freshness::Fresh);

    read(&catalog, &whole, 30);
    let a = standing_of(&catalog, "a").unwrap();
    assert_eq!((a.state, a.since), (Freshness::Fresh, None));
    assert_eq!(catalog.read(|reader| crate::check::check(reader.db())).unwrap(), []);
}

#[test]
fn a_chunk_without_a_document_finds_the_one_that_has_its_text_in_any_order() {
    let whole = format!("# Tides\n\n{FLOOD}\n\n{MOON}\n");
    let one = {
        let (_folder, catalog) = catalog();
        read(&catalog, &whole, 10);
        holds(&catalog, "a", &FLOOD.replace(' ', "\n"), None);
        holds(&catalog, "b", "Words that are in no document at all, as far as is known.", None);
        let a = standing_of(&catalog, "a").unwrap();
        assert_eq!((a.state, a.at.unwrap().2), (Freshness::Fresh, Fit::Spaced));
        assert_eq!(standing_of(&catalog, "b"), None);
        dumped(&catalog)
    };
    let (_folder, catalog) = catalog();
    holds(&catalog, "b", "Words that are in no document at all, as far as is known.", None);
    holds(&catalog, "a", &FLOOD.replace(' ', "\n"), None);
    read(&catalog, &whole, 10);
    assert_eq!(dumped(&catalog), one);
    assert!(one.contains("derives_from"), "{one}");
    // Once somebody says where it is from, nobody has to guess.
    holds(&catalog, "a", &FLOOD.replace(' ', "\n"), Some(tides()));
    assert!(!dumped(&catalog).contains("documents"), "{}", dumped(&catalog));
}
