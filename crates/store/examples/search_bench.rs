//! Types queries into a catalog of a million entities and prints how long each keystroke takes, as JSON.
//!
//! `search_bench FILE [ENTITIES]`: makes the catalog at FILE when there is none, builds its index anew, then types. Other benches may open the same file.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Random, Seeded},
    evidence::Method,
    field::{Field, Group},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{
    Catalog, Environment,
    apply::Tally,
    search::{Query, Search},
};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: search_bench FILE [ENTITIES [REPEATS]]")?;
    let entities: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let repeats: u32 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let environment =
        Environment { clock: Arc::new(Fixed(start())), random: Arc::new(Mutex::new(Seeded(7))) };
    let path = Path::new(&path);
    let new = !path.exists();
    let catalog = Catalog::open_or_create(path, environment)?;
    let begun = Instant::now();
    if new {
        fill(&catalog, entities)?;
    }
    let filled = begun.elapsed();

    let search = Search::open(&catalog)?;
    let begun = Instant::now();
    if repeats == 1 && !search.rebuild(&catalog)? {
        return Err("another program is changing the index: close it".into());
    }
    let progress = search.take_in_all(&catalog, &mut |progress| {
        if progress.taken % 100_000 == 0 {
            eprintln!("{} taken in, {} wait, {:?}", progress.taken, progress.waiting, begun.elapsed());
        }
        ControlFlow::Continue(())
    })?;
    let indexed = begun.elapsed();

    let typed = typed(&catalog, 120)?;
    let mut times = Times::default();
    let mut slowest: Vec<(f64, String)> = Vec::new();
    for (kind, text) in &typed {
        for (end, c) in text.char_indices() {
            let text = &text[..end + c.len_utf8()];
            let query = Query { text: text.to_owned(), limit: 20, as_you_type: true, ..Query::default() };
            let (took, results) = best_of(repeats, || search.query(&catalog, &query))?;
            times.add(kind, took);
            slowest.push((took, format!("{text} ({} hits)", results.total)));
        }
        let query = Query { text: text.clone(), limit: 50, ..Query::default() };
        let (took, results) = best_of(repeats, || search.query(&catalog, &query))?;
        times.add("page with facets", took);
        if results.hits.is_empty() && *kind != "nonsense" {
            eprintln!("nothing found for {text}");
        }
    }
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (took, text) in slowest.iter().take(12) {
        eprintln!("{took:.1} ms: {text}");
    }
    let mut keystrokes = Times::default();
    for (kind, took) in times.0.iter().filter(|(kind, _)| *kind != "page with facets") {
        keystrokes.add("all", *took);
        let _ = kind;
    }
    let edits = edits(&catalog, &search, &mut Times::default())?;
    println!(
        "{:#}",
        json!({
            "entities": catalog.read(|reader| catena_store::table::entity::count(reader.db()))?,
            "fill_seconds": filled.as_secs_f64(),
            "index_seconds": indexed.as_secs_f64(),
            "index_taken": progress.taken,
            "index_bytes": size(&search_folder(path))?,
            "keystroke_ms": keystrokes.summary("all"),
            "by_kind_ms": times.all(),
            "edits_ms": edits,
            "resident_mb": resident(),
        })
    );
    Ok(())
}

/// The shortest of so many times, in milliseconds, and what came of it.
fn best_of<T, E>(repeats: u32, mut work: impl FnMut() -> Result<T, E>) -> Result<(f64, T), E> {
    let mut timed = || {
        let begun = Instant::now();
        work().map(|value| (begun.elapsed().as_secs_f64() * 1_000.0, value))
    };
    let mut best = timed()?;
    for _ in 1..repeats {
        let next = timed()?;
        if next.0 < best.0 {
            best = next;
        }
    }
    Ok(best)
}

/// Edits one entity after the other, searches for what was written, then takes all in.
fn edits(catalog: &Catalog, search: &Search, times: &mut Times) -> Outcome<Value> {
    let act = Act { actor: Actor::Person { name: "ann".to_owned() }, origin: Origin::Window, cause: None };
    let millis = |begun: Instant| begun.elapsed().as_secs_f64() * 1_000.0;
    for n in 0..60u8 {
        // Another word than any run before wrote.
        let (last, _) = catalog.read(|reader| catena_store::table::log::last(reader.db()))?;
        let word = format!("written{last}");
        let row = catalog.read(|reader| reader.head(1 + i64::from(n) * 991))?;
        let begun = Instant::now();
        catalog.writer()?.edit(&act, row.id, &[(Field::DESCRIPTION, Some(word.clone().into()))])?;
        times.add("edit", millis(begun));
        let query = Query { text: word, limit: 20, as_you_type: true, ..Query::default() };
        let begun = Instant::now();
        let results = search.query(catalog, &query)?;
        times.add("search after it", millis(begun));
        if !results.hits.iter().any(|hit| hit.id == row.id) {
            return Err(format!("{} was not found at once", row.id).into());
        }
        if n % 10 == 9 {
            let begun = Instant::now();
            search.take_in(catalog, u64::MAX)?;
            times.add("taking ten in", millis(begun));
            let begun = Instant::now();
            search.query(catalog, &query)?;
            times.add("search after that", millis(begun));
        }
    }
    Ok(times.all())
}

