//! Each schema that a source ever sent of a table, with when it was first seen.
//!
//! A schema is kept once however often it is sent, and only the earliest time of it: so the order of arrival does not
//! matter, and a table whose schema stays as it is costs one row.

use catena_model::{source::Source, time::Timestamp};
use rusqlite::{Connection, params};
use serde_json::Value;

use super::{
    entity::Ix,
    facet::{BodyDigest, FacetKey},
    source,
};
use crate::{StoreError, StoreResult};

pub(crate) const CREATE: &str = "
CREATE TABLE schema_sighting (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  source INTEGER NOT NULL REFERENCES source (ix),
  body INTEGER NOT NULL REFERENCES facet_body (ix),
  first_at INTEGER NOT NULL,
  PRIMARY KEY (entity, source, body)
) STRICT, WITHOUT ROWID;
INSERT INTO schema_sighting SELECT entity, source, body, at FROM facet WHERE name = 'schema' AND about = 0;";

/// The facet that says what a table's columns are, as OpenLineage calls it.
pub const FACET: &str = "schema";

/// Whether a facet is a sighting of a schema.
pub(crate) fn is_one(key: &FacetKey) -> bool {
    key.about == 0 && key.name == FACET
}

/// Notes that a source sent this schema at this time.
pub(crate) fn put(db: &Connection, key: &FacetKey, body: i64, at: Timestamp) -> StoreResult<()> {
    db.prepare_cached(
        "INSERT INTO schema_sighting VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (entity, source, body) DO UPDATE SET first_at = ?4 WHERE first_at > ?4",
    )?
    .execute(params![key.entity, key.source, body, at.micros()])?;
    Ok(())
}

/// Notes that a schema that is there already was sent at this time, which may be before it was first seen.
pub(crate) fn earlier(db: &Connection, key: &FacetKey, digest: BodyDigest, at: Timestamp) -> StoreResult<()> {
    db.prepare_cached(
        "UPDATE schema_sighting SET first_at = ?4 WHERE entity = ?1 AND source = ?2
         AND body = (SELECT ix FROM facet_body WHERE digest = ?3) AND first_at > ?4",
    )?
    .execute(params![key.entity, key.source, digest, at.micros()])?;
    Ok(())
}

/// A schema as a source first sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct SightingRow {
    /// Who sent it.
    pub source: Source,
    /// When first.
    pub first_at: Timestamp,
    /// The schema, as OpenLineage's `schema` facet has it.
    pub body: Value,
}

/// The schemas of one entity (itself, not its group), the earliest first.
pub fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<SightingRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source.text, first_at, facet_body.json FROM schema_sighting
         JOIN source ON source.ix = schema_sighting.source JOIN facet_body ON facet_body.ix = schema_sighting.body
         WHERE entity = ?1 ORDER BY first_at, source.text, facet_body.digest",
    )?;
    let mut rows = statement.query([entity])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(SightingRow {
            source: source::parse(row.get_ref(0)?.as_str().unwrap_or_default())?,
            first_at: Timestamp::from_micros(row.get(1)?),
            body: serde_json::from_str(row.get_ref(2)?.as_str().unwrap_or_default())
                .map_err(|error| StoreError::Damaged(format!("table facet_body: {error}")))?,
        });
    }
    Ok(found)
}

/// Entities of which a source sent more than one schema.
pub fn changed(db: &Connection) -> StoreResult<Vec<Ix>> {
    Ok(db
        .prepare_cached(
            "SELECT DISTINCT entity FROM (SELECT entity FROM schema_sighting GROUP BY entity, source HAVING count(*) > 1)",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}
