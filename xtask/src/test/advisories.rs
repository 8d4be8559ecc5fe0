//! Known holes in dependencies, where the lists of them can be had.

use super::outcome::{self, Outcome};
use crate::failure::Result;
use crate::program::{Program, is_installed};
use crate::repository;

pub fn check() -> Result<Outcome> {
    Ok(crates() + packages())
}

fn crates() -> Outcome {
    if !is_installed("cargo-deny") {
        println!(
            "skipped: cargo-deny is not installed (`cargo install cargo-deny`), so the crates' advisories were not read"
        );
        return Outcome::SKIPPED;
    }
    if !repository::root().join("deny.toml").is_file() {
        println!("skipped: there is no deny.toml");
        return Outcome::SKIPPED;
    }
    match Program::cargo(&["deny", "fetch", "db"]).capture() {
        Ok(_) => outcome::of(
            Program::cargo(&["deny", "check", "--disable-fetch", "advisories", "bans", "sources"]).run(),
        ),
        Err(_) => {
            println!("skipped: the advisory database can't be had from here");
            Outcome::SKIPPED
        }
    }
}

fn packages() -> Outcome {
    match Program::npm(&["audit", "--omit=dev", "--audit-level=high", "--json"]).capture() {
        Ok(_) => Outcome::PASSED,
        // The report of a real finding has counts; a registry that has no audit answers with an error only.
        Err(failure) if failure.to_string().contains("\"vulnerabilities\"") => {
            println!("{failure}");
            Outcome::FAILED
        }
        Err(_) => {
            println!("skipped: this npm registry answers no audit");
            Outcome::SKIPPED
        }
    }
}
