//! A catalog from a few lines of text, and its lineage back as text.
//!
//! ```text
//! raw.orders -> job:stg -> stg.orders     a job reads and writes
//! stg.orders -> mart.orders               one dataset is made of another
//! stg.orders ~> mart.guess                the same, as a guess
//! raw.orders#id -> stg.orders#order_id    columns
//! stg.orders -> run:train -> logged_model:m
//! ```

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use catena_app::{
    App, AppError,
    events::Unheard,
    lineage::{self, LineageArgs, LineageTable, frame::Frame},
    places::Places,
    session::{Caller, Session},
    use_case::Role,
};
use catena_model::{
    actor::{Act, Actor, Origin},
    clock::{Fixed, Seeded},
    evidence::Method,
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{Catalog, Environment, apply::Tally};

use self::reader::Reader;

#[path = "../../src/lineage/frame/tests/reader.rs"]
mod reader;

use catena_app::lineage::frame::{
    Band, Column, ColumnEdge, ColumnRef, Crumb, Edge, Group, MAGIC, NONE, Node, Side, Totals, VERSION, tag,
};

pub const NAMESPACE: &str = "duckdb://shop";

pub struct World {
    pub app: App,
    pub session: Arc<Session>,
    ids: Mutex<BTreeMap<String, EntityId>>,
    folder: tempfile::TempDir,
}

fn environment(seed: u64) -> Environment {
    Environment {
        clock: Arc::new(Fixed(Timestamp::from_millis(1_764_000_000_000))),
        random: Arc::new(Mutex::new(Seeded(seed))),
    }
}

fn act() -> Act {
    Act { actor: Actor::Person { name: "Ann".to_owned() }, origin: Origin::Window, cause: None }
}

/// The thing that a word of the text names: `job:stg`, `raw.orders`, `raw.orders#id`.
pub fn thing(word: &str) -> Thing {
    if let Some((table, column)) = word.split_once('#') {
        let name = QualifiedName::new(NAMESPACE, table).unwrap().part(column).unwrap();
        return Thing::new(Kind::Column, name);
    }
    match word.split_once(':').and_then(|(kind, name)| Some((Kind::from_word(kind)?, name))) {
        Some((kind, name)) => Thing::new(kind, QualifiedName::new("shop", name).unwrap()),
        None => {
            let (namespace, name) = word.split_once('@').map_or((NAMESPACE, word), |(name, at)| (at, name));
            Thing::new(Kind::Dataset, QualifiedName::new(namespace, name).unwrap())
        }
    }
}

/// The relation by which data flows from one to the other.
fn relation(from: &Thing, to: &Thing) -> (bool, RelationKind) {
    match (from.kind, to.kind) {
        (_, Kind::Job | Kind::Run | Kind::Pipeline) => (false, RelationKind::Reads),
        (Kind::Job | Kind::Pipeline, _) | (Kind::Run, Kind::Dataset) => (true, RelationKind::Writes),
        (Kind::Run, _) => (false, RelationKind::ProducedBy),
        (_, Kind::LoggedModel | Kind::ModelVersion) => (false, RelationKind::TrainedOn),
        (_, Kind::Dashboard | Kind::Test) => (false, RelationKind::DependsOn),
        _ => (false, RelationKind::DerivesFrom),
    }
}

fn record(line: &str, at: Timestamp) -> Record {
    let mut statements = Vec::new();
    let words: Vec<&str> = line.split_whitespace().collect();
    for word in words.iter().step_by(2) {
        statements.push(Statement::Exists { thing: thing(word) });
        if let Some((table, _)) = word.split_once('#') {
            statements.push(Statement::PartOf { thing: thing(word), whole: thing(table), at });
        }
    }
    for step in words.windows(3).step_by(2) {
        let (from, to) = (thing(step[0]), thing(step[2]));
        let (forward, kind) = relation(&from, &to);
        let (from, to) = if forward { (from, to) } else { (to, from) };
        let method = if step[1] == "~>" { Method::NameMatched } else { Method::Declared };
        let confidence = if step[1] == "~>" { 70 } else { 100 };
        statements.push(Statement::Related { from, kind, to, method, confidence, detail: None, at });
    }
    Record {
        at: line.to_owned(),
        event: None,
        source: Source::system("test", "shop"),
        known: Known::Declared,
        statements,
    }
}

impl World {
    /// A catalog with what `text` says.
    pub fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::open(&folder.path().join("shop.catena"), environment(1)).unwrap();
        let places = Places { data: folder.path().to_owned(), sample: None };
        let caller = Caller { act: act(), role: Role::Admin };
        let app = App::new(environment(2), places, caller, Arc::new(Unheard));
        app.enter(Some(Arc::clone(&session)));
        let world = Self { app, session, ids: Mutex::default(), folder };
        world.say(text);
        world
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("shop.catena")
    }

    /// The catalog as another program has it open.
    pub fn elsewhere(&self, seed: u64) -> Catalog {
        Catalog::open(&self.path(), environment(seed)).unwrap()
    }

    pub fn say(&self, text: &str) {
        self.say_at(text, 1_000);
    }

    pub fn say_at(&self, text: &str, millis: i64) {
        say(&self.session.catalog, text, millis);
    }

    pub fn tell(&self, statements: Vec<Statement>) {
        tell(&self.session.catalog, statements);
    }

    pub fn id(&self, word: &str) -> EntityId {
        if let Some(id) = self.ids.lock().unwrap().get(word) {
            return *id;
        }
        let id = self.find(word).unwrap();
        self.ids.lock().unwrap().insert(word.to_owned(), id);
        id
    }

    fn find(&self, word: &str) -> Option<EntityId> {
        let wanted = thing(word);
        self.session
            .catalog
            .read(|reader| {
                let found = reader.find(&wanted.name.to_string())?;
                Ok(found.into_iter().find(|row| row.kind == wanted.kind).map(|row| row.id))
            })
            .unwrap()
    }

    pub fn ix(&self, word: &str) -> i64 {
        self.session.catalog.read(|reader| Ok(reader.entity(self.id(word))?.ix)).unwrap()
    }

    /// A view of everything around a word, so many levels each way.
    pub fn around(&self, word: &str, levels: u32) -> LineageArgs {
        LineageArgs { focus: vec![self.id(word)], up: levels, down: levels, ..LineageArgs::default() }
    }

    pub fn view(&self, args: &LineageArgs) -> Frame {
        let bytes = lineage::view(&self.app, args.clone()).unwrap();
        let reader = Reader::new(&bytes);
        assert_eq!(reader.reply, 0, "the view is too large: {:?}", reader.totals());
        let frame = reader.frame();
        self.is_sound(&frame);
        assert_eq!(self.table(args).unwrap(), table_of(&frame), "the table is the graph, row for row");
        frame
    }

    /// The counts of a view that is too large to draw.
    pub fn too_large(&self, args: &LineageArgs) -> Totals {
        let bytes = lineage::view(&self.app, args.clone()).unwrap();
        let reader = Reader::new(&bytes);
        assert_eq!(reader.reply, 1, "the view is drawn");
        assert!(self.table(args).is_err());
        reader.totals()
    }

    pub fn table(&self, args: &LineageArgs) -> Result<LineageTable, AppError> {
        lineage::table(&self.app, args.clone())
    }

    /// What holds of every frame, whatever was asked.
    fn is_sound(&self, frame: &Frame) {
        let boxes = |node: &Node| (node.x, node.y, node.x + node.width, node.y + node.height);
        for (at, node) in frame.nodes.iter().enumerate() {
            for other in &frame.nodes[at + 1..frame.nodes.len().min(at + 200)] {
                let (a, b) = (boxes(node), boxes(other));
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{} and {} overlap", node.name, other.name);
            }
        }
        let against = catena_app::lineage::frame::edge_flag::AGAINST;
        for edge in frame.edges.iter().filter(|edge| edge.flags & against == 0) {
            let (from, to) = (&frame.nodes[edge.from as usize], &frame.nodes[edge.to as usize]);
            let (first, last) = (edge.route[0], edge.route[edge.route.len() - 1]);
            assert!(
                (first.0 - (from.x + from.width)).abs() < 0.5,
                "the edge leaves at the right of its source"
            );
            assert!((last.0 - to.x).abs() < 0.5, "the edge ends at the left of its target");
        }
    }
}

