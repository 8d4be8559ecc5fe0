//! The way through the file, from table to table.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use catena_ingest::mlflow::{
    Mapping,
    rest::{Alias, Experiment, KeyValue},
};
use catena_model::statement::Read;
use rusqlite::{Connection, Row, params};

use super::{
    error::DatabaseError,
    lacks, open,
    schema::Schema,
    value::{whole, word},
};
use crate::{
    cancel::Cancel,
    connector::{Note, Progress, ReadError},
    handover::{Out, Stop},
    mlflow::{
        identity::FIRST_EXPERIMENT,
        known::KnownHistories,
        place::{Place, Table},
    },
};

/// How many rows of things are read at once. Few, since each may have many long texts.
pub(super) const ROWS: i64 = 200;

/// Where MLflow keeps what belongs to no workspace; a server shows no other unless it is told to.
pub(super) const WORKSPACE: &str = "default";

/// An open database.
pub(super) struct Reader {
    path: PathBuf,
    pub(super) connection: Connection,
    pub(super) schema: Schema,
    pub(super) cancel: Cancel,
}

/// A page of one table.
pub(super) struct Page {
    pub(super) reads: Vec<Read>,
    /// The row that it ends with; `None` when there was none.
    pub(super) last: Option<i64>,
    /// Whether there may be more.
    pub(super) full: bool,
}

/// Rows, each with its place in the table.
pub(super) type Numbered<T> = Vec<(i64, T)>;

/// What all pages are read with.
pub(super) struct Context<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) known: &'a KnownHistories,
    /// The movable names of every registered model's versions.
    pub(super) aliases: HashMap<String, Vec<Alias>>,
}

impl Reader {
    pub(super) fn open(path: &Path, cancel: &Cancel) -> Result<Self, ReadError> {
        let connection = open::open(path, cancel)?;
        let schema = Schema::of(&connection).map_err(|error| open::explain(path, &error))?;
        for table in ["experiments", "runs"] {
            if !schema.has_table(table) {
                return Err(DatabaseError::NotMlflow { path: path.to_owned(), missing: table }.into());
            }
        }
        Ok(Self { path: path.to_owned(), connection, schema, cancel: cancel.clone() })
    }

    /// The experiment that every store begins with.
    pub(super) fn first_experiment(&self) -> Result<Option<Experiment>, ReadError> {
        let columns = self.schema.columns("experiments", &["creation_time"]);
        let sql = format!("SELECT {columns} FROM experiments WHERE experiment_id = ?1");
        match self.connection.query_row(&sql, [FIRST_EXPERIMENT], |row| whole(row, 0)) {
            Ok(creation_time) => Ok(Some(Experiment { creation_time, ..Experiment::default() })),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
            Err(error) => Err(self.explain(&error).into()),
        }
    }

    /// Goes from `place` to the end.
    pub(super) fn run(
        &self,
        mapping: &Mapping,
        known: &KnownHistories,
        place: Place,
        out: &Out,
    ) -> Result<(), Stop> {
        let (first, mut after, run) = match place {
            Place::Rows { table, after } => (table, after, i64::MIN),
            Place::Histories { run, after } => (Table::Metrics, after, run),
            Place::End => return Ok(()),
            _ => return Err(ReadError::BadCursor("it is a place at a server".to_owned()).into()),
        };
        let elsewhere = self.other_workspaces().map_err(|error| self.explain(&error))?;
        let of_the_server = self.of_the_server().map_err(|error| self.explain(&error))?;
        for note in lacks(&self.schema).into_iter().chain(elsewhere).chain(of_the_server) {
            out.note_blocking(&note.place, note.why)?;
        }
        let aliases = match first <= Table::ModelVersions {
            true => self.aliases().map_err(|error| self.explain(&error))?,
            false => HashMap::new(),
        };
        let context = Context { mapping, known, aliases };
        for table in Table::ALL.into_iter().filter(|table| *table >= first) {
            if let (Table::Metrics, Some(index)) = (table, &self.schema.metrics_by_run) {
                return self.histories(index, (run, after), &context, out);
            }
            if self.schema.has_table(table.name()) {
                self.table(table, after, &context, out)?;
            }
            after = i64::MIN;
        }
        Ok(out.portion_blocking(Vec::new(), Place::End.cursor())?)
    }

