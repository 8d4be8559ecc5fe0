//! The UI side: format and lints, types, unit tests.

use super::count;
use super::outcome::{self, Outcome};
use crate::failure::Result;
use crate::program::Program;

pub fn lint() -> Result<Outcome> {
    Ok(outcome::of(Program::npm(&["run", "lint"]).run()))
}

pub fn types() -> Result<Outcome> {
    Ok(outcome::of(Program::npm(&["run", "typecheck"]).run()))
}

pub fn test() -> Result<Outcome> {
    let (succeeded, said) = Program::npm(&["test"]).env("NO_COLOR", "1").tee()?;
    Ok(count::counted(succeeded, &said))
}
