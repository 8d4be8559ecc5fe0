//! How far each system was read, so that the next reading asks only for what is new. Not part of the log: it says what
//! need not be asked for again, and losing it costs time only.

use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE cursor (system TEXT PRIMARY KEY, place TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// Where the reading of `system` left off.
pub fn get(db: &Connection, system: &str) -> StoreResult<Option<String>> {
    Ok(db
        .prepare_cached("SELECT place FROM cursor WHERE system = ?1")?
        .query_row([system], |row| row.get(0))
        .optional()?)
}

/// Notes where the reading of `system` goes on. What lies before must be committed already.
pub fn put(db: &Connection, system: &str, place: &str) -> StoreResult<()> {
    db.prepare_cached("INSERT INTO cursor VALUES (?1, ?2) ON CONFLICT (system) DO UPDATE SET place = ?2")?
        .execute(params![system, place])?;
    Ok(())
}

/// The next reading of `system` starts from its beginning.
pub fn forget(db: &Connection, system: &str) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM cursor WHERE system = ?1")?.execute([system])?;
    Ok(())
}

/// Every system's next reading starts from its beginning: what was read of it may have been taken back.
pub(crate) fn forget_all(db: &Connection) -> StoreResult<()> {
    db.execute("DELETE FROM cursor", [])?;
    Ok(())
}
