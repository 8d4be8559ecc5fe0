//! The UI's packages, and its build.

use std::fs;

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// Installs the UI's packages when the lock file is not the one they were installed from.
pub fn ensure() -> Result<()> {
    let lock = repository::ui().join("package-lock.json");
    // Kept inside the folder, so that removing it removes the note too.
    let note = repository::ui().join("node_modules/.installed-from.json");
    let wanted = fs::read(&lock).map_err(|error| Failure::at(&lock, &error))?;
    if fs::read(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    Program::npm(&["ci", "--no-audit", "--no-fund"]).run()?;
    fs::write(&note, wanted).map_err(|error| Failure::at(&note, &error))
}

/// Builds the UI into `ui/dist`, which the app carries.
pub fn build() -> Result<()> {
    ensure()?;
    Program::npm(&["run", "build"]).run()
}
