//! How long a keystroke takes in a catalog of a million entities, beside SQLite's own full text over the same names.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::table::Table;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

const P95_GOAL: f64 = 20.0;

/// A catalog of a million entities, which several benchmarks open; made once.
pub fn million() -> Result<PathBuf> {
    let folder = repository::target().join("bench");
    fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
    Ok(folder.join("million.catena"))
}

pub fn run() -> Result<()> {
    let catalog = million()?;
    let said = Program::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "catena-store",
        "--example",
        "search_bench",
        "--",
    ])
    .args([&catalog])
    .capture()?;
    let ours = object(&said)?;
    let peer =
        Program::new("python3").args([repository::systems().join("fts5_peer.py"), catalog]).capture()?;
    let peer = object(&peer)?;

    println!(
        "\n{} entities; ms per keystroke of names as they are typed, the best 20 each time.\n",
        ours["entities"]
    );
    let mut table = Table::new(["search", "p50 ms", "p95 ms", "index MB", "index made in s"]);
    for (name, figures) in [("Catena, typo allowed", &ours), ("SQLite FTS5, prefixes only", &peer)] {
        let keystroke = &figures["keystroke_ms"];
        table.row([
            name.to_owned(),
            format!("{:.1}", number(&keystroke["p50"])),
            format!("{:.1}", number(&keystroke["p95"])),
            format!("{:.0}", number(&figures["index_bytes"]) / 1e6),
            format!("{:.1}", number(&figures["index_seconds"])),
        ]);
    }
    table.print();
    println!("\nby kind of text: {}\nafter an edit: {}", ours["by_kind_ms"], ours["edits_ms"]);
    let p95 = number(&ours["keystroke_ms"]["p95"]);
    if p95 > P95_GOAL {
        return Err(Failure::new(format!(
            "95 of 100 keystrokes take up to {p95:.1} ms; the goal is {P95_GOAL} ms"
        )));
    }
    Ok(())
}

/// The JSON object that a program printed, over several lines or one.
fn object(said: &str) -> Result<Value> {
    let start = said.find('{').unwrap_or(said.len());
    serde_json::from_str(&said[start..])
        .map_err(|error| Failure::new(format!("{error} in what was printed: {said}")))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}
