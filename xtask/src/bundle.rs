//! The packages that people install.

use crate::failure::Result;
use crate::program::Program;
use crate::setup::npm;
use crate::setup::packages::{self, Need};
use crate::{repository, sample};

/// Builds what can be built on this system: a .deb and an .rpm on Linux, elsewhere what Tauri makes by default.
pub fn run() -> Result<()> {
    packages::ensure(&[Need::Build])?;
    npm::ensure()?;
    sample::into_bundle()?;
    // The command-line tool comes with the UI's packages, in the version that matches the crates. The sample is named
    // in a file of its own, so that building the app alone doesn't need it.
    let tauri =
        repository::ui().join("node_modules/.bin").join(if cfg!(windows) { "tauri.cmd" } else { "tauri" });
    let mut build = Program::new(tauri).args(["build", "--config", "src-tauri/bundle.conf.json"]);
    if cfg!(target_os = "linux") {
        // An AppImage would download its tools while it is made.
        build = build.args(["--bundles", "deb,rpm"]);
    } else {
        // The configuration names Linux's kinds.
        build = build.args(["--bundles", if cfg!(windows) { "nsis" } else { "dmg" }]);
    }
    build.run()?;
    println!("bundles are in {}", repository::target().join("release/bundle").display());
    Ok(())
}
