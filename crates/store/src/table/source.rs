//! The sources that claims come from, numbered.

use catena_model::source::Source;
use rusqlite::{Connection, OptionalExtension};

use crate::{StoreError, StoreResult};

pub(crate) const CREATE: &str =
    "CREATE TABLE source (ix INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;";

/// The number of `source`, given on first use.
pub fn number(db: &Connection, source: &Source) -> StoreResult<i64> {
    let text = source.to_string();
    if let Some(ix) = find(db, source)? {
        return Ok(ix);
    }
    db.prepare_cached("INSERT INTO source (text) VALUES (?1)")?.execute([&text])?;
    Ok(db.last_insert_rowid())
}

/// The number of `source`, if it ever said anything.
pub fn find(db: &Connection, source: &Source) -> StoreResult<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT ix FROM source WHERE text = ?1")?
        .query_row([source.to_string()], |row| row.get(0))
        .optional()?)
}

/// Reads a source out of a row.
pub fn parse(text: &str) -> StoreResult<Source> {
    text.parse().map_err(|error| StoreError::Damaged(format!("table source: {error}")))
}
