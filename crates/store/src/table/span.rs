//! Spans of traces: observed, never in the log; one row each, joined with what was told of the same span before.

use std::sync::Arc;

use catena_model::{
    json,
    span::{Span, SpanId, SpanKind, SpanStatus, Usage},
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::ValueRef};
use serde_json::{Map, Value};

use super::{entity::Ix, facet};
use crate::{StoreError, StoreResult};

/// Ids are big-endian without leading zeros. Those longer than OpenTelemetry's are known without their trace (LangSmith's
/// runs), so they alone have an index. `told` is a digest of all that the row says, to know a repeat without
/// reading the rest.
pub(crate) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS span (
  trace INTEGER NOT NULL REFERENCES entity (ix),
  id BLOB NOT NULL,
  parent BLOB,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  start INTEGER,
  end INTEGER,
  status INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,
  told BLOB NOT NULL,
  resource INTEGER NOT NULL REFERENCES facet_body (ix),
  attributes TEXT NOT NULL,
  events TEXT,
  UNIQUE (trace, id)
) STRICT;
CREATE INDEX IF NOT EXISTS span_by_long_id ON span (id) WHERE length(id) > 8;";

const COLUMNS: &str = "id, parent, name, kind, start, end, status, input_tokens, output_tokens, cost, attributes, events, \
                       (SELECT json FROM facet_body WHERE ix = resource)";

fn id_bytes(id: SpanId) -> Vec<u8> {
    let bytes = id.0.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

fn id(value: ValueRef<'_>) -> Option<SpanId> {
    let blob = value.as_blob().ok()?;
    let mut bytes = [0; 16];
    bytes.get_mut(16_usize.checked_sub(blob.len())?..)?.copy_from_slice(blob);
    Some(SpanId(u128::from_be_bytes(bytes)))
}

/// Stores a span, joined with what was told of it before. Says whether anything is new.
pub(crate) fn put(db: &Connection, trace: Ix, span: Span) -> StoreResult<bool> {
    let id = id_bytes(span.id);
    let held: Option<(i64, [u8; 16])> = db
        .prepare_cached("SELECT rowid, told FROM span WHERE trace = ?1 AND id = ?2")?
        .query_row(params![trace, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, told)) = held else {
        write(db, None, trace, &id, &span)?;
        return Ok(true);
    };
    if digest(&span) == told {
        return Ok(false);
    }
    let before = db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM span WHERE rowid = ?1"))?
        .query_row([row], |row| Ok(read(row)))??;
    let joined = before.clone().merge(span);
    if joined == before {
        return Ok(false);
    }
    write(db, Some(row), trace, &id, &joined)?;
    Ok(true)
}

fn write(db: &Connection, row: Option<i64>, trace: Ix, id: &[u8], span: &Span) -> StoreResult<()> {
    let resource = facet::body_number(db, &span.resource, facet::digest(&span.resource))?;
    let attributes = text(&span.attributes)?;
    let events = if span.events.is_empty() { None } else { Some(text(&span.events)?) };
    db.prepare_cached(
        "INSERT OR REPLACE INTO span (rowid, trace, id, parent, name, kind, start, end, status, input_tokens,
         output_tokens, cost, told, resource, attributes, events)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        row,
        trace,
        id,
        span.parent.map(id_bytes),
        span.name,
        span.kind.code(),
        span.start,
        span.end,
        span.status.code(),
        span.usage.input_tokens,
        span.usage.output_tokens,
        span.usage.cost,
        digest(span),
        resource,
        attributes,
        events,
    ])?;
    Ok(())
}

fn text(value: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Refused(format!("a span could not be written down: {error}")))
}

fn digest(span: &Span) -> [u8; 16] {
    let mut digest = json::Digester::default();
    digest.value(&span.resource);
    digest.object(&span.attributes);
    for event in &span.events {
        digest.value(event);
    }
    digest.text(&format!(
        "{:?} {} {} {:?} {:?} {} {:?}",
        span.parent,
        span.name,
        span.kind.code(),
        span.start,
        span.end,
        span.status.code(),
        span.usage
    ));
    digest.short()
}

