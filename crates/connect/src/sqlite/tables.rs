//! What `sqlite_schema` and its pragmas say of tables and views.

use catena_ingest::relational::{Column, ForeignKey, Table};
use rusqlite::{Connection, Row, params};

/// How many columns of one table are read: SQLite's own limit allows no more.
const MOST_COLUMNS: u32 = 32_767;

/// What is somebody's: SQLite's own tables, and those in which a virtual table keeps its data, are nobody's.
const OURS: &str = "type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')";

/// A table, and where it stands.
pub(super) struct Found {
    pub(super) row: i64,
    pub(super) table: Table,
    /// Why its columns could not be read, if they could not.
    pub(super) incomplete: Option<String>,
}

/// How many tables and views there are.
pub(super) fn counts(db: &Connection) -> rusqlite::Result<(u64, u64)> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE type = 'table'), count(*) FILTER (WHERE type = 'view') FROM sqlite_schema WHERE {OURS}"
    );
    db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The tables after this row.
pub(super) fn page(db: &Connection, after: i64, most: u32) -> rusqlite::Result<Vec<Found>> {
    let sql = format!(
        "SELECT rowid, type, name, sql FROM sqlite_schema WHERE {OURS} AND rowid > ?1 ORDER BY rowid LIMIT ?2"
    );
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map(params![after, most], |row| {
        let (subtype, sql) = (text(row, 1)?, text(row, 3)?);
        let name = text(row, 2)?.unwrap_or_default();
        let subtype = subtype.unwrap_or_default();
        let is_virtual = sql.as_deref().is_some_and(|sql| {
            sql.trim_start().get(..14).is_some_and(|start| start.eq_ignore_ascii_case("create virtual"))
        });
        let table = Table {
            name,
            sql: sql.filter(|_| subtype == "view"),
            subtype: if is_virtual { "virtual table".to_owned() } else { subtype },
            ..Table::default()
        };
        Ok(Found { row: row.get(0)?, table, incomplete: None })
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<Found>>>()?;
    for one in &mut found {
        if let Err(error) = fill(db, &mut one.table) {
            // A view whose table is gone, or a virtual table of a module that isn't here, is there all the same.
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
                return Err(error);
            }
            one.incomplete = Some(format!("its columns could not be read: {error}"));
        }
    }
    Ok(found)
}

fn fill(db: &Connection, table: &mut Table) -> rusqlite::Result<()> {
    let is_view = table.subtype == "view";
    // Hidden ones are a virtual table's own; generated ones are everybody's.
    let sql = "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 LIMIT ?2";
    let mut keyed: Vec<(i64, String)> = Vec::new();
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![table.name, MOST_COLUMNS])?;
    while let Some(row) = rows.next()? {
        let name = text(row, 0)?.unwrap_or_default();
        let key: i64 = row.get(4)?;
        if key > 0 {
            keyed.push((key, name.clone()));
        }
        table.columns.push(Column {
            name,
            data_type: text(row, 1)?.filter(|word| !word.is_empty()),
            nullable: if is_view { None } else { Some(row.get::<_, i64>(2)? == 0) },
            comment: None,
            default: text(row, 3)?,
        });
    }
    keyed.sort();
    table.primary_key = keyed.into_iter().map(|(_, name)| name).collect();
    unique(db, table)?;
    foreign(db, table)
}

fn unique(db: &Connection, table: &mut Table) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT l.name, i.name FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i
         WHERE l.\"unique\" AND l.origin = 'u' ORDER BY l.name, i.seqno",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (index, column) = (text(row, 0)?, text(row, 1)?.unwrap_or_default());
        match table.unique.last_mut() {
            Some(columns) if last == index => columns.push(column),
            _ => table.unique.push(vec![column]),
        }
        last = index;
    }
    Ok(())
}

fn foreign(db: &Connection, table: &mut Table) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut last: Option<i64> = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            let other = text(row, 1)?.unwrap_or_default();
            table.foreign_keys.push(ForeignKey { table: other, ..ForeignKey::default() });
        }
        last = Some(id);
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.extend(text(row, 2)?);
            key.references.extend(text(row, 3)?);
        }
    }
    Ok(())
}

/// A text, whatever the file has there.
fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(row.get_ref(at)?.as_bytes_or_null()?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}
