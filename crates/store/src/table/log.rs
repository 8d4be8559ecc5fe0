//! The operation log. Rows are only ever added.

use catena_model::{
    actor::{Actor, Origin},
    change::{Aspect, Change, Subject},
    id::{CauseId, EntityId, OperationId},
    json::canonical,
    operation::{GENESIS, Link, Operation, StoredChange, link_change, link_operation},
    relation::{RelationKey, RelationKind},
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{StoreError, StoreResult};

/// `link` of an operation is the chain after its last change. `mark` of a change is the start of the chain after it,
/// enough to say which of ten thousand changes was tampered with.
pub(crate) const CREATE: &str = "
CREATE TABLE operation (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  title TEXT NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT NOT NULL,
  cause BLOB,
  undoes BLOB,
  at INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  link BLOB NOT NULL
) STRICT;
CREATE INDEX operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;
CREATE TABLE change (
  seq INTEGER NOT NULL REFERENCES operation (seq),
  n INTEGER NOT NULL,
  subject BLOB NOT NULL,
  aspect TEXT NOT NULL,
  before TEXT,
  after TEXT,
  mark BLOB NOT NULL,
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_subject ON change (subject);";

pub(crate) const BY_CAUSE: &str =
    "CREATE INDEX operation_cause ON operation (cause) WHERE cause IS NOT NULL;";

/// The bytes under which a subject is stored: an entity's 16; or a relation's `from`, `to` and kind, 33.
pub fn subject_bytes(subject: &Subject) -> Vec<u8> {
    match subject {
        Subject::Entity { id } => id.as_bytes().to_vec(),
        Subject::Relation { key } => {
            let mut bytes = Vec::with_capacity(33);
            bytes.extend_from_slice(key.from.as_bytes());
            bytes.extend_from_slice(key.to.as_bytes());
            bytes.push(key.kind.code());
            bytes
        }
    }
}

fn subject(bytes: &[u8]) -> StoreResult<Subject> {
    let id = |range: std::ops::Range<usize>| {
        bytes.get(range).and_then(|part| part.try_into().ok()).map(EntityId::from_bytes)
    };
    match bytes.len() {
        16 => id(0..16).map(|id| Subject::Entity { id }),
        33 => id(0..16)
            .zip(id(16..32))
            .zip(RelationKind::from_code(bytes[32]))
            .map(|((from, to), kind)| Subject::Relation { key: RelationKey { from, kind, to } }),
        _ => None,
    }
    .ok_or_else(|| StoreError::Damaged("table change: subject".to_owned()))
}

fn text<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_value(value)
        .map(|value| canonical(&value))
        .map_err(|error| StoreError::Refused(format!("a change could not be written down: {error}")))
}

fn parse<T: DeserializeOwned>(text: &str, what: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(format!("table {what}: {error}")))
}

