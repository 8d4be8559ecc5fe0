//! The command line, called from tests: no process, the same code.
#![allow(dead_code, reason = "each file of tests takes what it needs")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::Value;
use tempfile::TempDir;

/// A catalog in a folder of its own, worked on by commands.
pub struct Catena {
    folder: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Answer {
    pub code: ExitCode,
    pub out: String,
    pub err: String,
}

impl Catena {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder that is gone with the catalog.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn catalog(&self) -> PathBuf {
        self.folder.path().join("test.catena")
    }

    /// Runs `catena --catalog ... ARGUMENTS --format json`.
    pub fn run<const N: usize>(&self, arguments: [&str; N]) -> Answer {
        let mut words: Vec<OsString> = vec!["catena".into(), "--catalog".into(), self.catalog().into()];
        words.extend(arguments.map(OsString::from));
        words.extend(["--format".into(), "json".into()]);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = catena_cli::run(words, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Answer { code, out: text(out), err: text(err) }
    }

    /// Imports, which has to take everything; gives how many were created, changed and the same.
    pub fn import(&self, system: &str, from: &Path) -> [u64; 3] {
        let answer = self.run(["import", system, from.to_str().unwrap()]);
        assert_eq!(answer.code, ExitCode::SUCCESS, "import {system} {}: {answer:?}", from.display());
        let report = answer.json();
        assert_eq!(report["rejected"], Value::Array(Vec::new()), "{system}");
        ["created", "changed", "same"].map(|count| report[count].as_u64().unwrap())
    }

    /// The names of what lies that way from an entity, each with its kind.
    pub fn lineage(&self, entity: &str, direction: &str) -> Vec<(String, String)> {
        let answer = self.run(["lineage", entity, "--direction", direction, "--depth", "all"]);
        assert_eq!(answer.code, ExitCode::SUCCESS, "{answer:?}");
        let word = |node: &Value, key: &str| node[key].as_str().unwrap_or_default().to_owned();
        let nodes = answer.json()["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| (word(node, "kind"), word(node, "name"))).collect()
    }

    /// The check has to find nothing.
    pub fn assert_sound(&self) {
        let answer = self.run(["check"]);
        assert_eq!(answer.code, ExitCode::SUCCESS, "{answer:?}");
    }
}

impl Answer {
    /// The answer as a program reads it.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}
