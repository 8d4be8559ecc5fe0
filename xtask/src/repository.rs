//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The repository's top folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where what can be made again is kept between runs: Python environments and tools.
pub fn cache() -> PathBuf {
    std::env::var_os("CATENA_CACHE").map_or_else(|| root().join(".cache"), PathBuf::from)
}

/// The UI's folder.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// What was recorded from real systems.
pub fn fixtures() -> PathBuf {
    root().join("tests/fixtures")
}

/// The scripts that drive real systems.
pub fn systems() -> PathBuf {
    root().join("tests/systems")
}

/// Whether the workspace has this package by now, told by its manifest.
pub fn has_package(folder: &str) -> bool {
    root().join(folder).join("Cargo.toml").is_file()
}

/// Where Cargo puts what it builds.
pub fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}
