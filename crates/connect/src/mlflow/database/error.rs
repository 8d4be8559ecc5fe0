//! Why an `mlflow.db` could not be read.

use std::path::PathBuf;

/// Why a file could not be read as MLflow's database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// There is nothing.
    #[error("{} does not exist: give an mlflow.db, or the folder that holds one", .0.display())]
    Missing(PathBuf),
    /// A folder that holds runs as files, not a database.
    #[error(
        "{} keeps its runs as files, which are not read: start `mlflow server --backend-store-uri {}` and import its \
         address instead", .0.display(), .0.display()
    )]
    FileStore(PathBuf),
    /// The file system does not let us.
    #[error("{} can't be opened ({why}): check who may read it", .path.display())]
    Closed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// It is something else.
    #[error("{} is not a SQLite database (it begins with {begins}): give MLflow's mlflow.db", .path.display())]
    NotSqlite {
        /// The file.
        path: PathBuf,
        /// Its first bytes, for a person.
        begins: String,
    },
    /// A database of something else.
    #[error("{} is a SQLite database, but not one of MLflow's: it has no table \"{missing}\"", .path.display())]
    NotMlflow {
        /// The file.
        path: PathBuf,
        /// A table that every MLflow has.
        missing: &'static str,
    },
    /// Somebody writes it and does not let go.
    #[error(
        "{} is locked by another program: try again when it is done, or import from the address of the MLflow server \
         that uses it", .0.display()
    )]
    Locked(PathBuf),
    /// A crash left it in the middle of a change, and only a program that may write can finish that.
    #[error("{} was left in the middle of a change: open it once with MLflow, then import it again", .0.display())]
    Unfinished(PathBuf),
    /// The file is damaged.
    #[error("{} is damaged ({why}): restore it from a backup, or try `sqlite3 FILE .recover`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// SQLite refuses for another reason.
    #[error("{} can't be read: {why}", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// Somebody asked to stop.
    #[error("stopped on request")]
    Cancelled,
}
