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
    let catalog =
        std::path::absolute(into.unwrap_or_else(path)).map_err(|error| Failure::new(error.to_string()))?;
    let folder = catalog.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    for leftover in ["", "-wal", "-shm", "-lock"] {
        gone(fs::remove_file(beside(&catalog, leftover)), &catalog)?;
    }
    gone(fs::remove_dir_all(beside(&catalog, "-index")), &catalog)?;
    import(&catalog, "openlineage", "openlineage.ndjson")?;
    import(&catalog, "dbt", "dbt")?;
    import(&catalog, "mlflow", "mlflow.db")?;
    names_no_folder_of_ours(&catalog)?;
    println!("made {}", catalog.display());
    Ok(catalog)
}

/// What is kept beside a catalog under a longer name.
fn beside(catalog: &Path, ending: &str) -> PathBuf {
    let mut name = catalog.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// It does not matter that what is to be removed was never there.
fn gone(removed: std::io::Result<()>, catalog: &Path) -> Result<()> {
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::at(catalog, &error)),
        _ => Ok(()),
    }
}

fn recording() -> PathBuf {
    repository::fixtures().join("sample")
}

/// Imports a part of the recording by its short name: the log tells what was imported, and must not tell from where on
/// the machine that built the bundle.
fn import(catalog: &Path, system: &str, part: &str) -> Result<()> {
    // Without the window, which would have to be built first and then again with the sample in its bundle.
    Program::cargo(&["run", "--quiet", "--package", "catena-cli", "--example", "headless", "--", "--catalog"])
        .args([catalog])
        .args(["import", system, part])
        .env("CATENA_USER", "Catena")
        .within(&recording())
        .run()
}

fn names_no_folder_of_ours(catalog: &Path) -> Result<()> {
    let bytes = fs::read(catalog).map_err(|error| Failure::at(catalog, &error))?;
    let root = repository::root();
    let root = root.as_os_str().as_encoded_bytes();
    if bytes.windows(root.len()).any(|window| window == root) {
        return Err(Failure::new(
            "the sample names a folder of this machine: whoever opens it would see that",
        ));
    }
    Ok(())
}
