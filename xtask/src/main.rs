//! The project's commands. Each sets up what it needs first, so that a fresh machine with Rust and Node is enough.

// It is a program for the terminal: printing is what it does.
#![allow(clippy::print_stdout)]

mod app;
mod bench;
mod bundle;
mod client;
mod failure;
mod mlflow_server;
mod program;
mod record;
mod repository;
mod sample;
mod setup;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Result;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Catena's commands", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and open the app.
    App {
        /// Handed to the app: a catalog to open, or a command of `catena`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every check and test; say for each how many passed.
    Test {
        /// Only these, in the usual order.
        #[arg(value_enum)]
        only: Vec<test::Runner>,
    },
    /// Measure against a peer in the same run.
    Bench {
        /// Only this one.
        #[arg(value_enum)]
        name: Option<bench::Bench>,
    },
    /// Record fixtures from real systems.
    Record {
        /// Only this one.
        #[arg(value_enum)]
        system: Option<record::System>,
        /// Where to write, instead of the repository's fixtures.
        #[arg(long)]
        into: Option<std::path::PathBuf>,
    },
    /// Make the sample catalog from its recording.
    Sample {
        /// The catalog to write.
        #[arg(long)]
        into: Option<std::path::PathBuf>,
    },
    /// Build the packages that people install.
    Bundle,
    /// Generate the UI's client from the use cases.
    Client {
        /// Change nothing; fail when the committed client is stale.
        #[arg(long)]
        check: bool,
    },
    /// Only set up: system packages, the UI's packages, Python environments.
    Setup,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::App { arguments } => app::run(&arguments),
        Command::Test { only } => test::run(&only),
        Command::Bench { name } => bench::run(name),
        Command::Record { system, into } => record::run(system, into),
        Command::Sample { into } => sample::run(into).map(|_| ()),
        Command::Bundle => bundle::run(),
        Command::Client { check } => client::run(check),
        Command::Setup => setup::everything(),
    }
}
