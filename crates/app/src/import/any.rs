//! Files and folders of any sort: what each is, is told by its content.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use catena_files::{FileError, Format, Place, Seekable, lake, model_of, read as read_file};
use catena_model::{
    name::QualifiedName,
    statement::{Rejection, Thing},
    time::Timestamp,
};

use super::{Import, Progress, dbt, documents, files, openlineage};
use crate::{AppError, error::Trouble};

/// The most files of a folder that are looked at.
const MOST_FILES: usize = 100_000;
/// How deep folders are followed.
const MOST_DEPTH: usize = 16;
/// The largest part of a table's log that is read.
const LARGEST_LOG: u64 = 32 << 20;
/// How much of a table's log is read in all.
const LOG_BUDGET: u64 = 96 << 20;
/// The most files that could not be told apart which are named one by one.
const MOST_NOTES: usize = 50;

/// What is found in a folder.
enum Found {
    File(PathBuf),
    Delta(PathBuf),
    Iceberg(PathBuf, PathBuf),
    Dbt(PathBuf),
}

/// Reads the file or folder at `from` and stores what it says.
pub(super) fn read(import: &mut Import<'_>, from: &str) -> Result<(), AppError> {
    let given = Path::new(from);
    // One file, one name, whichever way leads to it.
    let path = given.canonicalize().map_err(|error| files::failed(given, &error))?;
    if !path.is_dir() {
        return one(import, &path, None);
    }
    let mut found = Vec::new();
    if let Some(table) = table(&path) {
        found.push(table);
    } else {
        walk(&path, 0, &mut found)?;
    }
    let total = found.len() as u64;
    let (mut taken, mut unknown) = (0_u64, 0_usize);
    let mut card: (PathBuf, Option<Thing>) = (PathBuf::new(), None);
    for (done, found) in found.into_iter().enumerate() {
        let result = match &found {
            Found::Dbt(folder) => dbt::read(import, &folder.to_string_lossy()),
            Found::Delta(folder) => delta(import, folder),
            Found::Iceberg(folder, metadata) => iceberg(import, folder, metadata),
            Found::File(file) => {
                let folder = file.parent().unwrap_or(file);
                if card.0 != folder {
                    card = (folder.to_owned(), described(folder));
                }
                one(import, file, card.1.clone())
            }
        };
        match result {
            Ok(()) => taken += 1,
            Err(error) if error.trouble == Trouble::Cancelled => return Err(error),
            Err(error) => {
                unknown += 1;
                if unknown <= MOST_NOTES {
                    let place =
                        found.path().strip_prefix(&path).unwrap_or(found.path()).display().to_string();
                    import.notes.push(Rejection { place, why: error.message });
                }
            }
        }
        (import.progress)(Progress { done: done as u64 + 1, total: Some(total), unit: "files" });
    }
    if unknown > MOST_NOTES {
        let why = format!("{} more files were left out", unknown - MOST_NOTES);
        import.notes.push(Rejection { place: from.to_owned(), why });
    }
    if taken == 0 {
        let why = import.notes.first().map_or_else(|| "it is empty".to_owned(), |note| note.why.clone());
        return Err(AppError::new(
            Trouble::NotFound,
            format!("{from}: nothing in this folder could be read: {why}"),
        ));
    }
    Ok(())
}

impl Found {
    fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Delta(path) | Self::Iceberg(path, _) | Self::Dbt(path) => path,
        }
    }
}

/// Whether a folder is one thing: a table, or a dbt project's artifacts.
fn table(folder: &Path) -> Option<Found> {
    if folder.join("_delta_log").is_dir() {
        return Some(Found::Delta(folder.to_owned()));
    }
    if let Some(metadata) = latest_metadata(&folder.join("metadata")) {
        return Some(Found::Iceberg(folder.to_owned(), metadata));
    }
    let artifacts = folder.join("manifest.json").is_file() && folder.join("run_results.json").is_file();
    artifacts.then(|| Found::Dbt(folder.to_owned()))
}

