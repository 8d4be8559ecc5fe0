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
    copy(&run(None)?, &beside)
}

/// Puts the sample where the bundle takes it from.
pub fn into_bundle() -> Result<()> {
    copy(&run(None)?, &repository::root().join("src-tauri/resources/sample.catena"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    }
    fs::copy(from, to).map(drop).map_err(|error| Failure::at(to, &error))
}

/// Imports the recording into a new catalog; always anew, since the importers may have changed.
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
