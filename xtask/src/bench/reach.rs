//! Everything downstream of a node, in memory and in PostgreSQL, over the same edges.

use std::time::Instant;

use serde_json::Value;

use super::postgres::Postgres;
use super::table::{Table, median};
use crate::failure::{Failure, Result};
use crate::program::Program;

/// How many starts PostgreSQL is asked for, too: those that reach the most.
const STARTS: usize = 5;
const REPEATS: usize = 3;

pub fn run() -> Result<()> {
    let server = Postgres::start()?;
    let edges = server.folder().join("edges.csv");
    let said = Program::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "catena-graph",
        "--example",
        "reach_bench",
        "--",
    ])
    .args(["--starts", "60", "--csv"])
    .args([&edges])
    .capture()?;
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let load = lines
        .iter()
        .find(|line| line["what"] == "load")
        .ok_or_else(|| Failure::new("reach_bench loaded nothing"))?;
    let mut starts: Vec<&Value> = lines.iter().filter(|line| line["what"] == "downstream").collect();
    starts.sort_by_key(|line| std::cmp::Reverse(line["reached"].as_u64()));
    starts.truncate(STARTS);
    server.query(&format!(
        "create table edge (source integer not null, target integer not null);
         copy edge from '{}' (format csv);
         create index on edge (source) include (target);",
        edges.display()
    ))?;
    // By itself, since it may not be part of a longer command.
    server.query("vacuum analyze edge")?;

    let mut table = Table::new(["reached", "Catena ms", "nodes only, ms", "PostgreSQL 15 ms", "times ours"]);
    let mut ratios = Vec::new();
    for start in starts {
        let number =
            |name: &str| start[name].as_f64().ok_or_else(|| Failure::new(format!("no {name} in {start}")));
        let theirs = downstream(&server, start)?;
        let ours = number("ms")?;
        ratios.push(theirs / ours);
        table.row([
            start["reached"].to_string(),
            format!("{ours:.2}"),
            format!("{:.2}", number("nodes_only_ms")?),
            format!("{theirs:.0}"),
            format!("{:.0}", theirs / ours),
        ]);
    }
    println!(
        "\nDownstream of one node, {} nodes and {} edges. Catena also gives every edge between what was reached; PostgreSQL \
         counts the nodes of a recursive query, all in memory, the median of {REPEATS}.\n",
        load["nodes"], load["edges"]
    );
    table.print();
    println!("\nmedian: {:.0} times faster", median(ratios));
    Ok(())
}

/// How long the recursive query takes, in milliseconds; it has to reach as many nodes as we do.
fn downstream(server: &Postgres, start: &Value) -> Result<f64> {
    let query = format!(
        "with recursive below (node) as (
            select {}::integer union select target from edge join below on source = node
         ) select count(*) from below",
        start["start"]
    );
    let mut times = Vec::new();
    // Once for the caches, then measured.
    for repeat in 0..=REPEATS {
        let began = Instant::now();
        let found = server.query(&query)?;
        if repeat > 0 {
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        if found.trim().parse().ok() != start["reached"].as_u64() {
            return Err(Failure::new(format!(
                "PostgreSQL reaches {} nodes, we reach {}",
                found.trim(),
                start["reached"]
            )));
        }
    }
    Ok(median(times))
}
