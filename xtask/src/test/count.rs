//! Counting from what test runners print.

use super::outcome::Outcome;

/// What `cargo test`, nextest or Vitest counted. A runner that failed has at least one failure, and one that ran no
/// test has failed: a suite that lost its tests must not look green.
pub fn counted(succeeded: bool, said: &str) -> Outcome {
    let mut sum = said.lines().filter_map(line).fold(Outcome::default(), |sum, found| sum + found);
    if sum.failed == 0 && (!succeeded || sum.passed == 0) {
        sum.failed = 1;
    }
    sum
}

fn line(line: &str) -> Option<Outcome> {
    // Indented, it is what nextest shows again of a test that failed.
    let counts = if let Some(counts) = line.strip_prefix("test result: ") {
        counts
    } else if line.trim_start().starts_with("Summary [") {
        line.split_once(" run: ")?.1
    } else {
        line.trim_start().strip_prefix("Tests ")?
    };
    let skipped = before(counts, "skipped") + before(counts, "ignored");
    Some(Outcome {
        passed: before(counts, "passed"),
        failed: before(counts, "failed") + before(counts, "timed out"),
        skipped,
    })
}

/// The number that stands before a word, or 0.
fn before(counts: &str, word: &str) -> u32 {
    counts
        .find(word)
        .and_then(|at| counts[..at].split_whitespace().next_back())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(succeeded: bool, said: &str, expected: &str) {
        assert_eq!(counted(succeeded, said).to_string(), expected, "{said}");
    }

    #[test]
    fn the_runners_own_lines_are_summed() {
        check(
            true,
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "5 passed, 0 failed, 1 skipped",
        );
        check(
            true,
            "test result: ok. 5 passed; 0 failed; 0 ignored\ntest result: ok. 2 passed; 0 failed; 0 ignored",
            "7 passed, 0 failed",
        );
        check(
            false,
            "     Summary [   1.204s] 14 tests run: 13 passed (1 slow), 1 failed, 2 skipped",
            "13 passed, 1 failed, 2 skipped",
        );
        check(
            false,
            "    test result: FAILED. 0 passed; 1 failed\n     Summary [   1.204s] 2 tests run: 1 passed, 1 failed",
            "1 passed, 1 failed",
        );
        check(true, "     Summary [   1.204s] 1 test run: 1 passed, 0 skipped", "1 passed, 0 failed");
        check(false, "      Tests  2 failed | 12 passed (14)", "12 passed, 2 failed");
        check(true, " Test Files  3 passed (3)\n      Tests  12 passed (12)", "12 passed, 0 failed");
    }

    #[test]
    fn a_runner_that_fails_or_runs_nothing_is_never_green() {
        check(false, "error: could not compile", "0 passed, 1 failed");
        check(false, "test result: ok. 5 passed; 0 failed; 0 ignored", "5 passed, 1 failed");
        check(true, "test result: ok. 0 passed; 0 failed; 0 ignored", "0 passed, 1 failed");
        check(true, "", "0 passed, 1 failed");
    }
}
