//! All runs of a catalog in columns, in memory.

use std::collections::{BTreeMap, HashMap};

use catena_model::{id::EntityId, kind::Kind, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    runs::{self, RunFacet},
    table::entity::{self, Ix},
};
use serde_json::Value;

use super::{
    column::{Cell, Column},
    words::Words,
};
use crate::named::Named;

/// The facets that become columns.
const FACETS: &[&str] = &[
    "run", "params", "metrics", "tags", "trace", "metadata", "start", "running", "complete", "fail", "abort",
    "sent",
];
/// How many values a table holds at the most (of 4 or 8 bytes): a tracker that logs a metric per batch has more names
/// than anybody looks at, and the columns that come first by their name in the catalog are kept.
const MOST_CELLS: usize = 60_000_000;
/// However many runs there are, so many columns are kept.
const FEWEST_COLUMNS: usize = 100;
/// However few runs there are, no more columns are.
const MOST_COLUMNS: usize = 5_000;
/// Texts longer than this are cut in the table; the run's page has them whole.
pub(super) const LONGEST: usize = 500;

/// One run.
pub(super) struct Head {
    pub(super) ix: Ix,
    pub(super) id: EntityId,
    pub(super) kind: Kind,
    pub(super) name: String,
    /// What it is a part of.
    pub(super) parent: Option<u32>,
}

/// All runs and traces of a catalog.
pub struct RunsTable {
    pub(super) heads: Vec<Head>,
    pub(super) columns: BTreeMap<String, Column>,
    pub(super) words: Words,
    pub(super) parents: Vec<Named>,
    by_id: HashMap<EntityId, u32>,
}

impl RunsTable {
    /// Reads all runs.
    pub(super) fn load(reader: &Reader<'_>) -> StoreResult<Self> {
        let db = reader.db();
        let rows = runs::heads(db)?;
        let by_ix: HashMap<Ix, usize> = rows.iter().enumerate().map(|(at, row)| (row.ix, at)).collect();
        let mut parents: Vec<Named> = Vec::new();
        let mut known: HashMap<Ix, Option<u32>> = HashMap::new();
        let mut heads = Vec::with_capacity(rows.len());
        for row in rows {
            let parent = match row.parent {
                None => None,
                Some(ix) => match known.get(&ix) {
                    Some(parent) => *parent,
                    None => {
                        let found = entity::at(db, ix)?.map(|row| {
                            parents.push(Named::from(&row));
                            u32::try_from(parents.len() - 1).unwrap_or(0)
                        });
                        known.insert(ix, found);
                        found
                    }
                },
            };
            let name = row.name.unwrap_or_else(|| row.id.to_string());
            heads.push(Head { ix: row.ix, id: row.id, kind: row.kind, name, parent });
        }
        let mut filling = Filling { rows: heads.len(), columns: BTreeMap::new(), words: Words::new() };
        for (at, head) in heads.iter().enumerate() {
            filling.text("name", at, &head.name);
            filling.text("kind", at, head.kind.word());
            if let Some(parent) = head.parent.and_then(|parent| parents.get(parent as usize)) {
                let key = if parent.kind == Kind::Experiment { "experiment" } else { "job" };
                filling.text(key, at, &parent.name);
            }
        }
        runs::facets(db, FACETS, |facet| {
            if let Some(at) = by_ix.get(&facet.run) {
                filling.facet(*at, &facet);
            }
        })?;
        runs::trace_totals(db, |totals| {
            let Some(at) = by_ix.get(&totals.trace).copied() else { return };
            let millis = |nanos: i64| nanos as f64 / 1e6;
            for (key, value) in [
                ("start_time", totals.start.map(millis)),
                ("end_time", totals.end.map(millis)),
                ("spans", Some(totals.spans as f64)),
                ("errors", Some(totals.errors as f64)),
                ("input_tokens", totals.input_tokens.map(|tokens| tokens as f64)),
                ("output_tokens", totals.output_tokens.map(|tokens| tokens as f64)),
                ("cost", totals.cost),
            ] {
                if let Some(value) = value {
                    filling.number(key, at, value);
                }
            }
            filling.default_text("status", at, if totals.errors > 0 { "ERROR" } else { "OK" });
            filling.default_text("system", at, "otel");
        })?;
        filling.durations();
        let by_id = heads
            .iter()
            .enumerate()
            .map(|(at, head)| (head.id, u32::try_from(at).unwrap_or(u32::MAX)))
            .collect();
        Ok(Self { heads, columns: filling.columns, words: filling.words, parents, by_id })
    }

    pub(super) fn row_of(&self, id: EntityId) -> Option<usize> {
        self.by_id.get(&id).map(|at| *at as usize)
    }

    pub(super) fn parent(&self, row: usize) -> Option<&Named> {
        self.parents.get(self.heads.get(row)?.parent? as usize)
    }

    pub(super) fn cell(&self, column: &str, row: usize) -> Cell {
        self.columns.get(column).map_or(Cell::Missing, |column| column.cell(row))
    }
}

struct Filling {
    rows: usize,
    columns: BTreeMap<String, Column>,
    words: Words,
}

