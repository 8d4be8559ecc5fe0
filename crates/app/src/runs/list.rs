//! The table of runs: chosen, sorted, a page of it.

use std::{cmp::Ordering, time::Instant};

use catena_model::{id::EntityId, kind::Kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::{
    column::{Cell, Column},
    filter::{self, Test},
    groups::{self, RunGroup},
    table::RunsTable,
};
use crate::{App, AppError, named::Named};

/// Which runs, and what of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RunsArgs {
    /// An expression in the words of MLflow's search (`metrics.rmse < 0.5 AND params.model = 'xgb'`), or words that
    /// names have in them. Empty for all.
    pub filter: String,
    /// Only these; empty for all.
    pub ids: Vec<EntityId>,
    /// Only of these kinds (`run`, `trace`); empty for both.
    pub kinds: Vec<Kind>,
    /// Only what is a part of this experiment or job.
    pub of: Option<EntityId>,
    /// By which columns, the first deciding; runs that started last come first where all are equal.
    pub sort: Vec<RunSort>,
    /// The columns whose values are given; empty for those that most of the runs have.
    pub columns: Vec<String>,
    /// One group of runs for each value of this column.
    pub group_by: Option<String>,
    /// How many rows are passed over.
    pub offset: usize,
    /// How many rows are given, at the most 10,000.
    pub limit: Option<usize>,
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunSort {
    /// The column.
    pub column: String,
    /// The greatest first.
    #[serde(default)]
    pub descending: bool,
}

/// A column that runs have.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RunColumn {
    /// What it is called in filters: `status`, `metrics.rmse`, `params.depth`.
    pub key: String,
    /// How many of the chosen runs have a value.
    pub present: usize,
    /// Whether all values are numbers.
    pub numeric: bool,
    /// Whether the chosen runs differ in it.
    pub differs: bool,
    /// The least of the numbers.
    pub min: Option<f64>,
    /// The greatest of the numbers.
    pub max: Option<f64>,
}

/// A run in the table.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RunTableRow {
    /// Its id.
    pub id: EntityId,
    /// Run or trace.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What it is a part of: an experiment, a job.
    pub of: Option<Named>,
    /// Its values, in the order of the reply's `shown`.
    #[ts(type = "Json[]")]
    pub values: Vec<Value>,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RunsReply {
    /// How many there are in the catalog.
    pub total: usize,
    /// How many were chosen.
    pub matching: usize,
    /// The columns that the chosen runs have.
    pub columns: Vec<RunColumn>,
    /// The columns that the rows' values are of.
    pub shown: Vec<String>,
    /// The page.
    pub runs: Vec<RunTableRow>,
    /// One for each value of the column that was asked for.
    pub groups: Vec<RunGroup>,
    /// Columns that the filter names and no run has.
    pub unknown: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_millis: f64,
}

/// How many rows are given where it isn't said.
const PAGE: usize = 200;
/// The most rows given at once.
const MOST_ROWS: usize = 10_000;
/// How many columns of a sort are shown where it isn't said which.
const FIRST_COLUMNS: usize = 8;

/// The columns that are not named by a tracker's users.
pub(super) const ATTRIBUTES: &[&str] = &[
    "name",
    "kind",
    "system",
    "experiment",
    "job",
    "status",
    "start_time",
    "end_time",
    "duration_ms",
    "user",
    "spans",
    "errors",
    "input_tokens",
    "output_tokens",
    "cost",
];

/// Runs of any system and any experiment in one table.
pub fn runs(app: &App, args: RunsArgs) -> Result<RunsReply, AppError> {
    let session = app.session()?;
    let table = session.runs.table(&session.catalog)?;
    of_table(&table, &args)
}

pub(super) fn of_table(table: &RunsTable, args: &RunsArgs) -> Result<RunsReply, AppError> {
    let began = Instant::now();
    let test = filter::read(&args.filter)?;
    let chosen = chosen(table, args, &test);
    let mut unknown = Vec::new();
    test.unknown(table, &mut unknown);
    let columns = columns(table, &chosen);
    let shown = if args.columns.is_empty() {
        first(&columns)
    } else {
        args.columns.iter().map(|key| filter::column(key)).collect()
    };
    let limit = args.limit.unwrap_or(PAGE).min(MOST_ROWS);
    let found: Vec<Option<&Column>> = shown.iter().map(|key| table.columns.get(key)).collect();
    let rows = chosen.iter().skip(args.offset).take(limit).filter_map(|&row| {
        let head = table.heads.get(row)?;
        Some(RunTableRow {
            id: head.id,
            kind: head.kind,
            name: head.name.clone(),
            of: table.parent(row).cloned(),
            values: found
                .iter()
                .map(|column| column.map_or(Value::Null, |column| column.told(row, &table.words)))
                .collect(),
        })
    });
    let groups = match &args.group_by {
        Some(key) => groups::by(table, &filter::column(key), &chosen, &shown),
        None => Vec::new(),
    };
    Ok(RunsReply {
        total: table.heads.len(),
        matching: chosen.len(),
        runs: rows.collect(),
        groups,
        unknown: unknown.into_iter().map(str::to_owned).collect(),
        columns,
        shown,
        took_millis: began.elapsed().as_secs_f64() * 1_000.0,
    })
}