/// Stores what `text` says, a record a line.
pub fn say(catalog: &Catalog, text: &str, millis: i64) {
    let at = Timestamp::from_millis(millis);
    let records =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| Ok(record(line, at)));
    let mut tally = Tally::default();
    catalog.writer().unwrap().apply(&act(), "Import", records, &mut tally).unwrap();
    assert!(tally.rejected.is_empty(), "{:?}", tally.rejected);
}

pub fn tell(catalog: &Catalog, statements: Vec<Statement>) {
    let record = Record {
        at: "test".to_owned(),
        event: None,
        source: Source::system("test", "shop"),
        known: Known::Declared,
        statements,
    };
    let mut tally = Tally::default();
    catalog.writer().unwrap().apply(&act(), "Import", [Ok(record)], &mut tally).unwrap();
    assert!(tally.rejected.is_empty(), "{:?}", tally.rejected);
}

/// The table that a frame amounts to, made here anew.
fn table_of(frame: &Frame) -> LineageTable {
    let names = |at: u32, up: bool| -> Vec<String> {
        let edges = frame.edges.iter().filter(|edge| if up { edge.to == at } else { edge.from == at });
        edges.map(|edge| frame.nodes[if up { edge.from } else { edge.to } as usize].name.clone()).collect()
    };
    let rows = frame.nodes.iter().zip(0..).map(|(node, at)| catena_app::lineage::LineageRow {
        level: node.level,
        id: EntityId::from_bytes(node.id),
        kind: node.kind.clone(),
        name: node.name.clone(),
        qualified_name: node.qualified_name.clone(),
        system: node.system.clone(),
        upstream: names(at, true),
        downstream: names(at, false),
        hidden_up: node.hidden_up,
        hidden_down: node.hidden_down,
        columns: node.column_count,
        cycle: node.flags & catena_app::lineage::frame::node_flag::CYCLE != 0,
        removed: node.flags & catena_app::lineage::frame::node_flag::REMOVED != 0,
    });
    LineageTable { rows: rows.collect() }
}

