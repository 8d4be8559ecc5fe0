//! Finding the files of an import.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{AppError, error::Trouble};

/// How deep folders are followed.
const MOST_DEPTH: usize = 16;

/// An error about a file, for a person.
pub fn failed(path: &Path, error: &io::Error) -> AppError {
    let what = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file: check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read: check its permissions".to_owned(),
        _ => error.to_string(),
    };
    AppError::new(Trouble::Failed, format!("{}: {what}", path.display()))
}

/// The files with one of these endings in a folder and its sub-folders, in a fixed order; links are not followed.
pub fn below(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, AppError> {
    let (mut found, mut waiting) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((folder, depth)) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, &error))? {
            let entry = entry.map_err(|error| failed(&folder, &error))?;
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() && depth < MOST_DEPTH {
                waiting.push((path, depth + 1));
            } else if kind.is_file() {
                let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
                if ending.is_some_and(|ending| endings.contains(&ending.as_str())) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Counts the bytes that are read through it.
pub struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    /// Counts into `count`.
    pub fn new(inner: R, count: Arc<AtomicU64>) -> Self {
        Self { inner, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
