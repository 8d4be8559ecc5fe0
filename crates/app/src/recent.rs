//! The catalogs opened lately. Losing the list loses nothing, so it is never an error.

use std::path::Path;

use catena_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A catalog opened before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recent {
    /// Where it is.
    pub path: String,
    /// What it is called.
    pub name: String,
    /// When it was last opened.
    pub opened_at: Timestamp,
}

/// How many are kept.
const MOST: usize = 12;

/// The list, latest first; catalogs that are no longer there are left out.
pub fn list(file: &Path) -> Vec<Recent> {
    let text = std::fs::read(file).unwrap_or_default();
    let mut list: Vec<Recent> = serde_json::from_slice(&text).unwrap_or_default();
    list.retain(|recent| Path::new(&recent.path).exists());
    list
}

/// Puts a catalog at the head of the list.
pub fn remember(file: &Path, path: &Path, name: &str, at: Timestamp) {
    let path = path.to_string_lossy().into_owned();
    let mut all = list(file);
    all.retain(|recent| recent.path != path);
    all.insert(0, Recent { path, name: name.to_owned(), opened_at: at });
    all.truncate(MOST);
    save(file, &all);
}

/// Takes a catalog off the list.
pub fn forget(file: &Path, path: &Path) {
    let mut all = list(file);
    all.retain(|recent| Path::new(&recent.path) != path);
    save(file, &all);
}

fn save(file: &Path, all: &[Recent]) {
    if let (Some(folder), Ok(text)) = (file.parent(), serde_json::to_vec_pretty(all)) {
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(file, text);
    }
}
