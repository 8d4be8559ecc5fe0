//! A small text form for what a source says, and catalogs to apply it to.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Seeded},
    evidence::Method,
    field::Field,
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{Catalog, Environment, Reader, StoreResult, apply::Tally, check::Problem};
use serde_json::Value;

pub fn environment() -> Environment {
    Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_795_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(11))),
    }
}

pub fn ann() -> Act {
    Act { actor: Actor::Person { name: "ann".to_owned() }, origin: Origin::Window, cause: None }
}

pub struct Scratch {
    pub catalog: Catalog,
    pub path: PathBuf,
    pub folder: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.catena");
        Self { catalog: Catalog::create(&path, environment()).unwrap(), path, folder }
    }

    /// What one source says, a line each, at second `at`:
    /// `dataset pg://h a.b.orders`, `... = pg://* other` (another name), `... < pg://h a.b` (part of the dataset),
    /// `... description: text`, `... -> dataset pg://h a.b.c` (the second derives from the first).
    pub fn says(&self, source: &str, at: i64, lines: &str) -> Tally {
        let at = Timestamp::from_millis(at * 1_000);
        let records = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            Ok(Record {
                at: line.to_owned(),
                event: None,
                source: source.parse().unwrap(),
                known: Known::Declared,
                statements: statements(line, at),
            })
        });
        let mut tally = Tally::default();
        self.catalog
            .writer()
            .unwrap()
            .apply(&ann(), "Import", records.collect::<Vec<_>>(), &mut tally)
            .unwrap();
        tally
    }

    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> StoreResult<T>) -> T {
        self.catalog.read(read).unwrap()
    }

    pub fn id(&self, name: &str) -> EntityId {
        self.read(|reader| Ok(reader.the(name)?.id))
    }

    /// The current value of a field of the entity called so.
    pub fn field(&self, name: &str, field: &str) -> Option<Value> {
        self.read(|reader| {
            let head = reader.the(name)?;
            let field: Field = field.parse().unwrap();
            Ok(reader
                .fields(head.ix)?
                .into_iter()
                .find(|view| view.field == field)
                .map(|view| view.current.value))
        })
    }

    pub fn edit(
        &self,
        name: &str,
        field: &str,
        value: impl Into<Value>,
    ) -> catena_model::operation::Operation {
        let id = self.id(name);
        let edits = [(field.parse().unwrap(), Some(value.into()))];
        self.catalog.writer().unwrap().edit(&ann(), id, &edits).unwrap().unwrap()
    }

    pub fn dump(&self) -> String {
        self.read(|reader| catena_store::dump::dump(reader.db()))
    }

    pub fn problems(&self) -> Vec<Problem> {
        self.read(|reader| catena_store::check::check(reader.db()))
    }
}

fn thing(kind: &str, namespace: &str, name: &str) -> Thing {
    Thing::new(Kind::from_word(kind).unwrap(), QualifiedName::new(namespace, name).unwrap())
}

fn statements(line: &str, at: Timestamp) -> Vec<Statement> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let first = thing(words[0], words[1], words[2]);
    match words.get(3).copied() {
        None => vec![Statement::Exists { thing: first }],
        Some("=") => {
            vec![Statement::AlsoNamed { thing: first, name: QualifiedName::new(words[4], words[5]).unwrap() }]
        }
        Some("<") => {
            vec![Statement::PartOf { thing: first, whole: thing("dataset", words[4], words[5]), at }]
        }
        Some("->") => vec![Statement::Related {
            from: thing(words[4], words[5], words[6]),
            kind: RelationKind::DerivesFrom,
            to: first,
            method: Method::Declared,
            confidence: 100,
            detail: None,
            at,
        }],
        Some(field) => {
            let text = words[4..].join(" ");
            let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text));
            let field = field.strip_suffix(':').unwrap().parse().unwrap();
            vec![Statement::Claim { thing: first, field, value: Some(value), at }]
        }
    }
}

pub fn source(text: &str) -> Source {
    text.parse().unwrap()
}