/// The spans of one trace (itself, not its group), in the order in which they started.
pub fn of_trace(db: &Connection, trace: Ix) -> StoreResult<Vec<Span>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM span WHERE trace = ?1 ORDER BY start, id"))?;
    let mut rows = statement.query([trace])?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(read(row)?);
    }
    Ok(spans)
}

/// What a tree of spans shows of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Which span of its trace.
    pub id: SpanId,
    /// The span that caused it.
    pub parent: Option<SpanId>,
    /// What it is called.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// When it started, in nanoseconds since the epoch.
    pub start: Option<i64>,
    /// When it ended, likewise.
    pub end: Option<i64>,
    /// How it ended.
    pub status: SpanStatus,
    /// What it used up.
    pub usage: Usage,
}

/// The spans of one trace (itself, not its group) without all that is known of them, up to `limit`.
pub fn outlines(db: &Connection, trace: Ix, limit: usize) -> StoreResult<Vec<Outline>> {
    let mut statement = db.prepare_cached(
        "SELECT id, parent, name, kind, start, end, status, input_tokens, output_tokens, cost
         FROM span WHERE trace = ?1 ORDER BY start, id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![trace, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let damaged = || StoreError::Damaged("table span: id or code".to_owned());
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Outline {
            id: id(row.get_ref(0)?).ok_or_else(damaged)?,
            parent: id(row.get_ref(1)?),
            name: row.get(2)?,
            kind: SpanKind::from_code(row.get(3)?).ok_or_else(damaged)?,
            start: row.get(4)?,
            end: row.get(5)?,
            status: SpanStatus::from_code(row.get(6)?).ok_or_else(damaged)?,
            usage: Usage { input_tokens: row.get(7)?, output_tokens: row.get(8)?, cost: row.get(9)? },
        });
    }
    Ok(found)
}

/// The spans of a trace whose name or attributes have these letters in them, without regard to the case of a to z.
pub fn containing(db: &Connection, trace: Ix, text: &str) -> StoreResult<Vec<SpanId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM span WHERE trace = ?1
         AND (instr(lower(name), lower(?2)) > 0 OR instr(lower(attributes), lower(?2)) > 0) ORDER BY start, id",
    )?;
    let mut rows = statement.query(params![trace, text])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(id(row.get_ref(0)?).ok_or_else(|| StoreError::Damaged("table span: id".to_owned()))?);
    }
    Ok(found)
}

/// The spans of this id with their traces; only for ids that are longer than OpenTelemetry's.
pub fn anywhere(db: &Connection, id: SpanId) -> StoreResult<Vec<(Ix, Span)>> {
    let sql = format!("SELECT {COLUMNS}, trace FROM span WHERE id = ?1 AND length(id) > 8 ORDER BY trace");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([id_bytes(id)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(13)?, read(row)?));
    }
    Ok(found)
}

/// One span of a trace.
pub fn one(db: &Connection, trace: Ix, id: SpanId) -> StoreResult<Option<Span>> {
    let sql = format!("SELECT {COLUMNS} FROM span WHERE trace = ?1 AND id = ?2");
    db.prepare_cached(&sql)?
        .query_row(params![trace, id_bytes(id)], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// The spans of one kind in a trace, in the order in which they started.
pub fn of_kind(db: &Connection, trace: Ix, kind: SpanKind) -> StoreResult<Vec<Span>> {
    let sql = format!("SELECT {COLUMNS} FROM span WHERE trace = ?1 AND kind = ?2 ORDER BY start, id");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![trace, kind.code()])?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(read(row)?);
    }
    Ok(spans)
}

/// Where a span stands among those of many traces: when it started, its id, its trace.
pub type Place = (Option<i64>, SpanId, Ix);

/// The places of all spans of a trace but those of one kind.
pub fn places(db: &Connection, trace: Ix, but: SpanKind) -> StoreResult<Vec<Place>> {
    let mut statement = db.prepare_cached("SELECT start, id FROM span WHERE trace = ?1 AND kind <> ?2")?;
    let mut rows = statement.query(params![trace, but.code()])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let damaged = || StoreError::Damaged("table span: id".to_owned());
        places.push((row.get(0)?, self::id(row.get_ref(1)?).ok_or_else(damaged)?, trace));
    }
    Ok(places)
}

