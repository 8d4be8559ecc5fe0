//! What can go wrong with a catalog file, and what to do about it.

use std::path::PathBuf;

/// The result of everything that touches the catalog file.
pub type StoreResult<T> = Result<T, StoreError>;

/// What went wrong with the catalog.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file.
    #[error("there is no catalog at {0}: check the path, or create one")]
    Missing(PathBuf),
    /// There is a file already.
    #[error("{0} exists already: open it, or choose another name")]
    Exists(PathBuf),
    /// The file is something else.
    #[error("{path} is not a Catena catalog ({why}): choose a .catena file")]
    NotACatalog {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        why: String,
    },
    /// The catalog can't be written.
    #[error("the catalog can't be changed: {0}")]
    ReadOnly(String),
    /// The disk is full.
    #[error("the disk is full: nothing was stored of this step. Make room and repeat it")]
    DiskFull,
    /// Another process is writing.
    #[error("another program is writing to the catalog: try again in a moment")]
    Busy,
    /// The file is damaged.
    #[error("the catalog file is damaged ({0}): restore a backup; the file was left as it is")]
    Damaged(String),
    /// What was asked for isn't there.
    #[error("{0}")]
    NotFound(String),
    /// The change doesn't fit what is there now.
    #[error("{0}")]
    Refused(String),
    /// The file system said no.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
    /// Anything else from SQLite.
    #[error("the catalog file could not be read or written: {0}")]
    Sqlite(rusqlite::Error),
    /// The search index could not be read or written.
    #[error("the search index could not be used: {0}. It can be rebuilt from the catalog")]
    Index(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::DiskFull,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::ReadOnly) => Self::ReadOnly("its file or folder can only be read".to_owned()),
            Some(Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}
