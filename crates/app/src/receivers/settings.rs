//! Which receivers were on for which catalog. Kept beside the program's other settings and not in the catalog: opening
//! somebody else's file must not open ports.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::{AppError, error::Trouble};

/// What is remembered of one receiver for one catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// It was on.
    pub(super) on: bool,
    /// On this port.
    pub(super) port: u16,
    /// Why it could not be switched on again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

/// By catalog, then protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Settings(BTreeMap<String, BTreeMap<String, Wanted>>);

impl Settings {
    /// What is remembered in `file`; nothing when it can't be read: then all are off.
    pub(super) fn read(file: &Path) -> Self {
        std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self, file: &Path) -> Result<(), AppError> {
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        let written = match file.parent() {
            Some(folder) => std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text)),
            None => std::fs::write(file, text),
        };
        written.map_err(|error| {
            AppError::new(
                Trouble::Failed,
                format!("{}: the setting could not be kept: {error}", file.display()),
            )
        })
    }

    pub(super) fn of(&self, catalog: &Path, protocol: &str) -> Option<Wanted> {
        self.0.get(&key(catalog))?.get(protocol).cloned()
    }

    pub(super) fn set(&mut self, catalog: &Path, protocol: &str, wanted: Wanted) {
        self.0.entry(key(catalog)).or_default().insert(protocol.to_owned(), wanted);
    }
}

fn key(catalog: &Path) -> String {
    std::path::absolute(catalog).unwrap_or_else(|_| catalog.to_owned()).to_string_lossy().into_owned()
}