/// How many spans a trace has.
pub fn count(db: &Connection, trace: Ix) -> StoreResult<u64> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM span WHERE trace = ?1")?
        .query_row([trace], |row| row.get(0))?)
}

fn read(row: &Row<'_>) -> StoreResult<Span> {
    let damaged = |what: &str| StoreError::Damaged(format!("table span: {what}"));
    let json = |place: usize, what: &str| -> StoreResult<Option<Value>> {
        match row.get_ref(place)? {
            ValueRef::Null => Ok(None),
            value => {
                let text = value.as_str().map_err(|_| damaged(what))?;
                serde_json::from_str(text).map(Some).map_err(|_| damaged(what))
            }
        }
    };
    let attributes: Map<String, Value> = match json(10, "attributes")? {
        Some(Value::Object(map)) => map,
        _ => return Err(damaged("attributes")),
    };
    let events = match json(11, "events")? {
        Some(Value::Array(events)) => events,
        None => Vec::new(),
        Some(_) => return Err(damaged("events")),
    };
    Ok(Span {
        id: id(row.get_ref(0)?).ok_or_else(|| damaged("id"))?,
        parent: match row.get_ref(1)? {
            ValueRef::Null => None,
            value => Some(id(value).ok_or_else(|| damaged("parent"))?),
        },
        name: row.get(2)?,
        kind: SpanKind::from_code(row.get(3)?).ok_or_else(|| damaged("kind"))?,
        start: row.get(4)?,
        end: row.get(5)?,
        status: SpanStatus::from_code(row.get(6)?).ok_or_else(|| damaged("status"))?,
        usage: Usage { input_tokens: row.get(7)?, output_tokens: row.get(8)?, cost: row.get(9)? },
        attributes,
        events,
        resource: Arc::new(json(12, "resource")?.ok_or_else(|| damaged("resource"))?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalog() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE entity (ix INTEGER PRIMARY KEY) STRICT; INSERT INTO entity VALUES (1);
             CREATE TABLE facet_body (ix INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;",
        )
        .unwrap();
        db.execute_batch(CREATE).unwrap();
        db
    }

    fn span(id: u128, end: Option<i64>, attributes: Value) -> Span {
        let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
        Span {
            id: SpanId(id),
            parent: (id > 1).then_some(SpanId(1)),
            name: "chat".to_owned(),
            kind: SpanKind::Llm,
            start: Some(10),
            end,
            status: SpanStatus::Unset,
            usage: Usage { input_tokens: Some(9), output_tokens: None, cost: Some(0.25) },
            attributes,
            events: vec![json!({"name": "first token"})],
            resource: Arc::new(json!({"service.name": "rag"})),
        }
    }

    #[test]
    fn a_span_is_stored_once_and_grows_by_what_is_told_later() {
        let db = catalog();
        let started = span(1, None, json!({"input": "why?"}));
        let ended = span(1, Some(20), json!({"input": "why?", "output": "because"}));
        assert!(put(&db, 1, started.clone()).unwrap());
        assert!(!put(&db, 1, started.clone()).unwrap());
        assert!(put(&db, 1, ended.clone()).unwrap());
        assert!(!put(&db, 1, started).unwrap());
        assert!(put(&db, 1, span(u128::MAX, Some(30), json!({}))).unwrap());
        let held = of_trace(&db, 1).unwrap();
        assert_eq!(held[0], ended);
        assert_eq!(held[1].id, SpanId(u128::MAX));
        assert_eq!(count(&db, 1).unwrap(), 2);
        assert_eq!(anywhere(&db, SpanId(u128::MAX)).unwrap(), [(1, held[1].clone())]);
        assert_eq!(one(&db, 1, SpanId(1)).unwrap().as_ref(), Some(&held[0]));
        assert_eq!(of_kind(&db, 1, SpanKind::Llm).unwrap(), held);
        assert_eq!(places(&db, 1, SpanKind::Tool).unwrap().len(), 2);
        assert_eq!(places(&db, 1, SpanKind::Llm).unwrap(), []);
    }
}
