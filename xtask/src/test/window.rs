//! The real window, driven end to end on a screen that nobody sees.

use super::count;
use super::outcome::Outcome;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::setup::packages::{self, Need};
use crate::setup::tools;
use crate::{repository, sample};

pub fn test() -> Result<Outcome> {
    if !repository::has_package("tests") || !repository::has_package("src-tauri") {
        return Err(Failure::new(
            "the window was NOT tested: `tests` and `src-tauri` are not packages of this workspace",
        ));
    }
    packages::ensure(&[Need::Window])?;
    let driver = tools::tauri_driver()?;
    sample::beside_app()?;
    Program::cargo(&["build", "--package", "catena"]).run()?;
    // Built before the screen starts, so that a compile error is not lost in its noise.
    Program::cargo(&["test", "--package", "catena-tests", "--test", "window", "--no-run"]).run()?;
    let path = std::env::join_paths(
        std::iter::once(driver).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )
    .map_err(|error| Failure::new(error.to_string()))?;
    let (succeeded, said) = Program::new("xvfb-run")
        .args(["--auto-servernum", "--server-args=-screen 0 1280x800x24", "dbus-run-session", "--"])
        .args(["cargo", "test", "--package", "catena-tests", "--test", "window", "--", "--test-threads=1"])
        .with_cargo_flags()
        .env("PATH", path)
        .env("CATENA_APP", repository::target().join("debug/catena"))
        .tee()?;
    Ok(count::counted(succeeded, &said))
}
