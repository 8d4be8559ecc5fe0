//! How a runner ended.

use std::fmt;
use std::ops::Add;

use crate::failure::Result;

/// How many passed, failed and were left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Outcome {
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
    pub const SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };
}

impl Add for Outcome {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// A check that passes or fails as a whole.
pub fn of(result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::PASSED,
        Err(failure) => {
            println!("{failure}");
            Outcome::FAILED
        }
    }
}
