//! Systems that `catena-connect` knows how to read.
//!
//! How far a system was read is kept in the catalog, beside the log, and only moves after what it covers is committed.
//! So a reading that was cut short goes on where it was, and one after a complete one asks only for what is new.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use catena_connect::{
    cancel::Cancel,
    connector::{self, Connector, Cursor, Done, Known, ReadError, Sink},
    registry::{Address, Settings, System},
};
use catena_model::{
    point::Point,
    statement::{Read, Rejection, Thing},
};
use catena_store::{
    Environment, StoreResult,
    table::{cursor, name, series},
};

use super::{Import, Progress, Remote, without_credentials};
use crate::{AppError, error::Trouble, session::Session};

/// How often the place is noted while reading: each time costs a write of its own.
const NOTED_EVERY: Duration = Duration::from_secs(2);

/// How far a system was read, as the catalog keeps it.
struct Place {
    session: Arc<Session>,
    system: String,
    /// Up to where everything is stored, when that is not noted yet.
    stored: Option<Cursor>,
    noted: Instant,
}

impl Place {
    fn kept(&self) -> StoreResult<Option<Cursor>> {
        let kept = self.session.catalog.read(|reader| cursor::get(reader.db(), &self.system))?;
        Ok(kept.map(Cursor))
    }

    fn note(&mut self) -> StoreResult<()> {
        self.noted = Instant::now();
        match self.stored.take() {
            Some(place) => self.set(Some(&place)),
            None => Ok(()),
        }
    }

    fn set(&self, place: Option<&Cursor>) -> StoreResult<()> {
        self.session.catalog.writer()?.unlogged(|db| match place {
            Some(Cursor(place)) => cursor::put(db, &self.system, place),
            None => cursor::forget(db, &self.system),
        })
    }
}

struct Store<'i, 'a> {
    import: &'i mut Import<'a>,
    place: Place,
    failed: Option<AppError>,
    done: u64,
}

impl Store<'_, '_> {
    fn put(&mut self, reads: Vec<Read>, cursor: Cursor) -> Result<(), AppError> {
        self.import.store(reads)?;
        self.place.stored = Some(cursor);
        if self.place.noted.elapsed() >= NOTED_EVERY {
            self.place.note()?;
        }
        Ok(())
    }
}

impl Sink for Store<'_, '_> {
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> ControlFlow<()> {
        self.done += reads.len() as u64;
        match self.put(reads, cursor) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn progress(&mut self, progress: connector::Progress) {
        (self.import.progress)(match progress.of {
            Some(of) => Progress { done: progress.done, total: Some(of), unit: "events" },
            None => Progress { done: self.done, total: None, unit: "records" },
        });
    }
}

/// What the catalog has of metrics.
struct Stored(Arc<Session>);

impl Known for Stored {
    fn last_point(&self, run: &Thing, metric: &str) -> Option<Point> {
        let last = self.0.catalog.read(|reader| {
            let db = reader.db();
            let Some(namespace) = name::find_namespace(db, &run.name.namespace)? else { return Ok(None) };
            match name::bearer(db, run.kind, namespace, &run.name.name)? {
                Some(run) => series::last(db, run, metric),
                None => Ok(None),
            }
        });
        // What can't be told is asked for.
        last.ok().flatten()
    }
}

/// Reads what is new of the system `key` at `from`, or `all` of it, and stores it.
pub(super) fn read(
    import: &mut Import<'_>,
    environment: &Environment,
    key: &str,
    from: &str,
    all: bool,
) -> Result<(), AppError> {
    let system = System::by_key(key)
        .ok_or_else(|| AppError::bad_request(format!("there is no connector for \"{key}\"")))?;
    let remote = Remote {
        system,
        address: from.to_owned(),
        place: format!("{key} {}", without_credentials(from.trim()).trim_end_matches('/')),
        credential: None,
        options: BTreeMap::new(),
    };
    read_from(import, environment, &remote, all)
}

/// Reads what is new of a system, or `all` of it, and stores it.
pub(super) fn read_from(
    import: &mut Import<'_>,
    environment: &Environment,
    remote: &Remote,
    all: bool,
) -> Result<(), AppError> {
    let session = Arc::clone(import.session);
    let known: Arc<dyn Known> = match all {
        true => Arc::new(connector::Nothing),
        false => Arc::new(Stored(Arc::clone(&session))),
    };
    let settings = Settings {
        known,
        credential: remote.credential.clone(),
        options: remote.options.clone(),
        ..Settings::new(Arc::clone(&environment.clock))
    };
    let connector = remote.system.open(&Address::parse(&remote.address), settings).map_err(failed)?;
    let place = Place { session, system: remote.place.clone(), stored: None, noted: Instant::now() };
    if all {
        place.set(None)?;
    }
    let start = place.kept()?;
    let mut store = Store { import, place, failed: None, done: 0 };
    let result = fetch(&*connector, start.as_ref(), &mut store);
    let unstored = store.failed.take();
    match (unstored, result) {
        (None, Ok(done)) => {
            store.place.set(done.next.as_ref())?;
            let notes = done.notes.into_iter().map(|note| Rejection { place: note.place, why: note.why });
            store.import.notes.extend(notes);
            Ok(())
        }
        (unstored, result) => {
            // Where it can't be noted (a full disk), the next reading begins further back.
            let _ = store.place.note();
            Err(unstored.or(result.err()).unwrap_or_else(|| failed(ReadError::Cancelled)))
        }
    }
}

/// Lets the connector read into `store`, and looks all the while whether to stop.
fn fetch(
    connector: &dyn Connector,
    start: Option<&Cursor>,
    store: &mut Store<'_, '_>,
) -> Result<Done, AppError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(
            |error| AppError::new(Trouble::Failed, format!("reading could not be started: {error}")),
        )?;
    let cancel = Cancel::default();
    let stop = store.import.stop;
    let result = runtime.block_on(async {
        let watch = async {
            // A hanging server must not keep a person waiting.
            while !stop() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            cancel.cancel();
            std::future::pending::<()>().await;
        };
        let read = async {
            match connector.read(start, store, &cancel).await {
                // Kept by another version: nothing is lost by starting again.
                Err(ReadError::BadCursor(_)) if start.is_some() => connector.read(None, store, &cancel).await,
                other => other,
            }
        };
        tokio::select! {
            result = read => result,
            () = watch => Err(ReadError::Cancelled),
        }
    });
    result.map_err(failed)
}

fn failed(error: ReadError) -> AppError {
    let trouble = if error.is_cancelled() { Trouble::Cancelled } else { Trouble::Failed };
    AppError::new(trouble, error.to_string())
}
