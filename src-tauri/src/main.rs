//! Catena: without a command the window, with one an answer in the terminal.

// No console window beside the app's own on Windows.
#![cfg_attr(all(not(debug_assertions), windows), windows_subsystem = "windows")]

mod again;
mod commands;
mod listen;
mod menu;
mod opening;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if catena_cli::is_headless(arguments.get(1..).unwrap_or_default()) {
        return catena_cli::run(arguments, &mut std::io::stdout(), &mut std::io::stderr());
    }
    if cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .all(|key| std::env::var_os(key).is_none_or(|value| value.is_empty()))
    {
        eprintln!(
            "catena: there is no display to open a window on. The commands work without one: catena --help"
        );
        return ExitCode::FAILURE;
    }
    window::run(arguments.into_iter().skip(1).collect())
}
