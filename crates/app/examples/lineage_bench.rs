//! Measures the lineage graph of a large catalog: `lineage_bench FILE [NODES [EDGES_PER_NODE]]`. The catalog is made
//! when there is none at FILE. Prints one line per measurement.

use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use catena_app::{
    App,
    environment::real,
    events::Unheard,
    lineage::{self, GraphCache, LineageArgs},
    places::Places,
    session::{Caller, Session},
    use_case::Role,
};
use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Random, Seeded},
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{Catalog, apply::Tally, table::log};

type Failed = Box<dyn std::error::Error>;

const PORTION: u64 = 20_000;

fn act() -> Act {
    Act { actor: Actor::Catena, origin: Origin::Import, cause: None }
}

/// Lineage-like: most edges come from a little way back, some from far.
fn record(node: u64, fan_in: u64, random: &mut Seeded) -> Result<Record, Failed> {
    let thing = |n: u64| -> Result<Thing, Failed> {
        Ok(Thing::new(Kind::Dataset, QualifiedName::new("duckdb://bench", &format!("main.t{n}"))?))
    };
    let mut statements = vec![Statement::Exists { thing: thing(node)? }];
    let mut draw = |below: u64| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        u64::from_le_bytes(bytes) % below.max(1)
    };
    for _ in 0..draw(2 * fan_in + 1) {
        let window = if draw(20) == 0 { node } else { node.min(2_000) };
        if node > 0 {
            statements.push(Statement::Related {
                from: thing(node)?,
                kind: RelationKind::DerivesFrom,
                to: thing(node - 1 - draw(window))?,
                method: Method::Declared,
                confidence: 100,
                detail: None,
                at: Timestamp::from_millis(1),
            });
        }
    }
    Ok(Record {
        at: format!("t{node}"),
        event: None,
        source: Source::system("bench", "bench"),
        known: Known::Declared,
        statements,
    })
}

fn make(path: &Path, nodes: u64, fan_in: u64, out: &mut dyn Write) -> Result<(), Failed> {
    let catalog = Catalog::create(path, real())?;
    let mut random = Seeded(7);
    let started = Instant::now();
    for first in (0..nodes).step_by(usize::try_from(PORTION)?) {
        let records: Vec<Record> = (first..nodes.min(first + PORTION))
            .map(|node| record(node, fan_in, &mut random))
            .collect::<Result<_, _>>()?;
        catalog.writer()?.apply(&act(), "Bench", records.into_iter().map(Ok), &mut Tally::default())?;
    }
    writeln!(out, "made in {:?}", started.elapsed())?;
    Ok(())
}

fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().collect();
    let path = Path::new(args.get(1).ok_or("name a file")?);
    let number = |at: usize, default: u64| args.get(at).map_or(Ok(default), |text| text.parse::<u64>());
    let (nodes, fan_in) = (number(2, 1_000_000)?, number(3, 3)?);
    let mut out = std::io::stdout().lock();
    if !path.exists() {
        make(path, nodes, fan_in, &mut out)?;
    }
    let catalog = Catalog::open(path, real())?;
    for _ in 0..3 {
        let cache = GraphCache::default();
        let started = Instant::now();
        let around = cache.count_around(&catalog, i64::try_from(nodes / 2)?)?;
        writeln!(
            out,
            "load and count {around:?}: {:?}, {} MB",
            started.elapsed(),
            cache.bytes() / 1_000_000
        )?;
        let started = Instant::now();
        cache.count_around(&catalog, i64::try_from(nodes / 3)?)?;
        writeln!(out, "count again: {:?}", started.elapsed())?;
    }
    drop(catalog);
    views(path, nodes, fan_in, &mut out)
}

fn views(path: &Path, nodes: u64, fan_in: u64, out: &mut dyn Write) -> Result<(), Failed> {
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    let places = Places { data: folder, sample: None };
    let app = App::new(real(), places, Caller { act: act(), role: Role::Admin }, Arc::new(Unheard));
    let session = Session::open(path, real())?;
    app.enter(Some(Arc::clone(&session)));
    session.graph.count_around(&session.catalog, 1)?;
    let ids = (0..40).map(|i| i64::try_from(1 + i * (nodes / 41))).collect::<Result<Vec<_>, _>>()?;
    for (levels, force) in [(1, false), (2, false), (4, false), (40, true)] {
        let mut times = Vec::new();
        let (mut tables, mut nodes_shown, mut largest) = (Vec::new(), 0, 0);
        for ix in ids.iter().take(if force { 3 } else { 40 }) {
            let id = session.catalog.read(|reader| Ok(reader.head(*ix)?.id))?;
            let args =
                LineageArgs { focus: vec![id], up: levels, down: levels, force, ..LineageArgs::default() };
            let started = Instant::now();
            let rows = lineage::table(&app, args.clone()).map_or(0, |table| table.rows.len());
            tables.push(started.elapsed());
            nodes_shown = nodes_shown.max(rows);
            let started = Instant::now();
            let bytes = lineage::view(&app, args)?;
            times.push(started.elapsed());
            largest = largest.max(bytes.len());
        }
        times.sort();
        tables.sort();
        let (middle, last) = (times.get(times.len() / 2), times.last());
        writeln!(out, "view of {levels} levels: median {middle:?}, worst {last:?}, largest {largest} bytes")?;
        let (middle, last) = (tables.get(tables.len() / 2), tables.last());
        writeln!(out, "  as a table: median {middle:?}, worst {last:?}, largest {nodes_shown} rows")?;
    }
    let random = Mutex::new(Seeded(11));
    for n in 0..5 {
        let mut seeded = random.lock().map_err(|_| "a lock")?.clone();
        seeded.0 += n;
        let records = vec![record(nodes - 1 - n, fan_in, &mut seeded)?];
        session.catalog.writer()?.apply(
            &act(),
            "Bench",
            records.into_iter().map(Ok),
            &mut Tally::default(),
        )?;
        let started = Instant::now();
        // Of nothing: the graph follows, and nothing is counted.
        session.graph.count_around(&session.catalog, 0)?;
        let seq = session.catalog.read(|reader| Ok(log::last(reader.db())?.0))?;
        writeln!(out, "follow to operation {seq}: {:?}", started.elapsed())?;
    }
    Ok(())
}
