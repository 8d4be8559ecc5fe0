//! Opening, creating, backing up and checking catalogs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use catena_store::{
    Access, Catalog, StoreError,
    table::{entity, index_queue, relation},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    client::{Done, Nothing},
    error::Trouble,
    indexing,
    recent::{self, Recent},
    session::Session,
    use_case::Topic,
};

/// The open catalog, and those opened before.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CatalogInfo {
    /// Where it is; none when no catalog is open.
    pub path: Option<String>,
    /// What it is called.
    pub name: String,
    /// How many entities it has.
    #[ts(type = "number")]
    pub entity_count: u64,
    /// How many relations it has.
    #[ts(type = "number")]
    pub relation_count: u64,
    /// How large its file is, in bytes.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// How many changed entities the search index has yet to take in; search finds them all the same.
    #[ts(type = "number")]
    pub index_waiting: u64,
    /// Why it can't be changed, if it can't.
    pub read_only: Option<String>,
    /// Whether the program that had it open last was ended in the middle. The file was checked and is sound.
    pub ended_uncleanly: bool,
    /// The catalogs opened lately.
    pub recent: Vec<Recent>,
    /// Whether a sample comes with this installation.
    pub has_sample: bool,
    /// The version of Catena.
    pub version: String,
}

/// A file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PathArgs {
    /// Its path.
    pub path: String,
}

/// What the check found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CheckReply {
    /// Whether all holds.
    pub holds: bool,
    /// What doesn't.
    pub problems: Vec<Problem>,
}

/// A row that is not as it should be.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Problem {
    /// Which row.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// The open catalog, and those opened before.