/// The rows that fit, in order.
fn chosen(table: &RunsTable, args: &RunsArgs, test: &Test) -> Vec<usize> {
    let candidates: Vec<usize> = match args.ids.as_slice() {
        [] => (0..table.heads.len()).collect(),
        ids => ids.iter().filter_map(|id| table.row_of(*id)).collect(),
    };
    let mut chosen: Vec<usize> = candidates
        .into_iter()
        .filter(|&row| {
            let Some(head) = table.heads.get(row) else { return false };
            (args.kinds.is_empty() || args.kinds.contains(&head.kind))
                && args.of.is_none_or(|of| table.parent(row).is_some_and(|parent| parent.id == of))
                && test.holds(table, row)
        })
        .collect();
    let by: Vec<(&Column, bool)> = args
        .sort
        .iter()
        .filter_map(|sort| Some((table.columns.get(&filter::column(&sort.column))?, sort.descending)))
        .collect();
    let start = table.columns.get("start_time");
    chosen.sort_by(|&a, &b| {
        for (column, descending) in &by {
            let missing = (column.cell(a) == Cell::Missing).cmp(&(column.cell(b) == Cell::Missing));
            let order = column.order(a, b, &table.words);
            // What has no value comes last whichever way is sorted.
            let order = missing.then(if *descending { order.reverse() } else { order });
            if order.is_ne() {
                return order;
            }
        }
        let latest = start.map_or(Ordering::Equal, |start| match (start.cell(a), start.cell(b)) {
            (Cell::Number(a), Cell::Number(b)) => b.total_cmp(&a),
            (Cell::Number(_), _) => Ordering::Less,
            (_, Cell::Number(_)) => Ordering::Greater,
            _ => Ordering::Equal,
        });
        latest.then_with(|| table.heads[a].id.cmp(&table.heads[b].id))
    });
    chosen
}

/// The columns that these rows have, attributes first, then metrics, parameters and tags by name.
fn columns(table: &RunsTable, chosen: &[usize]) -> Vec<RunColumn> {
    let mut columns: Vec<RunColumn> = table
        .columns
        .iter()
        .filter_map(|(key, column)| {
            let mut told = RunColumn {
                key: key.clone(),
                present: 0,
                numeric: true,
                differs: false,
                min: None,
                max: None,
            };
            let mut first = None;
            for &row in chosen {
                let cell = column.cell(row);
                if cell == Cell::Missing {
                    continue;
                }
                told.present += 1;
                match column.number(row, &table.words) {
                    Some(number) if !number.is_nan() => {
                        told.min = Some(told.min.map_or(number, |min| min.min(number)));
                        told.max = Some(told.max.map_or(number, |max| max.max(number)));
                    }
                    Some(_) => {}
                    None => told.numeric = false,
                }
                told.differs |= first.is_some_and(|first| first != cell);
                first = first.or(Some(cell));
            }
            told.differs |= told.present > 0 && told.present < chosen.len();
            (told.present > 0).then_some(told)
        })
        .collect();
    columns.sort_by(|a, b| (section(&a.key), &a.key).cmp(&(section(&b.key), &b.key)));
    columns
}

/// Where a column stands among the others.
fn section(key: &str) -> usize {
    match ATTRIBUTES.iter().position(|attribute| *attribute == key) {
        Some(at) => at,
        None if key.starts_with("metrics.") => ATTRIBUTES.len(),
        None if key.starts_with("params.") => ATTRIBUTES.len() + 1,
        None => ATTRIBUTES.len() + 2,
    }
}

/// What is shown where nobody chose: how it went, and the metrics and parameters that most runs have and differ in.
fn first(columns: &[RunColumn]) -> Vec<String> {
    let mut shown: Vec<String> = columns
        .iter()
        .filter(|column| {
            ["status", "start_time", "duration_ms", "user", "input_tokens", "output_tokens", "cost"]
                .contains(&column.key.as_str())
        })
        .map(|column| column.key.clone())
        .collect();
    for prefix in ["metrics.", "params."] {
        let mut of: Vec<&RunColumn> =
            columns.iter().filter(|column| column.key.starts_with(prefix)).collect();
        of.sort_by(|a, b| {
            (b.differs, b.present).cmp(&(a.differs, a.present)).then_with(|| a.key.cmp(&b.key))
        });
        shown.extend(of.into_iter().take(FIRST_COLUMNS).map(|column| column.key.clone()));
    }
    shown
}
