//! A real MLflow server, for tests and measuring.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Result};
use crate::repository;
use crate::setup::venv::{self, Environment};

/// A server and its workers; they end with this.
pub struct MlflowServer {
    process: Child,
    /// Its address: `http://127.0.0.1:40123`.
    pub address: String,
}

impl MlflowServer {
    /// Over a copy of a database.
    pub fn over(database: &Path) -> Result<Self> {
        Self::start([database.as_os_str()])
    }

    /// Over a database that it makes in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        Self::start(["--new".as_ref(), folder.as_os_str()])
    }

    fn start<const N: usize>(arguments: [&OsStr; N]) -> Result<Self> {
        let unstartable =
            |error: std::io::Error| Failure::new(format!("MLflow could not be started: {error}"));
        let mut process = Command::new(venv::ensure(Environment::Mlflow)?)
            .arg(repository::systems().join("mlflow_server.py"))
            .args(arguments)
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

impl Drop for MlflowServer {
    fn drop(&mut self) {
        // It runs for as long as its input stays open.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
