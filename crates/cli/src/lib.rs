//! The command line: the use cases without a window.
//!
//! Exit codes: 0 all went well; 3 an import rejected something (the rest is stored); 1 it could not be done, or a check
//! found a problem; 2 the command line was not understood.

mod arguments;
mod cite;
mod command;
mod connect;
mod documents;
mod human;
mod machine;
mod places;
mod runs;
mod serve;

use std::{ffi::OsString, io::Write, process::ExitCode};

use arguments::{Arguments, Format};
use clap::Parser;

pub use arguments::is_headless;
pub use machine::{events_app, user_name};
pub use places::places;

/// Imports hand records from one thread to another, which the C library's allocator pays dearly for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs one command.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let stream: &mut dyn Write = if error.use_stderr() { err } else { out };
            let _ = write!(stream, "{error}");
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match command::run(&arguments, out, err) {
        Ok(code) => code,
        Err(error) => {
            let _ = match arguments.format {
                Format::Json => {
                    writeln!(
                        err,
                        "{}",
                        serde_json::json!({ "error": error.message, "trouble": error.trouble })
                    )
                }
                Format::Text => writeln!(err, "catena: {}", error.message),
            };
            ExitCode::from(1)
        }
    }
}
