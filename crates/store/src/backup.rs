//! Copies of a catalog, verified before they count and before they replace anything.

use std::{
    ffi::c_int,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{
    StoreError, StoreResult,
    catalog::{beside, connect, immutable, quick_check},
    schema,
};

/// Copies the open catalog to `target`, verifies the copy, then gives it its name. An existing file is replaced only
/// by a copy that was verified.
pub fn backup(db: &Connection, target: &Path) -> StoreResult<()> {
    finish(target, |unfinished| {
        // VACUUM INTO gives one consistent, compact file whatever writers do meanwhile.
        db.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
        verify(unfinished)
    })
}

/// Makes a file under another name and gives it its own once it is whole.
fn finish(target: &Path, make: impl FnOnce(&Path) -> StoreResult<()>) -> StoreResult<()> {
    let unfinished = beside(target, ".unfinished");
    remove(&unfinished)?;
    if let Err(error) = make(&unfinished).and_then(|()| sync(&unfinished)) {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error);
    }
    rename(&unfinished, target)
}

/// Puts the backup at `source` in the place of the catalog at `target`, which must not be open. What was there is kept
/// beside it and its path returned.
pub fn restore(source: &Path, target: &Path) -> StoreResult<Option<PathBuf>> {
    verify(source)?;
    let unfinished = beside(target, ".unfinished");
    std::fs::copy(source, &unfinished)
        .map_err(|error| StoreError::File { path: unfinished.clone(), error })?;
    if let Err(error) = verify(&unfinished).and_then(|()| sync(&unfinished)) {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error);
    }
    let kept = if target.exists() {
        let kept = free_name(target, "before-restore");
        // Bring the log file's content home, so that the kept file is whole by itself.
        drop(connect(target, OpenFlags::SQLITE_OPEN_READ_WRITE)?);
        rename(target, &kept)?;
        Some(kept)
    } else {
        None
    };
    for suffix in ["-wal", "-shm"] {
        remove(&beside(target, suffix))?;
    }
    rename(&unfinished, target)?;
    Ok(kept)
}

/// Copies the catalog beside itself before its layout is changed: page by page and without replaying its log, since
/// somebody waits for it to open. The copy is as sound as the catalog is, which opening it has found out.
pub(crate) fn before_migration(db: &Connection, path: &Path, version: i32) -> StoreResult<()> {
    finish(&free_name(path, &format!("layout-{version}")), |unfinished| {
        let mut copy = Connection::open(unfinished)?;
        Backup::new(db, &mut copy)?.run_to_completion(ALL_PAGES, Duration::ZERO, None)?;
        // Nothing beside it: a backup is whole by itself.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        quick_check(&copy)
    })
}

/// Copied in one go, so that it is one state.
const ALL_PAGES: c_int = c_int::MAX;

/// Opens the file as a catalog and checks it.
pub fn verify(path: &Path) -> StoreResult<()> {
    let not = |why: String| StoreError::NotACatalog { path: path.to_owned(), why };
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    // A backup is whole by itself; only a catalog that was copied while in use has a log file beside it.
    let has_log = std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let db = if has_log { connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)? } else { immutable(path)? };
    let application: i32 = db
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(|error| not(error.to_string()))?;
    if application != schema::APPLICATION_ID {
        return Err(not("an SQLite file of another program".to_owned()));
    }
    if schema::version(&db)? > schema::VERSION {
        return Err(not("it is of a newer Catena; update Catena to restore it".to_owned()));
    }
    quick_check(&db)?;
    let problems = crate::check::check(&db)?;
    match problems.first() {
        None => Ok(()),
        Some(problem) => Err(StoreError::Damaged(format!("{}: {}", problem.place, problem.what))),
    }
}

fn free_name(path: &Path, word: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    (1..)
        .map(|n| path.with_file_name(format!("{stem}.{word}-{n}.catena")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| beside(path, word))
}

fn sync(path: &Path) -> StoreResult<()> {
    std::fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::File { path: path.to_owned(), error })
}

fn rename(from: &Path, to: &Path) -> StoreResult<()> {
    std::fs::rename(from, to).map_err(|error| StoreError::File { path: to.to_owned(), error })?;
    // The new name is only durable once its folder is.
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

fn remove(path: &Path) -> StoreResult<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::File { path: path.to_owned(), error })
        }
        _ => Ok(()),
    }
}

/// Copies the catalog at `path`, which is open read-only, to `target`.
pub fn backup_file(path: &Path, target: &Path) -> StoreResult<()> {
    backup(&connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, target)
}
