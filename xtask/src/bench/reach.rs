//! Everything downstream of a node, in memory and in PostgreSQL, over the same edges.

use std::fs;
use std::time::Instant;

use serde_json::Value;

use super::postgres::Postgres;
use super::table::{Table, median};
use crate::failure::{Failure, Result};
use crate::program::Program;

const NODES: u32 = 1_000_000;
const EDGES: u32 = 3_000_000;
const REPEATS: usize = 5;

pub fn run() -> Result<()> {
    let server = Postgres::start()?;
    let edges = server.folder().join("edges.csv");
    let start = server.folder().join("ours.json");
    // It writes the edges that it measured on, so that both see the same graph.
    Program::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "catena-graph",
        "--example",
        "reach_bench",
        "--",
    ])
    .args([NODES.to_string(), EDGES.to_string()])
    .args(["--write".into(), edges.clone().into_os_string(), "--json".into(), start.clone().into_os_string()])
    .run()?;
    let ours = fs::read_to_string(&start).map_err(|error| Failure::at(&start, &error))?;
    let ours: Value =
        serde_json::from_str(&ours).map_err(|error| Failure::new(format!("reach_bench: {error}")))?;
    let number =
        |name: &str| ours[name].as_f64().ok_or_else(|| Failure::new(format!("reach_bench gave no {name}")));
    let (from, reached, milliseconds) = (number("start")?, number("reached")?, number("ms")?);

    server.query(&format!(
        "create table edge (source integer not null, target integer not null);
         copy edge from '{}' csv;
         create index on edge (source) include (target);
         vacuum analyze edge",
        edges.display()
    ))?;
    let downstream = format!(
        "with recursive below (node) as (
            select {from}::integer union select target from edge join below on source = node
         ) select count(*) - 1 from below"
    );
    let mut times = Vec::new();
    let mut found = String::new();
    // Once for the caches, then measured.
    for repeat in 0..=REPEATS {
        let start = Instant::now();
        found = server.query(&downstream)?;
        if repeat > 0 {
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    if found.trim().parse::<f64>().ok() != Some(reached) {
        return Err(Failure::new(format!("PostgreSQL reaches {} nodes, we reach {reached}", found.trim())));
    }
    let theirs = median(times);

    println!("\nDownstream of one node: {reached} of {NODES} nodes, {EDGES} edges; medians of {REPEATS}.\n");
    let mut table = Table::new(["", "ms", "times ours"]);
    table.row(["Catena, in memory".into(), format!("{milliseconds:.2}"), "1".into()]);
    table.row([
        "PostgreSQL 15, recursive query".into(),
        format!("{theirs:.1}"),
        format!("{:.0}", theirs / milliseconds),
    ]);
    table.print();
    Ok(())
}
