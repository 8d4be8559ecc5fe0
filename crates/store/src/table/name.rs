//! The names that systems give to entities. One kind, namespace and name belong to one entity.

use catena_model::{kind::Kind, name::QualifiedName, source::Source};
use rusqlite::{Connection, OptionalExtension, params};

use super::entity::Ix;
use crate::{StoreResult, table::source};

/// The key starts with the name, so that the same name in different namespaces lies together: identity resolution
/// and look-ups by bare name are then one range.
pub(crate) const CREATE: &str = "
CREATE TABLE namespace (ix INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE name (
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  namespace INTEGER NOT NULL REFERENCES namespace (ix),
  entity INTEGER NOT NULL REFERENCES entity (ix),
  source INTEGER NOT NULL REFERENCES source (ix),
  PRIMARY KEY (name, kind, namespace)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_entity ON name (entity);";

/// A name and the source that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    /// Whose name it is: the entity itself, not its head.
    pub entity: Ix,
    /// The name.
    pub name: QualifiedName,
    /// Who gave it.
    pub source: Source,
}

/// The number of a namespace, given on first use.
pub(crate) fn namespace(db: &Connection, text: &str) -> StoreResult<i64> {
    if let Some(ix) = find_namespace(db, text)? {
        return Ok(ix);
    }
    db.prepare_cached("INSERT INTO namespace (text) VALUES (?1)")?.execute([text])?;
    Ok(db.last_insert_rowid())
}

/// The number of a namespace, if it is in use.
pub fn find_namespace(db: &Connection, text: &str) -> StoreResult<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT ix FROM namespace WHERE text = ?1")?
        .query_row([text], |row| row.get(0))
        .optional()?)
}

/// The entity that bears the name.
pub fn bearer(db: &Connection, kind: Kind, namespace: i64, name: &str) -> StoreResult<Option<Ix>> {
    Ok(db
        .prepare_cached("SELECT entity FROM name WHERE name = ?1 AND kind = ?2 AND namespace = ?3")?
        .query_row(params![name, kind.code(), namespace], |row| row.get(0))
        .optional()?)
}

/// Gives the entity a name.
pub(crate) fn insert(
    db: &Connection,
    entity: Ix,
    kind: Kind,
    name: &QualifiedName,
    source_ix: i64,
) -> StoreResult<()> {
    let namespace = namespace(db, &name.namespace)?;
    db.prepare_cached("INSERT INTO name VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        name.name,
        kind.code(),
        namespace,
        entity,
        source_ix
    ])?;
    Ok(())
}

/// Takes a name from the entity.
pub(crate) fn delete(db: &Connection, kind: Kind, name: &QualifiedName) -> StoreResult<()> {
    if let Some(namespace) = find_namespace(db, &name.namespace)? {
        db.prepare_cached("DELETE FROM name WHERE name = ?1 AND kind = ?2 AND namespace = ?3")?
            .execute(params![name.name, kind.code(), namespace])?;
    }
    Ok(())
}

const SELECT: &str = "SELECT name.entity, namespace.text, name.name, source.text FROM name
  JOIN namespace ON namespace.ix = name.namespace JOIN source ON source.ix = name.source";

fn rows(
    statement: &mut rusqlite::CachedStatement<'_>,
    params: impl rusqlite::Params,
) -> StoreResult<Vec<NameRow>> {
    let mut found = Vec::new();
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        found.push(NameRow {
            entity: row.get(0)?,
            name: QualifiedName { namespace: row.get(1)?, name: row.get(2)? },
            source: source::parse(row.get_ref(3)?.as_str().unwrap_or_default())?,
        });
    }
    Ok(found)
}

/// The entity's own names.
pub fn of_entity(db: &Connection, entity: Ix) -> StoreResult<Vec<NameRow>> {
    rows(&mut db.prepare_cached(&format!("{SELECT} WHERE name.entity = ?1"))?, [entity])
}

/// Everything of this kind that bears this bare name, in any namespace.
pub fn bearing(db: &Connection, kind: Kind, name: &str) -> StoreResult<Vec<NameRow>> {
    rows(
        &mut db.prepare_cached(&format!("{SELECT} WHERE name.name = ?1 AND name.kind = ?2"))?,
        params![name, kind.code()],
    )
}

/// Everything of any kind that bears this bare name, in any namespace, up to `limit`.
pub fn bearing_any(db: &Connection, name: &str, limit: u32) -> StoreResult<Vec<NameRow>> {
    rows(&mut db.prepare_cached(&format!("{SELECT} WHERE name.name = ?1 LIMIT ?2"))?, params![name, limit])
}

/// The names of this kind in one namespace that begin with `prefix`, in their order, and who bears them.
pub fn beginning(
    db: &Connection,
    kind: Kind,
    namespace: &str,
    prefix: &str,
) -> StoreResult<Vec<(String, Ix)>> {
    let Some(namespace) = find_namespace(db, namespace)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT name, entity FROM name WHERE name >= ?1 AND name < ?2 AND kind = ?3 AND namespace = ?4 ORDER BY name",
    )?;
    // No name goes on with the last character that there is.
    let end = format!("{prefix}\u{10ffff}");
    let found = statement
        .query_map(params![prefix, end, kind.code(), namespace], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Everything whose namespace and name, written together, are `text`.
pub fn written(db: &Connection, text: &str) -> StoreResult<Vec<NameRow>> {
    let mut found = Vec::new();
    for (cut, _) in text.match_indices('/') {
        // `file` + `/data/x.csv` keeps its slash; `postgres://h` + `db.t` lost it in between.
        for (namespace, name) in [
            (&text[..cut], &text[cut + 1..]),
            (&text[..cut], &text[cut..]),
            (&text[..=cut], &text[cut + 1..]),
        ] {
            if name.is_empty() {
                continue;
            }
            if find_namespace(db, namespace)?.is_some() {
                let sql = format!("{SELECT} WHERE name.name = ?1 AND namespace.text = ?2");
                found.extend(rows(&mut db.prepare_cached(&sql)?, [name, namespace])?);
            }
        }
    }
    found.dedup();
    Ok(found)
}

/// Who gave the name, for the log.
pub(crate) fn giver(db: &Connection, kind: Kind, name: &QualifiedName) -> StoreResult<Option<(Ix, Source)>> {
    Ok(bearing(db, kind, &name.name)?
        .into_iter()
        .find(|row| row.name == *name)
        .map(|row| (row.entity, row.source)))
}
