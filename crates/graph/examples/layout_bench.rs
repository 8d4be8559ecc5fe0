//! Times the layered layout on lineage-like graphs and counts what crosses, one JSON line per graph:
//!
//! ```text
//! layout_bench [--nodes 500,10000,50000] [--seed 1] [--runs 5] [--write DIR]   {"tool","nodes","edges","ms","crossings"}
//! layout_bench --graph FILE [--runs 5]                                         the same for a graph from a file
//! layout_bench --count FILE POSITIONS                                          crossings of a peer's drawing of it
//! ```
//!
//! `--write` leaves each graph in DIR as `lineage-NODES.txt`, which `elk_peer.mjs` reads: `nodes edges`, a line
//! `width height` per node, a line `from to` per edge. POSITIONS has a line `x y width height` per node and a line
//! `count x y x y ...` per edge. `ms` is the median of the runs.
#![allow(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]

mod drawn_crossings;
mod lineage_like;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use catena_graph::layout::{Layout, Link, NodeBox, Options};
use catena_graph::never;

use drawn_crossings::{Boxed, drawn_crossings};
use lineage_like::lineage_like;

type Failure = Box<dyn Error>;

struct Graph {
    sizes: Vec<NodeBox>,
    edges: Vec<(u32, u32)>,
}

fn main() -> Result<(), Failure> {
    let mut nodes: Vec<usize> = vec![500, 1_000, 5_000, 10_000, 50_000];
    let (mut seed, mut runs) = (1u64, 5usize);
    let (mut write, mut graph, mut count): (Option<PathBuf>, Option<PathBuf>, Option<(PathBuf, PathBuf)>) =
        (None, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--nodes" => nodes = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--seed" => seed = value()?.parse()?,
            "--runs" => runs = value()?.parse::<usize>()?.max(1),
            "--write" => write = Some(value()?.into()),
            "--graph" => graph = Some(value()?.into()),
            "--count" => count = Some((value()?.into(), value()?.into())),
            other => return Err(format!("unknown argument {other}; see the head of layout_bench.rs").into()),
        }
    }
    if let Some((graph, positions)) = count {
        let graph = read(&graph)?;
        let (boxes, routes) = read_positions(&positions, &graph)?;
        println!("{{\"crossings\":{}}}", drawn_crossings(&boxes, &graph.edges, &routes));
        return Ok(());
    }
    if let Some(path) = graph {
        return measure(&read(&path)?, runs);
    }
    for count in nodes {
        let graph = Graph {
            sizes: vec![NodeBox { width: 180.0, height: 36.0 }; count],
            edges: lineage_like(count, 3, seed),
        };
        if let Some(folder) = &write {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join(format!("lineage-{count}.txt")), as_text(&graph)?)?;
        }
        measure(&graph, runs)?;
    }
    Ok(())
}

fn measure(graph: &Graph, runs: usize) -> Result<(), Failure> {
    let links: Vec<Link> = graph.edges.iter().map(|&(a, b)| Link::new(a, b)).collect();
    let mut times = Vec::new();
    let mut drawn = Layout::default();
    for _ in 0..runs {
        let start = Instant::now();
        drawn = Layout::new(&graph.sizes, &links, &Options::default(), &never)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let boxes: Vec<Boxed> = (0..graph.sizes.len())
        .map(|i| (drawn.x[i], drawn.y[i], graph.sizes[i].width, graph.sizes[i].height))
        .collect();
    let routes: Vec<Vec<(f64, f64)>> =
        (0..links.len()).map(|l| drawn.route(l).iter().map(|p| (p.x, p.y)).collect()).collect();
    println!(
        "{{\"tool\":\"catena\",\"nodes\":{},\"edges\":{},\"ms\":{:.2},\"fastest_ms\":{:.2},\"crossings\":{},\"turned\":{}}}",
        graph.sizes.len(),
        links.len(),
        times[times.len() / 2],
        times[0],
        drawn_crossings(&boxes, &graph.edges, &routes),
        drawn.turned.iter().filter(|t| **t).count(),
    );
    Ok(())
}

fn as_text(graph: &Graph) -> Result<String, Failure> {
    let mut text = String::new();
    writeln!(text, "{} {}", graph.sizes.len(), graph.edges.len())?;
    for size in &graph.sizes {
        writeln!(text, "{} {}", size.width, size.height)?;
    }
    for (from, to) in &graph.edges {
        writeln!(text, "{from} {to}")?;
    }
    Ok(text)
}

fn numbers<T: std::str::FromStr>(line: Option<&str>) -> Result<Vec<T>, Failure>
where
    T::Err: Error + 'static,
{
    let line = line.ok_or("the file ends too early")?;
    Ok(line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

fn read(path: &Path) -> Result<Graph, Failure> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let counts: Vec<usize> = numbers(lines.next())?;
    let [nodes, edges] = counts[..] else { return Err("the first line is `nodes edges`".into()) };
    let mut graph = Graph { sizes: Vec::with_capacity(nodes), edges: Vec::with_capacity(edges) };
    for _ in 0..nodes {
        let size: Vec<f64> = numbers(lines.next())?;
        let [width, height] = size[..] else { return Err("a node's line is `width height`".into()) };
        graph.sizes.push(NodeBox { width, height });
    }
    for _ in 0..edges {
        let ends: Vec<u32> = numbers(lines.next())?;
        let [from, to] = ends[..] else { return Err("an edge's line is `from to`".into()) };
        graph.edges.push((from, to));
    }
    Ok(graph)
}

type Positions = (Vec<Boxed>, Vec<Vec<(f64, f64)>>);

fn read_positions(path: &Path, graph: &Graph) -> Result<Positions, Failure> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let mut boxes = Vec::with_capacity(graph.sizes.len());
    for _ in &graph.sizes {
        let line: Vec<f64> = numbers(lines.next())?;
        let [x, y, width, height] = line[..] else {
            return Err("a node's line is `x y width height`".into());
        };
        boxes.push((x, y, width, height));
    }
    let mut routes = Vec::with_capacity(graph.edges.len());
    for _ in &graph.edges {
        let line: Vec<f64> = numbers(lines.next())?;
        routes.push(line[1..].chunks_exact(2).map(|p| (p[0], p[1])).collect());
    }
    Ok((boxes, routes))
}
