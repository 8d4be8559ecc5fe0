//! A few runs beside each other, row by row.

use std::collections::BTreeMap;

use catena_model::{id::EntityId, kind::Kind, relation::RelationKind};
use catena_store::Reader;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::{
    column::Cell,
    list::ATTRIBUTES,
    table::{LONGEST, RunsTable},
};
use crate::{App, AppError, lookup, named::Named};

/// Which runs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CompareArgs {
    /// Their ids, or names that only one has; in the order in which they are shown.
    pub runs: Vec<String>,
    /// Which of them the others are measured against; the first where it isn't said.
    #[serde(default)]
    pub baseline: Option<String>,
}

/// A run of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ComparedRun {
    /// Its id.
    pub id: EntityId,
    /// Run or trace.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What it is a part of.
    pub of: Option<Named>,
}

/// What a row of a comparison is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompareSection {
    /// How it went.
    Attributes,
    /// What it was given.
    Params,
    /// What it measured, by the last value of each metric.
    Metrics,
    /// What it is marked with.
    Tags,
    /// What it read, used and made.
    Lineage,
}

/// One thing that the runs are compared in.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CompareRow {
    /// What it is about.
    pub section: CompareSection,
    /// Its name within the section.
    pub key: String,
    /// A value for each run, nothing where it has none.
    #[ts(type = "Json[]")]
    pub values: Vec<Value>,
    /// Whether the runs differ in it.
    pub differs: bool,
    /// Each value less the baseline's; nothing where one of the two is missing or no number.
    pub deltas: Vec<Option<f64>>,
}

/// Runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CompareReply {
    /// The runs.
    pub runs: Vec<ComparedRun>,
    /// Which of them is the baseline: its place among them.
    pub baseline: usize,
    /// What they are compared in.
    pub rows: Vec<CompareRow>,
}

/// The most runs that are put beside each other.
const MOST_RUNS: usize = 500;

/// Compares runs.
pub fn compare(app: &App, args: CompareArgs) -> Result<CompareReply, AppError> {
    let session = app.session()?;
    if args.runs.is_empty() {
        return Err(AppError::bad_request("name the runs to compare"));
    }
    if args.runs.len() > MOST_RUNS {
        return Err(AppError::bad_request(format!("at most {MOST_RUNS} runs are compared at once")));
    }
    let table = session.runs.table(&session.catalog)?;
    let mut rows = Vec::new();
    for text in &args.runs {
        let found = lookup::entity(&session, text)?;
        let row = table.row_of(found.id).ok_or_else(|| {
            AppError::bad_request(format!(
                "{} is a {}: only runs and traces are compared here",
                found.name.as_deref().unwrap_or(text),
                found.kind.word().replace('_', " ")
            ))
        })?;
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let baseline = match &args.baseline {
        None => 0,
        Some(text) => {
            let id = lookup::entity(&session, text)?.id;
            rows.iter()
                .position(|&row| table.heads[row].id == id)
                .ok_or_else(|| AppError::bad_request(format!("the baseline {text} is not among the runs")))?
        }
    };
    let lineage = session.catalog.read(|reader| {
        rows.iter().map(|&row| lineage(reader, table.heads[row].ix)).collect::<Result<Vec<_>, _>>()
    })?;
    let mut compared = columns(&table, &rows, baseline);
    for row in &mut compared {
        if is_cut(row) {
            session.catalog.read(|reader| whole(reader, &table, &rows, row))?;
        }
    }
    let mut kinds: Vec<&str> = lineage.iter().flat_map(|of| of.keys().map(String::as_str)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let values: Vec<Value> =
            lineage.iter().map(|of| of.get(kind).cloned().map_or(Value::Null, Value::from)).collect();
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        let deltas = vec![None; values.len()];
        compared.push(CompareRow {
            section: CompareSection::Lineage,
            key: kind.to_owned(),
            values,
            differs,
            deltas,
        });
    }
    let runs = rows
        .iter()
        .map(|&row| {
            let head = &table.heads[row];
            ComparedRun {
                id: head.id,
                kind: head.kind,
                name: head.name.clone(),
                of: table.parent(row).cloned(),
            }
        })
        .collect();
    Ok(CompareReply { runs, baseline, rows: compared })
}

fn columns(table: &RunsTable, rows: &[usize], baseline: usize) -> Vec<CompareRow> {
    let mut compared: Vec<(usize, CompareRow)> = table
        .columns
        .iter()
        .filter_map(|(key, column)| {
            let cells: Vec<Cell> = rows.iter().map(|&row| column.cell(row)).collect();
            if cells.iter().all(|cell| *cell == Cell::Missing) {
                return None;
            }
            let (section, name) = match key.split_once('.') {
                Some(("params", name)) => (CompareSection::Params, name),
                Some(("metrics", name)) => (CompareSection::Metrics, name),
                Some(("tags", name)) => (CompareSection::Tags, name),
                _ => (CompareSection::Attributes, key.as_str()),
            };
            let place = ATTRIBUTES.iter().position(|attribute| attribute == key).unwrap_or(0);
            let number =
                |at: usize| column.number(*rows.get(at)?, &table.words).filter(|number| number.is_finite());
            let deltas = (0..rows.len())
                .map(|at| (at != baseline).then(|| Some(number(at)? - number(baseline)?)).flatten())
                .collect();
            let differs = cells.windows(2).any(|pair| !same(pair[0], pair[1]));
            let values = rows.iter().map(|&row| column.told(row, &table.words)).collect();
            Some((place, CompareRow { section, key: name.to_owned(), values, differs, deltas }))
        })
        .collect();
    compared.sort_by(|(a_place, a), (b_place, b)| {
        (a.section, *a_place, &a.key).cmp(&(b.section, *b_place, &b.key))
    });
    compared.into_iter().map(|(_, row)| row).collect()
}

fn same(a: Cell, b: Cell) -> bool {
    match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

fn is_cut(row: &CompareRow) -> bool {
    row.values.iter().any(|value| value.as_str().is_some_and(|text| text.chars().count() >= LONGEST))
}

/// Takes the whole texts from the runs' facets in place of those that the table cut.
fn whole(
    reader: &Reader<'_>,
    table: &RunsTable,
    rows: &[usize],
    row: &mut CompareRow,
) -> catena_store::StoreResult<()> {
    let name = match row.section {
        CompareSection::Params => "params",
        CompareSection::Tags => "tags",
        _ => return Ok(()),
    };
    for (at, value) in row.values.iter_mut().enumerate() {
        let facets = reader.facets(table.heads[rows[at]].ix)?;
        let body =
            facets.iter().find_map(|facet| (facet.name == name).then(|| facet.body.get(&row.key)).flatten());
        if let Some(text) = body.and_then(Value::as_str) {
            *value = Value::from(text);
        }
    }
    row.differs = row.values.windows(2).any(|pair| pair[0] != pair[1]);
    Ok(())
}

/// The names of what a run read, used and made, by kind of relation.
fn lineage(reader: &Reader<'_>, run: i64) -> catena_store::StoreResult<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for relation in reader.relations(run)? {
        let kind = relation.row.kind;
        if kind == RelationKind::RelatedTo || relation.row.state.removed {
            continue;
        }
        let key = if relation.outgoing { kind.word().to_owned() } else { format!("{} by", kind.word()) };
        found.entry(key).or_default().push(Named::from(&relation.other).name);
    }
    for names in found.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    Ok(found)
}
