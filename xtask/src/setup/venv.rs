//! One Python environment per real system, with the versions that its requirements file names.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// A Python environment. Systems that disagree about their dependencies can't share one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The OpenLineage client.
    OpenLineage,
    /// dbt on DuckDB, and its OpenLineage wrapper.
    Dbt,
    /// MLflow's server and client, with what models are trained with.
    Mlflow,
    /// OpenLLMetry with Chroma and LangChain.
    OpenLlmetry,
    /// The same as it was before its attributes got OpenTelemetry's names.
    OpenLlmetryOld,
    /// OpenInference, and OpenTelemetry's own instrumentations and exporters.
    OpenInference,
    /// LangSmith's Python SDK, with LangChain's core and OpenAI's client to trace.
    LangSmith,
    /// The libraries that write tables', models' and standards' files.
    Files,
    /// Chroma's server and client.
    Chroma,
    /// An emulator of Databricks' API, and its real client.
    Databricks,
    /// What speaks Snowflake's protocol, and its real client.
    Snowflake,
    /// Other vector stores, and object stores.
    Stores,
}

impl Environment {
    pub const ALL: [Self; 12] = [
        Self::OpenLineage,
        Self::Dbt,
        Self::Mlflow,
        Self::OpenLlmetry,
        Self::OpenLlmetryOld,
        Self::OpenInference,
        Self::LangSmith,
        Self::Files,
        Self::Chroma,
        Self::Databricks,
        Self::Snowflake,
        Self::Stores,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::OpenLineage => "openlineage",
            Self::Dbt => "dbt",
            Self::Mlflow => "mlflow",
            Self::OpenLlmetry => "openllmetry",
            Self::OpenLlmetryOld => "openllmetry-old",
            Self::OpenInference => "openinference",
            Self::LangSmith => "langsmith",
            Self::Files => "files",
            Self::Chroma => "chroma",
            Self::Databricks => "databricks",
            Self::Snowflake => "snowflake",
            Self::Stores => "stores",
        }
    }

    /// The variable that tells a test where this environment's Python is.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::OpenLineage => "CATENA_PYTHON_OPENLINEAGE",
            Self::Dbt => "CATENA_PYTHON_DBT",
            Self::Mlflow => "CATENA_PYTHON_MLFLOW",
            Self::OpenLlmetry => "CATENA_PYTHON_OPENLLMETRY",
            Self::OpenLlmetryOld => "CATENA_PYTHON_OPENLLMETRY_OLD",
            Self::OpenInference => "CATENA_PYTHON_OPENINFERENCE",
            Self::LangSmith => "CATENA_PYTHON_LANGSMITH",
            Self::Files => "CATENA_PYTHON_FILES",
            Self::Chroma => "CATENA_PYTHON_CHROMA",
            Self::Databricks => "CATENA_PYTHON_DATABRICKS",
            Self::Snowflake => "CATENA_PYTHON_SNOWFLAKE",
            Self::Stores => "CATENA_PYTHON_STORES",
        }
    }

    fn folder(self) -> PathBuf {
        repository::cache().join("venv").join(self.name())
    }

    /// The folder with its programs.
    pub fn bin(self) -> PathBuf {
        self.folder().join("bin")
    }
}

/// Makes the environment when there is none, or when its requirements have changed; gives its Python.
pub fn ensure(environment: Environment) -> Result<PathBuf> {
    let folder = environment.folder();
    let python = environment.bin().join("python");
    let requirements = repository::systems().join(format!("requirements-{}.txt", environment.name()));
    let wanted = fs::read(&requirements).map_err(|error| Failure::at(&requirements, &error))?;
    let note = folder.join("installed-from.txt");
    if python.is_file() && fs::read(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !python.is_file() {
        Program::new("python3").args(["-m", "venv"]).args([&folder]).run()?;
    }
    Program::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary", "-r"])
        .args([&requirements])
        .run()?;
    fs::write(&note, wanted).map_err(|error| Failure::at(&note, &error))?;
    Ok(python)
}
