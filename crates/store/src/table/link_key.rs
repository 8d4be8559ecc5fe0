//! What entities may be tied together by: digests of texts, ids and names, so that all who share one are found at once.
//!
//! Follows from the facets and names of the entities, and can be made again from them.

use rusqlite::{Connection, params};

use super::entity::Ix;
use crate::StoreResult;

/// `link_due` lists what was there before this table was: it is looked at a part at a time.
pub(crate) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS link_key (
  rule INTEGER NOT NULL,
  key BLOB NOT NULL,
  entity INTEGER NOT NULL REFERENCES entity (ix),
  PRIMARY KEY (rule, key, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_key_entity ON link_key (entity);
CREATE TABLE IF NOT EXISTS link_due (entity INTEGER PRIMARY KEY REFERENCES entity (ix)) STRICT;
INSERT OR IGNORE INTO link_due SELECT ix FROM entity WHERE kind IN (1, 3, 4) AND NOT gone;";

/// By what: its rule, and the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkKey {
    /// Which sort of key: keys of different rules never meet.
    pub rule: u8,
    /// The digest of what is shared.
    pub key: [u8; 16],
}

/// The entity's own keys, in their order.
pub(crate) fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<LinkKey>> {
    let mut statement =
        db.prepare_cached("SELECT rule, key FROM link_key WHERE entity = ?1 ORDER BY rule, key")?;
    let rows = statement.query_map([entity], |row| Ok(LinkKey { rule: row.get(0)?, key: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those who have the key, at most `limit` of them.
pub(crate) fn sharing(db: &Connection, key: LinkKey, limit: usize) -> StoreResult<Vec<Ix>> {
    let mut statement =
        db.prepare_cached("SELECT entity FROM link_key WHERE rule = ?1 AND key = ?2 LIMIT ?3")?;
    let rows = statement.query_map(params![key.rule, key.key, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets all keys of the entity.
pub(crate) fn replace(db: &Connection, entity: Ix, keys: &[LinkKey]) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM link_key WHERE entity = ?1")?.execute([entity])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO link_key VALUES (?1, ?2, ?3)")?;
    for key in keys {
        insert.execute(params![key.rule, key.key, entity])?;
    }
    Ok(())
}

/// Takes some of what is still to be looked at.
pub(crate) fn take_due(db: &Connection, limit: usize) -> StoreResult<Vec<Ix>> {
    let mut statement = db.prepare_cached(
        "DELETE FROM link_due WHERE entity IN (SELECT entity FROM link_due LIMIT ?1) RETURNING entity",
    )?;
    let rows = statement.query_map([limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
