//! A document while it is being read.

use crate::{Document, Format, Language, Limits, Page, Passage, PassageKind, Section, class};

/// The most sections that are kept; each passage knows the one that it is in.
const MOST_SECTIONS: usize = 10_000;
/// How much of the text tells its language.
const SAMPLE: usize = 20_000;
/// Fewer letters than this tell no language.
const LEAST_LETTERS: usize = 40;

pub(crate) struct Builder {
    pub(crate) limits: Limits,
    pub(crate) text: String,
    pub(crate) title: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) created: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) pages: Vec<Page>,
    pub(crate) missing: Vec<String>,
    sections: Vec<Section>,
    /// The sections that are open, the innermost last.
    open: Vec<usize>,
    passages: Vec<Passage>,
    full: bool,
}

/// Where a passage stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) original: Option<(usize, usize)>,
    pub(crate) page: Option<u32>,
    pub(crate) area: Option<[f32; 4]>,
}

impl Builder {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            text: String::new(),
            title: None,
            authors: Vec::new(),
            created: None,
            modified: None,
            pages: Vec::new(),
            missing: Vec::new(),
            sections: Vec::new(),
            open: Vec::new(),
            passages: Vec::new(),
            full: false,
        }
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Takes the whole text at once; passages are then marked in it.
    pub(crate) fn whole(&mut self, text: &str) {
        let end = floor(text, self.limits.text);
        if end < text.len() {
            self.fill();
        }
        text[..end].clone_into(&mut self.text);
        self.full = false;
    }

    /// Adds a passage to the text.
    pub(crate) fn block(&mut self, kind: PassageKind, level: u8, text: &str, place: Place) {
        let text = text.trim();
        if text.is_empty() || self.full {
            return;
        }
        if self.text.len() + text.len() + 2 > self.limits.text {
            self.fill();
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(if kind == PassageKind::Row { "\n" } else { "\n\n" });
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.mark(kind, level, start, self.text.len(), place);
    }

    /// Marks a passage in the text; a heading begins a section of its level.
    pub(crate) fn mark(&mut self, kind: PassageKind, level: u8, start: usize, end: usize, place: Place) {
        let (from, until) = (start, end);
        let (start, end) = trimmed(&self.text, start, end);
        let original = place.original.map(|(a, b)| (a + (start - from), b.saturating_sub(until - end)));
        if start >= end || self.full {
            return;
        }
        if self.passages.len() >= self.limits.passages {
            self.fill();
            return;
        }
        if kind == PassageKind::Heading && self.sections.len() < MOST_SECTIONS {
            let level = level.clamp(1, 9);
            while let Some(&last) = self.open.last().filter(|last| self.sections[**last].level >= level) {
                self.sections[last].end = start;
                self.open.pop();
            }
            self.open.push(self.sections.len());
            let title = self.text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
            let title = title.trim_start_matches('#').trim().chars().take(300).collect();
            self.sections.push(Section { level, title, start, end });
        }
        self.passages.push(Passage {
            kind,
            start,
            end,
            chars: (0, 0),
            original,
            page: place.page,
            area: place.area,
            section: self.open.last().copied(),
        });
    }

    fn fill(&mut self) {
        self.full = true;
        if self.missing.len() < 20 {
            self.missing.push(format!(
                "the rest: it has more than {} bytes of text or {} passages",
                self.limits.text, self.limits.passages
            ));
        }
    }

    pub(crate) fn finish(
        mut self,
        format: Format,
        encoding: Option<String>,
        sha256: String,
        bytes: u64,
    ) -> Document {
        for open in std::mem::take(&mut self.open) {
            self.sections[open].end = self.text.len();
        }
        count_letters(&self.text, &mut self.passages);
        let first_heading = || self.sections.first().map(|section| section.title.clone());
        let title = self.title.take().or_else(first_heading).filter(|title| !title.trim().is_empty());
        let class = class::of(&self.text, &self.passages);
        Document {
            format,
            sha256,
            bytes,
            encoding,
            title: title.map(|title| title.trim().chars().take(300).collect()),
            authors: self.authors,
            created: self.created,
            modified: self.modified,
            language: language(&self.text),
            class,
            text: self.text,
            pages: self.pages,
            sections: self.sections,
            passages: self.passages,
            missing: self.missing,
        }
    }
}

/// The byte at or before this one at which a letter begins.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The same range without white space at its ends.
fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let Some(part) = text.get(start..end.min(text.len())) else { return (start, start) };
    let begins = start + (part.len() - part.trim_start().len());
    (begins, (begins + part.trim().len()).max(begins))
}

fn count_letters(text: &str, passages: &mut [Passage]) {
    let mut wanted: Vec<usize> = passages.iter().flat_map(|passage| [passage.start, passage.end]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut counts = Vec::with_capacity(wanted.len());
    let (mut at, mut letters) = (0, 0);
    for place in &wanted {
        letters += text[at..*place].chars().count();
        at = *place;
        counts.push(letters);
    }
    let count = |place: usize| wanted.binary_search(&place).map_or(0, |index| counts[index]);
    for passage in passages {
        passage.chars = (count(passage.start), count(passage.end));
    }
}

fn language(text: &str) -> Option<Language> {
    let sample = &text[..floor(text, SAMPLE)];
    if sample.chars().filter(|letter| letter.is_alphabetic()).count() < LEAST_LETTERS {
        return None;
    }
    let found = whatlang::detect(sample)?;
    let sure = (found.confidence() * 100.0).round() / 100.0;
    Some(Language { code: found.lang().code().to_owned(), confidence: sure })
}
