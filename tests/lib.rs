//! What the tests that cross crates share: recorded fixtures, and catalogs to bring them into.

pub mod serving;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Random, Seeded},
    statement::Read,
    time::Timestamp,
};
use catena_store::{Catalog, Environment, apply::Tally};
use tempfile::TempDir;

/// The path of a recorded fixture.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The bytes of a recorded fixture.
pub fn recorded(name: &str) -> Vec<u8> {
    let path = fixture(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The path of a script that drives a real system.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systems").join(name)
}

/// Time that stands still and randomness from `seed`.
pub fn environment(seed: u64) -> Environment {
    Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_795_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(seed))),
    }
}

/// The records in another order, which the seed decides.
pub fn shuffled(mut reads: Vec<Read>, seed: u64) -> Vec<Read> {
    let mut random = Seeded(seed);
    for i in (1..reads.len()).rev() {
        reads.swap(i, below(&mut random, i + 1));
    }
    reads
}

/// A number below `most`.
pub fn below(random: &mut Seeded, most: usize) -> usize {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    (u64::from_le_bytes(bytes) % most as u64) as usize
}

/// Two dumps have to say the same; `what` says of which catalogs.
pub fn assert_same_dump(expected: &str, got: &str, what: &str) {
    if got != expected {
        let (a, b): (Vec<_>, Vec<_>) = (expected.lines().collect(), got.lines().collect());
        let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
        panic!("{what}, line {at}\n  expected: {:?}\n       got: {:?}", a.get(at), b.get(at));
    }
}

/// What a query counts in a catalog that is in use elsewhere.
pub fn count(catalog: &Path, sql: &str) -> u64 {
    let catalog =
        Catalog::open(catalog, catena_app::environment::real()).unwrap_or_else(|error| panic!("{error}"));
    catalog
        .read(|reader| Ok(reader.db().query_row(sql, [], |row| row.get(0))?))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// An act of a person in the window.
pub fn by_ann() -> Act {
    Act { actor: Actor::Person { name: "ann".to_owned() }, origin: Origin::Window, cause: None }
}

/// A catalog in a folder of its own, gone with the test.
pub struct Scratch {
    /// The catalog.
    pub catalog: Catalog,
    _folder: TempDir,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// An empty catalog.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let catalog = Catalog::create(&folder.path().join("test.catena"), environment(7))
            .unwrap_or_else(|error| panic!("{error}"));
        Self { catalog, _folder: folder }
    }

    /// Applies records in portions of `portion`; says what it did.
    pub fn import(&self, reads: Vec<Read>, portion: usize) -> Tally {
        let act = Act { actor: Actor::Catena, origin: Origin::Import, cause: None };
        let mut tally = Tally::default();
        let mut reads = reads.into_iter();
        loop {
            let next: Vec<_> = reads.by_ref().take(portion).collect();
            if next.is_empty() {
                return tally;
            }
            let mut writer = self.catalog.writer().unwrap_or_else(|error| panic!("{error}"));
            writer.apply(&act, "Import", next, &mut tally).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// The whole state as text, without ids and order.
    pub fn dump(&self) -> String {
        self.catalog
            .read(|reader| catena_store::dump::dump(reader.db()))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the check finds.
    pub fn problems(&self) -> Vec<catena_store::check::Problem> {
        self.catalog
            .read(|reader| catena_store::check::check(reader.db()))
            .unwrap_or_else(|error| panic!("{error}"))
    }
}
