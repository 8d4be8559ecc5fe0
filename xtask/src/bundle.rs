//! The packages that people install.

use std::fs;

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::setup::npm;
use crate::setup::packages::{self, Need};
use crate::{repository, sample};

/// Builds what can be built on this system: a .deb and an .rpm on Linux, elsewhere what Tauri makes by default.
pub fn run() -> Result<()> {
    packages::ensure(&[Need::Build])?;
    npm::build()?;
    let sample = sample::ensure()?;
    let shipped = repository::root().join("src-tauri/resources/sample.catena");
    if let Some(folder) = shipped.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    }
    fs::copy(&sample, &shipped).map_err(|error| Failure::at(&shipped, &error))?;

    // The command-line tool comes with the UI's packages, in the version that matches the crates.
    let tauri = repository::ui().join("node_modules/.bin/tauri");
    let mut build = Program::new(tauri).args(["build"]);
    if cfg!(target_os = "linux") {
        // An AppImage would download its tools while it is made.
        build = build.args(["--bundles", "deb,rpm"]);
    }
    build.within(&repository::root()).run()?;
    println!("bundles are in {}", repository::target().join("release/bundle").display());
    Ok(())
}
