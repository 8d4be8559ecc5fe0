//! The UI's client, generated from the use cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// Generates the client; with `check`, only says whether the committed one is what would be generated.
pub fn run(check: bool) -> Result<()> {
    let committed = repository::ui().join("src/api");
    if !check {
        return generate(&committed);
    }
    let fresh = repository::target().join("client-check");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(|error| Failure::at(&fresh, &error))?;
    }
    generate(&fresh)?;
    let stale = differing(&files(&committed)?, &files(&fresh)?);
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the UI's client is stale ({}); run `cargo xtask client` and commit",
        stale.join(", ")
    )))
}

fn generate(into: &Path) -> Result<()> {
    fs::create_dir_all(into).map_err(|error| Failure::at(into, &error))?;
    Program::cargo(&["run", "--quiet", "--package", "catena-app", "--example", "client", "--"])
        .args([into])
        .run()
}

/// Each file of a generated folder by its path in it.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(|error| Failure::at(&next, &error))?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = fs::read(&path).map_err(|error| Failure::at(&path, &error))?;
            let name = path.strip_prefix(folder).unwrap_or(&path).to_path_buf();
            found.insert(name, content);
        }
    }
    Ok(found)
}

/// The files that are missing, left over or different.
fn differing(committed: &BTreeMap<PathBuf, Vec<u8>>, fresh: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<&PathBuf> = committed.keys().chain(fresh.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|&name| committed.get(name) != fresh.get(name))
        .map(|name| name.display().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_leftover_and_different_files_are_stale() {
        let committed = BTreeMap::from([
            ("same.ts".into(), b"1".to_vec()),
            ("old.ts".into(), b"1".to_vec()),
            ("a.ts".into(), b"1".to_vec()),
        ]);
        let fresh = BTreeMap::from([
            ("same.ts".into(), b"1".to_vec()),
            ("new.ts".into(), b"1".to_vec()),
            ("a.ts".into(), b"2".to_vec()),
        ]);
        assert_eq!(differing(&committed, &fresh), ["a.ts", "new.ts", "old.ts"]);
        assert!(differing(&fresh, &fresh).is_empty());
    }
}
