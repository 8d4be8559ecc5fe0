//! Why a command could not do its work: a sentence for the person at the terminal.

use std::fmt;
use std::path::Path;

/// A sentence that says what failed and what to do about it.
#[derive(Debug)]
pub struct Failure(String);

/// What most functions here give back.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A file or folder could not be read or written.
    pub fn at(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