/// The end of the chain: the last operation's place and link.
pub fn last(db: &Connection) -> StoreResult<(u64, Link)> {
    Ok(db
        .prepare_cached("SELECT seq, link FROM operation ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or((0, GENESIS)))
}

/// Adds an operation behind the last one. `operation.seq` must be the next place.
pub(crate) fn append(
    db: &Connection,
    previous: &Link,
    operation: &Operation,
    changes: &[Change],
) -> StoreResult<Link> {
    let mut link = link_operation(previous, operation);
    db.prepare_cached("INSERT INTO operation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?.execute(
        params![
            operation.seq,
            operation.id.as_bytes(),
            operation.title,
            text(&operation.actor)?,
            text(&operation.origin)?,
            operation.cause.as_ref().map(CauseId::as_bytes),
            operation.undoes.as_ref().map(OperationId::as_bytes),
            operation.at.micros(),
            operation.changes,
            GENESIS,
        ],
    )?;
    let mut insert = db.prepare_cached("INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (n, change) in changes.iter().enumerate() {
        let subject = subject_bytes(&change.subject);
        let aspect = text(&change.aspect)?;
        let before = change.before.as_ref().map(canonical);
        let after = change.after.as_ref().map(canonical);
        let stored = StoredChange {
            subject: &subject,
            aspect: &aspect,
            before: before.as_deref(),
            after: after.as_deref(),
        };
        link = link_change(&link, &stored);
        insert.execute(params![operation.seq, n, subject, aspect, before, after, &link[..8]])?;
    }
    db.prepare_cached("UPDATE operation SET link = ?2 WHERE seq = ?1")?
        .execute(params![operation.seq, link])?;
    Ok(link)
}

const OPERATION: &str = "seq, id, title, actor, origin, cause, undoes, at, changes, link";

struct RawOperation {
    seq: u64,
    id: [u8; 16],
    title: String,
    actor: String,
    origin: String,
    cause: Option<[u8; 16]>,
    undoes: Option<[u8; 16]>,
    at: i64,
    changes: u64,
    link: Link,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<RawOperation> {
    Ok(RawOperation {
        seq: row.get(0)?,
        id: row.get(1)?,
        title: row.get(2)?,
        actor: row.get(3)?,
        origin: row.get(4)?,
        cause: row.get(5)?,
        undoes: row.get(6)?,
        at: row.get(7)?,
        changes: row.get(8)?,
        link: row.get(9)?,
    })
}

impl RawOperation {
    fn read(self) -> StoreResult<(Operation, Link)> {
        let what = "operation";
        Ok((
            Operation {
                seq: self.seq,
                id: OperationId::from_bytes(self.id),
                title: self.title,
                actor: parse::<Actor>(&self.actor, what)?,
                origin: parse::<Origin>(&self.origin, what)?,
                cause: self.cause.map(CauseId::from_bytes),
                undoes: self.undoes.map(OperationId::from_bytes),
                at: Timestamp::from_micros(self.at),
                changes: self.changes,
            },
            self.link,
        ))
    }
}

/// The operation of this id.
pub fn find(db: &Connection, id: OperationId) -> StoreResult<Option<Operation>> {
    db.prepare_cached(&format!("SELECT {OPERATION} FROM operation WHERE id = ?1"))?
        .query_row([id.as_bytes()], raw)
        .optional()?
        .map(|row| row.read().map(|(operation, _)| operation))
        .transpose()
}

/// The latest operation that takes this one back and stands: an undo that was undone itself does not count.
pub fn undone_by(db: &Connection, id: OperationId) -> StoreResult<Option<OperationId>> {
    // What takes back a whole import bears its cause.
    standing(
        db,
        "SELECT id, seq FROM operation WHERE undoes = ?1
         UNION SELECT undo.id, undo.seq FROM operation AS done JOIN operation AS undo ON undo.cause = done.cause
           WHERE done.id = ?1 AND done.undoes IS NULL AND undo.undoes IS NOT NULL
         ORDER BY seq DESC",
        id.as_bytes(),
    )
}

/// The latest operation that takes back everything of this cause and stands.
pub fn cause_undone_by(db: &Connection, cause: CauseId) -> StoreResult<Option<OperationId>> {
    standing(
        db,
        "SELECT id, seq FROM operation WHERE cause = ?1 AND undoes IS NOT NULL ORDER BY seq DESC",
        cause.as_bytes(),
    )
}

fn standing(db: &Connection, undos: &str, of: &[u8; 16]) -> StoreResult<Option<OperationId>> {
    let ids: Vec<[u8; 16]> =
        db.prepare_cached(undos)?.query_map([of], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in ids.into_iter().map(OperationId::from_bytes) {
        if undone_by(db, id)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The operations of one cause, latest first, without what takes them back.
pub fn of_cause(db: &Connection, cause: CauseId) -> StoreResult<Vec<Operation>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {OPERATION} FROM operation WHERE cause = ?1 AND undoes IS NULL ORDER BY seq DESC"
    ))?;
    let rows: Vec<RawOperation> = statement.query_map([cause.as_bytes()], raw)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(|row| row.read().map(|(operation, _)| operation)).collect()
}

/// How many operations a cause has, and how many changes in all of them.
pub fn size_of_cause(db: &Connection, cause: CauseId) -> StoreResult<(u64, u64)> {
    Ok(db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(changes), 0) FROM operation WHERE cause = ?1 AND undoes IS NULL",
        )?
        .query_row([cause.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// As [`latest`], with only the last of the operations that share a cause.
pub fn latest_of_each_cause(db: &Connection, before: Option<u64>, limit: u32) -> StoreResult<Vec<Operation>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {OPERATION} FROM operation AS done WHERE seq < ?1 AND (cause IS NULL OR undoes IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM operation AS later
             WHERE later.cause = done.cause AND later.seq > done.seq AND later.undoes IS NULL))
         ORDER BY seq DESC LIMIT ?2"
    ))?;
    let rows: Vec<RawOperation> = statement
        .query_map(params![before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX), limit], raw)?
        .collect::<Result<_, _>>()?;
    rows.into_iter().map(|row| row.read().map(|(operation, _)| operation)).collect()
}