fn start() -> Timestamp {
    Timestamp::from_millis(1_750_000_000_000)
}

fn search_folder(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-index");
    name.into()
}

fn size(folder: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

/// This process's memory in MB: all, and what is not a mapped file. Only known on Linux.
fn resident() -> Value {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .map(|kb| kb / 1_024)
    };
    json!({ "all": line("VmRSS:"), "own": line("RssAnon:"), "peak": line("VmHWM:") })
}

#[derive(Default)]
struct Times(Vec<(String, f64)>);

impl Times {
    fn add(&mut self, kind: &str, took: f64) {
        self.0.push((kind.to_owned(), took));
    }

    fn summary(&self, kind: &str) -> Value {
        let mut times: Vec<f64> =
            self.0.iter().filter(|(held, _)| held == kind).map(|(_, took)| *took).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let round = |n: f64| (n * 100.0).round() / 100.0;
        json!({ "n": times.len(), "p50": round(at(0.5)), "p95": round(at(0.95)), "max": round(at(1.0)) })
    }

    fn all(&self) -> Value {
        let kinds: std::collections::BTreeSet<&String> = self.0.iter().map(|(kind, _)| kind).collect();
        kinds
            .into_iter()
            .map(|kind| (kind.clone(), self.summary(kind)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// Words that warehouses are full of.
const SUBJECTS: &str = "order customer payment invoice product item shipment return refund supplier warehouse stock \
    price discount coupon basket session visit click impression campaign channel lead account contact ticket case \
    agent call email message review rating store region country city address employee salary contract budget cost \
    revenue margin tax ledger journal balance transaction card transfer loan credit risk claim policy premium device \
    sensor reading event alert log metric trace prompt answer document chunk embedding feature label prediction score \
    segment cohort churn retention subscription plan trial upgrade renewal flight airport airline weather trip driver \
    rider vehicle route station meter energy plant machine batch recipe ingredient patient visit diagnosis treatment \
    drug trial gene protein sample study author paper citation journal course student grade exam teacher school";
const STAGES: &str = "raw stg int dim fct mart agg tmp snapshot base ods rpt";
const ASPECTS: &str = "daily weekly monthly hourly history latest enriched cleaned deduped joined summary detail \
    lines facts changes events features training test archive backup external export import v2 v3 eu us apac";
const FIELDS: &str = "id name type status code amount quantity price currency created_at updated_at deleted_at date \
    month year count total rate ratio flag is_active is_deleted source channel country city email phone url version \
    parent_id external_id first_name last_name description comment hash score rank weight latitude longitude";
const PEOPLE: &str = "ann bert carla deniz emil fatima goran hana ivan jana kofi lena mei nils olga priya";

struct Words {
    random: Seeded,
}

impl Words {
    fn number(&mut self, below: usize) -> usize {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % below.max(1) as u64) as usize
    }

    /// A word of the list; the first ones are taken more often, as in real names.
    fn pick<'w>(&mut self, words: &'w str) -> &'w str {
        let count = words.split_whitespace().count();
        let n = self.number(count).min(self.number(count));
        words.split_whitespace().nth(n).unwrap_or_default()
    }

    fn sentence(&mut self, length: usize) -> String {
        let words: Vec<&str> =
            (0..length).map(|i| if i % 3 == 1 { self.pick(ASPECTS) } else { self.pick(SUBJECTS) }).collect();
        format!("The {}.", words.join(" of "))
    }

    fn table(&mut self, n: u64) -> String {
        let mut parts = vec![self.pick(STAGES), self.pick(SUBJECTS)];
        if self.number(2) == 0 {
            parts.push(self.pick(SUBJECTS));
        }
        if self.number(3) > 0 {
            parts.push(self.pick(ASPECTS));
        }
        // There are only so many words; real names have numbers for the rest.
        if self.number(4) == 0 { format!("{}_{n}", parts.join("_")) } else { parts.join("_") }
    }
}

fn fill(catalog: &Catalog, entities: u64) -> Outcome<()> {
    let act = Act { actor: Actor::Catena, origin: Origin::Import, cause: None };
    let mut words = Words { random: Seeded(42) };
    let mut made = 0;
    let mut tables: Vec<Thing> = Vec::new();
    let mut n = 0;
    while made < entities {
        let mut reads = Vec::new();
        while reads.len() < 400 && made < entities {
            n += 1;
            let (read, count) = table(&mut words, n, &mut tables)?;
            made += count;
            reads.push(read);
        }
        let mut tally = Tally::default();
        catalog.writer()?.apply(&act, "Make up", reads, &mut tally)?;
        if let Some(rejection) = tally.rejected.first() {
            return Err(format!("{}: {}", rejection.place, rejection.why).into());
        }
        if n % 4_000 == 0 {
            eprintln!("{made} made");
        }
    }
    Ok(())
}

/// A table with its columns, the job that writes it, and two of its runs.
fn table(words: &mut Words, n: u64, tables: &mut Vec<Thing>) -> Outcome<(Read, u64)> {
    let systems = [
        "postgres://prod-db.example:5432",
        "snowflake://acme.eu-central-1",
        "bigquery",
        "duckdb://analytics.duckdb",
        "s3://acme-lake",
    ];
    let at = Timestamp::from_micros(start().micros() + i64::try_from(n)?);
    let system = systems[words.number(systems.len())];
    let schema = words.pick(SUBJECTS).to_owned();
    let name = format!("prod.{schema}_{}.{}", n % 40, words.table(n));
    let dataset = Thing::new(Kind::Dataset, QualifiedName::new(system, &name)?);
    let mut said = vec![Statement::Exists { thing: dataset.clone() }];
    let claim = |thing: &Thing, field: Field, value: Value| Statement::Claim {
        thing: thing.clone(),
        field,
        value: Some(value),
        at,
    };
    if words.number(10) < 6 {
        let length = 6 + words.number(20);
        said.push(claim(&dataset, Field::DESCRIPTION, words.sentence(length).into()));
    }
    if words.number(3) == 0 {
        let tags = [words.pick(ASPECTS), words.pick(SUBJECTS)];
        said.push(claim(&dataset, Field::Group(Group::Tags), json!(tags)));
        let owner = format!("{}@example.org", words.pick(PEOPLE));
        said.push(claim(&dataset, Field::Group(Group::Owners), json!([owner])));
    }
    let columns = 6 + words.number(16);
    let mut names = std::collections::BTreeSet::new();
    while names.len() < columns {
        let field = words.pick(FIELDS);
        let own = format!("{}_{field}", words.pick(SUBJECTS));
        names.insert(if words.number(3) == 0 { field.to_owned() } else { own });
    }
    let mut count = 1 + names.len() as u64;
    for name in names {
        let column = Thing::new(Kind::Column, dataset.name.part(&name)?);
        said.push(Statement::PartOf { thing: column.clone(), whole: dataset.clone(), at });
        if words.number(5) == 0 {
            said.push(claim(&column, Field::DESCRIPTION, words.sentence(5).into()));
        }
    }
    let job = Thing::new(Kind::Job, QualifiedName::new("airflow://prod", &format!("load_{schema}.{name}"))?);
    let related = |from: &Thing, kind: RelationKind, to: &Thing| Statement::Related {
        from: from.clone(),
        kind,
        to: to.clone(),
        method: Method::Reported,
        confidence: 100,
        detail: None,
        at,
    };
    said.push(related(&job, RelationKind::Writes, &dataset));
    count += 1;
    for _ in 0..words.number(4) {
        if let Some(source) = tables.get(words.number(tables.len())) {
            said.push(related(&job, RelationKind::Reads, source));
        }
    }
    for run in 0..2 {
        let run = Thing::new(Kind::Run, QualifiedName::new("airflow://prod", &format!("{n:08x}-{run:04}"))?);
        said.push(related(&run, RelationKind::RunOf, &job));
        count += 1;
    }
    tables.push(dataset);
    let record = Record {
        at: format!("table {n}"),
        event: None,
        source: Source::system("bench", "made-up"),
        known: Known::Declared,
        statements: said,
    };
    Ok((Ok(record), count))
}

/// What is typed: names that are there, in several ways, and with typos.
fn typed(catalog: &Catalog, tables: usize) -> Outcome<Vec<(&'static str, String)>> {
    let mut words = Words { random: Seeded(99) };
    let names: Vec<String> = catalog.read(|reader| {
        let mut statement = reader.db().prepare(
            "SELECT name FROM entity WHERE kind = 1 AND NOT gone ORDER BY (ix * 7919) % 1000003 LIMIT ?1",
        )?;
        let rows = statement.query_map([tables as i64], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(rows)
    })?;
    let mut typed = Vec::new();
    for (i, name) in names.into_iter().enumerate() {
        let spaced = name.replace('_', " ");
        match i % 6 {
            0 => typed.push(("name", name)),
            1 => typed.push(("words", spaced)),
            2 | 3 => typed.push(("typo", misspelt(&mut words, &spaced))),
            4 => typed.push(("path", format!("prod.{}.{name}", words.pick(SUBJECTS)))),
            _ => typed.push(("column", format!("{} {}", words.pick(SUBJECTS), words.pick(FIELDS)))),
        }
    }
    typed.push(("nonsense", "xqzzkw vrblmt".to_owned()));
    Ok(typed)
}

/// One letter of the longest word swapped with the next, left out, or replaced.
fn misspelt(words: &mut Words, text: &str) -> String {
    let Some(word) = text.split(' ').max_by_key(|word| word.len()) else { return text.to_owned() };
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 {
        return text.to_owned();
    }
    let at = 1 + words.number(letters.len() - 2);
    match words.number(3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters[at] = 'x',
    }
    text.replace(word, &letters.into_iter().collect::<String>())
}
