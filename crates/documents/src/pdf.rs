//! PDF: words as they are drawn, brought into lines and passages by where they stand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document as Pdf, MediaBox, Object, OutputDev, OutputError, Transform, output_doc_page};

use crate::{
    Page, PassageKind, Unreadable,
    builder::{Builder, Place},
};

pub(crate) fn read(bytes: &[u8], builder: &mut Builder) -> Result<(), Unreadable> {
    let not = |why: String| Unreadable::Not("PDF", why);
    // The libraries take some damaged files for impossible and panic; that is an answer too.
    let document = catch_unwind(|| Pdf::load_mem(bytes))
        .map_err(|_| not("it is damaged".to_owned()))?
        .map_err(|error| not(error.to_string()))?;
    if document.is_encrypted() {
        return Err(Unreadable::Encrypted);
    }
    about(&document, builder);
    let pages = catch_unwind(AssertUnwindSafe(|| document.get_pages())).unwrap_or_default();
    if pages.is_empty() {
        return Err(not("it has no pages".to_owned()));
    }
    if pages.len() > builder.limits.pages {
        let most = builder.limits.pages;
        builder.missing.push(format!("{} pages: only the first {most} are read", pages.len() - most));
    }
    let mut unread = 0_usize;
    for number in pages.keys().take(builder.limits.pages) {
        if builder.is_full() {
            break;
        }
        let mut drawn =
            Drawn { left: builder.limits.text.saturating_sub(builder.text.len()), ..Drawn::default() };
        let result = catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut drawn, *number)));
        if !matches!(result, Ok(Ok(()))) {
            unread += 1;
            if builder.missing.len() < 20 {
                builder.missing.push(format!("page {number}, or a part of it: it is damaged or unusual"));
            }
        }
        drawn.tell(*number, builder);
    }
    if unread == pages.len() && builder.text.is_empty() {
        return Err(not("none of its pages could be read".to_owned()));
    }
    if builder.text.is_empty() {
        builder.missing.push(
            "all text: its pages have no letters that can be read; they may be pictures of text".to_owned(),
        );
    }
    Ok(())
}

/// What the document says of itself.
fn about(document: &Pdf, builder: &mut Builder) {
    let Ok(info) = document.trailer.get(b"Info") else { return };
    let info = match info {
        Object::Reference(id) => document.get_object(*id).ok(),
        other => Some(other),
    };
    let Some(Object::Dictionary(info)) = info else { return };
    let text = |key: &[u8]| -> Option<String> {
        let value = match info.get(key).ok()? {
            Object::Reference(id) => document.get_object(*id).ok()?,
            other => other,
        };
        let Object::String(bytes, _) = value else { return None };
        let text: String = words(bytes).trim().chars().take(300).collect();
        (!text.is_empty()).then_some(text)
    };
    builder.title = text(b"Title");
    builder.authors.extend(text(b"Author"));
    builder.created = text(b"CreationDate").and_then(|date| moment(&date));
    builder.modified = text(b"ModDate").and_then(|date| moment(&date));
}