impl Filling {
    fn facet(&mut self, at: usize, facet: &RunFacet<'_>) {
        if let Some((system, _)) = facet.source.split_once(':') {
            self.default_text("system", at, system);
        }
        let Ok(body) = serde_json::from_str::<Value>(facet.json) else { return };
        match facet.name {
            "run" => self.run(at, &body),
            "params" => self.each(at, "params.", &body),
            "metadata" => self.each(at, "tags.", &body),
            "tags" => self.tags(at, &body),
            "metrics" => {
                for (key, value) in body.as_object().into_iter().flatten() {
                    if let Some(number) = number(value) {
                        self.number(&format!("metrics.{key}"), at, number);
                    }
                }
            }
            "trace" => {
                self.text_in(at, "status", &body["state"]);
                self.time(at, "start_time", &body["request_time"]);
                if let (Some(start), Some(spent)) =
                    (self.held("start_time", at), body["execution_duration"].as_str().and_then(seconds))
                {
                    self.number("end_time", at, start + spent * 1_000.0);
                }
            }
            // OpenLineage: the state that comes last in a run's life holds.
            "start" => {
                self.time(at, "start_time", &body["eventTime"]);
                self.default_text("status", at, "RUNNING");
            }
            "running" => self.default_text("status", at, "RUNNING"),
            "complete" | "fail" | "abort" => {
                self.time(at, "end_time", &body["eventTime"]);
                let status = match facet.name {
                    "complete" => "FINISHED",
                    "fail" => "FAILED",
                    _ => "KILLED",
                };
                self.text("status", at, status);
            }
            score => {
                let Some(name) = score.strip_prefix("score.") else { return };
                match number(&body["value"]) {
                    Some(value) => self.number(&format!("metrics.{name}"), at, value),
                    None => self.text_in(at, &format!("tags.{name}"), &body["label"]),
                }
            }
        }
    }

    fn run(&mut self, at: usize, body: &Value) {
        self.text_in(at, "status", &body["status"]);
        self.text_in(at, "user", &body["user_id"]);
        self.time(at, "start_time", &body["start_time"]);
        self.time(at, "end_time", &body["end_time"]);
    }

    fn each(&mut self, at: usize, prefix: &str, body: &Value) {
        for (key, value) in body.as_object().into_iter().flatten() {
            self.text_in(at, &format!("{prefix}{key}"), value);
        }
    }

    /// MLflow's are an object; OpenLineage's facet has a list of keys and values.
    fn tags(&mut self, at: usize, body: &Value) {
        if let Some(list) = body["tags"].as_array() {
            for tag in list {
                if let Some(key) = tag["key"].as_str() {
                    self.text_in(at, &format!("tags.{key}"), &tag["value"]);
                }
            }
        } else {
            for (key, value) in body.as_object().into_iter().flatten() {
                // MLflow's own notes to itself (a whole log model history) are no tags that anybody gave.
                if !key.starts_with("mlflow.log-model") && !key.starts_with("mlflow.trace") {
                    self.text_in(at, &format!("tags.{key}"), value);
                }
            }
        }
    }

    fn durations(&mut self) {
        for at in 0..self.rows {
            if let (Some(start), Some(end)) = (self.held("start_time", at), self.held("end_time", at))
                && end >= start
            {
                self.number("duration_ms", at, end - start);
            }
        }
    }

    fn held(&self, key: &str, at: usize) -> Option<f64> {
        match self.columns.get(key)?.cell(at) {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    fn time(&mut self, at: usize, key: &str, value: &Value) {
        let millis = match value {
            Value::String(text) => text.parse::<Timestamp>().ok().map(|time| time.micros() as f64 / 1_000.0),
            value => value.as_f64(),
        };
        if let Some(millis) = millis.filter(|millis| *millis > 0.0) {
            self.number(key, at, millis);
        }
    }

    fn text_in(&mut self, at: usize, key: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.text(key, at, text),
            other => self.text(key, at, &other.to_string()),
        }
    }

    fn text(&mut self, key: &str, at: usize, text: &str) {
        let cut = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
        let word = self.words.number_of(cut);
        if let Some(Column::Texts(words)) = self.column(key, Column::texts)
            && let Some(held) = words.get_mut(at)
        {
            *held = word;
        }
    }

    /// Only where nothing better was said.
    fn default_text(&mut self, key: &str, at: usize, text: &str) {
        if self.columns.get(key).is_none_or(|column| column.cell(at) == Cell::Missing) {
            self.text(key, at, text);
        }
    }

    fn number(&mut self, key: &str, at: usize, value: f64) {
        if let Some(Column::Numbers(numbers)) = self.column(key, Column::numbers)
            && let Some(held) = numbers.get_mut(at)
        {
            *held = value;
        }
    }

    fn column(&mut self, key: &str, make: fn(usize) -> Column) -> Option<&mut Column> {
        if !self.columns.contains_key(key) {
            let most = (MOST_CELLS / self.rows.max(1)).clamp(FEWEST_COLUMNS, MOST_COLUMNS);
            if self.columns.len() >= most {
                return None;
            }
            self.columns.insert(key.to_owned(), make(self.rows));
        }
        self.columns.get_mut(key)
    }
}

/// A metric's value: MLflow writes what JSON has no number for as a word.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// A protobuf duration in JSON: `1.5s`.
fn seconds(text: &str) -> Option<f64> {
    text.strip_suffix('s')?.parse().ok()
}
