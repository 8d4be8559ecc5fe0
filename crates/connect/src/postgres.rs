//! PostgreSQL's own catalog: schemas, tables, views, columns, comments, keys, and what views read.
//!
//! Only the catalog is read, in transactions that may not write, and never a row of anybody's data. Tables come in the
//! order of their object ids, a page at a time, so a reading that was cut short goes on where it was. PostgreSQL doesn't
//! say what changed since, so a reading after a complete one reads all of the catalog again, which is small.

mod address;
mod error;
pub(crate) mod form;
mod session;
mod tables;
mod tls;
mod wire;

use catena_ingest::relational::Mapping;
use serde::{Deserialize, Serialize};

pub(crate) use self::{address::Target, session::Session};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Note, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

pub use error::PostgresError;

/// PostgreSQL in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "postgres",
    "PostgreSQL",
    "the address of a database (postgres://host:5432/database): its tables, views, columns, comments and keys",
    open,
)
.asking(
    "postgres://127.0.0.1:5432/shop",
    Proof::Password,
 &[form::USER, form::TLS, form::SCHEMAS],
);

/// How many tables are read at once.
const TABLES_AT_ONCE: i64 = 100;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    Ok(Box::new(Postgres::new(
        address.url("the address of a database, such as postgres://host:5432/shop")?,
        settings,
    )?))
}

/// A PostgreSQL database.
pub struct Postgres {
    target: Target,
    settings: Settings,
}

/// How far a reading went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The object id of the last table that was read.
    after: u32,
}

impl Postgres {
    /// The database at `address`, which a person named; a user name and password may stand in it.
    pub fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        Ok(Self { target: Target::new(address, &settings)?, settings })
    }

    async fn session(&self, cancel: &Cancel) -> Result<Session, PostgresError> {
        Session::open(&self.target, self.settings.limits, cancel).await
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Connector for Postgres {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let session = self.session(cancel).await?;
            let counts = tables::counts(&session).await?;
            let version = session.version().await?;
            let mut notes = Vec::new();
            if counts.unreadable > 0 {
                notes.push(Note {
                    place: "tables".to_owned(),
                    why: format!(
                        "{} of them {} may not read: their columns and comments are read all the same",
                        counts.unreadable,
                        self.target.user()
                    ),
                });
            }
            Ok(Probe {
                system: "PostgreSQL".to_owned(),
                version: Some(version),
                namespace: self.target.namespace(),
                found: vec![
                    Found::new("schemas", counts.schemas),
                    Found::new("tables", counts.tables),
                    Found::new("views", counts.views),
                ],
                notes,
            })
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
            let session = self.session(cancel).await?;
            let mapping = Mapping::new("postgres", &self.target.namespace(), self.settings.clock.now());
            fetching(|out| walk(session, mapping, place, out), sink, cancel).await
        })
    }
}

async fn walk(session: Session, mapping: Mapping, mut place: Place, out: Out) -> Result<(), Stop> {
    let counts = tables::counts(&session).await?;
    let of = counts.tables + counts.views;
    let mut done = 0;
    loop {
        let page = tables::page(&session, place.after, TABLES_AT_ONCE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        place.after = *last;
        done += page.len() as u64;
        let reads = page.iter().flat_map(|(_, table)| mapping.table(table)).collect();
        out.portion(reads, Cursor::at(&place)).await?;
        out.progress(Progress { stage: "tables".to_owned(), done, of: Some(of.max(done)) }).await?;
    }
}
