//! Entities: what they are, what they were merged into, and what is shown of them in lists.

use catena_model::{id::EntityId, kind::Kind};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{StoreError, StoreResult};

/// `head` is where merges lead (the entity itself when it wasn't merged). `parent` and `name` are the current claims:
/// a head's of its whole group, with the parent's head; a merged entity's own, so that a split finds its parts. All
/// three follow from claims and merges; the check recomputes them. An entity whose creation was undone is `gone`: its
/// row stays, since observed facts hang on it.
pub(crate) const CREATE: &str = "
CREATE TABLE entity (
  ix INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  kind INTEGER NOT NULL,
  merged_into INTEGER REFERENCES entity (ix),
  merged_by TEXT,
  head INTEGER NOT NULL,
  parent INTEGER REFERENCES entity (ix),
  name TEXT,
  gone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX entity_head ON entity (head) WHERE head <> ix;
CREATE INDEX entity_merged ON entity (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX entity_parent ON entity (parent) WHERE parent IS NOT NULL;
CREATE INDEX entity_name ON entity (name);
CREATE TABLE kept_apart (
  entity INTEGER NOT NULL REFERENCES entity (ix),
  other INTEGER NOT NULL REFERENCES entity (ix),
  PRIMARY KEY (entity, other)
) STRICT, WITHOUT ROWID;";

/// The place of an entity in this file. Small and dense, so that the graph can be an array; never leaves the process.
pub type Ix = i64;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Its place in this file.
    pub ix: Ix,
    /// Its identity.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it was merged into.
    pub merged_into: Option<Ix>,
    /// Who merged it: `person` or `catena`.
    pub merged_by: Option<String>,
    /// Where merges lead.
    pub head: Ix,
    /// What it is a part of (a head), by the current claim.
    pub parent: Option<Ix>,
    /// What it is called, by the current claim or its names.
    pub name: Option<String>,
    /// Whether its creation was undone.
    pub gone: bool,
}

const COLUMNS: &str = "ix, id, kind, merged_into, merged_by, head, parent, name, gone";

fn read(row: &Row<'_>) -> rusqlite::Result<EntityRow> {
    Ok(EntityRow {
        ix: row.get(0)?,
        id: EntityId::from_bytes(row.get(1)?),
        kind: kind(row.get(2)?)?,
        merged_into: row.get(3)?,
        merged_by: row.get(4)?,
        head: row.get(5)?,
        parent: row.get(6)?,
        name: row.get(7)?,
        gone: row.get(8)?,
    })
}

/// The kind with this code; a code that no build knows is damage.
pub(crate) fn kind(code: u8) -> rusqlite::Result<Kind> {
    Kind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, i64::from(code)))
}

/// Adds an entity; it is its own head.
pub(crate) fn insert(db: &Connection, id: EntityId, kind: Kind) -> StoreResult<Ix> {
    let next: Ix =
        db.prepare_cached("SELECT coalesce(max(ix), 0) + 1 FROM entity")?.query_row([], |row| row.get(0))?;
    db.prepare_cached("INSERT INTO entity (ix, id, kind, head) VALUES (?1, ?2, ?3, ?1)")?
        .execute(params![next, id.as_bytes(), kind.code()])?;
    Ok(next)
}

/// Marks an entity as gone or there again.
pub(crate) fn set_gone(db: &Connection, ix: Ix, gone: bool) -> StoreResult<()> {
    db.prepare_cached("UPDATE entity SET gone = ?2 WHERE ix = ?1")?.execute(params![ix, gone])?;
    Ok(())
}

/// The row at `ix`.
pub fn at(db: &Connection, ix: Ix) -> StoreResult<Option<EntityRow>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entity WHERE ix = ?1"))?
        .query_row([ix], read)
        .optional()?)
}

/// The row of `id`.
pub fn find(db: &Connection, id: EntityId) -> StoreResult<Option<EntityRow>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entity WHERE id = ?1"))?
        .query_row([id.as_bytes()], read)
        .optional()?)
}

/// The row of `id`, or an error that names it.
pub fn expect(db: &Connection, id: EntityId) -> StoreResult<EntityRow> {
    find(db, id)?
        .filter(|row| !row.gone)
        .ok_or_else(|| StoreError::NotFound(format!("the catalog has no entity {id}")))
}

/// Whether the entity is in a group of several.
pub(crate) fn is_merged(db: &Connection, ix: Ix) -> StoreResult<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entity WHERE ix = ?1 AND head <> ix)
                 OR EXISTS (SELECT 1 FROM entity WHERE head = ?1 AND head <> ix)",
        )?
        .query_row([ix], |row| row.get(0))?)
}

/// The head and all that was merged into it, the head first.
pub fn group(db: &Connection, head: Ix) -> StoreResult<Vec<EntityRow>> {
    let mut rows = Vec::new();
    rows.extend(at(db, head)?);
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entity WHERE head = ?1 AND head <> ix ORDER BY ix"
    ))?;
    for row in statement.query_map([head], read)? {
        rows.push(row?);
    }
    Ok(rows)
}

