//! What a caller is told when a use case can't be done.

use catena_store::StoreError;
use serde::Serialize;
use ts_rs::TS;

/// What sort of thing went wrong, for a caller that acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The request makes no sense.
    BadRequest,
    /// No catalog is open.
    NoCatalog,
    /// There is no such thing, or it may not be seen.
    NotFound,
    /// The caller's role may not do this.
    Forbidden,
    /// The catalog can't be changed.
    ReadOnly,
    /// What is there now doesn't allow it.
    Refused,
    /// Somebody asked to stop.
    Cancelled,
    /// The file, the disk or a server failed.
    Failed,
}

/// Why a use case could not be done: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    /// What sort of thing went wrong.
    pub trouble: Trouble,
    /// For a person.
    pub message: String,
}

impl AppError {
    /// An error of this sort.
    pub fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self { trouble, message: message.into() }
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Trouble::BadRequest, message)
    }

    /// No catalog is open.
    pub fn no_catalog() -> Self {
        Self::new(Trouble::NoCatalog, "no catalog is open: open one, or the sample")
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let trouble = match &error {
            StoreError::Missing(_) | StoreError::NotFound(_) => Trouble::NotFound,
            StoreError::Exists(_) | StoreError::Refused(_) => Trouble::Refused,
            StoreError::ReadOnly(_) => Trouble::ReadOnly,
            StoreError::NotACatalog { .. }
            | StoreError::DiskFull
            | StoreError::Busy
            | StoreError::Damaged(_)
            | StoreError::File { .. }
            | StoreError::Sqlite(_)
            | StoreError::Index(_) => Trouble::Failed,
        };
        Self::new(trouble, error.to_string())
    }
}
