//! MLflow's own database, the SQLite file `mlflow.db`, read without a server.
//!
//! The file is somebody else's and may be in use: it is opened for reading only, and each page is a transaction of
//! its own, since a long one would keep the server that owns it from writing. Tables are read in the order of their
//! rows, a page at a time, so that neither the memory nor the place to go on from grows with the file.

mod error;
mod histories;
pub(crate) mod open;
mod read;
mod runs;
mod schema;
mod things;
mod value;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use catena_ingest::mlflow::Mapping;

use self::{read::Reader, schema::Schema};
use super::{
    identity,
    known::KnownHistories,
    place::{Place, Table},
};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Note, Probe, ReadError, Sink},
    handover::{Stop, fetching_blocking},
    pause::Pending,
    registry::Settings,
};

pub use error::DatabaseError;

/// An `mlflow.db`.
pub struct Database {
    path: PathBuf,
    settings: Settings,
}

impl Database {
    /// The database at `path`, or the `mlflow.db` in that folder.
    pub fn new(path: &Path, settings: Settings) -> Result<Self, ReadError> {
        Ok(Self { path: open::locate(path)?, settings })
    }

    /// The file that is read.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What the file lacks, as far as a person would miss it.
fn lacks(schema: &Schema) -> Vec<Note> {
    let note = |place: &str, why: &str| Note { place: place.to_owned(), why: why.to_owned() };
    let optional = [
        ("metrics", "metrics", "this database has no table of metrics"),
        (
            "datasets",
            "datasets of runs",
            "this database is older than MLflow 2.4, which was the first to keep them",
        ),
        (
            "logged_models",
            "logged models",
            "this database is older than MLflow 3, which was the first to have them",
        ),
        ("registered_models", "registered models", "this database has no model registry"),
        (
            "registered_model_aliases",
            "aliases of model versions",
            "this database is older than MLflow 2.3, which was the first to have them",
        ),
    ];
    optional
        .into_iter()
        .filter(|(table, ..)| !schema.has_table(table))
        .map(|(_, place, why)| note(place, why))
        .collect()
}

fn version(schema: &Schema) -> Option<String> {
    schema.revision.as_ref().map(|revision| match revision.as_str() {
        schema::NEWEST_SEEN => "3.17 (layout dc11669786a5)".to_owned(),
        other => format!("layout {other}"),
    })
}

fn opened(path: &Path, given: Option<&str>, cancel: &Cancel) -> Result<(Reader, String), ReadError> {
    let reader = Reader::open(path, cancel)?;
    let first = reader.first_experiment()?;
    let namespace = identity::namespace(given, first.as_ref(), || identity::of_file(path))?;
    Ok((reader, namespace))
}

impl Connector for Database {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        let (path, given, cancel) = (self.path.clone(), self.settings.namespace.clone(), cancel.clone());
        Box::pin(async move {
            let probe = move || {
                let (reader, namespace) = opened(&path, given.as_deref(), &cancel)?;
                Ok(Probe {
                    system: "MLflow".to_owned(),
                    version: version(&reader.schema),
                    namespace,
                    found: Vec::new(),
                    notes: lacks(&reader.schema),
                })
            };
            tokio::task::spawn_blocking(probe).await.map_err(|error| ReadError::Broken(error.to_string()))?
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = match from {
                None => Place::Rows { table: Table::Experiments, after: i64::MIN },
                Some(cursor) => Place::of(cursor)?,
            };
            let (path, settings, stop) = (self.path.clone(), self.settings.clone(), cancel.clone());
            let fetch = move |out| -> Result<(), Stop> {
                let (reader, namespace) = opened(&path, settings.namespace.as_deref(), &stop)?;
                let mapping = Mapping::new(&namespace, settings.clock.now()).map_err(|error| {
                    ReadError::BadNamespace { namespace: namespace.clone(), why: error.to_string() }
                })?;
                let known = KnownHistories::new(&namespace, Arc::clone(&settings.known));
                reader.run(&mapping, &known, place, &out)
            };
            fetching_blocking(fetch, sink, cancel).await
        })
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}
