//! From a document's bytes to its text, pages, sections and passages, each with its place in the original.
//!
//! | format | text | place in the original |
//! |---|---|---|
//! | plain text, Markdown | the file itself, decoded | bytes |
//! | HTML | what a browser would show as words | bytes |
//! | DOCX | its paragraphs | page, where the program that wrote it noted page ends |
//! | PDF | its words in the order in which they are drawn | page and box |
//!
//! Pure: nothing is opened, fetched or run. PDF and DOCX are containers that can be made to burst; whoever reads them
//! does so in a process with limits ([`is_risky`]), and bounds hold here too ([`Limits`]).

mod builder;
mod class;
mod docx;
mod encoding;
mod html;
mod markdown;
mod pdf;
mod plain;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Word's format since 2007.
    Docx,
    /// PDF.
    Pdf,
}

impl Format {
    /// The endings of the names of files that are read.
    pub const ENDINGS: &[&str] =
        &["txt", "text", "md", "markdown", "mdown", "html", "htm", "xhtml", "docx", "pdf"];

    /// The format of a file of this name that begins so; none when it is no document.
    pub fn of(name: &str, head: &[u8]) -> Option<Self> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        // What a file is weighs more than what it is called.
        if head.get(..1_024.min(head.len())).is_some_and(|head| head.windows(5).any(|five| five == b"%PDF-"))
        {
            return Some(Self::Pdf);
        }
        let zipped = head.starts_with(b"PK\x03\x04");
        match ending.as_deref() {
            Some("docx") if zipped => Some(Self::Docx),
            _ if zipped || head.contains(&0) && !encoding::has_mark(head) => None,
            Some("md" | "markdown" | "mdown") => Some(Self::Markdown),
            Some("html" | "htm" | "xhtml") => Some(Self::Html),
            Some("txt" | "text") => Some(Self::Text),
            _ => None,
        }
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Text => "plain text",
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::Docx => "DOCX",
            Self::Pdf => "PDF",
        }
    }
}

/// Whether the format is a container that has to be read in a process with limits.
pub const fn is_risky(format: Format) -> bool {
    matches!(format, Format::Docx | Format::Pdf)
}

/// What a passage is in the document's structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassageKind {
    /// A heading.
    Heading,
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
    /// A row of a table.
    Row,
    /// Code.
    Code,
}

/// A passage of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// What it is.
    pub kind: PassageKind,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends in the text, in bytes.
    pub end: usize,
    /// The same in letters (Unicode code points).
    pub chars: (usize, usize),
    /// Where it stands in the original file, in bytes, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<(usize, usize)>,
    /// Its page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Its box on the page in points, from the lower left: left, bottom, right, top.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub area: Option<[f32; 4]>,
    /// The section that it is in, by its place in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<usize>,
}

/// A section: what stands beneath a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// How deep it is, from 1.
    pub level: u8,
    /// Its heading.
    pub title: String,
    /// Where it begins in the text, in bytes: at its heading.
    pub start: usize,
    /// Where it ends: before the next heading of its level or a higher one.
    pub end: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its number, from 1.
    pub number: u32,
    /// Where its text begins, in bytes.
    pub start: usize,
    /// Where its text ends, in bytes.
    pub end: usize,
    /// How wide and high it is, in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(f32, f32)>,
}

/// The language that most of the text is in, as a statistic of its letters tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Language {
    /// ISO 639-3: `eng`.
    pub code: String,
    /// How sure, from 0 to 1.
    pub confidence: f64,
}

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What it is written as.
    pub format: Format,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How many bytes the file has.
    pub bytes: u64,
    /// How its letters are encoded, for formats that are letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What it is called, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who wrote it, as it says itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// When it was written, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Its language, where the text is long enough to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What most of it is, by structure.
    pub class: class::Class,
    /// Its text; all offsets are into it unless they say otherwise.
    pub text: String,
    /// Its pages, where it has any.
    pub pages: Vec<Page>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// Its passages, in order.
    pub passages: Vec<Passage>,
    /// What could not be read of it, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

pub use class::Class;

/// How much is read at the most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of text.
    pub text: usize,
    /// Passages.
    pub passages: usize,
    /// Bytes of one part of a container, unpacked.
    pub part: u64,
    /// Pages.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text: 16 << 20, passages: 100_000, part: 64 << 20, pages: 5_000 }
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not what its name says.
    #[error("it is no {0}: {1}")]
    Not(&'static str, String),
    /// It would unpack to too much.
    #[error(
        "{0} of it is larger than {1} bytes when it is unpacked, which no real document needs; it was left out"
    )]
    TooLarge(String, u64),
    /// It can't be opened without a password.
    #[error("it is encrypted: save a copy without a password and import that")]
    Encrypted,
}

/// Reads a document.
///
/// # Errors
///
/// When the bytes are not what the format wants. What can be read of a damaged document is read, and
/// [`Document::missing`] says what is not in it.
pub fn read(format: Format, bytes: &[u8], limits: &Limits) -> Result<Document, Unreadable> {
    let mut builder = builder::Builder::new(*limits);
    let encoding = match format {
        Format::Text | Format::Markdown | Format::Html => {
            let decoded = encoding::decode(bytes, format == Format::Html);
            match format {
                Format::Markdown => markdown::read(&decoded, &mut builder),
                Format::Html => html::read(&decoded, &mut builder),
                _ => plain::read(&decoded, &mut builder),
            }
            Some(decoded.encoding.to_owned())
        }
        Format::Docx => {
            docx::read(bytes, &mut builder)?;
            None
        }
        Format::Pdf => {
            pdf::read(bytes, &mut builder)?;
            None
        }
    };
    let sha256 = Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    Ok(builder.finish(format, encoding, sha256, bytes.len() as u64))
}
