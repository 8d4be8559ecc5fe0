//! Relations, why they are believed, and what people said of them.
//!
//! `first_at`, `last_at` and the listings are observed (they move with every repeat) and not in the log.

use catena_model::{
    evidence::{Evidence, Method},
    relation::{RelationKind, Verdict},
    source::Source,
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{entity::Ix, source};
use crate::{StoreError, StoreResult};

/// `state` says in two bits what the evidence and verdict amount to ([`State`]), so that the graph loads from this
/// table alone. `withdrawn` = a listing of the same source and method, later than `last_at`, doesn't have the relation.
pub(crate) const CREATE: &str = "
CREATE TABLE relation (
  ix INTEGER PRIMARY KEY,
  src INTEGER NOT NULL REFERENCES entity (ix),
  kind INTEGER NOT NULL,
  dst INTEGER NOT NULL REFERENCES entity (ix),
  verdict TEXT,
  state INTEGER NOT NULL DEFAULT 0,
  UNIQUE (src, kind, dst)
) STRICT;
CREATE INDEX relation_dst ON relation (dst);
CREATE TABLE evidence (
  relation INTEGER NOT NULL REFERENCES relation (ix),
  source INTEGER NOT NULL REFERENCES source (ix),
  method INTEGER NOT NULL,
  confidence INTEGER NOT NULL,
  detail TEXT,
  withdrawn INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (relation, source, method)
) STRICT, WITHOUT ROWID;
CREATE TABLE listing (
  src INTEGER NOT NULL REFERENCES entity (ix),
  kind INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES source (ix),
  method INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (src, kind, source, method)
) STRICT, WITHOUT ROWID;";

/// What the evidence and verdict of a relation amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Nobody says any more that it holds, or a person rejected it.
    pub removed: bool,
    /// All that speaks for it is a guess, and no person accepted it.
    pub inferred: bool,
}

impl State {
    /// The bits in which it is stored.
    pub fn bits(self) -> u8 {
        u8::from(self.removed) | u8::from(self.inferred) << 1
    }

    /// The state that these bits stand for.
    pub fn from_bits(bits: u8) -> Self {
        Self { removed: bits & 1 != 0, inferred: bits & 2 != 0 }
    }

    /// What this evidence and verdict amount to.
    pub fn of(evidence: &[EvidenceRow], verdict: Option<Verdict>) -> Self {
        let standing = || evidence.iter().map(|row| &row.evidence).filter(|evidence| !evidence.withdrawn);
        Self {
            removed: verdict == Some(Verdict::Rejected) || standing().next().is_none(),
            inferred: verdict != Some(Verdict::Accepted)
                && !evidence.is_empty()
                && evidence.iter().all(|row| row.evidence.method.is_inferred()),
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationRow {
    /// Its place in this file.
    pub ix: i64,
    /// Where it starts: the entity itself, not its head.
    pub src: Ix,
    /// What it says.
    pub kind: RelationKind,
    /// Where it ends: the entity itself, not its head.
    pub dst: Ix,
    /// A person's word on it.
    pub verdict: Option<Verdict>,
    /// What its evidence and verdict amount to.
    pub state: State,
}

/// Evidence with the times at which it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceRow {
    /// What the source says.
    pub evidence: Evidence,
    /// When it first said so, by its own clock.
    pub first_at: Timestamp,
    /// When it last said so.
    pub last_at: Timestamp,
}

pub(crate) fn kind(code: u8) -> rusqlite::Result<RelationKind> {
    RelationKind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, i64::from(code)))
}

pub(crate) fn verdict(word: Option<String>) -> Option<Verdict> {
    match word.as_deref() {
        Some("accepted") => Some(Verdict::Accepted),
        Some("rejected") => Some(Verdict::Rejected),
        _ => None,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<RelationRow> {
    Ok(RelationRow {
        ix: row.get(0)?,
        src: row.get(1)?,
        kind: kind(row.get(2)?)?,
        dst: row.get(3)?,
        verdict: verdict(row.get(4)?),
        state: State::from_bits(row.get(5)?),
    })
}

const COLUMNS: &str = "ix, src, kind, dst, verdict, state";

/// The relation of this kind between two entities.
pub fn find(db: &Connection, src: Ix, kind: RelationKind, dst: Ix) -> StoreResult<Option<RelationRow>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM relation WHERE src = ?1 AND kind = ?2 AND dst = ?3"))?
        .query_row(params![src, kind.code(), dst], read)
        .optional()?)
}

