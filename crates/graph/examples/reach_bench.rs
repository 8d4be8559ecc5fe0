//! Times the adjacency and downstream closures on a large lineage-like graph, one JSON line per measurement:
//!
//! ```text
//! reach_bench [--nodes 1000000] [--fan-in 7] [--starts 20] [--seed 1] [--csv FILE]
//! ```
//!
//! `{"what":"load"...}` compresses the edges, `{"what":"downstream","start","reached","ms","nodes_only_ms"}` is one line
//! per start (`ms` with all edges between what was reached, `nodes_only_ms` counting only, as a recursive query
//! does), `{"what":"overlay"...}` adds 100,000 edges. `--csv` writes the edges as `from,to` lines for PostgreSQL's
//! `COPY edge FROM ... (FORMAT csv)`, so that a peer can be asked for the same starts.
#![allow(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]

mod lineage_like;

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use catena_graph::{Adjacency, Direction, EdgeId, NodeIx, closure, impact, never};

use lineage_like::{Draw, lineage_like};

/// Nodes looked at to choose the starts.
const SAMPLE: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut nodes, mut fan_in, mut starts, mut seed) = (1_000_000usize, 7usize, 20usize, 1u64);
    let mut csv: Option<String> = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--nodes" => nodes = value.parse()?,
            "--fan-in" => fan_in = value.parse()?,
            "--starts" => starts = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--csv" => csv = Some(value),
            other => return Err(format!("unknown argument {other}; see the head of reach_bench.rs").into()),
        }
    }
    let mut edges = lineage_like(nodes, fan_in, seed);
    edges.sort_unstable();
    if let Some(path) = csv {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for (from, to) in &edges {
            writeln!(file, "{from},{to}")?;
        }
        file.flush()?;
    }
    let ms = |start: Instant| start.elapsed().as_secs_f64() * 1000.0;
    let numbered = || edges.iter().enumerate().map(|(i, &(a, b))| (NodeIx(a), NodeIx(b), EdgeId(i as u32)));
    let start = Instant::now();
    let mut adjacency = Adjacency::new(nodes, numbered());
    println!(
        "{{\"what\":\"load\",\"nodes\":{nodes},\"edges\":{},\"ms\":{:.1},\"bytes\":{}}}",
        edges.len(),
        ms(start),
        adjacency.bytes()
    );
    let mut shuffled: Vec<_> = numbered().collect();
    let mut draw = Draw::new(seed + 1);
    for i in (1..shuffled.len()).rev() {
        shuffled.swap(i, draw.below(i + 1));
    }
    let start = Instant::now();
    let unordered = Adjacency::new(nodes, shuffled);
    println!(
        "{{\"what\":\"load shuffled\",\"edges\":{},\"ms\":{:.1},\"bytes\":{}}}",
        unordered.edge_count(),
        ms(start),
        unordered.bytes()
    );
    drop(unordered);
    // A sample of nodes by how much hangs on them; starts are taken evenly from most to least.
    let mut sample = Vec::new();
    while sample.len() < SAMPLE {
        let node = NodeIx(draw.below(nodes) as u32);
        let counts = impact(&adjacency, &[node], Direction::Down, None, |_| true, &never)?;
        sample.push((counts.iter().map(|c| c.nodes).sum::<usize>(), node));
    }
    sample.sort_unstable_by_key(|s| std::cmp::Reverse(*s));
    for i in 0..starts.min(SAMPLE) {
        let node = sample[i * SAMPLE / starts.max(1)].1;
        let start = Instant::now();
        let reach = closure(&adjacency, &[node], Direction::Down, None, |_| true);
        let full = ms(start);
        let start = Instant::now();
        let counts = impact(&adjacency, &[node], Direction::Down, None, |_| true, &never)?;
        println!(
            "{{\"what\":\"downstream\",\"start\":{},\"reached\":{},\"levels\":{},\"edges\":{},\"ms\":{full:.3},\"nodes_only_ms\":{:.3}}}",
            node.0,
            reach.nodes.len(),
            counts.len(),
            reach.edges.len(),
            ms(start),
        );
    }
    let start = Instant::now();
    for i in 0..100_000u32 {
        let (from, to) = (NodeIx(draw.below(nodes) as u32), NodeIx(draw.below(nodes) as u32));
        adjacency.add_edge(from, to, EdgeId(edges.len() as u32 + i));
    }
    println!("{{\"what\":\"overlay\",\"edges\":100000,\"ms\":{:.1}}}", ms(start));
    let start = Instant::now();
    adjacency.compact();
    println!("{{\"what\":\"compact\",\"edges\":{},\"ms\":{:.1}}}", adjacency.edge_count(), ms(start));
    Ok(())
}
