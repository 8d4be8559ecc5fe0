//! dbt artifacts from a project's folder or its `target` folder.

use std::path::{Path, PathBuf};

use catena_ingest::dbt::read_project;

use super::{Import, PORTION, Progress, files};
use crate::{AppError, error::Trouble};

/// The largest artifact that is read, in bytes; a manifest of tens of thousands of models is a tenth of it.
const LARGEST: u64 = 1 << 30;

/// Reads the artifacts at `from` and stores them.
pub(super) fn read(import: &mut Import<'_>, from: &str) -> Result<(), AppError> {
    let folder = artifacts(Path::new(from))?;
    let manifest = artifact(&folder, "manifest.json")?.ok_or_else(|| {
        AppError::new(Trouble::NotFound, format!("{}: there is no manifest.json", folder.display()))
    })?;
    let catalog = artifact(&folder, "catalog.json")?;
    let results = artifact(&folder, "run_results.json")?;
    let mut done = 0;
    let mut reads = read_project(&manifest, catalog.as_deref(), results.as_deref());
    loop {
        let portion: Vec<_> = reads.by_ref().take(PORTION).collect();
        if portion.is_empty() {
            return Ok(());
        }
        done += portion.len() as u64;
        import.store(portion)?;
        (import.progress)(Progress { done, total: None, unit: "nodes" });
    }
}

fn artifacts(from: &Path) -> Result<PathBuf, AppError> {
    for folder in [from.to_owned(), from.join("target")] {
        if folder.join("manifest.json").is_file() {
            return Ok(folder);
        }
    }
    match from.parent() {
        Some(folder) if from.is_file() && from.file_name().is_some_and(|name| name == "manifest.json") => {
            Ok(folder.to_owned())
        }
        _ => Err(AppError::new(
            Trouble::NotFound,
            format!(
                "{}: there is no manifest.json here or in target/: run dbt (dbt build, dbt docs generate) and choose \
                 the project's folder",
                from.display()
            ),
        )),
    }
}

fn artifact(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, AppError> {
    let path = folder.join(name);
    match std::fs::metadata(&path) {
        Err(_) => Ok(None),
        Ok(meta) if meta.len() > LARGEST => Err(AppError::new(
            Trouble::Refused,
            format!("{}: {} bytes is more than the {LARGEST} that are read", path.display(), meta.len()),
        )),
        Ok(_) => std::fs::read(&path).map(Some).map_err(|error| files::failed(&path, &error)),
    }
}
