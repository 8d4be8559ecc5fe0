//! Building and opening the app.

use crate::failure::Result;
use crate::program::Program;
use crate::sample;
use crate::setup::npm;
use crate::setup::packages::{self, Need};

/// Sets up, builds the UI and the app, and opens it with these arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    packages::ensure(&[Need::Build])?;
    npm::build()?;
    sample::beside_app()?;
    Program::cargo(&["run", "--package", "catena", "--"]).args(arguments).run()
}
