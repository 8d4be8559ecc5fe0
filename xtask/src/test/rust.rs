//! The Rust side: format, lints, the crates' tests.

use serde_json::Value;

use super::count;
use super::outcome::{self, Outcome};
use crate::failure::{Failure, Result};
use crate::program::{Program, is_installed};

/// The tests that cross crates.
const CROSSING: &str = "catena-tests";
/// Those of them that drive the whole app or other systems, and have runners of their own.
const ELSEWHERE: &[&str] = &["window", "interop"];

pub fn format() -> Result<Outcome> {
    Ok(outcome::of(Program::cargo(&["fmt", "--all", "--check"]).run()))
}

pub fn lint() -> Result<Outcome> {
    let lints =
        Program::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]).run();
    Ok(outcome::of(lints))
}

pub fn test() -> Result<Outcome> {
    let workspace = ["--workspace", "--exclude", CROSSING];
    let own = tests(&["--lib", "--bins", "--tests", "--examples"], &workspace)?;
    let mut crossing: Vec<String> = vec!["--package".into(), CROSSING.into()];
    for name in test_files()?.into_iter().filter(|name| !ELSEWHERE.contains(&name.as_str())) {
        crossing.extend(["--test".into(), name]);
    }
    let crossing: Vec<&str> = crossing.iter().map(String::as_str).collect();
    let across = tests(&[], &crossing)?;
    let (succeeded, said) =
        Program::cargo(&["test", "--quiet", "--doc", "--no-fail-fast"]).args(workspace).tee()?;
    let mut examples = count::counted(succeeded, &said);
    if succeeded && examples.passed == 0 {
        // Not every crate has an example in its documents, and none needs one.
        examples.failed = 0;
    }
    Ok(own + across + examples)
}

/// Runs tests with nextest, or with Cargo where there is none; `kinds` says to Cargo what nextest takes by itself.
fn tests(kinds: &[&str], which: &[&str]) -> Result<Outcome> {
    let program = if is_installed("cargo-nextest") {
        let quiet = ["--no-fail-fast", "--status-level", "fail", "--final-status-level", "fail"];
        Program::cargo(&["nextest", "run"]).args(quiet).args(which)
    } else {
        Program::cargo(&["test", "--quiet", "--no-fail-fast"]).args(kinds).args(which)
    };
    let (succeeded, said) = program.tee()?;
    Ok(count::counted(succeeded, &said))
}

/// The names of the files of tests that cross crates.
fn test_files() -> Result<Vec<String>> {
    let metadata = Program::cargo(&["metadata", "--format-version", "1", "--no-deps"]).capture()?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages
        .filter(|package| package["name"] == CROSSING)
        .filter_map(|package| package["targets"].as_array());
    let tests = targets.flatten().filter(|target| target["kind"][0] == "test");
    Ok(tests.filter_map(|target| target["name"].as_str().map(str::to_owned)).collect())
}
