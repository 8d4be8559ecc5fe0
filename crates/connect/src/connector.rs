//! What every system that can be read looks like from here.
//!
//! A connector fetches and hands over; what it fetched becomes records in `catena-ingest`, and they are stored by
//! whoever called it. Reading is resumable: with each portion comes a [`Cursor`] that says how far it went, and
//! reading from that cursor continues there.

use std::ops::ControlFlow;

use catena_model::{point::Point, statement::Read, statement::Thing};
use serde::{Deserialize, Serialize};

use crate::{
    cancel::Cancel, http::HttpError, mlflow::database::DatabaseError, pause::Pending, postgres::PostgresError,
};

/// A system that can be read in full.
pub trait Connector: Send + Sync {
    /// Finds out what is there, without reading much of it.
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>>;

    /// Reads everything, or what comes after `from`, and hands it to `sink` in portions.
    ///
    /// Portions come in an order in which storing each at once is safe, and storing one twice changes nothing.
    /// Fetching goes on while `sink` stores. After an error, the last cursor that the sink got is where to go on.
    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>>;
}

/// What is at the other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The software: `MLflow`.
    pub system: String,
    /// Its version, or that of its database's layout, where it says so.
    pub version: Option<String>,
    /// The namespace of the names that it will give.
    pub namespace: String,
    /// What is there to read, as far as that is known without reading it.
    #[serde(default)]
    pub found: Vec<Found>,
    /// What can't be read there, and why.
    pub notes: Vec<Note>,
}

/// Things of one sort that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What they are: `tables`.
    pub what: String,
    /// How many.
    pub count: u64,
}

impl Found {
    /// So many of these.
    pub fn new(what: &str, count: u64) -> Self {
        Self { what: what.to_owned(), count }
    }
}

/// Takes what a connector reads.
pub trait Sink: Send {
    /// Takes the next portion; everything up to `cursor` has now been handed over. `Break` stops the reading.
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> ControlFlow<()>;

    /// Learns how far the reading is.
    fn progress(&mut self, progress: Progress) {
        let _ = progress;
    }
}

impl<F: FnMut(Vec<Read>, Cursor) -> ControlFlow<()> + Send> Sink for F {
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> ControlFlow<()> {
        self(reads, cursor)
    }
}

/// How far a reading went, in a form that only its connector understands; safe to store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

impl Cursor {
    /// The cursor at a connector's own `place`.
    pub(crate) fn at(place: &impl Serialize) -> Self {
        // A value of our own types always serialises.
        Self(serde_json::to_string(place).unwrap_or_default())
    }

    /// The place that a connector made it of.
    pub(crate) fn place<P: serde::de::DeserializeOwned>(&self) -> Result<P, ReadError> {
        serde_json::from_str(&self.0).map_err(|error| ReadError::BadCursor(error.to_string()))
    }
}

/// How far a reading is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being read: `runs`.
    pub stage: String,
    /// How many of them were handed over.
    pub done: u64,
    /// How many there are, where that is known.
    pub of: Option<u64>,
}

/// What a reading that came to an end has to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Whether the sink stopped it before all was read.
    pub stopped: bool,
    /// What was not read, and why.
    pub notes: Vec<Note>,
    /// Where the next reading may begin so that it asks only for what is new; without one it begins anew.
    pub next: Option<Cursor>,
}

/// Something that was left out, which is no failure: an older version does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about: `logged models`.
    #[serde(rename = "where")]
    pub place: String,
    /// What was not read and why.
    pub why: String,
}

/// Tells a connector what need not be fetched again.
pub trait Known: Send + Sync {
    /// The last point, by step and then time, that is stored of a run's metric.
    ///
    /// When the system's own last point is the same and the run has ended, its history is not fetched.
    fn last_point(&self, run: &Thing, metric: &str) -> Option<Point>;
}

/// Knows nothing, so that everything is fetched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Known for Nothing {
    fn last_point(&self, _: &Thing, _: &str) -> Option<Point> {
        None
    }
}

/// Why a system could not be read to the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The server.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The file.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// No connector can read this.
    #[error("\"{address}\" can't be read: {why}")]
    Unknown {
        /// What was given.
        address: String,
        /// What was expected.
        why: String,
    },
    /// The names would have no place.
    #[error("\"{namespace}\" can't be the namespace of what is read: {why}")]
    BadNamespace {
        /// What was given.
        namespace: String,
        /// What is wrong with it.
        why: String,
    },
    /// The cursor is of another system or another version of Catena.
    #[error("the place to go on from was not understood ({0}): start from the beginning")]
    BadCursor(String),
    /// The part that fetches ended without a word.
    #[error("reading ended unexpectedly ({0}): please report this")]
    Broken(String),
    /// The system understood and won't.
    #[error("{system} refused {what}: {why}")]
    Refused {
        /// The system: `Snowflake`.
        system: &'static str,
        /// What it was asked for.
        what: String,
        /// What it said.
        why: String,
    },
    /// Somebody asked to stop.
    #[error("stopped on request")]
    Cancelled,
}

impl ReadError {
    /// Whether somebody asked for it.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Http(HttpError::Cancelled)
                | Self::Database(DatabaseError::Cancelled)
                | Self::Postgres(PostgresError::Cancelled)
        )
    }
}
