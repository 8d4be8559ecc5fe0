//! `catena serve` as a process of its own, for tests that kill it or let real clients send to it.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
};

use serde_json::Value;

/// The token that every such process takes.
pub const TOKEN: &str = "a-token-for-tests-only";

/// The test of each test program that is the process: it does nothing but call [`serve_if_asked`].
const TEST: &str = "serves_in_a_process_of_its_own";
const CATALOG: &str = "CATENA_TEST_SERVE";

/// Serves when a test started this program for it, and does nothing when it runs with all others. `receivers` are the
/// words of `catena serve` that say which.
pub fn serve_if_asked(receivers: &[&str]) {
    let Some(catalog) = std::env::var_os(CATALOG) else { return };
    let words = ["catena".into(), "--catalog".into(), catalog, "serve".into()].into_iter();
    let words = words.chain(receivers.iter().chain(&["--token", TOKEN]).map(OsString::from));
    let code = catena_cli::run(words, &mut std::io::stdout(), &mut std::io::stderr());
    assert_eq!(code, ExitCode::SUCCESS);
}

/// A process that says in one of its first lines that it is ready; ends with this.
pub struct Serving {
    process: Child,
    /// It speaks again when it ends, and must be able to.
    _said: BufReader<ChildStdout>,
    /// What it said when it was ready.
    pub ready: Value,
    /// Where it listens: the first of its receivers.
    pub address: String,
}

impl Serving {
    /// Starts this very program again, with its serving test alone.
    pub fn start(catalog: &Path) -> Self {
        let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new(program);
        command.args(["--exact", TEST, "--ignored", "--nocapture"]).env(CATALOG, catalog);
        Self::of(&mut command, |line| {
            // The test runner may speak before, on the same line.
            let ready: Value = serde_json::from_str(&line[line.find("{\"ready\"")?..]).ok()?;
            let address = ready["receivers"][0]["address"].as_str()?.to_owned();
            Some((ready, address))
        })
    }

    /// Starts another program; `ready` finds in a line what it says when it is, and its address.
    pub fn of(command: &mut Command, ready: impl Fn(&str) -> Option<(Value, String)>) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{error}"));
        let said = process.stdout.take().unwrap_or_else(|| panic!("its output is not piped"));
        let mut said = BufReader::new(said);
        let found = said.by_ref().lines().map_while(Result::ok).find_map(|line| ready(&line));
        let (ready, address) = found.unwrap_or_else(|| panic!("it ended before it was ready"));
        Self { process, _said: said, ready, address }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.process
    }

    /// Ends it with SIGKILL: nothing is tidied up.
    pub fn kill(mut self) {
        self.process.kill().unwrap_or_else(|error| panic!("{error}"));
        let _ = self.process.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        match self.process.stdin.take() {
            // It runs for as long as its input stays open.
            Some(input) => drop(input),
            None => drop(self.process.kill()),
        }
        let _ = self.process.wait();
    }
}

/// The Python of one of the real systems' environments.
pub fn python(environment: &str) -> OsString {
    let variable = format!("CATENA_PYTHON_{environment}");
    let found = std::env::var_os(&variable);
    found.unwrap_or_else(|| panic!("{variable} names no Python; use `cargo xtask test interop`"))
}
