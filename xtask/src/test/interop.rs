//! Real systems on the other side: their servers are started, their clients send.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::count;
use super::outcome::Outcome;
use crate::failure::{Failure, Result};
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

    let server = Server::start(&venv::ensure(Environment::Mlflow)?)?;
    let (succeeded, said) = Program::cargo(&["test", "--package", "catena-connect", "--test", "real_mlflow"])
        .args(alone)
        .env("CATENA_TEST_MLFLOW", &server.address)
        .tee()?;
    Ok(recorded + count::counted(succeeded, &said))
}

/// A real MLflow server over a copy of the recorded database; ends with this.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(python: &Path) -> Result<Self> {
        let unstartable =
            |error: std::io::Error| Failure::new(format!("MLflow could not be started: {error}"));
        let mut process = Command::new(python)
            .arg(repository::systems().join("mlflow_server.py"))
            .arg(repository::fixtures().join("mlflow/mlflow.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(unstartable)?;
        let mut address = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut address).map_err(unstartable)?;
        }
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It runs for as long as its input stays open.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