    fn table(&self, table: Table, mut after: i64, context: &Context<'_>, out: &Out) -> Result<(), Stop> {
        let mut progress = Progress { stage: stage(table).to_owned(), done: 0, of: None };
        out.progress_blocking(progress.clone())?;
        loop {
            self.go_on()?;
            let page = match table {
                Table::Experiments => self.experiments(after, context),
                Table::Runs => self.run_page(after, context),
                Table::LoggedModels => self.logged_models(after, context),
                Table::RegisteredModels => self.registered_models(after, context),
                Table::ModelVersions => self.model_versions(after, context),
                Table::Metrics => self.metrics(after, context),
            };
            let page = page.map_err(|error| self.explain(&error))?;
            let Some(last) = page.last else { return Ok(()) };
            after = last;
            progress.done += page.reads.len() as u64;
            out.portion_blocking(page.reads, Place::Rows { table, after }.cursor())?;
            out.progress_blocking(progress.clone())?;
            if !page.full {
                return Ok(());
            }
        }
    }

    /// The next rows of a table for which `which` holds, in the order in which they were written.
    pub(super) fn page<T>(
        &self,
        table: &str,
        columns: &[&str],
        which: &str,
        after: i64,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Numbered<T>> {
        let columns = self.schema.columns(table, columns);
        let sql = format!(
            "SELECT {table}.rowid, {columns} FROM {table} WHERE {table}.rowid > ?1 AND {which} \
             ORDER BY {table}.rowid LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, ROWS], |row| Ok((row.get(0)?, read(row)?)))?;
        rows.collect()
    }

    /// Keys and values that belong to things, by the things' ids (a JSON array).
    pub(super) fn pairs(
        &self,
        table: &str,
        owner: &str,
        [key, value]: [&str; 2],
        ids: &str,
    ) -> rusqlite::Result<HashMap<String, Vec<KeyValue>>> {
        let mut pairs: HashMap<String, Vec<KeyValue>> = HashMap::new();
        if !self.schema.has(table, owner) {
            return Ok(pairs);
        }
        let columns = self.schema.columns(table, &[owner, key, value]);
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE \"{owner}\" IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([ids])?;
        while let Some(row) = rows.next()? {
            let pair = KeyValue { key: word(row, 1)?, value: word(row, 2)? };
            pairs.entry(word(row, 0)?).or_default().push(pair);
        }
        Ok(pairs)
    }

    /// Whether a column says that a row belongs to no workspace, as SQL.
    pub(super) fn in_workspace(&self, table: &str) -> String {
        match self.schema.has(table, "workspace") {
            true => format!("{table}.workspace = '{WORKSPACE}'"),
            false => "TRUE".to_owned(),
        }
    }

    fn other_workspaces(&self) -> rusqlite::Result<Option<Note>> {
        if !self.schema.has("registered_models", "workspace") {
            return Ok(None);
        }
        let sql = "SELECT count(*) FROM registered_models WHERE workspace <> ?1";
        let count: i64 = self.connection.query_row(sql, [WORKSPACE], |row| row.get(0))?;
        Ok((count > 0).then(|| Note {
            place: "registered models".to_owned(),
            why: format!(
                "{count} are in other workspaces than \"{WORKSPACE}\", of which names may be the same"
            ),
        }))
    }

    /// What is in the file and is read only through a server.
    fn of_the_server(&self) -> rusqlite::Result<Vec<Note>> {
        let mut notes = Vec::new();
        for (table, place) in [("trace_info", "traces"), ("evaluation_datasets", "evaluation datasets")] {
            if !self.schema.has_table(table) {
                continue;
            }
            let sql = format!("SELECT count(*) FROM {table}");
            let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
            if count > 0 {
                let why =
                    format!("{count} are in the file and were not read: give the address of its server");
                notes.push(Note { place: place.to_owned(), why });
            }
        }
        Ok(notes)
    }

    pub(super) fn explain(&self, error: &rusqlite::Error) -> DatabaseError {
        match self.cancel.is_cancelled() {
            true => DatabaseError::Cancelled,
            false => open::explain(&self.path, error),
        }
    }
}

impl Page {
    /// What the mapping makes of rows.
    pub(super) fn of<T>(rows: Numbered<T>, mut read: impl FnMut(T) -> Read) -> Self {
        Self {
            last: rows.last().map(|(at, _)| *at),
            full: rows.len() as i64 >= ROWS,
            reads: rows.into_iter().map(|(_, row)| read(row)).collect(),
        }
    }
}

/// Ids as a JSON array, which is how a list is given to SQLite in one place.
pub(super) fn list<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    serde_json::Value::from(ids.collect::<Vec<_>>()).to_string()
}

fn stage(table: Table) -> &'static str {
    match table {
        Table::Experiments => "experiments",
        Table::Runs => "runs",
        Table::LoggedModels => "logged models",
        Table::RegisteredModels => "registered models",
        Table::ModelVersions => "versions of models",
        Table::Metrics => "metrics",
    }
}
