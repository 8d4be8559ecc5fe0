//! How often connections are pulled by themselves. Kept beside the program's other settings and not in the catalog:
//! opening somebody else's file must not make us ask anybody's server.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

use catena_model::{actor::Origin, time::Timestamp};
use catena_store::table::connection;

use super::pull::Puller;
use crate::{App, AppError, error::Trouble, session::Session};

/// How often it is looked whether something is due.
const PACE: Duration = Duration::from_secs(5);

/// The shortest time between two pulls, in minutes, and the longest.
pub(super) const BOUNDS: std::ops::RangeInclusive<u32> = 1..=60 * 24 * 31;

/// By catalog, then connection: every how many minutes.
type Kept = BTreeMap<String, BTreeMap<String, u32>>;

/// What is kept in `file` for the catalog at this path; nothing when it can't be read.
pub(super) fn of(file: &Path, catalog: &Path) -> BTreeMap<String, u32> {
    read(file).remove(&key(catalog)).unwrap_or_default()
}

/// Keeps, or forgets, how often one is pulled.
pub(super) fn set(file: &Path, catalog: &Path, name: &str, minutes: Option<u32>) -> Result<(), AppError> {
    let mut kept = read(file);
    let ours = kept.entry(key(catalog)).or_default();
    let before = ours.clone();
    match minutes {
        Some(minutes) => ours.insert(name.to_owned(), minutes),
        None => ours.remove(name),
    };
    if *ours == before {
        return Ok(());
    }
    kept.retain(|_, of_one| !of_one.is_empty());
    let text = serde_json::to_vec_pretty(&kept).unwrap_or_default();
    let written = match file.parent() {
        Some(folder) => std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text)),
        None => std::fs::write(file, text),
    };
    written.map_err(|error| {
        AppError::new(Trouble::Failed, format!("{}: the schedule could not be kept: {error}", file.display()))
    })
}

fn read(file: &Path) -> Kept {
    std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn key(catalog: &Path) -> String {
    std::path::absolute(catalog).unwrap_or_else(|_| catalog.to_owned()).to_string_lossy().into_owned()
}

/// When one is due that was last pulled then, or is new since `opened`.
pub(super) fn due(pulled_at: Option<Timestamp>, opened: Timestamp, minutes: u32) -> Timestamp {
    let wait = i64::from(minutes) * 60_000_000;
    // What was missed while the program was closed is caught up with, but not all of it at the moment of opening.
    match pulled_at {
        Some(at) => Timestamp::from_micros(at.micros().saturating_add(wait).max(opened.micros())),
        None => opened,
    }
}

/// Pulls what is due for as long as the catalog is open; ends with this.
pub(crate) struct Timer(#[allow(dead_code, reason = "the thread ends when it is dropped")] mpsc::Sender<()>);

/// Starts pulling what is due, where somebody looks on: the command line pulls when it is told to.
pub(crate) fn start(app: &App, session: &Arc<Session>) -> Option<Timer> {
    if app.caller.act.origin != Origin::Window || session.catalog.writer().is_err() {
        return None;
    }
    let (stop, stopped) = mpsc::channel::<()>();
    let (puller, session, file) = (Puller::of(app), Arc::downgrade(session), app.places.connections());
    let opened = app.now();
    let spawned = std::thread::Builder::new().name("schedule".to_owned()).spawn(move || {
        while stopped.recv_timeout(PACE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let Some(session) = session.upgrade().filter(|session| !session.is_closing()) else { break };
            for name in all_due(&puller, &session, &file, opened) {
                // What can't even begin says so when somebody pulls it by hand.
                let _ = puller.begin(&session, &name, false, None);
            }
        }
    });
    spawned.ok().map(|_| Timer(stop))
}

fn all_due(puller: &Puller, session: &Session, file: &Path, opened: Timestamp) -> Vec<String> {
    let every = of(file, session.catalog.path());
    if every.is_empty() {
        return Vec::new();
    }
    let rows = session.catalog.read(|reader| connection::all(reader.db())).unwrap_or_default();
    let now = puller.now();
    rows.into_iter()
        .filter(|row| {
            let last = row.pulled_at.map(Timestamp::from_micros);
            every.get(&row.name).is_some_and(|minutes| due(last, opened, *minutes) <= now)
                && session.pulling.job(&row.name).is_none()
        })
        .map(|row| row.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_belongs_to_one_catalog_on_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/connections.json");
        set(&file, Path::new("/a.catena"), "kb", Some(30)).unwrap();
        assert_eq!(of(&file, Path::new("/a.catena")).get("kb"), Some(&30));
        assert!(of(&file, Path::new("/b.catena")).is_empty());
        set(&file, Path::new("/a.catena"), "kb", None).unwrap();
        assert!(of(&file, Path::new("/a.catena")).is_empty());
    }

    #[test]
    fn one_is_due_after_its_time_and_never_before_the_catalog_was_opened() {
        let at = |minutes: i64| Timestamp::from_micros(minutes * 60_000_000);
        assert_eq!(due(Some(at(100)), at(0), 30), at(130));
        assert_eq!(due(Some(at(100)), at(500), 30), at(500));
        assert_eq!(due(None, at(500), 30), at(500));
    }
}