/// The relation at `ix`.
pub fn at(db: &Connection, ix: i64) -> StoreResult<Option<RelationRow>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM relation WHERE ix = ?1"))?
        .query_row([ix], read)
        .optional()?)
}

/// The number of the relation, given on first use. A relation without evidence or verdict is as good as none.
pub(crate) fn number(db: &Connection, src: Ix, kind: RelationKind, dst: Ix) -> StoreResult<i64> {
    if let Some(row) = find(db, src, kind, dst)? {
        return Ok(row.ix);
    }
    db.prepare_cached("INSERT INTO relation (src, kind, dst) VALUES (?1, ?2, ?3)")?.execute(params![
        src,
        kind.code(),
        dst
    ])?;
    Ok(db.last_insert_rowid())
}

/// Brings the relation's state up to its evidence and verdict.
fn refresh_state(db: &Connection, ix: i64) -> StoreResult<()> {
    let word =
        db.prepare_cached("SELECT verdict FROM relation WHERE ix = ?1")?.query_row([ix], |row| row.get(0))?;
    let state = State::of(&all_evidence(db, ix)?, verdict(word));
    db.prepare_cached("UPDATE relation SET state = ?2 WHERE ix = ?1 AND state <> ?2")?
        .execute(params![ix, state.bits()])?;
    Ok(())
}

/// Takes the relation away when nothing is left to be said of it.
pub(crate) fn drop_if_bare(db: &Connection, ix: i64) -> StoreResult<()> {
    db.prepare_cached(
        "DELETE FROM relation WHERE ix = ?1 AND verdict IS NULL
         AND NOT EXISTS (SELECT 1 FROM evidence WHERE relation = ?1)",
    )?
    .execute([ix])?;
    Ok(())
}

/// Sets a person's word on the relation.
pub(crate) fn set_verdict(db: &Connection, ix: i64, verdict: Option<&str>) -> StoreResult<()> {
    db.prepare_cached("UPDATE relation SET verdict = ?2 WHERE ix = ?1")?.execute(params![ix, verdict])?;
    refresh_state(db, ix)
}

/// All relations that start or end at the entity (itself, not its group).
pub fn touching(db: &Connection, entity: Ix) -> StoreResult<Vec<RelationRow>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM relation WHERE src = ?1 UNION SELECT {COLUMNS} FROM relation WHERE dst = ?1"
    ))?;
    let rows = statement.query_map([entity], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// One piece of evidence.
pub fn evidence(
    db: &Connection,
    relation: i64,
    source_ix: i64,
    source: &Source,
    method: Method,
) -> StoreResult<Option<EvidenceRow>> {
    let row: Option<(u8, Option<String>, bool, i64, i64)> = db
        .prepare_cached(
            "SELECT confidence, detail, withdrawn, first_at, last_at FROM evidence
             WHERE relation = ?1 AND source = ?2 AND method = ?3",
        )?
        .query_row(params![relation, source_ix, method.code()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    row.map(|(confidence, text, withdrawn, first_at, last_at)| {
        Ok(EvidenceRow {
            evidence: Evidence {
                source: source.clone(),
                method,
                confidence,
                detail: detail(text)?,
                withdrawn,
            },
            first_at: Timestamp::from_micros(first_at),
            last_at: Timestamp::from_micros(last_at),
        })
    })
    .transpose()
}

fn detail(text: Option<String>) -> StoreResult<Option<serde_json::Value>> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| StoreError::Damaged(format!("table evidence: {error}")))
}

/// Stores evidence in place of what this source said by this method.
pub(crate) fn put_evidence(
    db: &Connection,
    relation: i64,
    source_ix: i64,
    row: &EvidenceRow,
) -> StoreResult<()> {
    let evidence = &row.evidence;
    db.prepare_cached(
        "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (relation, source, method) DO UPDATE SET
           confidence = ?4, detail = ?5, withdrawn = ?6, first_at = ?7, last_at = ?8",
    )?
    .execute(params![
        relation,
        source_ix,
        evidence.method.code(),
        evidence.confidence,
        evidence.detail.as_ref().map(catena_model::json::canonical),
        evidence.withdrawn,
        row.first_at.micros(),
        row.last_at.micros(),
    ])?;
    refresh_state(db, relation)
}

/// Takes evidence away.
pub(crate) fn delete_evidence(
    db: &Connection,
    relation: i64,
    source_ix: i64,
    method: Method,
) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM evidence WHERE relation = ?1 AND source = ?2 AND method = ?3")?
        .execute(params![relation, source_ix, method.code()])?;
    refresh_state(db, relation)
}

