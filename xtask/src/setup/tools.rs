//! Programs that come from crates.io, kept in the cache folder.

use std::path::PathBuf;

use crate::failure::Result;
use crate::program::Program;
use crate::repository;

const TAURI_DRIVER: &str = "2.0.6";

/// The driver between WebDriver and the app's window; gives the folder it is in.
pub fn tauri_driver() -> Result<PathBuf> {
    let folder = repository::cache().join("tools");
    if !folder.join("bin/tauri-driver").is_file() {
        let target = folder.join("target");
        Program::cargo(&[
            "install",
            "--quiet",
            "--locked",
            "tauri-driver",
            "--version",
            TAURI_DRIVER,
            "--root",
        ])
        .args([&folder])
        .env("CARGO_TARGET_DIR", &target)
        .run()?;
        // What it was built from is of no more use.
        let _ = std::fs::remove_dir_all(target);
    }
    Ok(folder.join("bin"))
}
