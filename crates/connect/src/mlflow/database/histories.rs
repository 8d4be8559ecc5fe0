//! The histories of metrics, of which a file may have many millions of points.

use std::collections::{BTreeMap, HashMap, HashSet};

use catena_ingest::mlflow::rest::Metric;
use catena_model::statement::Read;
use rusqlite::{Row, params};

use super::{
    error::DatabaseError,
    read::{Context, Page, ROWS, Reader, list},
    value::{number, text, whole, word},
};
use crate::{
    connector::Progress,
    handover::{Out, Stop},
    mlflow::place::Place,
};

/// How many points are read and handed over at once.
const POINTS: i64 = 50_000;

/// A run whose histories are read.
struct Run {
    row: i64,
    id: String,
    status: Option<String>,
}

/// Some of the points of a run.
struct Points {
    by_key: BTreeMap<String, Vec<Metric>>,
    count: i64,
    last: i64,
}

impl Reader {
    /// Hands over the histories run by run, by this index, from the point after `after` of the run in the row `run` on.
    pub(super) fn histories(
        &self,
        index: &str,
        (mut run, mut after): (i64, i64),
        context: &Context<'_>,
        out: &Out,
    ) -> Result<(), Stop> {
        let mut progress = Progress { stage: "metrics".to_owned(), done: 0, of: None };
        out.progress_blocking(progress.clone())?;
        let (mut reads, mut points): (Vec<Read>, i64) = (Vec::new(), 0);
        loop {
            let runs = self.runs_from(run).map_err(|error| self.explain(&error))?;
            let latest = self.latest_metrics(&list(runs.iter().map(|run| run.id.as_str())));
            let latest = latest.map_err(|error| self.explain(&error))?;
            let Some(last) = runs.last().map(|run| run.row) else { break };
            for this in runs {
                // After the first run, which may have been left in its middle, all are read from their start.
                after = if this.row == run { after } else { i64::MIN };
                run = this.row;
                let last_points = latest.get(&this.id).map(Vec::as_slice).unwrap_or_default();
                let is_known = |metric: &&Metric| context.known.has(&this.id, this.status.as_deref(), metric);
                let known: HashSet<&str> =
                    last_points.iter().filter(is_known).map(|metric| metric.key.as_str()).collect();
                let mut rest = last_points.is_empty() || known.len() < last_points.len();
                while rest {
                    self.go_on()?;
                    let found = self.points(index, &this.id, after, POINTS - points);
                    let found = found.map_err(|error| self.explain(&error))?;
                    rest = found.count >= POINTS - points;
                    points += found.count;
                    after = found.last;
                    let new = found.by_key.into_iter().filter(|(key, _)| !known.contains(key.as_str()));
                    reads.extend(
                        new.map(|(key, points)| context.mapping.metric_history(&this.id, &key, &points)),
                    );
                    if points >= POINTS {
                        progress.done += reads.len() as u64;
                        let here = Place::Histories { run, after }.cursor();
                        out.portion_blocking(std::mem::take(&mut reads), here)?;
                        out.progress_blocking(progress.clone())?;
                        points = 0;
                    }
                }
            }
            (run, after) = (last.saturating_add(1), i64::MIN);
        }
        Ok(out.portion_blocking(reads, Place::End.cursor())?)
    }

    fn runs_from(&self, row: i64) -> rusqlite::Result<Vec<Run>> {
        let columns = self.schema.columns("runs", &["run_uuid", "status"]);
        let sql = format!("SELECT rowid, {columns} FROM runs WHERE rowid >= ?1 ORDER BY rowid LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let read = |row: &Row<'_>| Ok(Run { row: row.get(0)?, id: word(row, 1)?, status: text(row, 2)? });
        statement.query_map(params![row, ROWS], read)?.collect()
    }

    /// The next points of a run, by its index, in the order in which they were logged.
    fn points(&self, index: &str, run: &str, after: i64, most: i64) -> rusqlite::Result<Points> {
        let columns = self.schema.columns("metrics", &["key", "value", "is_nan", "timestamp", "step"]);
        let sql = format!(
            "SELECT rowid, {columns} FROM metrics INDEXED BY {index} WHERE run_uuid = ?1 AND rowid > ?2 \
             ORDER BY rowid LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![run, after, most])?;
        let mut points = Points { by_key: BTreeMap::new(), count: 0, last: after };
        while let Some(row) = rows.next()? {
            points.last = row.get(0)?;
            points.count += 1;
            if let Some(point) = point(row, 2)? {
                points.by_key.entry(word(row, 1)?).or_default().push(point);
            }
        }
        Ok(points)
    }

    /// Stops when somebody asked for it.
    pub(super) fn go_on(&self) -> Result<(), DatabaseError> {
        if self.cancel.is_cancelled() { Err(DatabaseError::Cancelled) } else { Ok(()) }
    }

    /// The next points of any runs, in the order in which they were logged: for databases from before MLflow 1.25,
    /// which have no index of them by run.
    pub(super) fn metrics(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns =
            self.schema.columns("metrics", &["run_uuid", "key", "value", "is_nan", "timestamp", "step"]);
        let sql =
            format!("SELECT metrics.rowid, {columns} FROM metrics WHERE rowid > ?1 ORDER BY rowid LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![after, POINTS])?;
        let (mut last, mut count) = (None, 0);
        let mut histories: BTreeMap<(String, String), Vec<Metric>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            last = Some(row.get(0)?);
            count += 1;
            if let Some(point) = point(row, 3)? {
                histories.entry((word(row, 1)?, word(row, 2)?)).or_default().push(point);
            }
        }
        let unknown = self.unknown(&histories, context)?;
        let reads = histories
            .into_iter()
            .filter(|(history, _)| unknown.contains(history))
            .map(|((run, key), points)| context.mapping.metric_history(&run, &key, &points))
            .collect();
        Ok(Page { reads, last, full: count >= POINTS })
    }

    /// Which of these histories are of runs that are there, and not stored already.
    fn unknown(
        &self,
        histories: &BTreeMap<(String, String), Vec<Metric>>,
        context: &Context<'_>,
    ) -> rusqlite::Result<HashSet<(String, String)>> {
        let mut runs: Vec<&str> = histories.keys().map(|(run, _)| run.as_str()).collect();
        runs.dedup();
        let ids = list(runs.into_iter());
        let status = self.statuses(&ids)?;
        let latest = self.latest_metrics(&ids)?;
        let is_known = |run: &str, key: &str| {
            let last = latest.get(run).and_then(|metrics| metrics.iter().find(|metric| metric.key == key));
            let status = status.get(run).and_then(Option::as_deref);
            last.is_some_and(|last| context.known.has(run, status, last))
        };
        let wanted = |(run, key): &&(String, String)| status.contains_key(run) && !is_known(run, key);
        Ok(histories.keys().filter(wanted).cloned().collect())
    }

    fn statuses(&self, ids: &str) -> rusqlite::Result<HashMap<String, Option<String>>> {
        let columns = self.schema.columns("runs", &["run_uuid", "status"]);
        let sql = format!("SELECT {columns} FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?1))");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([ids], |row| Ok((word(row, 0)?, text(row, 1)?)))?;
        rows.collect()
    }
}

/// A point whose value, mark of NaN, time and step stand from this column on; `None` when its value is no number.
fn point(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Metric>> {
    let Some(value) = number(row, at, at + 1)? else { return Ok(None) };
    let (timestamp, step) =
        (whole(row, at + 2)?.unwrap_or_default(), whole(row, at + 3)?.unwrap_or_default());
    Ok(Some(Metric { value, timestamp, step, ..Metric::default() }))
}