/// The heads whose current parent is one of the group of `head`.
pub fn children(db: &Connection, head: Ix) -> StoreResult<Vec<EntityRow>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entity WHERE parent = ?1 AND head = ix AND NOT gone ORDER BY ix"
    ))?;
    let rows = statement.query_map([head], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Points the parts of one head at another, when the first was merged into it.
pub(crate) fn move_parts(db: &Connection, from: Ix, to: Ix) -> StoreResult<Vec<Ix>> {
    let mut statement =
        db.prepare_cached("UPDATE entity SET parent = ?2 WHERE parent = ?1 AND head = ix RETURNING ix")?;
    let rows = statement.query_map([from, to], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Records what the entity was merged into and by whom.
pub(crate) fn set_merged(db: &Connection, ix: Ix, into: Option<Ix>, by: Option<&str>) -> StoreResult<()> {
    db.prepare_cached("UPDATE entity SET merged_into = ?2, merged_by = ?3 WHERE ix = ?1")?
        .execute(params![ix, into, by])?;
    Ok(())
}

/// The entity and everything merged into it, directly or not.
pub(crate) fn subtree(db: &Connection, ix: Ix) -> StoreResult<Vec<Ix>> {
    let mut statement = db.prepare_cached(
        "WITH RECURSIVE tree (ix) AS (
           SELECT ?1 UNION SELECT entity.ix FROM entity JOIN tree ON entity.merged_into = tree.ix)
         SELECT ix FROM tree",
    )?;
    let rows = statement.query_map([ix], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Points the entity at its head.
pub(crate) fn set_head(db: &Connection, ix: Ix, head: Ix) -> StoreResult<()> {
    db.prepare_cached("UPDATE entity SET head = ?2 WHERE ix = ?1")?.execute([ix, head])?;
    Ok(())
}

/// Stores what lists show of a head.
pub(crate) fn set_shown(db: &Connection, ix: Ix, parent: Option<Ix>, name: &str) -> StoreResult<()> {
    db.prepare_cached(
        "UPDATE entity SET parent = ?2, name = ?3 WHERE ix = ?1 AND (parent IS NOT ?2 OR name IS NOT ?3)",
    )?
    .execute(params![ix, parent, name])?;
    Ok(())
}

/// Whether a person said that the two are not the same.
pub fn are_kept_apart(db: &Connection, a: Ix, b: Ix) -> StoreResult<bool> {
    Ok(db
        .prepare_cached(
            "SELECT 1 FROM kept_apart WHERE (entity = ?1 AND other = ?2) OR (entity = ?2 AND other = ?1)",
        )?
        .exists([a, b])?)
}

/// The pairs of which one is this entity and that a person keeps apart, as they were given.
pub(crate) fn kept_apart(db: &Connection, ix: Ix) -> StoreResult<Vec<(Ix, Ix)>> {
    let mut statement =
        db.prepare_cached("SELECT entity, other FROM kept_apart WHERE entity = ?1 OR other = ?1")?;
    let rows = statement.query_map([ix], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// What was merged into this entity itself.
pub(crate) fn merged_here(db: &Connection, ix: Ix) -> StoreResult<Vec<EntityRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM entity WHERE merged_into = ?1"))?;
    let rows = statement.query_map([ix], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Sets or lifts a person's word that the two are not the same.
pub(crate) fn set_kept_apart(db: &Connection, ix: Ix, other: Ix, apart: bool) -> StoreResult<()> {
    let sql = if apart {
        "INSERT OR IGNORE INTO kept_apart VALUES (?1, ?2)"
    } else {
        "DELETE FROM kept_apart WHERE entity = ?1 AND other = ?2"
    };
    db.prepare_cached(sql)?.execute([ix, other])?;
    Ok(())
}

/// Calls `visit` with what the graph keeps of every entity: its place, kind, head, and whether it is gone.
pub fn each(db: &Connection, mut visit: impl FnMut(Ix, Kind, Ix, bool)) -> StoreResult<()> {
    let mut statement = db.prepare("SELECT ix, kind, head, gone FROM entity")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(row.get(0)?, kind(row.get(1)?)?, row.get(2)?, row.get(3)?);
    }
    Ok(())
}

/// How many parts of this kind the head has.
pub fn count_parts(db: &Connection, head: Ix, kind: Kind) -> StoreResult<u64> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM entity WHERE parent = ?1 AND kind = ?2 AND head = ix AND NOT gone",
        )?
        .query_row(params![head, kind.code()], |row| row.get(0))?)
}

/// How many entities there are, merged ones counted once.
pub fn count(db: &Connection) -> StoreResult<u64> {
    Ok(db.query_row("SELECT count(*) FROM entity WHERE head = ix AND NOT gone", [], |row| row.get(0))?)
}
