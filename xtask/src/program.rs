//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;

use crate::failure::{Failure, Result};
use crate::repository;

/// A program to be run, in the repository's top folder unless said otherwise.
pub struct Program {
    command: Command,
    shown: String,
}

impl Program {
    pub fn new(name: impl AsRef<OsStr>) -> Self {
        let shown = name.as_ref().to_string_lossy().into_owned();
        let mut command = Command::new(name);
        command.current_dir(repository::root()).stdin(Stdio::null());
        Self { command, shown }
    }

    /// Cargo, the one that runs us.
    pub fn cargo(arguments: &[&str]) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut program = Self::new(cargo);
        program.shown = "cargo".to_owned();
        // What `cargo run` tells the program it runs is about xtask, not about what is built next.
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "RUST_RECURSION_COUNT"] {
            program.command.env_remove(name);
        }
        program.with_cargo_flags().args(arguments)
    }

    /// The same flags as any other call of Cargo: with others it would build everything again.
    pub fn with_cargo_flags(self) -> Self {
        match mold_flags() {
            Some(flags) => self.env("RUSTFLAGS", flags),
            None => self,
        }
    }

    /// npm, in the UI's folder.
    pub fn npm(arguments: &[&str]) -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).within(&repository::ui()).args(arguments)
    }

    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        for argument in arguments {
            self.shown.push(' ');
            self.shown.push_str(&argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it with the terminal's input and output; fails when it fails.
    pub fn run(mut self) -> Result<()> {
        println!("$ {}", self.shown);
        let status =
            self.command.stdin(Stdio::inherit()).status().map_err(|error| self.unstartable(&error))?;
        self.judge(status)
    }

    /// Runs it quietly; gives what it printed, or fails with what it complained of.
    pub fn capture(mut self) -> Result<String> {
        let done = self.command.output().map_err(|error| self.unstartable(&error))?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if done.status.success() {
            return Ok(said);
        }
        Err(Failure::new(format!(
            "{}: {}\n{said}{}",
            self.shown,
            done.status,
            String::from_utf8_lossy(&done.stderr)
        )))
    }

    /// Runs it showing what it prints, and also gives that back, together with whether it succeeded.
    pub fn tee(mut self) -> Result<(bool, String)> {
        println!("$ {}", self.shown);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.unstartable(&error))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let said = Mutex::new(String::new());
        std::thread::scope(|scope| {
            scope.spawn(|| copy_lines(out, &said));
            scope.spawn(|| copy_lines(err, &said));
        });
        let status = child.wait().map_err(|error| self.unstartable(&error))?;
        let said = said.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok((status.success(), said))
    }

    /// Runs it with its output thrown away. What it leaves running can't keep a pipe of ours open.
    pub fn quietly(mut self) -> Result<()> {
        let status = self
            .command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| self.unstartable(&error))?;
        self.judge(status)
    }

    fn judge(&self, status: ExitStatus) -> Result<()> {
        if status.success() { Ok(()) } else { Err(Failure::new(format!("{}: {status}", self.shown))) }
    }

    fn unstartable(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{} could not be started: {error}", self.shown))
    }
}

fn copy_lines(from: Option<impl Read>, said: &Mutex<String>) {
    let Some(from) = from else { return };
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        let mut terminal = std::io::stdout().lock();
        // A closed terminal must not end the run half way.
        let _ = terminal.write_all(&line).and_then(|()| terminal.flush());
        if let Ok(mut said) = said.lock() {
            said.push_str(&String::from_utf8_lossy(&line));
        }
        line.clear();
    }
}

/// Whether a program is on the PATH.
pub fn is_installed(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// In CI everything is linked once and from nothing, where mold saves minutes. A developer keeps the flags they have:
/// other flags would build everything twice.
fn mold_flags() -> Option<String> {
    let fast =
        std::env::var_os("CI").is_some() && std::env::var_os("RUSTFLAGS").is_none() && is_installed("mold");
    fast.then(|| "-C link-arg=-fuse-ld=mold".to_owned())
}
