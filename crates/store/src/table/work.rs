//! Pieces of work as they are counted: one small row each, joined from all that was told of them.

use std::collections::BTreeMap;

use catena_model::{
    span::{SpanId, SpanStatus, Usage},
    time::Timestamp,
    work::{Mark, Role, Work},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::entity::Ix;
use crate::{StoreError, StoreResult};

/// `roles` is a list of codes and entities, as JSON; `scores` an object of name to time and value.
pub(crate) const CREATE: &str = "
CREATE TABLE work (
  whole INTEGER NOT NULL REFERENCES entity (ix),
  part BLOB NOT NULL,
  start INTEGER,
  end INTEGER,
  status INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,
  roles TEXT NOT NULL,
  scores TEXT,
  PRIMARY KEY (whole, part)
) STRICT, WITHOUT ROWID;";

/// A piece of work, its things resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WorkRow {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) status: SpanStatus,
    pub(crate) usage: Usage,
    /// In order, each once.
    pub(crate) roles: Vec<(Role, Ix)>,
    pub(crate) scores: BTreeMap<String, Mark>,
}

impl WorkRow {
    pub(crate) fn of(work: &Work, roles: impl IntoIterator<Item = (Role, Ix)>) -> Self {
        let mut row = Self {
            start: work.start,
            end: work.end,
            status: work.status,
            usage: work.usage,
            roles: roles.into_iter().collect(),
            scores: work.scores.clone(),
        };
        row.tidy();
        row
    }

    fn tidy(&mut self) {
        self.roles.sort_unstable();
        self.roles.dedup();
        // Who was called is not only spent for.
        let called: Vec<Ix> =
            self.roles.iter().filter(|(role, _)| *role == Role::Called).map(|(_, ix)| *ix).collect();
        self.roles.retain(|(role, ix)| *role != Role::Spent || !called.contains(ix));
    }

    /// Joins two tellings, whichever comes first.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.start = [self.start, other.start].into_iter().flatten().min();
        self.end = self.end.max(other.end);
        self.status = self.status.max(other.status);
        self.usage = Usage {
            input_tokens: self.usage.input_tokens.max(other.usage.input_tokens),
            output_tokens: self.usage.output_tokens.max(other.usage.output_tokens),
            cost: [self.usage.cost, other.usage.cost].into_iter().flatten().max_by(f64::total_cmp),
        };
        self.roles.extend(other.roles);
        for (name, mark) in other.scores {
            let held = self.scores.entry(name).or_insert(mark);
            *held = held.later(mark);
        }
        self.tidy();
        self
    }
}

/// Stores new work; false when there is some of this identity.
pub(crate) fn insert(db: &Connection, whole: Ix, part: SpanId, row: &WorkRow) -> StoreResult<bool> {
    write(db, "INSERT OR IGNORE INTO work VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", whole, part, row)
}

pub(crate) fn replace(db: &Connection, whole: Ix, part: SpanId, row: &WorkRow) -> StoreResult<()> {
    write(
        db,
        "INSERT OR REPLACE INTO work VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        whole,
        part,
        row,
    )
    .map(|_| ())
}

fn write(db: &Connection, sql: &str, whole: Ix, part: SpanId, row: &WorkRow) -> StoreResult<bool> {
    let roles: Vec<(u8, Ix)> = row.roles.iter().map(|(role, ix)| (role.code(), *ix)).collect();
    let scores: BTreeMap<&str, (i64, f64)> =
        row.scores.iter().map(|(name, mark)| (name.as_str(), (mark.at.micros(), mark.value))).collect();
    let text = |json: serde_json::Result<String>| {
        json.map_err(|error| StoreError::Refused(format!("work could not be written down: {error}")))
    };
    let scores = if scores.is_empty() { None } else { Some(text(serde_json::to_string(&scores))?) };
    let written = db.prepare_cached(sql)?.execute(params![
        whole,
        id_bytes(part),
        row.start,
        row.end,
        row.status.code(),
        row.usage.input_tokens,
        row.usage.output_tokens,
        row.usage.cost,
        text(serde_json::to_string(&roles))?,
        scores,
    ])?;
    Ok(written > 0)
}

/// All of a whole.
pub(crate) fn of_whole(db: &Connection, whole: Ix) -> StoreResult<Vec<WorkRow>> {
    let mut statement = db.prepare_cached(
        "SELECT start, end, status, input_tokens, output_tokens, cost, roles, scores FROM work WHERE whole = ?1",
    )?;
    let mut rows = statement.query([whole])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

pub(crate) fn find(db: &Connection, whole: Ix, part: SpanId) -> StoreResult<Option<WorkRow>> {
    db.prepare_cached(
        "SELECT start, end, status, input_tokens, output_tokens, cost, roles, scores FROM work
         WHERE whole = ?1 AND part = ?2",
    )?
    .query_row(params![whole, id_bytes(part)], |row| Ok(read(row)))
    .optional()?
    .transpose()
}

fn read(row: &Row<'_>) -> StoreResult<WorkRow> {
    let damaged = |what: &str| StoreError::Damaged(format!("table work: {what}"));
    let roles: Vec<(u8, Ix)> =
        serde_json::from_str(row.get_ref(6)?.as_str().unwrap_or_default()).map_err(|_| damaged("roles"))?;
    let scores: BTreeMap<String, (i64, f64)> = match row.get::<_, Option<String>>(7)? {
        Some(text) => serde_json::from_str(&text).map_err(|_| damaged("scores"))?,
        None => BTreeMap::new(),
    };
    Ok(WorkRow {
        start: row.get(0)?,
        end: row.get(1)?,
        status: SpanStatus::from_code(row.get(2)?).ok_or_else(|| damaged("status"))?,
        usage: Usage { input_tokens: row.get(3)?, output_tokens: row.get(4)?, cost: row.get(5)? },
        roles: roles
            .into_iter()
            .map(|(role, ix)| Some((Role::from_code(role)?, ix)))
            .collect::<Option<_>>()
            .ok_or_else(|| damaged("roles"))?,
        scores: scores
            .into_iter()
            .map(|(name, (at, value))| (name, Mark { at: Timestamp::from_micros(at), value }))
            .collect(),
    })
}

fn id_bytes(id: SpanId) -> Vec<u8> {
    let bytes = id.0.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}