/// Iceberg's newest metadata: the one with the greatest number, which begins its name.
fn latest_metadata(folder: &Path) -> Option<PathBuf> {
    let number = |path: &PathBuf| -> Option<u64> {
        let name = path.file_name()?.to_str()?.strip_suffix(".metadata.json")?.trim_start_matches('v');
        name.split('-').next()?.parse().ok()
    };
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.take(MOST_FILES).filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.filter_map(|path| Some((number(&path)?, path))).max().map(|(_, path)| path)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<Found>) -> Result<(), AppError> {
    let entries = std::fs::read_dir(folder).map_err(|error| files::failed(folder, &error))?;
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // Links are not followed, and what is hidden is not meant.
        let Ok(kind) = entry.file_type() else { continue };
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        if kind.is_file() {
            if found.len() == MOST_FILES {
                return Err(AppError::new(
                    Trouble::Refused,
                    format!("more than {MOST_FILES} files: choose a folder further in"),
                ));
            }
            found.push(Found::File(path));
        } else if kind.is_dir() && depth < MOST_DEPTH {
            match table(&path) {
                Some(table) => found.push(table),
                None => walk(&path, depth + 1, found)?,
            }
        }
    }
    Ok(())
}

fn place(path: &Path, model: Option<Thing>) -> Result<Place, AppError> {
    let meta = std::fs::metadata(path).map_err(|error| files::failed(path, &error))?;
    let written = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let micros = written.and_then(|at| i64::try_from(at.as_micros()).ok()).unwrap_or_default();
    let name = path.to_string_lossy().replace('\\', "/");
    let name = QualifiedName::new("file", &name)
        .map_err(|problem| AppError::bad_request(format!("{}: {problem}", path.display())))?;
    Ok(Place { name, at: Timestamp::from_micros(micros), model })
}

/// The model that a folder's card describes.
fn described(folder: &Path) -> Option<Thing> {
    let card = folder.join("README.md");
    let small = std::fs::metadata(&card).ok().filter(|meta| meta.len() < 4 << 20)?;
    let bytes = small.is_file().then(|| std::fs::read(&card).ok()).flatten()?;
    model_of(&place(&card, None).ok()?, &bytes)
}

fn refused(path: &Path, error: &FileError) -> AppError {
    let trouble = if matches!(error, FileError::Io(_)) { Trouble::Failed } else { Trouble::Refused };
    AppError::new(trouble, format!("{}: {error}", path.display()))
}

fn one(import: &mut Import<'_>, path: &Path, model: Option<Thing>) -> Result<(), AppError> {
    let failed = |error| files::failed(path, &error);
    let mut input = Seekable::new(File::open(path).map_err(failed)?).map_err(failed)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let format = match Format::recognise(&name, &mut input) {
        Ok(format) => format,
        Err(_) if documents::fits(path) => return documents::one(import, path),
        Err(error) => return Err(refused(path, &error)),
    };
    match format {
        Format::OpenLineage => openlineage::read(import, &path.to_string_lossy()),
        Format::Dbt => dbt::read(import, &path.parent().unwrap_or(path).to_string_lossy()),
        format => {
            let model = model.or_else(|| path.parent().and_then(described));
            let place = place(path, model)?;
            let reads = read_file(&place, format, &mut input).map_err(|error| refused(path, &error))?;
            import.store(reads)
        }
    }
}

fn delta(import: &mut Import<'_>, folder: &Path) -> Result<(), AppError> {
    let log = folder.join("_delta_log");
    let entries = std::fs::read_dir(&log).map_err(|error| files::failed(&log, &error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    paths.sort();
    let (mut commits, mut budget) = (Vec::new(), LOG_BUDGET);
    for path in paths {
        let bytes = bounded(&path)?;
        budget = budget.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let why = format!("{}: its log is more than the {LOG_BUDGET} bytes that are read", log.display());
            AppError::new(Trouble::Refused, why)
        })?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        commits.push((name, bytes));
    }
    let place = place_of_table(folder, &log)?;
    let reads = lake::delta(&place, &commits).map_err(|error| refused(folder, &error))?;
    import.store(reads)
}

fn iceberg(import: &mut Import<'_>, folder: &Path, metadata: &Path) -> Result<(), AppError> {
    let bytes = bounded(metadata)?;
    let place = place_of_table(folder, metadata)?;
    let reads = lake::iceberg(&place, &bytes).map_err(|error| refused(folder, &error))?;
    import.store(reads)
}

/// A table is named by its folder, and was last written when its log was.
fn place_of_table(folder: &Path, log: &Path) -> Result<Place, AppError> {
    let at = place(log, None)?.at;
    Ok(Place { at, ..place(folder, None)? })
}

fn bounded(path: &Path) -> Result<Vec<u8>, AppError> {
    let size = std::fs::metadata(path).map_err(|error| files::failed(path, &error))?.len();
    if size > LARGEST_LOG {
        let why = format!("{}: {size} bytes is more than the {LARGEST_LOG} that are read", path.display());
        return Err(AppError::new(Trouble::Refused, why));
    }
    std::fs::read(path).map_err(|error| files::failed(path, &error))
}
