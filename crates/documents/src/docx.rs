//! DOCX: paragraphs of the main part, headings by the styles' own names.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use crate::{
    Page, PassageKind, Unreadable,
    builder::{Builder, Place},
};

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub(crate) fn read(bytes: &[u8], builder: &mut Builder) -> Result<(), Unreadable> {
    let not = |why: &dyn std::fmt::Display| Unreadable::Not("DOCX", why.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| not(&error))?;
    let limit = builder.limits.part;
    let body = part(&mut archive, "word/document.xml", limit)?
        .ok_or_else(|| not(&"it has no word/document.xml, which holds a document's text"))?;
    let styles = part(&mut archive, "word/styles.xml", limit)?.map(|xml| headings(&xml)).unwrap_or_default();
    if let Some(core) = part(&mut archive, "docProps/core.xml", limit.min(1 << 20))? {
        properties(&core, builder);
    }
    body_of(&body, &styles, builder).map_err(|error| not(&error))
}

/// A part, unpacked; none when there is none of this name.
fn part(archive: &mut Archive<'_>, name: &str, limit: u64) -> Result<Option<String>, Unreadable> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(Unreadable::Not("DOCX", error.to_string())),
    };
    if file.encrypted() {
        return Err(Unreadable::Encrypted);
    }
    let mut bytes = Vec::new();
    // What the archive says of the size is not to be relied on.
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unreadable::Not("DOCX", format!("{name}: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(Unreadable::TooLarge(name.to_owned(), limit));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn value(tag: &BytesStart<'_>) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == "val")?;
    Some(attribute.value.into_owned())
}

/// The styles that are headings, with their level: by name, since their ids are in the language of the writer.
fn headings(xml: &str) -> HashMap<String, u8> {
    let mut found = HashMap::new();
    let mut reader = Reader::from_str(xml);
    let mut style: Option<String> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.local_name().as_ref() {
                "style" => {
                    let id =
                        tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == "styleId");
                    style = id.map(|id| id.value.into_owned());
                }
                "name" => {
                    let name = value(&tag).unwrap_or_default().to_ascii_lowercase();
                    let level = match name.as_str() {
                        "title" => Some(1),
                        name => name.strip_prefix("heading ").and_then(|level| level.parse().ok()),
                    };
                    if let (Some(style), Some(level)) = (&style, level) {
                        found.insert(style.clone(), level);
                    }
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn properties(xml: &str, builder: &mut Builder) {
    let mut reader = Reader::from_str(xml);
    let mut within = String::new();
    let mut said = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                tag.local_name().as_ref().clone_into(&mut within);
                said.clear();
            }
            Ok(Event::Text(text)) => said.push_str(&text),
            Ok(Event::GeneralRef(name)) => said.push_str(&entity(&name)),
            Ok(Event::End(_)) => {
                let value = said.trim().chars().take(300).collect::<String>();
                if !value.is_empty() {
                    match within.as_str() {
                        "title" => builder.title = Some(value),
                        "creator" => builder.authors.push(value),
                        "created" => builder.created = Some(value),
                        "modified" => builder.modified = Some(value),
                        _ => {}
                    }
                }
                within.clear();
                said.clear();
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// An entity's letters: the five of XML and numbers. Others need a declaration, which is never followed.
fn entity(name: &str) -> String {
    let whole = format!("&{name};");
    match html_escape::decode_html_entities(&whole) {
        text if text == whole.as_str() => String::new(),
        text => text.into_owned(),
    }
}

fn body_of(xml: &str, styles: &HashMap<String, u8>, builder: &mut Builder) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let (mut text, mut kind, mut level) = (String::new(), PassageKind::Paragraph, 0);
    let (mut in_words, mut cells, mut page) = (false, 0_usize, 1_u32);
    let mut paged = false;
    let mut page_start = 0;
    while !builder.is_full() {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "p" if cells == 0 => (kind, level) = (PassageKind::Paragraph, 0),
                "tr" => cells = cells.saturating_add(1),
                "t" => in_words = true,
                "tab" | "cr" => text.push('\t'),
                "numPr" if kind == PassageKind::Paragraph => kind = PassageKind::Item,
                "pStyle" => {
                    if let Some(found) = value(&tag).and_then(|style| styles.get(&style)) {
                        (kind, level) = (PassageKind::Heading, *found);
                    }
                }
                "lastRenderedPageBreak" | "br" => {
                    let is_page = tag.local_name().as_ref() != "br"
                        || tag.attributes().flatten().any(|one| one.value.as_ref() == "page");
                    if is_page && builder.pages.len() < builder.limits.pages {
                        let end = builder.text.len();
                        builder.pages.push(Page { number: page, start: page_start, end, size: None });
                        (page, page_start, paged) = (page.saturating_add(1), end, true);
                    } else {
                        text.push('\n');
                    }
                }
                _ => {}
            },
            Event::Text(words) if in_words => text.push_str(&words),
            Event::GeneralRef(name) if in_words => text.push_str(&entity(&name)),
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_words = false,
                "tc" => text.push_str(" | "),
                "p" if cells == 0 => {
                    let place = Place { page: paged.then_some(page), ..Place::default() };
                    builder.block(kind, level, &std::mem::take(&mut text), place);
                }
                "p" => text.push(' '),
                "tr" => {
                    cells = cells.saturating_sub(1);
                    if cells == 0 {
                        let row = std::mem::take(&mut text);
                        let row = row.trim().trim_end_matches('|');
                        let place = Place { page: paged.then_some(page), ..Place::default() };
                        builder.block(PassageKind::Row, 0, row, place);
                    }
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    builder.block(kind, level, &text, Place::default());
    if paged {
        let end = builder.text.len();
        builder.pages.push(Page { number: page, start: page_start, end, size: None });
    }
    Ok(())
}
