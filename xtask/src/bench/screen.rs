//! A screen that nobody sees, and a way to end programs with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Result};

/// A program that is ended when this is dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a screen of this size with a number of its own; gives that, for `DISPLAY`.
pub fn start(width: u32, height: u32) -> Result<(Running, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]).arg(format!("{width}x{height}x24"));
    let (server, number) = first_line(command)?;
    Ok((server, format!(":{number}")))
}

/// Starts a message bus of our own, so that no program already running is asked to open what we open; gives its address.
pub fn bus() -> Result<(Running, String)> {
    let mut command = Command::new("dbus-daemon");
    command.args(["--session", "--nofork", "--print-address"]);
    first_line(command)
}

fn first_line(mut command: Command) -> Result<(Running, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let unstartable = |error: std::io::Error| Failure::new(format!("{name} could not be started: {error}"));
    let mut program =
        Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(unstartable)?);
    let mut line = String::new();
    if let Some(output) = program.0.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(unstartable)?;
    }
    Ok((program, line.trim().to_owned()))
}
