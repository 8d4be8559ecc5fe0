//! The Rust side: format, lints, the crates' tests.

use super::count;
use super::outcome::{self, Outcome};
use crate::failure::Result;
use crate::program::{Program, is_installed};

/// What drives the whole app or other systems has runners of its own.
const ELSEWHERE: &str = "catena-tests";

pub fn format() -> Result<Outcome> {
    Ok(outcome::of(Program::cargo(&["fmt", "--all", "--check"]).run()))
}

pub fn lint() -> Result<Outcome> {
    let lints =
        Program::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]).run();
    Ok(outcome::of(lints))
}

pub fn test() -> Result<Outcome> {
    let workspace = ["--workspace", "--exclude", ELSEWHERE];
    let (succeeded, said) = if is_installed("cargo-nextest") {
        Program::cargo(&[
            "nextest",
            "run",
            "--no-fail-fast",
            "--status-level",
            "fail",
            "--final-status-level",
            "fail",
        ])
        .args(workspace)
        .tee()?
    } else {
        Program::cargo(&["test", "--quiet", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"])
            .args(workspace)
            .tee()?
    };
    let tests = count::counted(succeeded, &said);
    let (succeeded, said) =
        Program::cargo(&["test", "--quiet", "--doc", "--no-fail-fast"]).args(workspace).tee()?;
    let mut examples = count::counted(succeeded, &said);
    if succeeded && examples.passed == 0 {
        // Not every crate has an example in its documents, and none needs one.
        examples.failed = 0;
    }
    Ok(tests + examples)
}
