//! Building and opening the app.

use crate::failure::Result;
use crate::program::Program;
use crate::setup::npm;
use crate::setup::packages::{self, Need};
use crate::{repository, sample};

/// Sets up, builds the UI and the app, and opens it with these arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    packages::ensure(&[Need::Build])?;
    npm::build()?;
    let sample = sample::ensure()?;
    // Without the feature the window would look for a development server instead of the UI it carries.
    Program::cargo(&["run", "--package", "catena-desktop", "--features", "custom-protocol", "--"])
        .args(arguments)
        .env("CATENA_SAMPLE", sample)
        .within(&repository::root())
        .run()
}
