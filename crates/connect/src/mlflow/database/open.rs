//! Opening a database that somebody else owns, and that may be an attacker's.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, ffi, limits::Limit};

use super::error::DatabaseError;
use crate::cancel::Cancel;

/// How long to wait for another program to let go of the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest text or row that is read, in bytes: MLflow's own longest, a dataset's schema, is a sixteenth of it.
const LONGEST_VALUE: i32 = 16_777_216;

/// How many steps of SQLite's machine go by between two looks at whether to stop.
const STEPS: std::ffi::c_int = 100_000;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The file that is meant: the path itself, or `mlflow.db` in that folder.
pub(super) fn locate(path: &Path) -> Result<PathBuf, DatabaseError> {
    let file = if path.is_dir() { path.join("mlflow.db") } else { path.to_owned() };
    if file.exists() {
        // The same file by another path is the same store.
        return fs::canonicalize(&file).map_err(|error| closed(&file, &error));
    }
    let experiments = |folder: &Path| folder.join("0/meta.yaml").exists() || folder.join(".trash").is_dir();
    match [path.to_owned(), path.join("mlruns")].into_iter().find(|folder| experiments(folder)) {
        Some(folder) => Err(DatabaseError::FileStore(folder)),
        None => Err(DatabaseError::Missing(file)),
    }
}

/// Opens the file for reading only.
pub(crate) fn open(path: &Path, cancel: &Cancel) -> Result<Connection, DatabaseError> {
    look_at(path)?;
    match connect(path, cancel, false) {
        // A file in WAL mode needs a second file beside it, which can't be made on a read-only disk. If nothing is
        // left in the log, the file alone is all of it.
        Err(DatabaseError::Closed { .. } | DatabaseError::Unfinished(_)) if !has_log(path) => {
            connect(path, cancel, true)
        }
        other => other,
    }
}

fn connect(path: &Path, cancel: &Cancel, immutable: bool) -> Result<Connection, DatabaseError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path, immutable), flags);
    let mut connection = connection.map_err(|error| explain(path, &error))?;
    prepare(&mut connection, cancel)
        // The first access is what finds locks, damage and what is no database.
        .and_then(|()| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        })
        .map_err(|error| explain(path, &error))?;
    Ok(connection)
}

/// Nothing in the file may make SQLite do more than read it.
fn prepare(connection: &mut Connection, cancel: &Cancel) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    let cancel = cancel.clone();
    connection.progress_handler(STEPS, Some(move || cancel.is_cancelled()))?;
    Ok(())
}

fn uri(path: &Path, immutable: bool) -> String {
    use std::fmt::Write;
    let mut uri = "file:".to_owned();
    let text = path.to_string_lossy();
    // SQLite wants forward slashes, and one before a drive letter.
    let text = if cfg!(windows) {
        format!("/{}", text.trim_start_matches(r"\\?\").replace('\\', "/"))
    } else {
        text.into()
    };
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => {
                uri.push(char::from(byte));
            }
            // Writing to a string can't fail.
            byte => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri.push_str("?mode=ro");
    if immutable {
        uri.push_str("&immutable=1");
    }
    uri
}

fn has_log(path: &Path) -> bool {
    ["-wal", "-journal"].into_iter().any(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        fs::metadata(name).is_ok_and(|found| found.len() > 0)
    })
}

/// Says what the file is when it is no database at all: SQLite only says that it isn't one.
fn look_at(path: &Path) -> Result<(), DatabaseError> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|error| closed(path, &error))?;
    file.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(|error| closed(path, &error))?;
    // An empty file is an empty database; its lack of tables is said later.
    if start.is_empty() || start == MAGIC {
        return Ok(());
    }
    let begins = if start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        format!("\"{}\"", String::from_utf8_lossy(&start).trim().escape_debug())
    } else {
        start.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
    };
    Err(DatabaseError::NotSqlite { path: path.to_owned(), begins })
}

fn closed(path: &Path, error: &std::io::Error) -> DatabaseError {
    if error.kind() == std::io::ErrorKind::NotFound {
        return DatabaseError::Missing(path.to_owned());
    }
    DatabaseError::Closed { path: path.to_owned(), why: error.to_string() }
}

/// What an error of SQLite means for whoever gave the file.
pub(crate) fn explain(path: &Path, error: &rusqlite::Error) -> DatabaseError {
    let path = path.to_owned();
    let why = error.to_string();
    let Some(code) = error.sqlite_error() else { return DatabaseError::Failed { path, why } };
    match (code.code, code.extended_code) {
        (
            _,
            ffi::SQLITE_READONLY_ROLLBACK | ffi::SQLITE_READONLY_RECOVERY | ffi::SQLITE_READONLY_CANTINIT,
        ) => DatabaseError::Unfinished(path),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed, _) => {
            DatabaseError::Locked(path)
        }
        (ErrorCode::NotADatabase, _) => {
            DatabaseError::NotSqlite { path, begins: "something encrypted or damaged".to_owned() }
        }
        (ErrorCode::DatabaseCorrupt, _) => DatabaseError::Damaged { path, why },
        (ErrorCode::CannotOpen | ErrorCode::PermissionDenied, _) => DatabaseError::Closed { path, why },
        (ErrorCode::OperationInterrupted, _) => DatabaseError::Cancelled,
        _ => DatabaseError::Failed { path, why },
    }
}