/// All evidence of a relation.
pub fn all_evidence(db: &Connection, relation: i64) -> StoreResult<Vec<EvidenceRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source.text, method, confidence, detail, withdrawn, first_at, last_at
         FROM evidence JOIN source ON source.ix = evidence.source WHERE relation = ?1",
    )?;
    let mut rows = statement.query([relation])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let code: u8 = row.get(1)?;
        found.push(EvidenceRow {
            evidence: Evidence {
                source: source::parse(row.get_ref(0)?.as_str().unwrap_or_default())?,
                method: Method::from_code(code)
                    .ok_or_else(|| StoreError::Damaged(format!("table evidence: method = {code}")))?,
                confidence: row.get(2)?,
                detail: detail(row.get(3)?)?,
                withdrawn: row.get(4)?,
            },
            first_at: Timestamp::from_micros(row.get(5)?),
            last_at: Timestamp::from_micros(row.get(6)?),
        });
    }
    Ok(found)
}

/// When the source last listed all relations of this kind that start at the entity.
pub(crate) fn listed_at(
    db: &Connection,
    src: Ix,
    kind: RelationKind,
    source_ix: i64,
    method: Method,
) -> StoreResult<Option<Timestamp>> {
    Ok(db
        .prepare_cached(
            "SELECT at FROM listing WHERE src = ?1 AND kind = ?2 AND source = ?3 AND method = ?4",
        )?
        .query_row(params![src, kind.code(), source_ix, method.code()], |row| row.get(0))
        .optional()?
        .map(Timestamp::from_micros))
}

/// Notes a listing; an older one than the last is of no account.
pub(crate) fn put_listing(
    db: &Connection,
    src: Ix,
    kind: RelationKind,
    source_ix: i64,
    method: Method,
    at: Timestamp,
) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO listing VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (src, kind, source, method) DO UPDATE SET at = max(at, ?5)",
    )?
    .execute(params![src, kind.code(), source_ix, method.code(), at.micros()])?;
    Ok(())
}

/// Forgets the listing, when what it led to was taken back.
pub(crate) fn forget_listing(
    db: &Connection,
    src: Ix,
    kind: RelationKind,
    source_ix: i64,
    method: Method,
) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM listing WHERE src = ?1 AND kind = ?2 AND source = ?3 AND method = ?4")?
        .execute(params![src, kind.code(), source_ix, method.code()])?;
    Ok(())
}

/// The relations of this kind from the entity for which the source has evidence that it hasn't seen since `at`.
pub(crate) fn unseen_since(
    db: &Connection,
    src: Ix,
    kind: RelationKind,
    source_ix: i64,
    method: Method,
    at: Timestamp,
) -> StoreResult<Vec<(i64, Ix)>> {
    let mut statement = db.prepare_cached(
        "SELECT relation.ix, relation.dst FROM relation JOIN evidence ON evidence.relation = relation.ix
         WHERE relation.src = ?1 AND relation.kind = ?2 AND evidence.source = ?3 AND evidence.method = ?4
           AND evidence.last_at < ?5 AND NOT evidence.withdrawn",
    )?;
    let rows = statement
        .query_map(params![src, kind.code(), source_ix, method.code(), at.micros()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// When a relation was first and last seen, by any source.
pub fn seen(db: &Connection, relation: i64) -> StoreResult<Option<(Timestamp, Timestamp)>> {
    let times: (Option<i64>, Option<i64>) = db
        .prepare_cached("SELECT min(first_at), max(last_at) FROM evidence WHERE relation = ?1")?
        .query_row([relation], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(times
        .0
        .zip(times.1)
        .map(|(first, last)| (Timestamp::from_micros(first), Timestamp::from_micros(last))))
}

/// Calls `visit` with every relation, in the order of the file.
pub fn each(db: &Connection, mut visit: impl FnMut(RelationRow)) -> StoreResult<()> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM relation"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(read(row)?);
    }
    Ok(())
}

/// How many relations there are.
pub fn count(db: &Connection) -> StoreResult<u64> {
    Ok(db.query_row("SELECT count(*) FROM relation", [], |row| row.get(0))?)
}
