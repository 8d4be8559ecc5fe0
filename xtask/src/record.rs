//! Fixtures from real systems: their servers and clients are run, and what they say is kept.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::failure::Result;
use crate::program::Program;
use crate::repository;
use crate::setup::packages::{self, Need};
use crate::setup::venv::{self, Environment};

/// What can be recorded. Each has a script of its own in `tests/systems`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// What the OpenLineage client sends.
    Openlineage,
    /// dbt's artifacts, and what its OpenLineage wrapper sends.
    Dbt,
    /// An MLflow server's database.
    Mlflow,
    /// What OpenLLMetry sends.
    Openllmetry,
    /// What it sent before its attributes got OpenTelemetry's names.
    OpenllmetryOld,
    /// What OpenInference's and OpenTelemetry's own instrumentations send.
    Openinference,
    /// What LangSmith's SDKs send.
    Langsmith,
    /// Files as the libraries of their formats write them.
    Files,
    /// The sample's story, through all of them.
    Sample,
}

impl System {
    const fn script(self) -> &'static str {
        match self {
            Self::Openlineage => "record_openlineage.py",
            Self::Dbt => "record_dbt.py",
            Self::Mlflow => "record_mlflow.py",
            Self::Openllmetry | Self::OpenllmetryOld => "record_openllmetry.py",
            Self::Openinference => "record_openinference.py",
            Self::Langsmith => "record_langsmith.py",
            Self::Files => "record_files.py",
            Self::Sample => "record_sample.py",
        }
    }

    const fn environment(self) -> Environment {
        match self {
            Self::Openlineage => Environment::OpenLineage,
            Self::Dbt => Environment::Dbt,
            Self::Mlflow | Self::Sample => Environment::Mlflow,
            Self::Openllmetry => Environment::OpenLlmetry,
            Self::OpenllmetryOld => Environment::OpenLlmetryOld,
            Self::Openinference => Environment::OpenInference,
            Self::Langsmith => Environment::LangSmith,
            Self::Files => Environment::Files,
        }
    }
}

/// Records one system, or all of them, into `into` or the repository's fixtures.
pub fn run(system: Option<System>, into: Option<PathBuf>) -> Result<()> {
    packages::ensure(&[Need::Python])?;
    let fixtures = into.unwrap_or_else(repository::fixtures);
    match system {
        Some(system) => record(system, &fixtures),
        None => System::value_variants().iter().try_for_each(|&system| record(system, &fixtures)),
    }
}

fn record(system: System, fixtures: &Path) -> Result<()> {
    let python = venv::ensure(system.environment())?;
    let mut script = Program::new(python);
    if system == System::Sample {
        venv::ensure(Environment::Dbt)?;
        script = script.env("CATENA_DBT_BIN", Environment::Dbt.bin());
    }
    script.args([repository::systems().join(system.script()), fixtures.to_path_buf()]).run()
}