/// The operations before `before` (or the last ones), latest first.
pub fn latest(db: &Connection, before: Option<u64>, limit: u32) -> StoreResult<Vec<Operation>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {OPERATION} FROM operation WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2"
    ))?;
    let rows: Vec<RawOperation> = statement
        .query_map(params![before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX), limit], raw)?
        .collect::<Result<_, _>>()?;
    rows.into_iter().map(|row| row.read().map(|(operation, _)| operation)).collect()
}

/// The operations before `before` that touch one of the subjects (entities, and relations that start there), latest
/// first.
pub fn latest_about(
    db: &Connection,
    entities: &[EntityId],
    before: Option<u64>,
    limit: u32,
) -> StoreResult<Vec<Operation>> {
    let mut seqs = std::collections::BTreeSet::new();
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT seq FROM change WHERE subject >= ?1 AND subject < ?2 AND seq < ?3
         ORDER BY seq DESC LIMIT ?4",
    )?;
    let before = before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
    for id in entities {
        // A relation's key starts with its `from`: one range finds both. 0xff.. of 17 bytes is behind all of them.
        let mut end = id.as_bytes().to_vec();
        end.extend([0xff; 18]);
        let rows =
            statement.query_map(params![id.as_bytes(), end, before, limit], |row| row.get::<_, u64>(0))?;
        for seq in rows {
            seqs.insert(seq?);
        }
    }
    let mut by_seq = db.prepare_cached(&format!("SELECT {OPERATION} FROM operation WHERE seq = ?1"))?;
    seqs.into_iter()
        .rev()
        .take(limit as usize)
        .map(|seq| by_seq.query_row([seq], raw)?.read().map(|(operation, _)| operation))
        .collect()
}

