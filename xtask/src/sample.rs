//! The sample catalog, made by our own importers from the recording.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// Where the sample is made.
fn path() -> PathBuf {
    repository::target().join("sample/sample.catena")
}

/// Puts the sample where an app that was only built, not installed, looks for what comes with it: beside the program.
pub fn beside_app() -> Result<()> {
    let beside = repository::target().join("debug/sample.catena");
    copy(&ensure()?, &beside)
}

/// Puts the sample where the bundle takes it from.
pub fn into_bundle() -> Result<()> {
    copy(&ensure()?, &repository::root().join("src-tauri/resources/sample.catena"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    }
    fs::copy(from, to).map(drop).map_err(|error| Failure::at(to, &error))
}

/// Makes the sample when there is none that is newer than its recording; gives its path.
fn ensure() -> Result<PathBuf> {
    let catalog = path();
    let made = fs::metadata(&catalog).and_then(|found| found.modified());
    let newest = newest_in(&recording())?;
    match made {
        Ok(made) if made > newest => Ok(catalog),
        _ => run(Some(catalog)),
    }
}

/// Imports the recording into a new catalog.
pub fn run(into: Option<PathBuf>) -> Result<PathBuf> {
    let catalog = into.unwrap_or_else(path);
    let folder = catalog.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    for leftover in ["", "-wal", "-shm"] {
        let mut name = catalog.clone().into_os_string();
        name.push(leftover);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::at(Path::new(&name), &error));
            }
            _ => {}
        }
    }
    let recording = recording();
    import(&catalog, "openlineage", &recording.join("openlineage.ndjson"))?;
    import(&catalog, "dbt", &recording.join("dbt"))?;
    import(&catalog, "mlflow", &recording.join("mlflow.db"))?;
    println!("made {}", catalog.display());
    Ok(catalog)
}

fn recording() -> PathBuf {
    repository::fixtures().join("sample")
}

fn import(catalog: &Path, system: &str, from: &Path) -> Result<()> {
    // Without the window, which would have to be built first and then again with the sample in its bundle.
    Program::cargo(&["run", "--quiet", "--package", "catena-cli", "--example", "headless", "--", "--catalog"])
        .args([catalog])
        .args(["import", system])
        .args([from])
        .env("CATENA_USER", "Catena")
        .run()
}

fn newest_in(folder: &Path) -> Result<std::time::SystemTime> {
    let mut newest = std::time::SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).map_err(|error| Failure::at(folder, &error))?.flatten() {
        let path = entry.path();
        let changed = if path.is_dir() {
            newest_in(&path)?
        } else {
            entry.metadata().and_then(|found| found.modified()).map_err(|error| Failure::at(&path, &error))?
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}
