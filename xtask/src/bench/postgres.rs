//! A PostgreSQL of our own: in a folder of its own, on a socket of its own, gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::setup::packages::{self, Need};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// A server that runs while this lives.
pub struct Postgres {
    folder: PathBuf,
}

impl Postgres {
    /// Makes a cluster under the system's temporary folder and starts it, as the `postgres` user when we are root, who
    /// may not run it.
    pub fn start() -> Result<Self> {
        packages::ensure(&[Need::Postgres])?;
        let folder = std::env::temp_dir().join(format!("catena-bench-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
        if by_root() {
            Program::new("chown").args(["postgres"]).args([&folder]).capture()?;
        }
        let server = Self { folder };
        server
            .program("initdb")
            .args(["--auth=trust", "--no-sync", "--pgdata"])
            .args([server.data()])
            .capture()?;
        // Memory enough for the whole graph: the peer is to be at its best.
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c shared_buffers=1GB -c work_mem=512MB -c jit=off -c fsync=off",
            server.folder.display()
        );
        let started = server
            .program("pg_ctl")
            .args(["--wait", "--silent", "start", "--log"])
            .args([server.folder.join("log")])
            .args(["--options", &options, "--pgdata"])
            .args([server.data()])
            .quietly();
        match started {
            Ok(()) => Ok(server),
            Err(failure) => {
                let log = fs::read_to_string(server.folder.join("log")).unwrap_or_default();
                Err(Failure::new(format!("{failure}\n{log}")))
            }
        }
    }

    /// Runs SQL, and gives what it prints, cells apart by `|`.
    pub fn query(&self, sql: &str) -> Result<String> {
        self.program("psql")
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                "--dbname=postgres",
            ])
            .args([format!("--host={}", self.folder.display())])
            .args(["--command", sql])
            .capture()
    }

    /// A folder that the server can read.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Program {
        let program = format!("{PROGRAMS}/{name}");
        let run = if by_root() {
            Program::new("setpriv")
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
                .args([program])
        } else {
            Program::new(program)
        };
        run.within(&self.folder)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nothing more can be done about a server that doesn't stop, and the measurement is over.
        let _ = self
            .program("pg_ctl")
            .args(["--mode=immediate", "--silent", "stop", "--pgdata"])
            .args([self.data()])
            .quietly();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn by_root() -> bool {
    Program::new("id").args(["-u"]).capture().is_ok_and(|user| user.trim() == "0")
}
