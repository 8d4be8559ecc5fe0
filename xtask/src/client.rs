//! The UI's client, generated from the use cases.

use std::fs;

use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// Generates the client; with `check`, only says whether the committed one is what would be generated.
pub fn run(check: bool) -> Result<()> {
    let path = repository::ui().join("src/api/client.ts");
    let fresh =
        Program::cargo(&["run", "--quiet", "--package", "catena-app", "--example", "client"]).capture()?;
    if !check {
        fs::write(&path, fresh).map_err(|error| Failure::at(&path, &error))?;
        println!("wrote {}", path.display());
        return Ok(());
    }
    let committed = fs::read_to_string(&path).map_err(|error| Failure::at(&path, &error))?;
    match first_difference(&committed, &fresh) {
        None => Ok(()),
        Some(line) => Err(Failure::new(format!(
            "ui/src/api/client.ts is stale from line {line} on; run `cargo xtask client` and commit it"
        ))),
    }
}

/// The number of the first line that differs.
fn first_difference(committed: &str, fresh: &str) -> Option<usize> {
    if committed == fresh {
        return None;
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(old, new)| old == new).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\nb", "a\nb\n"), Some(3));
    }
}
