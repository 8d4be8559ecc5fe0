//! Reading what was run, whole: for tables that show thousands of runs at once.

use catena_model::{id::EntityId, kind::Kind};
use rusqlite::{Connection, params};

use crate::{
    StoreResult,
    table::entity::{self, Ix},
};

/// A run or a trace: a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its place in this file.
    pub ix: Ix,
    /// Its identity.
    pub id: EntityId,
    /// Run or trace.
    pub kind: Kind,
    /// What it is called.
    pub name: Option<String>,
    /// What it is a part of: an experiment, a job.
    pub parent: Option<Ix>,
}

/// A facet of a run, unread.
pub struct RunFacet<'a> {
    /// Of which run: a head.
    pub run: Ix,
    /// Its name.
    pub name: &'a str,
    /// Who sent it: `system:instance`.
    pub source: &'a str,
    /// Its body.
    pub json: &'a str,
}

/// What the spans of a trace come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceTotals {
    /// Which trace: a head.
    pub trace: Ix,
    /// How many spans it has.
    pub spans: i64,
    /// When the first started, in nanoseconds since the epoch.
    pub start: Option<i64>,
    /// When the last ended, likewise.
    pub end: Option<i64>,
    /// Tokens read and written by models.
    pub input_tokens: Option<i64>,
    /// Tokens that models wrote.
    pub output_tokens: Option<i64>,
    /// US dollars.
    pub cost: Option<f64>,
    /// How many spans ended with an error.
    pub errors: i64,
}

/// All runs and traces, merged ones counted once.
pub fn heads(db: &Connection) -> StoreResult<Vec<RunRow>> {
    let mut statement = db.prepare_cached(
        "SELECT ix, id, kind, name, parent FROM entity WHERE kind IN (?1, ?2) AND head = ix AND NOT gone",
    )?;
    let rows = statement
        .query_map(params![Kind::Run.code(), Kind::Trace.code()], |row| {
            Ok(RunRow {
                ix: row.get(0)?,
                id: EntityId::from_bytes(row.get(1)?),
                kind: entity::kind(row.get(2)?)?,
                name: row.get(3)?,
                parent: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Calls `visit` with the facets of runs that tables show: those of these names, and scores.
pub fn facets(db: &Connection, names: &[&str], mut visit: impl FnMut(RunFacet<'_>)) -> StoreResult<()> {
    let names = serde_json::to_string(names).unwrap_or_default();
    let mut statement = db.prepare_cached(
        "SELECT entity.head, facet.name, source.text, facet_body.json
         FROM entity JOIN facet ON facet.entity = entity.ix
         JOIN facet_body ON facet_body.ix = facet.body JOIN source ON source.ix = facet.source
         WHERE entity.kind IN (?1, ?2) AND facet.about = 0
           AND (facet.name IN (SELECT value FROM json_each(?3)) OR (facet.name >= 'score.' AND facet.name < 'score/'))",
    )?;
    let mut rows = statement.query(params![Kind::Run.code(), Kind::Trace.code(), names])?;
    while let Some(row) = rows.next()? {
        visit(RunFacet {
            run: row.get(0)?,
            name: row.get_ref(1)?.as_str().unwrap_or_default(),
            source: row.get_ref(2)?.as_str().unwrap_or_default(),
            json: row.get_ref(3)?.as_str().unwrap_or_default(),
        });
    }
    Ok(())
}

/// Calls `visit` with what the spans of every trace come to.
pub fn trace_totals(db: &Connection, mut visit: impl FnMut(TraceTotals)) -> StoreResult<()> {
    let mut statement = db.prepare_cached(
        "SELECT entity.head, count(*), min(span.start), max(span.end), sum(span.input_tokens), sum(span.output_tokens),
                sum(span.cost), sum(span.status = 2)
         FROM span JOIN entity ON entity.ix = span.trace GROUP BY entity.head",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(TraceTotals {
            trace: row.get(0)?,
            spans: row.get(1)?,
            start: row.get(2)?,
            end: row.get(3)?,
            input_tokens: row.get(4)?,
            output_tokens: row.get(5)?,
            cost: row.get(6)?,
            errors: row.get(7)?,
        });
    }
    Ok(())
}
