//! What can be typed.

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

/// Shows where every AI answer came from. Without a command, opens the window.
#[derive(Debug, Parser)]
#[command(
    name = "catena",
    version,
    about = "Shows where every AI answer came from. Without a command, opens the window.",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    /// The catalog file; the default one in your data folder when left out.
    #[arg(long, short = 'c', global = true, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// How to write the answer.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring metadata in from a file, a folder or a server.
    Import {
        /// A file or folder, whose sort is told by its content; or first what sort of thing it is: openlineage, dbt
        /// or mlflow.
        #[arg(value_name = "FILE|KIND")]
        what: String,
        /// After a sort: a path, an address, or - for standard input.
        from: Option<String>,
        /// Read everything, also what an earlier import from there had.
        #[arg(long)]
        all: bool,
    },
    /// List the passages of vector stores that a retrieval system should know of.
    Chunks {
        /// Only those that are not to be retrieved: their text is no longer in its document, or the document is
        /// deprecated or not approved.
        #[arg(long)]
        not_for_retrieval: bool,
        /// Only those of this document, collection or answer: an id, or a name that only it has.
        #[arg(long, value_name = "ENTITY")]
        of: Option<String>,
    },
    /// Read one document from standard input: what an import starts for containers that could burst.
    #[command(hide = true)]
    ReadDocument {
        /// What it is written as: docx or pdf.
        written_as: String,
    },
    /// Set up systems that are pulled again and again, test and pull them.
    #[command(subcommand)]
    Connect(crate::connect::Connect),
    /// Take what systems send, without a window, until told to end.
    Serve(crate::serve::Serve),
    /// Find entities.
    Search {
        /// Words, a part of a name, or a qualified name.
        text: Vec<String>,
        /// Only this kind; may be given several times.
        #[arg(long)]
        kind: Vec<String>,
        /// Only what bears this tag; may be given several times.
        #[arg(long)]
        tag: Vec<String>,
        /// How many hits to give.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// List runs and traces of any system, or compare some.
    Runs(crate::runs::Runs),
    /// Show what an answer rests on, looked up in its sources as they are now.
    Cite {
        /// The id of an output, or of a trace with one answer.
        output: String,
    },
    /// Show one entity.
    Show {
        /// An id, or a name that only it has.
        entity: String,
    },
    /// Show where an entity came from and what depends on it.
    Lineage {
        /// An id, or a name that only it has.
        entity: String,
        /// Which way.
        #[arg(long, value_enum, default_value_t = Way::Both)]
        direction: Way,
        /// How many levels, or all.
        #[arg(long, default_value = "1", value_parser = depth)]
        depth: Depth,
        /// Also the columns and what they derive from.
        #[arg(long)]
        columns: bool,
    },
    /// Accept or reject a relation that was inferred; a rejected one stays away whatever is inferred again.
    Judge {
        /// Where the relation starts: an id, or a name that only it has.
        from: String,
        /// What it says: derives_from, reads, ...
        kind: String,
        /// Where it ends: an id, or a name that only it has.
        to: String,
        /// The word on it.
        #[arg(value_enum)]
        word: Word,
    },
    /// Write an entity as a standard for exchange has it.
    Export {
        /// An id, or a name that only it has.
        entity: String,
        /// The standard: Croissant or a data contract for a dataset, CycloneDX for a model with its lineage.
        #[arg(long = "as", value_enum)]
        standard: Standard,
        /// The file to write; standard output when left out.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Show what was done, latest first.
    History {
        /// Only what touched this entity: an id, or a name that only it has.
        entity: Option<String>,
        /// How many operations to show.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Take an operation back by a new one.
    Revert {
        /// The operation's id, as history shows it.
        operation: String,
        /// What to do about changes that were made since to the same fields.
        #[arg(long, value_enum, default_value_t = Later::Refuse)]
        later: Later,
        /// Only show what it would do.
        #[arg(long)]
        dry_run: bool,
    },
    /// Verify the catalog: replay its log and compare everything with it.
    Check,
    /// Copy the catalog to a file; the copy is verified.
    Backup {
        /// The new file.
        file: PathBuf,
        /// Replace the file if it is there already.
        #[arg(long)]
        force: bool,
    },
    /// Replace the catalog by a backup, which is verified first; what was there is kept beside it.
    Restore {
        /// The backup.
        file: PathBuf,
    },
}

/// What can be imported, beside files that say themselves what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// OpenLineage events.
    #[value(name = "openlineage")]
    OpenLineage,
    /// dbt artifacts.
    Dbt,
    /// MLflow server or database.
    Mlflow,
    /// Documents: text, Markdown, HTML, DOCX, PDF; a file or a folder.
    Documents,
    /// Files of any sort.
    Files,
}

/// A standard for exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standard {
    /// Croissant 1.0.
    Croissant,
    /// CycloneDX 1.6 ML-BOM.
    #[value(name = "cyclonedx")]
    CycloneDx,
    /// Open Data Contract Standard 3.
    Odcs,
}

/// Which way to follow lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Where it came from.
    Up,
    /// What depends on it.
    Down,
    /// Both.
    Both,
}

/// A person's word on a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Word {
    /// It holds.
    Accept,
    /// It does not hold.
    Reject,
    /// No word: what is inferred shows again.
    Reopen,
}

/// What to do about later changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Later {
    /// Do nothing if there are any.
    Refuse,
    /// Leave them as they are.
    Keep,
    /// Overwrite them.
    Overwrite,
}

/// How many levels; none for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth(pub Option<u32>);

fn depth(text: &str) -> Result<Depth, String> {
    if text == "all" {
        return Ok(Depth(None));
    }
    text.parse()
        .map(|levels| Depth(Some(levels)))
        .map_err(|_| "expected a number of levels, or all".to_owned())
}

/// The commands, and what else asks for an answer in the terminal.
const WORDS: &[&str] = &[
    "import",
    "chunks",
    "read-document",
    "connect",
    "serve",
    "search",
    "runs",
    "cite",
    "show",
    "lineage",
    "judge",
    "export",
    "history",
    "revert",
    "check",
    "backup",
    "restore",
    "--help",
    "-h",
    "--version",
    "-V",
    "help",
];

/// Whether these arguments (without the program's name) ask for an answer in the terminal, not for a window.
pub fn is_headless(arguments: &[OsString]) -> bool {
    let mut skip = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        if std::mem::take(&mut skip) {
            continue;
        }
        match &*text {
            "--catalog" | "-c" | "--format" => skip = true,
            word if WORDS.contains(&word) => return true,
            word if word.starts_with('-') => {}
            // The first plain word decides: a catalog or link to open is no command, and anything else is a slip.
            plain => return !(plain.starts_with("catena://") || plain.contains(['.', '/', '\\'])),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn headless(line: &str) -> bool {
        is_headless(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_file_or_link_opens_the_window_and_a_command_does_not() {
        assert!(headless("--catalog x.catena search orders"));
        assert!(headless("--format json -c x check"));
        assert!(headless("--version"));
        assert!(!headless(""));
        assert!(!headless("search.catena"));
        assert!(!headless("catena://entity/01937b2c-8f3e-7c1a-9d52-3b1f0c9a4e77"));
        assert!(!headless("--catalog search"));
        assert!(headless("frobnicate"), "a slip is answered, not ignored");
    }

    #[test]
    fn every_command_is_known_to_be_headless() {
        for command in Arguments::command().get_subcommands() {
            assert!(WORDS.contains(&command.get_name()), "{}", command.get_name());
        }
    }
}
