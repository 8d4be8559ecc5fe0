//! How far a reading went.

use serde::{Deserialize, Serialize};

use crate::connector::{Cursor, ReadError};

/// What comes next. The stages stand in the order in which they are read: what others are part of comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Place {
    /// The page of experiments at this token.
    Experiments { token: Option<String> },
    /// The runs of the experiments from this one on.
    Runs { experiment: Option<String>, token: Option<String> },
    /// The logged models of the experiments from this one on.
    LoggedModels { experiment: Option<String>, token: Option<String> },
    /// Registered models, or prompts.
    Registered { prompts: bool, token: Option<String> },
    /// Versions of registered models, or of prompts.
    Versions { prompts: bool, token: Option<String> },
    /// The traces of the experiments from this one on.
    Traces { experiment: Option<String>, token: Option<String> },
    /// Evaluation datasets.
    EvaluationDatasets { token: Option<String> },
    /// The rows of a table after this one.
    Rows { table: Table, after: i64 },
    /// The points after this one of the run in this row, and of all runs after it.
    Histories { run: i64, after: i64 },
    /// Nothing.
    End,
}

/// The tables of a database that are read row by row, in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Table {
    Experiments,
    Runs,
    LoggedModels,
    RegisteredModels,
    ModelVersions,
    Metrics,
}

impl Table {
    /// All of them, in the order in which they are read.
    pub(super) const ALL: [Table; 6] = [
        Table::Experiments,
        Table::Runs,
        Table::LoggedModels,
        Table::RegisteredModels,
        Table::ModelVersions,
        Table::Metrics,
    ];

    /// Its name in the database.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Table::Experiments => "experiments",
            Table::Runs => "runs",
            Table::LoggedModels => "logged_models",
            Table::RegisteredModels => "registered_models",
            Table::ModelVersions => "model_versions",
            Table::Metrics => "metrics",
        }
    }
}

impl Place {
    pub(super) fn cursor(&self) -> Cursor {
        Cursor::at(self)
    }

    /// Where `cursor` says to go on. A cursor of a server means nothing in a file, and the other way round.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, ReadError> {
        cursor.place()
    }

    /// Whether it is a place at a server, and not in a file.
    pub(super) fn is_of_a_server(&self) -> bool {
        !matches!(self, Self::Rows { .. } | Self::Histories { .. })
    }
}
