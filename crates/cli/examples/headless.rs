//! The command line by itself, without the window and what it takes to build one.

use std::process::ExitCode;

fn main() -> ExitCode {
    catena_cli::run(std::env::args_os(), &mut std::io::stdout(), &mut std::io::stderr())
}
