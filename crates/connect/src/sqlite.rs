//! A SQLite file's own catalog: tables, views, columns and keys; never a row of anybody's data.
//!
//! The file is somebody else's and may be an attacker's: it is opened for reading only, with everything switched off
//! that could make SQLite do more than read it, and what it says is bounded. A view of views is there without its
//! columns: finding them out takes every view apart that it is made of, and a file can be made so that this never ends.

mod tables;

use std::path::{Path, PathBuf};

use catena_ingest::relational::Mapping;
use serde::{Deserialize, Serialize};

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching_blocking},
    mlflow::database::{DatabaseError, open},
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

/// SQLite in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "sqlite",
    "SQLite",
    "the path of a database file: its tables, views, columns and keys",
    open_system,
)
.asking("/data/shop.db", Proof::Nothing, &[]);

/// How many tables are handed over at once.
const TABLES_AT_ONCE: u32 = 100;

fn open_system(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    match address {
        Address::Path(path) => Ok(Box::new(Sqlite::new(path, settings)?)),
        Address::Url(url) => Err(ReadError::Unknown {
            address: crate::secret::without_password(url),
            why: "expected the path of a SQLite file".to_owned(),
        }),
    }
}

/// A SQLite file.
pub struct Sqlite {
    path: PathBuf,
    settings: Settings,
}

/// How far a reading went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The row of `sqlite_schema` that was read last.
    after: i64,
}

impl Sqlite {
    /// The file at `path`.
    pub fn new(path: &Path, settings: Settings) -> Result<Self, ReadError> {
        // The same file by another path is the same database.
        let path = std::fs::canonicalize(path).map_err(|error| unreadable(path, &error.to_string()))?;
        Ok(Self { path, settings })
    }
}

/// As SQLAlchemy writes the address of the file.
fn namespace(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.trim_start_matches(r"\\?\").replace('\\', "/");
    format!("sqlite:///{text}")
}

fn unreadable(path: &Path, why: &str) -> ReadError {
    ReadError::Unknown { address: path.display().to_string(), why: why.to_owned() }
}

/// In words that fit any database: the errors of the shared way in speak of MLflow's.
fn explained(error: DatabaseError) -> ReadError {
    match error {
        DatabaseError::NotSqlite { path, begins } => {
            unreadable(&path, &format!("it is not a SQLite database (it begins with {begins})"))
        }
        DatabaseError::Locked(path) => {
            unreadable(&path, "it is locked by another program: try again when that is done")
        }
        DatabaseError::Unfinished(path) => unreadable(
            &path,
            "it was left in the middle of a change: open it once with the program that owns it",
        ),
        DatabaseError::Missing(path) => unreadable(&path, "it does not exist"),
        other => other.into(),
    }
}

fn failed(path: &Path, error: &rusqlite::Error) -> ReadError {
    explained(open::explain(path, error))
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Connector for Sqlite {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        let (path, cancel) = (self.path.clone(), cancel.clone());
        Box::pin(async move {
            let probe = move || {
                let connection = open::open(&path, &cancel).map_err(explained)?;
                let (tables, views) = tables::counts(&connection).map_err(|error| failed(&path, &error))?;
                Ok(Probe {
                    system: "SQLite".to_owned(),
                    version: None,
                    namespace: namespace(&path),
                    found: vec![Found::new("tables", tables), Found::new("views", views)],
                    notes: Vec::new(),
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
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let (path, stop) = (self.path.clone(), cancel.clone());
            let mapping = Mapping::new("sqlite", &namespace(&path), self.settings.clock.now());
            fetching_blocking(move |out| walk(&path, &mapping, place, &out, &stop), sink, cancel).await
        })
    }
}

fn walk(path: &Path, mapping: &Mapping, mut place: Place, out: &Out, cancel: &Cancel) -> Result<(), Stop> {
    let connection = open::open(path, cancel).map_err(explained)?;
    let failed = |error: &rusqlite::Error| Stop::Failed(failed(path, error));
    let (tables, views) = tables::counts(&connection).map_err(|error| failed(&error))?;
    let (of, mut done) = (tables + views, 0);
    loop {
        let page = tables::page(&connection, place.after, TABLES_AT_ONCE).map_err(|error| failed(&error))?;
        let Some(last) = page.last() else { return Ok(()) };
        place.after = last.row;
        done += page.len() as u64;
        for found in &page {
            if let Some(why) = &found.incomplete {
                out.note_blocking(&format!("{} {}", found.table.subtype, found.table.name), why.clone())?;
            }
        }
        let reads = page.iter().flat_map(|found| mapping.table(&found.table)).collect();
        out.portion_blocking(reads, Cursor::at(&place))?;
        out.progress_blocking(Progress { stage: "tables".to_owned(), done, of: Some(of.max(done)) })?;
    }
}
