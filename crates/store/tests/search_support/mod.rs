//! Small catalogs, written as text, to search in.
#![allow(clippy::unwrap_used)]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::{Arc, Mutex};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Seeded},
    evidence::Method,
    field::{Field, Group, Single},
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{
    Catalog, Environment,
    apply::Tally,
    search::{Hit, Query, Results, Search},
};
use serde_json::Value;
use tempfile::TempDir;

/// Where tests' things live unless they say so themselves.
pub const SHOP: &str = "duckdb://shop.duckdb";

pub struct World {
    pub folder: TempDir,
    pub catalog: Catalog,
    pub search: Search,
    told: i64,
}

pub struct Parts {
    pub folder: TempDir,
    pub catalog: Catalog,
    pub search: Search,
}

pub fn environment(seed: u64) -> Environment {
    Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_750_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(seed))),
    }
}

pub fn act() -> Act {
    Act { actor: Actor::Person { name: "ann".to_owned() }, origin: Origin::CommandLine, cause: None }
}

fn name(text: &str) -> QualifiedName {
    match text.split_once(' ') {
        Some((namespace, name)) => QualifiedName::new(namespace, name).unwrap(),
        None => QualifiedName::new(SHOP, text).unwrap(),
    }
}

fn list(text: &str) -> Value {
    text.split(", ").map(Value::from).collect()
}

/// One thing per line: its kind and name, `namespace name` or only the name. What is said of it stands below,
/// indented: a word and its value.
fn statements(text: &str, at: Timestamp) -> Vec<Statement> {
    let mut said = Vec::new();
    let mut thing = Thing::new(Kind::Dataset, name("nothing"));
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        if !line.starts_with(' ') {
            thing = Thing::new(Kind::from_word(word).unwrap(), name(rest));
            said.push(Statement::Exists { thing: thing.clone() });
            continue;
        }
        let claim = |field: Field, value: Value| Statement::Claim {
            thing: thing.clone(),
            field,
            value: Some(value),
            at,
        };
        let related = |kind, to: Thing| Statement::Related {
            from: thing.clone(),
            kind,
            to,
            method: Method::Declared,
            confidence: 100,
            detail: None,
            at,
        };
        said.push(match word {
            "called" => claim(Field::NAME, rest.into()),
            "description" => claim(Field::DESCRIPTION, rest.into()),
            "subtype" => claim(Field::Single(Single::Subtype), rest.into()),
            "tags" => claim(Field::Group(Group::Tags), list(rest)),
            "owners" => claim(Field::Group(Group::Owners), list(rest)),
            "aliases" => claim(Field::Group(Group::Aliases), list(rest)),
            "properties" => claim(Field::Group(Group::Properties), serde_json::from_str(rest).unwrap()),
            "also" => Statement::AlsoNamed { thing: thing.clone(), name: name(rest) },
            "column" => {
                let part = Thing::new(Kind::Column, thing.name.part(rest).unwrap());
                Statement::PartOf { thing: part, whole: thing.clone(), at }
            }
            "in" => {
                let (kind, whole) = rest.split_once(' ').unwrap();
                let whole = Thing::new(Kind::from_word(kind).unwrap(), name(whole));
                Statement::PartOf { thing: thing.clone(), whole, at }
            }
            "reads" => related(RelationKind::Reads, Thing::new(Kind::Dataset, name(rest))),
            "writes" => related(RelationKind::Writes, Thing::new(Kind::Dataset, name(rest))),
            other => panic!("nobody says {other}"),
        });
    }
    said
}

impl World {
    /// A catalog that was told `text`.
    pub fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("shop.catena"), environment(1)).unwrap();
        let search = Search::open(&catalog).unwrap();
        let mut world = Self { folder, catalog, search, told: 0 };
        world.tell(text);
        world
    }

    /// Tells the catalog more.
    pub fn tell(&mut self, text: &str) {
        self.told += 1;
        tell(&self.catalog, text, self.told);
    }

    pub fn query(&self, query: &Query) -> Results {
        self.search.query(&self.catalog, query).unwrap()
    }

    /// All hits.
    pub fn hits(&self, text: &str) -> Vec<Hit> {
        self.query(&Query { text: text.to_owned(), limit: 100, ..Query::default() }).hits
    }

    /// What the hits are called.
    pub fn names(&self, text: &str) -> Vec<String> {
        self.hits(text).into_iter().map(|hit| hit.name).collect()
    }

    /// The first hit.
    pub fn first(&self, text: &str) -> Hit {
        self.hits(text).into_iter().next().unwrap_or_else(|| panic!("nothing found for {text:?}"))
    }

    /// The id of the one thing of this name.
    pub fn id(&self, text: &str) -> EntityId {
        self.catalog.read(|reader| reader.the(text)).unwrap().id
    }

    pub fn edit(&self, id: EntityId, field: Field, value: impl Into<Value>) {
        self.catalog.writer().unwrap().edit(&act(), id, &[(field, Some(value.into()))]).unwrap();
    }

    /// Where the index lies.
    pub fn index(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.catena-index")
    }

    /// Its parts, to drop one of them before the others.
    pub fn into_parts(self) -> Parts {
        Parts { folder: self.folder, catalog: self.catalog, search: self.search }
    }

    pub fn check(&self) {
        assert_eq!(self.search.verify(&self.catalog).unwrap(), []);
    }
}

pub fn tell(catalog: &Catalog, text: &str, time: i64) {
    let at = Timestamp::from_millis(1_750_000_000_000 + time);
    let record = Record {
        at: "line 1".to_owned(),
        event: None,
        source: Source::system("test", "shop"),
        known: Known::Declared,
        statements: statements(text, at),
    };
    let mut tally = Tally::default();
    catalog.writer().unwrap().apply(&act(), "Tell", [Ok(record)], &mut tally).unwrap();
    assert_eq!(tally.rejected, []);
}
