//! What the tests that cross crates share: recorded fixtures, and catalogs to bring them into.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Seeded},
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

/// Time that stands still and randomness from `seed`.
pub fn environment(seed: u64) -> Environment {
    Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_795_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(seed))),
    }
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