/// A text string: UTF-16 or UTF-8 when it says so, else near enough to Latin-1.
fn words(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// `D:20260131120000+01'00'` as `2026-01-31T12:00:00+01:00`; none when it is no date.
fn moment(date: &str) -> Option<String> {
    let date = date.strip_prefix("D:").unwrap_or(date);
    let digits: String = date.chars().take_while(char::is_ascii_digit).take(14).collect();
    let part = |from: usize, default: &str| -> String {
        digits.get(from..from + 2).map_or_else(|| default.to_owned(), str::to_owned)
    };
    let year = digits.get(..4)?;
    let zone = date.get(digits.len()..).unwrap_or_default().replace('\'', "");
    let zone = match zone.as_bytes() {
        [b'+' | b'-', _, _, _, _] => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        _ => "Z".to_owned(),
    };
    Some(format!(
        "{year}-{}-{}T{}:{}:{}{zone}",
        part(4, "01"),
        part(6, "01"),
        part(8, "00"),
        part(10, "00"),
        part(12, "00")
    ))
}

/// A line of words.
#[derive(Default)]
struct Line {
    text: String,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
}

/// What was drawn on one page.
#[derive(Default)]
struct Drawn {
    lines: Vec<Line>,
    size: Option<(f32, f32)>,
    origin: (f64, f64),
    /// How many more bytes are taken.
    left: usize,
}

impl OutputDev for Drawn {
    fn begin_page(
        &mut self,
        _: u32,
        media: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.size = Some(((media.urx - media.llx).abs() as f32, (media.ury - media.lly).abs() as f32));
        self.origin = (media.llx, media.lly);
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        matrix: &Transform,
        width: f64,
        _spacing: f64,
        size: f64,
        letters: &str,
    ) -> Result<(), OutputError> {
        let letters: String = letters.chars().filter(|letter| !letter.is_control()).collect();
        if letters.len() > self.left {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        self.left -= letters.len();
        let (x, y) = (matrix.m31 - self.origin.0, matrix.m32 - self.origin.1);
        let size = size * (matrix.m11 * matrix.m22 - matrix.m12 * matrix.m21).abs().sqrt();
        if ![x, y, size, width].iter().all(|number| number.is_finite()) {
            return Ok(());
        }
        let end = x + width * size;
        let same = self.lines.last().is_some_and(|line| {
            (y - line.base).abs() < 0.5 * size.max(line.size) && x > line.right - 2.0 * size.max(1.0)
        });
        if !same {
            self.lines.push(Line { left: x, right: x, base: y, size, text: String::new() });
        }
        let Some(line) = self.lines.last_mut() else { return Ok(()) };
        if x > line.right + 0.15 * size && !line.text.is_empty() && !line.text.ends_with(' ') {
            line.text.push(' ');
        }
        line.text.push_str(&letters);
        line.left = line.left.min(x);
        line.right = line.right.max(end);
        line.size = line.size.max(size);
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

impl Drawn {
    /// Lines that stand close beneath each other in letters of one size are a passage; one in much larger letters than
    /// the page's usual ones is a heading.
    fn tell(self, number: u32, builder: &mut Builder) {
        let lines: Vec<Line> = self.lines.into_iter().filter(|line| !line.text.trim().is_empty()).collect();
        let usual = usual(&lines);
        let begins = builder.text.len() + if builder.text.is_empty() { 0 } else { 2 };
        let mut rest = lines.as_slice();
        while let Some(first) = rest.first() {
            let mut count = 1;
            while let [above, below, ..] = &rest[count - 1..] {
                let gap = above.base - below.base;
                let near = gap > 0.0 && gap < 1.6 * above.size.max(below.size);
                if !near || (above.size - below.size).abs() > 0.15 * above.size || count >= 400 {
                    break;
                }
                count += 1;
            }
            let (passage, after) = rest.split_at(count);
            rest = after;
            let heading = first.size > 1.15 * usual && passage.len() <= 3;
            let level = if first.size > 1.6 * usual { 1 } else { 2 };
            let kind = if heading { PassageKind::Heading } else { PassageKind::Paragraph };
            let edge = |pick: fn(&Line) -> f64, better: fn(f64, f64) -> f64| {
                passage.iter().map(pick).reduce(better).unwrap_or_default() as f32
            };
            let area = [
                edge(|line| line.left, f64::min),
                edge(|line| line.base - 0.25 * line.size, f64::min),
                edge(|line| line.right, f64::max),
                edge(|line| line.base + 0.8 * line.size, f64::max),
            ];
            let place = Place { page: Some(number), area: Some(area), ..Place::default() };
            builder.block(kind, level, &joined(passage), place);
        }
        let end = builder.text.len();
        builder.pages.push(Page { number, start: begins.min(end), end, size: self.size });
    }
}

/// The size in which most letters of a page are set.
fn usual(lines: &[Line]) -> f64 {
    let mut sizes: Vec<(f64, usize)> = lines.iter().map(|line| (line.size, line.text.len())).collect();
    sizes.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let half = sizes.iter().map(|(_, letters)| letters).sum::<usize>() / 2;
    let mut seen = 0;
    sizes
        .iter()
        .find(|(_, letters)| {
            seen += letters;
            seen > half
        })
        .map_or(0.0, |(size, _)| *size)
}

/// Lines as one text; a word that was parted at the end of a line is whole again.
fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let words = line.text.trim();
        let parted = text.ends_with('-')
            && text.chars().rev().nth(1).is_some_and(char::is_alphabetic)
            && words.starts_with(char::is_lowercase);
        if parted {
            text.pop();
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(words);
    }
    text
}
