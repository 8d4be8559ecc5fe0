//! The layered layout, against elkjs in each of its settings that is worth trying, on the same graphs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::table::Table;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

const ELKJS: &str = "elkjs@0.12.1";
/// Ours alone; elkjs takes a quarter of an hour for the larger ones.
const OURS: [u32; 5] = [500, 1_000, 5_000, 10_000, 50_000];
const BESIDE_ELK: [u32; 2] = [1_000, 10_000];

pub fn run() -> Result<()> {
    let graphs = repository::target().join("bench-layout");
    fs::create_dir_all(&graphs).map_err(|error| Failure::at(&graphs, &error))?;
    let nodes: Vec<String> = OURS.iter().map(u32::to_string).collect();
    let ours =
        example(&["--nodes".as_ref(), nodes.join(",").as_ref(), "--write".as_ref(), graphs.as_os_str()])?;
    let ours = lines(&ours)?;
    let mut table = Table::new(["layout", "nodes", "edges", "ms", "crossings"]);
    for line in &ours {
        table.row([
            "Catena".into(),
            text(line, "nodes"),
            text(line, "edges"),
            text(line, "ms"),
            text(line, "crossings"),
        ]);
    }
    println!();
    table.print();

    let elk = elk()?;
    for nodes in BESIDE_ELK {
        let our = ours
            .iter()
            .find(|line| line["nodes"] == nodes)
            .ok_or_else(|| Failure::new("a graph was not measured"))?;
        println!("\nelkjs on {nodes} nodes; each setting takes up to a minute.");
        beside(&elk, &graphs.join(format!("lineage-{nodes}.txt")), our)?;
    }
    Ok(())
}

/// Lets elkjs draw the graph in every setting, and prints how it compares.
fn beside(elk: &Path, graph: &Path, our: &Value) -> Result<()> {
    let script = repository::root().join("crates/graph/examples/elk_peer.mjs");
    let said = Program::new("node")
        .args(["--max-old-space-size=8192", "--stack-size=8000"])
        .args([script.as_path(), graph])
        .within(elk)
        .capture()?;
    let (our_ms, our_crossings) = (number(our, "ms")?, number(our, "crossings")?);
    let mut table = Table::new(["layout", "ms", "times ours", "crossings", "times ours"]);
    table.row([
        "Catena".into(),
        format!("{our_ms:.1}"),
        "1".into(),
        format!("{our_crossings:.0}"),
        "1".into(),
    ]);
    for line in lines(&said)? {
        let name = format!("elkjs, {}", line["setting"].as_str().unwrap_or_default());
        if let Some(error) = line["error"].as_str() {
            table.row([name, "-".into(), "-".into(), error.to_owned(), "-".into()]);
            continue;
        }
        let positions = PathBuf::from(line["positions"].as_str().unwrap_or_default());
        let counted = example(&["--count".as_ref(), graph.as_os_str(), positions.as_os_str()])?;
        let crossings = number(&lines(&counted)?.pop().unwrap_or_default(), "crossings")?;
        let ms = number(&line, "ms")?;
        table.row([
            name,
            format!("{ms:.0}"),
            format!("{:.0}", ms / our_ms),
            format!("{crossings:.0}"),
            format!("{:.2}", crossings / our_crossings),
        ]);
    }
    println!();
    table.print();
    Ok(())
}

fn example(arguments: &[&std::ffi::OsStr]) -> Result<String> {
    Program::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "catena-graph",
        "--example",
        "layout_bench",
        "--",
    ])
    .args(arguments)
    .capture()
}

/// The folder from which Node finds elkjs.
fn elk() -> Result<PathBuf> {
    let folder = repository::cache().join("tools/elk");
    if !folder.join("node_modules/elkjs/package.json").is_file() {
        fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
        Program::npm(&["install", "--no-audit", "--no-fund", "--prefix"])
            .args([&folder])
            .args([ELKJS])
            .run()?;
    }
    Ok(folder)
}

fn lines(said: &str) -> Result<Vec<Value>> {
    said.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).map_err(|error| Failure::new(format!("{line}: {error}"))))
        .collect()
}

fn number(line: &Value, name: &str) -> Result<f64> {
    line[name].as_f64().ok_or_else(|| Failure::new(format!("no {name} in {line}")))
}

fn text(line: &Value, name: &str) -> String {
    line[name].to_string()
}
