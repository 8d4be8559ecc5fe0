//! What most of a document is, by its structure alone: nothing is guessed from what it says.

use serde::{Deserialize, Serialize};

use crate::{Passage, PassageKind};

/// What most of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No words.
    Empty,
    /// Sentences.
    Prose,
    /// Questions with what answers them: most headings end in a question mark.
    Questions,
    /// Items of lists.
    List,
    /// Rows of tables.
    Table,
    /// Code.
    Code,
}

impl Class {
    /// Its name in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Prose => "prose",
            Self::Questions => "questions",
            Self::List => "list",
            Self::Table => "table",
            Self::Code => "code",
        }
    }
}

pub(crate) fn of(text: &str, passages: &[Passage]) -> Class {
    let length = |kind: PassageKind| -> usize {
        passages.iter().filter(|one| one.kind == kind).map(|one| one.end - one.start).sum()
    };
    let total: usize = passages.iter().map(|one| one.end - one.start).sum();
    if total == 0 {
        return Class::Empty;
    }
    let headings: Vec<_> = passages.iter().filter(|one| one.kind == PassageKind::Heading).collect();
    let asked = headings.iter().filter(|one| text[one.start..one.end].ends_with('?')).count();
    if asked >= 3 && asked * 2 >= headings.len() {
        return Class::Questions;
    }
    let most = [
        (PassageKind::Row, Class::Table),
        (PassageKind::Code, Class::Code),
        (PassageKind::Item, Class::List),
    ];
    most.into_iter().find(|(kind, _)| length(*kind) * 2 > total).map_or(Class::Prose, |(_, class)| class)
}
