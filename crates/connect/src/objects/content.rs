//! What a file says of itself: its columns, or a model's header. Only the parts that tell it are read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use catena_files::{FileError, Format, Place, Ranges, lake};
use catena_ingest::objects::{Item, Table};
use catena_model::{name::QualifiedName, statement::Read, time::Timestamp};

use crate::{
    connector::ReadError,
    registry::{FormField, Settings},
};

/// How many files are looked into unless somebody says otherwise.
const LOOKED_INTO: usize = 1_000;

/// The most commits of a Delta table's log, and the largest part of a table's log, that are read.
const COMMITS: usize = 10_000;
const LARGEST_LOG: u64 = 64 << 20;

pub(super) const CONTENTS: FormField = FormField {
    key: "contents",
    label: "Contents",
    hint: "How many files are looked into for their columns or headers: 1000 when left empty; 0 for none.",
    choices: &[],
};

/// How many files may be looked into.
pub(super) fn bound(settings: &Settings) -> Result<usize, ReadError> {
    match settings.option(CONTENTS.key) {
        None => Ok(LOOKED_INTO),
        Some(text) => text.parse().map_err(|_| ReadError::Unknown {
            address: text.to_owned(),
            why: "how many files to look into is a whole number; 0 for none".to_owned(),
        }),
    }
}

/// The file that tells what the thing is: itself, or the first of its parts.
pub(super) fn telling_file(item: &Item) -> Option<&str> {
    match item {
        Item::File(object) => Some(&object.key),
        Item::Table(table) => table.first.as_deref(),
    }
}

/// What the file says of the thing; an error only when it can't be reached.
pub(super) fn read(namespace: &str, item: &Item, input: &mut dyn Ranges) -> Result<Vec<Read>, String> {
    let Some((place, file)) = place(namespace, item).zip(telling_file(item)) else { return Ok(Vec::new()) };
    let short = file.rsplit('/').next().unwrap_or(file);
    let read = match Format::recognise(short, input) {
        // These have readers of their own, which need more than one file.
        Ok(Format::OpenLineage | Format::Dbt) => return Ok(Vec::new()),
        Ok(format) => catena_files::read(&place, format, input),
        Err(error) => Err(error),
    };
    taken(&place, read)
}

/// What the log of a table in a folder of this machine says; none when it has no such log.
pub(super) fn log_of(table: &Table) -> Option<Result<Vec<Read>, String>> {
    let folder = Path::new(&table.prefix);
    let place = place("file", &Item::Table(table.clone()))?;
    match table.subtype() {
        "Delta table" => Some(
            commits(&folder.join("_delta_log"))
                .map_err(|error| error.to_string())
                .and_then(|commits| taken(&place, lake::delta(&place, &commits))),
        ),
        "Iceberg table" => Some(
            metadata(&folder.join("metadata"))
                .map_err(|error| error.to_string())
                .and_then(|metadata| taken(&place, lake::iceberg(&place, &metadata))),
        ),
        _ => None,
    }
}

fn place(namespace: &str, item: &Item) -> Option<Place> {
    let (name, at) = match item {
        Item::File(object) => (&object.key, object.modified),
        Item::Table(table) => (&table.prefix, table.modified),
    };
    let name = QualifiedName::new(namespace, name).ok()?;
    Some(Place { name, at: at.unwrap_or(Timestamp::from_millis(0)), model: None })
}

fn taken(place: &Place, read: Result<Vec<Read>, FileError>) -> Result<Vec<Read>, String> {
    match read {
        Ok(reads) => Ok(reads),
        Err(FileError::Io(error)) => Err(error.to_string()),
        Err(error @ (FileError::Damaged { .. } | FileError::Truncated(_))) => {
            Ok(vec![Err(place.refused(&error.to_string()))])
        }
        // Most files are of no sort that is read.
        Err(_) => Ok(Vec::new()),
    }
}

fn commits(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for path in files(folder, ".json")? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        found.push((name, path));
    }
    found.sort();
    let (mut read, mut commits) = (0, Vec::new());
    // The newest say what holds.
    for (name, path) in found.into_iter().rev().take(COMMITS) {
        read += fs::metadata(&path)?.len();
        if read > LARGEST_LOG {
            break;
        }
        commits.push((name, fs::read(path)?));
    }
    commits.reverse();
    Ok(commits)
}

/// Iceberg's newest metadata: the one with the greatest number, which begins its name.
fn metadata(folder: &Path) -> io::Result<Vec<u8>> {
    let number = |path: &PathBuf| -> Option<u64> {
        let name = path.file_name()?.to_str()?.strip_suffix(".metadata.json")?.trim_start_matches('v');
        name.split('-').next()?.parse().ok()
    };
    let newest =
        files(folder, ".metadata.json")?.into_iter().filter_map(|path| Some((number(&path)?, path))).max();
    let (_, path) = newest.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it has no metadata"))?;
    match fs::metadata(&path)?.len() > LARGEST_LOG {
        true => Err(io::Error::other("its metadata is too large to be read")),
        false => fs::read(path),
    }
}

fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(COMMITS * 10) {
        let entry = entry?;
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_string_lossy().ends_with(ending) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
