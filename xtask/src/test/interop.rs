//! Real systems on the other side: their servers are started, their clients send.

use super::count;
use super::outcome::Outcome;
use crate::failure::Result;
use crate::mlflow_server::MlflowServer;
use crate::program::Program;
use crate::repository;
use crate::setup::packages::{self, Need};
use crate::setup::venv::{self, Environment};

pub fn test() -> Result<Outcome> {
    packages::ensure(&[Need::Python, Need::Postgres])?;
    // Alone, one after the other: each starts servers, and two cores are soon taken.
    let alone = ["--", "--ignored", "--test-threads=1"];
    let mut recorded = Program::cargo(&[
        "test",
        "--no-fail-fast",
        "--package",
        "catena-tests",
        "--test",
        "interop",
        "--test",
        "connections",
        "--test",
        "receive",
        "--test",
        "capture",
        "--test",
        "langsmith",
        "--test",
        "mlflow_receiver",
    ])
    .args(alone);
    for environment in Environment::ALL {
        recorded = recorded.env(environment.variable(), venv::ensure(environment)?);
    }
    let (succeeded, said) = recorded.tee()?;
    let recorded = count::counted(succeeded, &said);

    let server = MlflowServer::over(&repository::fixtures().join("mlflow/mlflow.db"))?;
    let (succeeded, said) = Program::cargo(&["test", "--package", "catena-connect", "--test", "real_mlflow"])
        .args(alone)
        .env("CATENA_TEST_MLFLOW", &server.address)
        .tee()?;
    Ok(recorded + count::counted(succeeded, &said))
}
