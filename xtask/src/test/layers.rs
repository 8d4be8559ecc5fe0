//! The layers of ARCHITECTURE.md: no crate may use one above it or beside it.

use serde_json::Value;

use super::outcome::Outcome;
use crate::failure::{Failure, Result};
use crate::program::Program;

/// From the bottom up. What is in one row knows nothing of its neighbours.
const LAYERS: &[&[&str]] = &[
    &["catena-model"],
    &[
        "catena-store",
        "catena-graph",
        "catena-ingest",
        "catena-connect",
        "catena-files",
        "catena-documents",
        "catena-cite",
        "catena-sync",
        "catena-quality",
        "catena-taxonomy",
    ],
    // What systems send is read by ingest and stored at once, so it stands on both.
    &["catena-receive"],
    &["catena-app"],
    &["catena-cli", "catena-mcp", "catena-hub"],
    // The program that is installed: a window, and the command line in the same file.
    &["catena"],
    &["catena-tests", "xtask"],
];

/// Neighbours that may be used all the same: what a server answers is read by the code that reads it from a file.
const BESIDE: &[(&str, &str)] = &[
    ("catena-connect", "catena-ingest"),
    ("catena-connect", "catena-files"),
    ("catena-files", "catena-ingest"),
];

/// What pure crates must not touch: the network, the disk, a database, threads that wait.
const IMPURE: &[&str] = &["rusqlite", "reqwest", "tokio", "tantivy", "tauri", "fantoccini"];
const PURE: &[&str] = &[
    "catena-model",
    "catena-graph",
    "catena-ingest",
    "catena-files",
    "catena-documents",
    "catena-quality",
    "catena-cite",
];

/// A crate of the workspace and what it uses outside its tests.
struct Crate {
    name: String,
    uses: Vec<String>,
}

/// Reads the workspace from Cargo and judges each crate.
pub fn check() -> Result<Outcome> {
    let metadata = Program::cargo(&["metadata", "--format-version", "1", "--no-deps"]).capture()?;
    let crates = workspace(&metadata)?;
    let mut sum = Outcome::default();
    for found in &crates {
        let wrong = broken(found);
        for sentence in &wrong {
            println!("{sentence}");
        }
        sum = sum + if wrong.is_empty() { Outcome::PASSED } else { Outcome::FAILED };
    }
    Ok(sum)
}

fn workspace(metadata: &str) -> Result<Vec<Crate>> {
    let unreadable = || Failure::new("cargo metadata has no list of packages");
    let metadata: Value =
        serde_json::from_str(metadata).map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let packages = metadata["packages"].as_array().ok_or_else(unreadable)?;
    Ok(packages
        .iter()
        .map(|package| Crate {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            uses: package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                // A test may set up its scene with any crate; the crate itself still can't.
                .filter(|used| used["kind"] != "dev")
                .filter_map(|used| used["name"].as_str().map(str::to_owned))
                .collect(),
        })
        .collect())
}

/// Every rule that a crate breaks, as a sentence.
fn broken(of: &Crate) -> Vec<String> {
    let Some(own) = layer(&of.name) else {
        return vec![format!(
            "{} is in no layer: name its layer in xtask/src/test/layers.rs and in ARCHITECTURE.md",
            of.name
        )];
    };
    let mut sentences = Vec::new();
    for used in &of.uses {
        match layer(used) {
            Some(other) if other >= own && !BESIDE.contains(&(of.name.as_str(), used.as_str())) => {
                let place = if other == own { "beside" } else { "above" };
                sentences.push(format!("{} uses {used}, which is {place} it", of.name));
            }
            _ => {}
        }
        if PURE.contains(&of.name.as_str()) && IMPURE.contains(&used.as_str()) {
            sentences.push(format!("{} uses {used}: it must do no input or output", of.name));
        }
    }
    sentences
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, uses: &[&str], expected: &[&str]) {
        let found = Crate { name: name.to_owned(), uses: uses.iter().map(|&used| used.to_owned()).collect() };
        assert_eq!(broken(&found), expected);
    }

    #[test]
    fn a_crate_may_use_what_is_below_it_only() {
        check("catena-app", &["catena-model", "catena-store", "serde"], &[]);
        check("catena-store", &["catena-app"], &["catena-store uses catena-app, which is above it"]);
        check("catena-ingest", &["catena-graph"], &["catena-ingest uses catena-graph, which is beside it"]);
        check(
            "catena-cli",
            &["catena-app", "catena-mcp"],
            &["catena-cli uses catena-mcp, which is beside it"],
        );
        check("catena-model", &["reqwest"], &["catena-model uses reqwest: it must do no input or output"]);
        check(
            "catena-other",
            &[],
            &[
                "catena-other is in no layer: name its layer in xtask/src/test/layers.rs and in ARCHITECTURE.md",
            ],
        );
    }

    #[test]
    fn test_dependencies_are_left_out() {
        let metadata = r#"{"packages":[{"name":"catena-graph","dependencies":[
            {"name":"catena-app","kind":"dev"},{"name":"rayon","kind":null},{"name":"catena-store","kind":"build"}]}]}"#;
        let crates = workspace(metadata).unwrap();
        assert_eq!(crates[0].uses, ["rayon", "catena-store"]);
    }
}
