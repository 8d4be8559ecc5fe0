//! Real systems on the other side: their servers are started, their clients send.

use super::count;
use super::outcome::Outcome;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;
use crate::setup::packages::{self, Need};
use crate::setup::venv::{self, Environment};

pub fn test() -> Result<Outcome> {
    if !repository::has_package("tests") {
        return Err(Failure::new("real systems were NOT tested: `tests` is not a package of this workspace"));
    }
    packages::ensure(&[Need::Python])?;
    let mut run =
        Program::cargo(&["test", "--package", "catena-tests", "--test", "interop", "--", "--test-threads=1"]);
    for environment in Environment::ALL {
        run = run.env(environment.variable(), venv::ensure(environment)?);
    }
    let (succeeded, said) = run.env("CATENA_DBT_BIN", Environment::Dbt.bin()).tee()?;
    Ok(count::counted(succeeded, &said))
}