/// Nodes as `-1 orders`, with ` +up` and `+down` hidden ones as `<2` and `>3`.
pub fn nodes(frame: &Frame) -> Vec<String> {
    let show = |node: &Node| {
        let hidden = |n: u32, mark: &str| if n > 0 { format!(" {mark}{n}") } else { String::new() };
        format!(
            "{} {}{}{}",
            node.level,
            node.name,
            hidden(node.hidden_up, "<"),
            hidden(node.hidden_down, ">")
        )
    };
    frame.nodes.iter().map(show).collect()
}

/// Edges as `orders -> stg`, over hidden steps as `orders -2-> mart`.
pub fn edges(frame: &Frame) -> Vec<String> {
    let name = |at: u32| &frame.nodes[at as usize].name;
    let mut edges: Vec<String> = frame
        .edges
        .iter()
        .map(|edge| {
            let over = if edge.bridged > 0 { format!("{}-", edge.bridged) } else { String::new() };
            format!("{} -{over}> {}", name(edge.from), name(edge.to))
        })
        .collect();
    edges.sort();
    edges
}

/// Column edges as `orders.id -> stg.id`.
pub fn column_edges(frame: &Frame) -> Vec<String> {
    let name = |place: ColumnRef| {
        let node = &frame.nodes[place.node as usize];
        format!("{}.{}", node.name, node.columns[place.column as usize].name)
    };
    let mut edges: Vec<String> =
        frame.column_edges.iter().map(|edge| format!("{} -> {}", name(edge.from), name(edge.to))).collect();
    edges.sort();
    edges
}

pub fn node<'a>(frame: &'a Frame, name: &str) -> &'a Node {
    frame.nodes.iter().find(|node| node.name == name).unwrap_or_else(|| panic!("no node {name}"))
}

pub fn edge<'a>(frame: &'a Frame, from: &str, to: &str) -> &'a Edge {
    let name = |at: u32| frame.nodes[at as usize].name.as_str();
    frame
        .edges
        .iter()
        .find(|edge| name(edge.from) == from && name(edge.to) == to)
        .unwrap_or_else(|| panic!("no edge {from} -> {to} among {:?}", edges(frame)))
}