/// Up to `limit` changes of the operation, in order.
pub fn changes(db: &Connection, seq: u64, limit: u32) -> StoreResult<Vec<Change>> {
    let mut statement = db.prepare_cached(
        "SELECT subject, aspect, before, after FROM change WHERE seq = ?1 ORDER BY n LIMIT ?2",
    )?;
    let mut rows = statement.query(params![seq, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(change(row, 0)?);
    }
    Ok(found)
}

/// The changes of the operation that are about one of these entities, in order.
pub fn changes_about(db: &Connection, seq: u64, entities: &[EntityId]) -> StoreResult<Vec<Change>> {
    let mut statement = db.prepare_cached(
        "SELECT subject, aspect, before, after FROM change INDEXED BY change_subject
         WHERE subject >= ?1 AND subject < ?2 AND seq = ?3 ORDER BY n",
    )?;
    let mut found = Vec::new();
    for id in entities {
        let mut end = id.as_bytes().to_vec();
        end.extend([0xff; 18]);
        let mut rows = statement.query(params![id.as_bytes(), end, seq])?;
        while let Some(row) = rows.next()? {
            found.push(change(row, 0)?);
        }
    }
    Ok(found)
}

fn change(row: &Row<'_>, first: usize) -> StoreResult<Change> {
    let value = |text: Option<String>| text.map(|text| parse::<Value>(&text, "change")).transpose();
    Ok(Change {
        subject: subject(&row.get::<_, Vec<u8>>(first)?)?,
        aspect: parse::<Aspect>(&row.get::<_, String>(first + 1)?, "change")?,
        before: value(row.get(first + 2)?)?,
        after: value(row.get(first + 3)?)?,
    })
}

/// What walking the whole log found of one operation.
pub enum Walked {
    /// The next change, in order.
    Change {
        /// Its operation's place.
        seq: u64,
        /// The change.
        change: Box<Change>,
    },
    /// A row that does not fit the chain.
    Broken {
        /// Which row.
        row: String,
        /// What is wrong.
        why: String,
    },
}

/// Walks the log from its start, verifying the chain as it goes.
pub fn walk(db: &Connection, mut visit: impl FnMut(Walked) -> StoreResult<()>) -> StoreResult<(u64, Link)> {
    let mut operations = db.prepare(&format!("SELECT {OPERATION} FROM operation ORDER BY seq"))?;
    let mut changes =
        db.prepare("SELECT subject, aspect, before, after, mark, n FROM change WHERE seq = ?1 ORDER BY n")?;
    let mut rows = operations.query([])?;
    let (mut link, mut expected) = (GENESIS, 1);
    while let Some(row) = rows.next()? {
        let raw = raw(row)?;
        let seq = raw.seq;
        if seq != expected {
            visit(Walked::Broken {
                row: format!("operation {expected}"),
                why: format!("it is missing: the log goes on with operation {seq}"),
            })?;
        }
        expected = seq + 1;
        let (operation, stored) = match raw.read() {
            Ok(read) => read,
            Err(error) => {
                visit(Walked::Broken { row: format!("operation {seq}"), why: error.to_string() })?;
                continue;
            }
        };
        link = link_operation(&link, &operation);
        let mut count = 0;
        let mut said = false;
        let mut change_rows = changes.query([seq])?;
        while let Some(row) = change_rows.next()? {
            let subject: Vec<u8> = row.get(0)?;
            let aspect: String = row.get(1)?;
            let (before, after): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
            let (mark, n): (Vec<u8>, u64) = (row.get(4)?, row.get(5)?);
            link = link_change(
                &link,
                &StoredChange {
                    subject: &subject,
                    aspect: &aspect,
                    before: before.as_deref(),
                    after: after.as_deref(),
                },
            );
            if !said && (mark != link[..8] || n != count) {
                said = true;
                visit(Walked::Broken {
                    row: format!("change {n} of operation {seq} ({})", operation.title),
                    why: "it, or a row just before it, is not what was written".to_owned(),
                })?;
            }
            count += 1;
            match change(row, 0) {
                Ok(change) => visit(Walked::Change { seq, change: Box::new(change) })?,
                Err(error) => visit(Walked::Broken {
                    row: format!("change {n} of operation {seq} ({})", operation.title),
                    why: error.to_string(),
                })?,
            }
        }
        if count != operation.changes {
            visit(Walked::Broken {
                row: format!("operation {seq} ({})", operation.title),
                why: format!("it has {count} changes, but {} were written", operation.changes),
            })?;
        } else if link != stored && !said {
            visit(Walked::Broken {
                row: format!("operation {seq} ({})", operation.title),
                why: "its head is not what was written".to_owned(),
            })?;
        }
        // Go on from the stored link, so that one broken row is reported once.
        link = stored;
    }
    Ok((expected - 1, link))
}
