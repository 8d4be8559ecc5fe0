//! Markdown: its blocks are passages of the file as it stands.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

use crate::{
    PassageKind,
    builder::{Builder, Place},
    encoding::Decoded,
};

pub(crate) fn read(file: &Decoded, builder: &mut Builder) {
    builder.whole(&file.text);
    let text = builder.text.clone();
    let body = head(&text, builder);
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    let mut until = 0;
    for (event, range) in Parser::new_ext(&text[body..], options).into_offset_iter() {
        let (start, end) = (range.start + body, range.end + body);
        let Event::Start(tag) = event else { continue };
        let (kind, level) = match tag {
            Tag::Heading { level, .. } => (PassageKind::Heading, number(level)),
            Tag::Paragraph => (PassageKind::Paragraph, 0),
            Tag::Item => (PassageKind::Item, 0),
            Tag::TableHead | Tag::TableRow => (PassageKind::Row, 0),
            Tag::CodeBlock(_) => (PassageKind::Code, 0),
            _ => continue,
        };
        // A paragraph of an item is the item; so is what is nested in it.
        if start < until {
            continue;
        }
        until = end;
        let place = Place { original: file.original(start, end), ..Place::default() };
        builder.mark(kind, level, start, end, place);
        if builder.is_full() {
            return;
        }
    }
}

const fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Reads plain `key: value` lines between two `---` at the beginning; says where the rest begins.
fn head(text: &str, builder: &mut Builder) -> usize {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return 0 };
    let Some(end) = rest.find("\n---") else { return 0 };
    for line in rest[..end].lines().take(200) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_matches(['"', '\'']).trim();
        if value.is_empty() || value.starts_with(['[', '{', '|', '>', '&', '*']) {
            continue;
        }
        let value = value.chars().take(300).collect::<String>();
        match key.trim().to_ascii_lowercase().as_str() {
            "title" => builder.title = Some(value),
            "author" => builder.authors.push(value),
            "date" | "created" => builder.created = Some(value),
            "updated" | "modified" | "lastmod" => builder.modified = Some(value),
            _ => {}
        }
    }
    let after = text.len() - rest.len() + end + 4;
    text[after..].find('\n').map_or(text.len(), |line| after + line + 1)
}
