//! The documents: they name no machine, their links lead somewhere, and their code is code to copy.

use std::fs;
use std::path::{Path, PathBuf};

use super::outcome::Outcome;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;

/// Folders of people's machines, which no document may name. `/home/user` is how the recordings spell one.
const MACHINE_PATHS: &[&str] = &["/root/", "/home/", "/work/", "/Users/", "C:\\Users\\"];
const PLACEHOLDERS: &[&str] = &["/home/user", "/home/you", "/Users/you"];

/// Looks through every text that Git keeps and a person reads.
pub fn check() -> Result<Outcome> {
    let listed = Program::new("git").args(["ls-files", "-z"]).capture()?;
    let mut sum = Outcome::default();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let path = Path::new(name);
        let Some(kind) = Kind::of(path) else { continue };
        let whole = repository::root().join(path);
        let text = match fs::read_to_string(&whole) {
            Ok(text) => text,
            // Deleted, but not committed yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::at(&whole, &error)),
        };
        let wrong = complaints(kind, path, &text, |linked| repository::root().join(linked).exists());
        for sentence in &wrong {
            println!("{sentence}");
        }
        sum = sum + if wrong.is_empty() { Outcome::PASSED } else { Outcome::FAILED };
    }
    Ok(sum)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Markdown,
    Rust,
    Recording,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("md") => Some(Self::Markdown),
            Some("rs") if !path.ends_with("test/docs.rs") => Some(Self::Rust),
            Some("json" | "ndjson") if path.starts_with("tests/fixtures") => Some(Self::Recording),
            _ => None,
        }
    }
}

/// What is wrong in one file, a sentence each with the line's number.
fn complaints(kind: Kind, path: &Path, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        let mut complain =
            |sentence: String| found.push(format!("{}:{}: {sentence}", path.display(), number + 1));
        let doc = match kind {
            Kind::Rust => {
                line.trim_start().strip_prefix("///").or_else(|| line.trim_start().strip_prefix("//!"))
            }
            Kind::Markdown | Kind::Recording => Some(line),
        };
        let Some(doc) = doc else { continue };
        let bare =
            PLACEHOLDERS.iter().fold(doc.to_owned(), |bare, placeholder| bare.replace(placeholder, ""));
        if let Some(named) = MACHINE_PATHS.iter().find(|&&named| bare.contains(named)) {
            complain(format!("names a folder of somebody's machine ({named})"));
        }
        if kind == Kind::Recording {
            continue;
        }
        if doc.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code && (doc.contains(".unwrap()") || doc.contains(".expect(")) {
            complain("the example panics where it should say what went wrong: use `?`".to_owned());
        }
        if kind == Kind::Markdown && !in_code {
            for linked in links(doc) {
                let target =
                    path.parent().map_or_else(|| PathBuf::from(linked), |folder| folder.join(linked));
                if !exists(&target) {
                    complain(format!("links to {linked}, which is not there"));
                }
            }
        }
    }
    found
}

/// The files that a line of Markdown links to.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter_map(|target| {
        let file = target.split('#').next().unwrap_or_default();
        (!file.is_empty() && !target.contains("://") && !target.starts_with("mailto:")).then_some(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, text: &str, expected: &[&str]) {
        assert_eq!(
            complaints(kind, Path::new("a/README.md"), text, |linked| linked == Path::new("a/there.md")),
            expected
        );
    }

    #[test]
    fn documents_name_no_machine() {
        check(Kind::Markdown, "open /home/user/shop.catena", &[]);
        check(
            Kind::Markdown,
            "first\nopen /home/ines/x",
            &["a/README.md:2: names a folder of somebody's machine (/home/)"],
        );
        check(
            Kind::Rust,
            "let path = \"/root/\";\n/// Like `/root/x`.",
            &["a/README.md:2: names a folder of somebody's machine (/root/)"],
        );
        check(
            Kind::Recording,
            r#"{"path":"/work/x"}"#,
            &["a/README.md:1: names a folder of somebody's machine (/work/)"],
        );
    }

    #[test]
    fn links_lead_somewhere_and_examples_do_not_panic() {
        check(Kind::Markdown, "[a](there.md#part) [b](https://example.org) [c](#here)", &[]);
        check(Kind::Markdown, "[a](gone.md)", &["a/README.md:1: links to gone.md, which is not there"]);
        check(
            Kind::Rust,
            "/// ```\n/// open().unwrap();\n/// ```\n/// Panics on unwrap().",
            &["a/README.md:2: the example panics where it should say what went wrong: use `?`"],
        );
    }
}
