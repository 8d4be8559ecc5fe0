//! What is declared of a use case.

use serde::Serialize;
use serde_json::Value;

use crate::{App, AppError};

/// A part of what can be read, for telling which answers have become stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Which catalog is open, its size and state.
    Catalog,
    /// Entities and their fields.
    Entities,
    /// Relations and their evidence.
    Relations,
    /// The history.
    Operations,
    /// Views saved under a name.
    Views,
    /// Long-running work.
    Jobs,
    /// Receivers, what they saw and what they could not take.
    Receivers,
    /// Systems that are set up to be pulled.
    Connections,
    /// Everything: another catalog was opened.
    #[serde(rename = "*")]
    Everything,
}

/// What a caller may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Reader,
    /// Edit metadata.
    Contributor,
    /// Decide: merges, imports, verdicts.
    Steward,
    /// Open, replace and restore whole catalogs.
    Admin,
}

/// What a use case answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A JSON text.
    Json(String),
    /// Bytes in a form of their own.
    Bytes(Vec<u8>),
}

/// One use case as declared.
pub struct UseCase {
    /// Its name, the same everywhere.
    pub name: &'static str,
    /// What it reads.
    pub provides: &'static [Topic],
    /// What it makes stale.
    pub invalidates: &'static [Topic],
    /// The least role that may call it.
    pub role: Role,
    /// Whether its arguments have a `dry_run` that shows what it would do.
    pub dry_run: bool,
    /// Whether it answers bytes instead of JSON.
    pub binary: bool,
    /// Runs it with JSON arguments. Call it through [`App::call`], which checks the role.
    pub(crate) run: fn(&App, Value) -> Result<Reply, AppError>,
    /// The TypeScript of its arguments and reply.
    pub(crate) types: fn(&mut crate::client::Types) -> crate::client::Signature,
}
