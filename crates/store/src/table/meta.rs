//! Facts about the catalog itself.

use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// The value of `key`, if it was set.
pub fn get(db: &Connection, key: &str) -> StoreResult<Option<String>> {
    Ok(db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Sets `key` to `value`.
pub fn set(db: &Connection, key: &str, value: &str) -> StoreResult<()> {
    db.prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])?;
    Ok(())
}
