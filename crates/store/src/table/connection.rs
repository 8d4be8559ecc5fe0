//! Systems that are set up once and pulled again and again. Not part of the log: how to reach a system is this
//! catalog's own business. Never a secret: only where it is kept.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::StoreResult;

pub(crate) const CREATE: &str = "CREATE TABLE connection (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    options TEXT NOT NULL,
    secret TEXT,
    pulled_at INTEGER,
    report TEXT
) STRICT, WITHOUT ROWID;";

/// A system that is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// What it is called here.
    pub name: String,
    /// Which connector reads it.
    pub kind: String,
    /// Where it is, without anybody's password.
    pub address: String,
    /// What else was chosen, as a JSON object.
    pub options: String,
    /// Where the secret is kept, if there is one; never the secret.
    pub secret: Option<String>,
    /// When it was pulled last, in microseconds.
    pub pulled_at: Option<i64>,
    /// What came of that, as JSON.
    pub report: Option<String>,
}

fn row(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    Ok(ConnectionRow {
        name: row.get(0)?,
        kind: row.get(1)?,
        address: row.get(2)?,
        options: row.get(3)?,
        secret: row.get(4)?,
        pulled_at: row.get(5)?,
        report: row.get(6)?,
    })
}

const COLUMNS: &str = "name, kind, address, options, secret, pulled_at, report";

/// All of them, by name.
pub fn all(db: &Connection) -> StoreResult<Vec<ConnectionRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM connection ORDER BY name"))?;
    let rows = statement.query_map([], row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The one of this name.
pub fn get(db: &Connection, name: &str) -> StoreResult<Option<ConnectionRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM connection WHERE name = ?1"))?;
    Ok(statement.query_row([name], row).optional()?)
}

/// Keeps a new one.
pub fn add(db: &Connection, row: &ConnectionRow) -> StoreResult<()> {
    db.prepare_cached(&format!("INSERT INTO connection ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"))?
        .execute(params![
            row.name,
            row.kind,
            row.address,
            row.options,
            row.secret,
            row.pulled_at,
            row.report
        ])?;
    Ok(())
}

/// Notes what came of a pull.
pub fn pulled(db: &Connection, name: &str, at: i64, report: &str) -> StoreResult<()> {
    db.prepare_cached("UPDATE connection SET pulled_at = ?2, report = ?3 WHERE name = ?1")?
        .execute(params![name, at, report])?;
    Ok(())
}

/// Forgets one; what it brought stays.
pub fn remove(db: &Connection, name: &str) -> StoreResult<()> {
    db.prepare_cached("DELETE FROM connection WHERE name = ?1")?.execute([name])?;
    Ok(())
}
