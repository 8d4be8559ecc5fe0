//! HTML as words: a reader of tags that keeps its place in the file and builds no tree, so that no nesting is too deep.

use std::borrow::Cow;

use crate::{
    PassageKind,
    builder::{Builder, Place},
    encoding::Decoded,
};

/// What a tag of this name does to the text.
enum Effect {
    /// It begins and ends a passage.
    Block(PassageKind, u8),
    /// It parts words.
    Break,
    /// All up to its end is no text.
    Skip,
    /// Nothing.
    None,
}

fn effect(name: &str) -> Effect {
    match name {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            Effect::Block(PassageKind::Heading, name.as_bytes()[1] - b'0')
        }
        "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "aside" | "nav"
        | "blockquote" | "figure" | "figcaption" | "address" | "ul" | "ol" | "dl" | "table" | "tbody"
        | "thead" | "body" | "form" | "fieldset" | "details" | "summary" | "hr" | "html" => {
            Effect::Block(PassageKind::Paragraph, 0)
        }
        "li" | "dt" | "dd" => Effect::Block(PassageKind::Item, 0),
        "tr" => Effect::Block(PassageKind::Row, 0),
        "pre" => Effect::Block(PassageKind::Code, 0),
        "br" | "td" | "th" | "img" | "option" => Effect::Break,
        "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "textarea" | "select"
        | "object" => Effect::Skip,
        _ => Effect::None,
    }
}

/// A passage under way.
struct Under {
    kind: PassageKind,
    level: u8,
    text: String,
    /// Where its words begin and end in the file.
    place: Option<(usize, usize)>,
}

impl Under {
    fn new(kind: PassageKind, level: u8) -> Self {
        Self { kind, level, text: String::new(), place: None }
    }

    fn add(&mut self, text: &str, start: usize, end: usize) {
        for letter in text.chars() {
            if self.kind != PassageKind::Code && letter.is_whitespace() && letter != '\u{a0}' {
                if !self.text.is_empty() && !self.text.ends_with(' ') {
                    self.text.push(' ');
                }
            } else {
                self.text.push(letter);
            }
        }
        if !text.trim().is_empty() {
            self.place = Some(self.place.map_or((start, end), |(first, _)| (first, end)));
        }
    }

    fn end(&mut self, kind: PassageKind, level: u8, file: &Decoded, builder: &mut Builder) {
        let done = std::mem::replace(self, Self::new(kind, level));
        let original = done.place.and_then(|(start, end)| file.original(start, end));
        builder.block(done.kind, done.level, &done.text, Place { original, ..Place::default() });
    }
}

pub(crate) fn read(file: &Decoded, builder: &mut Builder) {
    let text = file.text.as_str();
    let mut under = Under::new(PassageKind::Paragraph, 0);
    let mut at = 0;
    while at < text.len() && !builder.is_full() {
        let rest = &text[at..];
        let until = rest.find('<').map_or(text.len(), |found| at + found);
        if until > at {
            under.add(&unescaped(&text[at..until]), at, until);
            at = until;
            continue;
        }
        let Some(tag) = Tag::at(text, at) else {
            // A "<" that begins no tag is text.
            under.add("<", at, at + 1);
            at += 1;
            continue;
        };
        at = tag.end;
        if tag.name == "title" && !tag.closes {
            let end = closing(text, at, "title");
            if builder.title.is_none() {
                let title = unescaped(&text[at..end.0]);
                builder.title = Some(title.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            at = end.1;
            continue;
        }
        if tag.name == "meta" {
            meta(&tag, builder);
        }
        match effect(&tag.name) {
            Effect::Skip if !tag.closes && !tag.empty => at = closing(text, at, &tag.name).1,
            Effect::Block(kind, level) => {
                let (kind, level) = if tag.closes { (PassageKind::Paragraph, 0) } else { (kind, level) };
                under.end(kind, level, file, builder);
            }
            Effect::Break => under.add(" ", at, at),
            Effect::Skip | Effect::None => {}
        }
    }
    under.end(PassageKind::Paragraph, 0, file, builder);
}

/// One tag: its name, its attributes as they stand, where it ends.
struct Tag<'t> {
    name: String,
    inner: &'t str,
    closes: bool,
    empty: bool,
    end: usize,
}

impl<'t> Tag<'t> {
    fn at(text: &'t str, at: usize) -> Option<Self> {
        let rest = &text[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").map_or(text.len(), |found| at + 4 + found + 3);
            return Some(Self { name: String::new(), inner: "", closes: false, empty: true, end });
        }
        let body = rest.get(1..)?;
        if body.starts_with(['!', '?']) {
            let end = body.find('>').map_or(text.len(), |found| at + found + 2);
            return Some(Self { name: String::new(), inner: "", closes: false, empty: true, end });
        }
        let closes = body.starts_with('/');
        let named = if closes { &body[1..] } else { body };
        let length =
            named.bytes().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        if length == 0 || !named.as_bytes()[0].is_ascii_alphabetic() {
            return None;
        }
        let inner = &named[length..];
        // A ">" in quotes doesn't end the tag.
        let mut quote = None;
        let end = inner.bytes().position(|byte| match (quote, byte) {
            (Some(open), byte) if open == byte => {
                quote = None;
                false
            }
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (None, b'>') => true,
            _ => false,
        });
        // A quote that is never closed would take the whole rest.
        let end = end.or_else(|| inner.find('>')).unwrap_or(inner.len());
        Some(Self {
            name: named[..length].to_ascii_lowercase(),
            inner: &inner[..end],
            closes,
            empty: inner[..end].ends_with('/'),
            end: (at + 1 + usize::from(closes) + length + end + 1).min(text.len()),
        })
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let lower = self.inner.to_ascii_lowercase();
        let mut from = 0;
        while let Some(found) = lower[from..].find(name) {
            let at = from + found;
            from = at + name.len();
            let free = at == 0 || lower.as_bytes()[at - 1].is_ascii_whitespace();
            let Some(rest) = self.inner[from..].trim_start().strip_prefix('=').filter(|_| free) else {
                continue;
            };
            let rest = rest.trim_start();
            let value = match rest.bytes().next() {
                Some(quote @ (b'"' | b'\'')) => rest[1..].split(quote as char).next(),
                _ => rest.split_ascii_whitespace().next(),
            };
            return value.map(|value| unescaped(value).into_owned());
        }
        None
    }
}

/// Where the end tag of this name begins and ends.
fn closing(text: &str, from: usize, name: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = text[at..].find("</") {
        let start = at + found;
        let named = start + 2..start + 2 + name.len();
        if bytes.get(named.clone()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
            let end = text[named.end..].find('>').map_or(text.len(), |found| named.end + found + 1);
            return (start, end);
        }
        at = start + 2;
    }
    (text.len(), text.len())
}

fn meta(tag: &Tag<'_>, builder: &mut Builder) {
    let Some(name) = tag.attribute("name").or_else(|| tag.attribute("property")) else { return };
    let Some(content) = tag.attribute("content").filter(|content| !content.trim().is_empty()) else { return };
    let content = content.trim().chars().take(300).collect::<String>();
    match name.to_ascii_lowercase().as_str() {
        "author" | "dc.creator" | "dcterms.creator" if builder.authors.len() < 50 => {
            builder.authors.push(content);
        }
        "date" | "dcterms.created" | "article:published_time" => builder.created = Some(content),
        "dcterms.modified" | "article:modified_time" | "last-modified" => builder.modified = Some(content),
        _ => {}
    }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}
