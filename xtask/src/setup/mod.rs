//! What has to be on the machine before anything can be built or tested.

pub mod npm;
pub mod packages;
pub mod tools;
pub mod venv;

use crate::failure::Result;
use packages::Need;

/// Everything that any command needs.
pub fn everything() -> Result<()> {
    packages::ensure(&[Need::Build, Need::Window, Need::Python, Need::Postgres])?;
    npm::build()?;
    tools::tauri_driver()?;
    for system in venv::Environment::ALL {
        venv::ensure(system)?;
    }
    Ok(())
}