pub fn info(app: &App, _: Nothing) -> Result<CatalogInfo, AppError> {
    let mut info = CatalogInfo {
        path: None,
        name: String::new(),
        entity_count: 0,
        relation_count: 0,
        size_bytes: 0,
        index_waiting: 0,
        read_only: None,
        ended_uncleanly: false,
        recent: recent::list(&app.places.recent()),
        has_sample: app.places.sample.as_ref().is_some_and(|sample| sample.exists()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    if let Some(session) = app.current() {
        let catalog = &session.catalog;
        info.path = Some(catalog.path().to_string_lossy().into_owned());
        info.name = catalog.name()?;
        (info.entity_count, info.relation_count, info.index_waiting) = catalog.read(|reader| {
            Ok((entity::count(reader.db())?, relation::count(reader.db())?, index_queue::len(reader.db())?))
        })?;
        info.size_bytes = size(catalog.path());
        info.read_only = match catalog.access() {
            Access::ReadWrite => None,
            Access::ReadOnly(reason) => Some(reason.clone()),
        };
        info.ended_uncleanly = catalog.ended_uncleanly();
    }
    Ok(info)
}

fn size(path: &Path) -> u64 {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    [path.to_owned(), PathBuf::from(wal)]
        .iter()
        .filter_map(|path| std::fs::metadata(path).ok())
        .map(|meta| meta.len())
        .sum()
}

fn enter(app: &App, catalog: Catalog) -> Result<CatalogInfo, AppError> {
    recent::remember(&app.places.recent(), catalog.path(), &catalog.name()?, app.now());
    let session = Session::start(catalog)?;
    app.enter(Some(Arc::clone(&session)));
    indexing::start(&session, Arc::clone(&app.events));
    app.stale(&[Topic::Everything]);
    info(app, Nothing {})
}

/// Opens the catalog at a path, in place of the one that is open.
pub fn open(app: &App, args: PathArgs) -> Result<CatalogInfo, AppError> {
    let catalog = Catalog::open(&absolute(&args.path)?, app.environment.clone())?;
    enter(app, catalog)
}

/// Makes a new catalog at a path and opens it.
pub fn create(app: &App, args: PathArgs) -> Result<CatalogInfo, AppError> {
    let mut path = absolute(&args.path)?;
    if path.extension().is_none() {
        path.set_extension("catena");
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| StoreError::File { path: folder.to_owned(), error })?;
    }
    let catalog = Catalog::create(&path, app.environment.clone())?;
    enter(app, catalog)
}

/// Opens the user's own copy of the sample; makes it first when there is none.
pub fn open_sample(app: &App, _: Nothing) -> Result<CatalogInfo, AppError> {
    let copy = app.places.sample_copy();
    if !copy.exists() {
        let sample = app.places.sample.as_ref().filter(|sample| sample.exists()).ok_or_else(|| {
            AppError::new(
                Trouble::NotFound,
                "this installation has no sample catalog: import something of your own",
            )
        })?;
        std::fs::create_dir_all(&app.places.data)
            .map_err(|error| StoreError::File { path: app.places.data.clone(), error })?;
        catena_store::backup::restore(sample, &copy)?;
    }
    open(app, PathArgs { path: copy.to_string_lossy().into_owned() })
}

/// Takes a catalog off the list of those opened lately; its file stays.
pub fn forget(app: &App, args: PathArgs) -> Result<Done, AppError> {
    recent::forget(&app.places.recent(), Path::new(&args.path));
    Ok(Done {})
}

/// Copies the open catalog to a path; the copy is verified before it counts.
pub fn backup(app: &App, args: PathArgs) -> Result<Done, AppError> {
    let target = absolute(&args.path)?;
    let session = app.session()?;
    if same_file(session.catalog.path(), &target) {
        return Err(AppError::new(
            Trouble::Refused,
            "a catalog can't be backed up onto itself: choose another file",
        ));
    }
    backup_to(&session.catalog, &target)?;
    Ok(Done {})
}

fn backup_to(catalog: &Catalog, target: &Path) -> Result<(), AppError> {
    // VACUUM INTO is refused inside a transaction, and readers have one.
    match catalog.access() {
        Access::ReadWrite => catena_store::backup::backup(catalog.writer()?.db(), target)?,
        Access::ReadOnly(_) => catena_store::backup::backup_file(catalog.path(), target)?,
    }
    Ok(())
}

/// Replaces the open catalog by a backup, which is verified first. What was there is kept beside it.
pub fn restore(app: &App, args: PathArgs) -> Result<CatalogInfo, AppError> {
    Ok(restore_over(app, args)?.0)
}

/// As [`restore`]; also says which file holds what was there.
pub fn restore_over(app: &App, args: PathArgs) -> Result<(CatalogInfo, Option<PathBuf>), AppError> {
    let source = absolute(&args.path)?;
    let session = app.session()?;
    let target = session.catalog.path().to_owned();
    if same_file(&source, &target) {
        return Err(AppError::new(
            Trouble::Refused,
            "this is the open catalog itself: choose a backup of it",
        ));
    }
    if let Access::ReadOnly(reason) = session.catalog.access() {
        return Err(AppError::new(Trouble::ReadOnly, format!("the catalog can't be replaced: {reason}")));
    }
    if app.jobs.any_running() {
        return Err(AppError::new(Trouble::Refused, "an import is running: wait for it, or cancel it first"));
    }
    catena_store::backup::verify(&source)?;
    app.enter(None);
    session.close();
    drop(session);
    let restored = catena_store::backup::restore(&source, &target);
    // Whatever came of it, the catalog that is at the path now is the one to work on.
    let info = open(app, PathArgs { path: target.to_string_lossy().into_owned() });
    let kept = restored?;
    Ok((info?, kept))
}

/// Verifies the log's chain, replays it, and compares every projection with the result.
pub fn check(app: &App, _: Nothing) -> Result<CheckReply, AppError> {
    let session = app.session()?;
    let mut problems = session.catalog.read(|reader| catena_store::check::check(reader.db()))?;
    problems.extend(session.search.verify(&session.catalog)?);
    Ok(CheckReply {
        holds: problems.is_empty(),
        problems: problems
            .into_iter()
            .map(|problem| Problem { place: problem.place, what: problem.what })
            .collect(),
    })
}

fn same_file(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

fn absolute(path: &str) -> Result<PathBuf, AppError> {
    std::path::absolute(path.trim())
        .map_err(|error| AppError::bad_request(format!("\"{path}\" is not a path: {error}")))
}
