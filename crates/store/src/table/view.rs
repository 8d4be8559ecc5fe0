//! Views that people saved under a name: a link into the window.

use rusqlite::{Connection, params};

use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE saved_view (name TEXT PRIMARY KEY, link TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// All saved views, by name.
pub fn all(db: &Connection) -> StoreResult<Vec<(String, String)>> {
    let mut statement = db.prepare_cached("SELECT name, link FROM saved_view ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Saves a view, in place of one of the same name.
pub fn put(db: &Connection, name: &str, link: &str) -> StoreResult<()> {
    db.prepare_cached("INSERT INTO saved_view VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET link = ?2")?
        .execute(params![name, link])?;
    Ok(())
}

/// Forgets a view.
pub fn delete(db: &Connection, name: &str) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM saved_view WHERE name = ?1")?.execute([name])?;
    Ok(())
}
