//! Who says so.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Who claims a value: a system and which one of it, or the people who edit this catalog.
///
/// Written `system:instance` (`openlineage:airflow-prod`, `dbt:shop`), or `person`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub enum Source {
    /// Somebody who edits the catalog, or acts for one who does. All people share one claim per field: the last
    /// edit is the current one, and the log has the others.
    Person,
    /// A system that reports: which software, and which installation or project of it.
    System {
        /// `openlineage`, `dbt`, `mlflow`, ...
        system: String,
        /// The installation, project or namespace.
        instance: String,
    },
    /// Catena itself, by a rule.
    Catena,
}

impl Source {
    /// The installation `instance` of the software `system`.
    pub fn system(system: &str, instance: &str) -> Self {
        Self::System { system: system.to_owned(), instance: instance.to_owned() }
    }

    /// Which claims win over which: a person's over a system's, a system's over a guess.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Person => 2,
            Self::System { .. } => 1,
            Self::Catena => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => f.write_str("person"),
            Self::Catena => f.write_str("catena"),
            Self::System { system, instance } => write!(f, "{system}:{instance}"),
        }
    }
}

/// The text names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no source: expected person, catena or system:instance")]
pub struct NotASource(pub String);

impl FromStr for Source {
    type Err = NotASource;
    fn from_str(text: &str) -> Result<Self, NotASource> {
        match text {
            "person" => Ok(Self::Person),
            "catena" => Ok(Self::Catena),
            _ => text
                .split_once(':')
                .filter(|(system, _)| !system.is_empty())
                .map(|(system, instance)| Self::system(system, instance))
                .ok_or_else(|| NotASource(text.to_owned())),
        }
    }
}

crate::written::written_as_text!(Source);

/// How a value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Guessed by a rule or model.
    Inferred = 1,
    /// Seen in the data or the running system.
    Detected = 2,
    /// Taken over from a remote catalog.
    Synced = 3,
    /// Written down by somebody: a person here, or the author of a manifest.
    Declared = 4,
}

impl Known {
    /// The number that stands for it in the catalog file.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The one with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Inferred),
            2 => Some(Self::Detected),
            3 => Some(Self::Synced),
            4 => Some(Self::Declared),
            _ => None,
        }
    }
}
