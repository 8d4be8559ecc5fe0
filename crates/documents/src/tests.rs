use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use proptest::prelude::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

fn document(format: Format, bytes: &[u8]) -> Document {
    read(format, bytes, &Limits::default()).unwrap()
}

fn texts(document: &Document) -> Vec<(PassageKind, &str)> {
    document.passages.iter().map(|one| (one.kind, &document.text[one.start..one.end])).collect()
}

fn docx(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A PDF with these streams as its pages' contents.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Count {} /Kids [{}] >>",
            pages.len(),
            (0..pages.len()).map(|page| format!("{} 0 R ", 5 + 2 * page)).collect::<String>()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Title (Notes on tides) /Author (Ines) /CreationDate (D:20260131120000+01'00') >>".to_owned(),
    ];
    for (page, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            6 + 2 * page
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    out.into_bytes()
}

const WORD: &str = r#"<w:document xmlns:w="w"><w:body>
<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Gezeiten</w:t></w:r></w:p>
<w:p><w:r><w:t>Ebbe &amp; </w:t></w:r><w:r><w:t>Flut</w:t></w:r></w:p>
<w:p><w:r><w:br w:type="page"/></w:r><w:r><w:t>Seite zwei</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>"#;

#[test]
fn markdown_is_its_own_text_and_every_passage_stands_where_it_says() {
    let source = "---\ntitle: \"On tides\"\nauthor: Ines\n---\n# Tides ü\n\nThey come\nand go.\n\n- ebb\n- flow\n\n## Moon\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode()\n```\n";
    let read = document(Format::Markdown, source.as_bytes());
    assert_eq!(read.text, source);
    assert_eq!(read.title.as_deref(), Some("On tides"));
    assert_eq!(read.authors, ["Ines"]);
    use PassageKind::{Code, Heading, Item, Paragraph, Row};
    let kinds: Vec<_> = texts(&read).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Heading, Paragraph, Item, Item, Heading, Row, Row, Code]);
    let moon = &read.sections[1];
    assert_eq!((moon.level, moon.title.as_str()), (2, "Moon"));
    assert!(source[moon.start..].starts_with("## Moon"));
    let paragraph = &read.passages[1];
    assert_eq!(paragraph.original, Some((paragraph.start, paragraph.end)));
    let letters: String =
        source.chars().skip(paragraph.chars.0).take(paragraph.chars.1 - paragraph.chars.0).collect();
    assert_eq!(letters, "They come\nand go.");
}

#[test]
fn encodings_are_found_and_said() {
    let latin = document(Format::Text, b"Le caf\xe9 est ferm\xe9 l'\xe9t\xe9.\n\nD\xe9j\xe0 vu.");
    assert_eq!(latin.encoding.as_deref(), Some("windows-1252"));
    assert!(latin.text.starts_with("Le café"));
    assert_eq!(latin.passages[0].original, None);
    let marked = document(Format::Text, b"\xef\xbb\xbfone\n\ntwo");
    assert_eq!(marked.passages[1].original, Some((8, 11)));
    let wide = document(Format::Text, &[0xff, 0xfe, b'h', 0, b'i', 0]);
    assert_eq!((wide.text.as_str(), wide.encoding.as_deref()), ("hi", Some("UTF-16LE")));
    assert_eq!(Format::of("a.txt", &[0xff, 0xfe, b'h', 0]), Some(Format::Text));
    assert_eq!(Format::of("a.txt", b"a\0b"), None);
    assert_eq!(Format::of("a.bin", b"%PDF-1.7"), Some(Format::Pdf));
}

#[test]
fn html_is_what_a_browser_shows_as_words() {
    let source = "<!doctype html><html><head><title>T &amp; c</title><meta name=author content='Ines'><style>p{}</style></head>\
        <body><h1 title=\"a>b\">Tides</h1><p>They <b>come</b> &eacute;<br>and&nbsp;go 1 < 2<script>alert('</p>')</script><ul><li>ebb<li>flow</ul></body>";
    let read = document(Format::Html, source.as_bytes());
    assert_eq!(read.title.as_deref(), Some("T & c"));
    assert_eq!(read.authors, ["Ines"]);
    let found: Vec<_> = texts(&read).iter().map(|(_, text)| *text).collect();
    assert_eq!(found, ["Tides", "They come é and\u{a0}go 1 < 2", "ebb", "flow"]);
    let (start, end) = read.passages[0].original.unwrap();
    assert_eq!(&source[start..end], "Tides");
    let (start, end) = read.passages[1].original.unwrap();
    assert!(source[start..end].starts_with("They <b>") && source[start..end].ends_with(" 2"));
}

#[test]
fn docx_headings_are_found_by_the_names_of_styles() {
    let styles = br#"<w:styles xmlns:w="w"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style></w:styles>"#;
    let core = br#"<cp xmlns:dc="d"><dc:title>Ebbe &amp; Flut</dc:title><dc:creator>Ines</dc:creator></cp>"#;
    let file = docx(&[
        ("word/document.xml", WORD.as_bytes()),
        ("word/styles.xml", styles),
        ("docProps/core.xml", core),
    ]);
    let read = document(Format::Docx, &file);
    assert_eq!(read.title.as_deref(), Some("Ebbe & Flut"));
    let found = texts(&read);
    assert_eq!(found[0], (PassageKind::Heading, "Gezeiten"));
    assert_eq!(found[1].1, "Ebbe & Flut");
    assert_eq!(found[3], (PassageKind::Row, "a  | b"));
    assert_eq!((read.passages[2].page, read.pages.len()), (Some(2), 2));
}

#[test]
fn pdf_passages_have_a_page_and_a_box() {
    let file = pdf(&[
        "BT /F1 24 Tf 50 350 Td (Tides) Tj ET BT /F1 12 Tf 50 300 Td (They come and) Tj 0 -14 Td (go with the moon.) Tj ET",
        "BT /F1 12 Tf 50 300 Td (Page two.) Tj ET",
    ]);
    let read = document(Format::Pdf, &file);
    assert_eq!(read.title.as_deref(), Some("Notes on tides"));
    assert_eq!(read.created.as_deref(), Some("2026-01-31T12:00:00+01:00"));
    let found = texts(&read);
    assert_eq!(found[0], (PassageKind::Heading, "Tides"));
    assert_eq!(found[1].1, "They come and go with the moon.");
    assert_eq!(found[2].1, "Page two.");
    let passage = &read.passages[1];
    assert_eq!(passage.page, Some(1));
    let [left, bottom, right, top] = passage.area.unwrap();
    assert!(
        (left - 50.0).abs() < 0.5 && bottom > 280.0 && top < 312.0 && right > 120.0,
        "{:?}",
        passage.area
    );
    assert_eq!(read.pages[1].number, 2);
    assert_eq!(read.text[read.pages[1].start..read.pages[1].end].trim(), "Page two.");
}

#[test]
fn what_a_document_is_follows_from_its_structure() {
    let class = |text: &str| document(Format::Markdown, text.as_bytes()).class;
    assert_eq!(class(""), Class::Empty);
    assert_eq!(class("Some words that say something."), Class::Prose);
    assert_eq!(class("# Why?\na\n# How?\nb\n# When?\nc"), Class::Questions);
    assert_eq!(class("- one thing\n- another thing\n- a third thing"), Class::List);
    assert_eq!(class("```\nfn main() {}\n```"), Class::Code);
}

#[test]
fn the_language_is_told_where_there_is_enough_to_tell() {
    let german = "Die Gezeiten sind die durch die Gravitation des Mondes und der Sonne erzeugten Wasserbewegungen der Ozeane.";
    assert_eq!(document(Format::Text, german.as_bytes()).language.unwrap().code, "deu");
    assert_eq!(document(Format::Text, b"ok").language, None);
}

#[test]
fn bombs_end_soon_and_small() {
    let limits = Limits { text: 1 << 20, passages: 10_000, part: 8 << 20, pages: 100 };
    let begun = Instant::now();
    let zeros = vec![b'a'; 64 << 20];
    let bomb = docx(&[("word/document.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(read(Format::Docx, &bomb, &limits), Err(Unreadable::TooLarge(..))));
    let deep = "<div>".repeat(1_000_000);
    assert!(read(Format::Html, deep.as_bytes(), &limits).unwrap().text.is_empty());
    let unclosed = "<a b=\"".repeat(20_000);
    read(Format::Html, unclosed.as_bytes(), &limits).unwrap();
    let scripts = "<script>".repeat(50_000);
    read(Format::Html, scripts.as_bytes(), &limits).unwrap();
    let deep = format!("<w:document>{}", "<w:tbl><w:tr><w:tc><w:p>".repeat(100_000));
    let _ = read(Format::Docx, &docx(&[("word/document.xml", deep.as_bytes())]), &limits);
    let laughs = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><w:p><w:t>&b;</w:t></w:p>";
    assert_eq!(
        read(Format::Docx, &docx(&[("word/document.xml", laughs.as_bytes())]), &limits).unwrap().text,
        ""
    );
    for marks in ["> ", "- ", "[", "*", "`", "<", "![", "|"] {
        read(Format::Markdown, marks.repeat(20_000).as_bytes(), &limits).unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    let long = read(Format::Text, &vec![b'x'; 3 << 20], &limits).unwrap();
    assert!(long.text.len() <= 1 << 20 && !long.missing.is_empty());
}

/// Bytes of a real file with some of them changed, cut off or repeated.
fn damaged(whole: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = whole.len();
    (prop::collection::vec((0..length, any::<u8>()), 0..12), 0..length, 0..length, any::<bool>()).prop_map(
        move |(changes, from, until, cut)| {
            let mut bytes = whole.clone();
            for (place, byte) in changes {
                bytes[place] = byte;
            }
            if cut {
                bytes.truncate(from.max(until));
            } else {
                let part = bytes[from.min(until)..from.max(until)].to_vec();
                bytes.extend(part);
            }
            bytes
        },
    )
}

fn holds(format: Format, bytes: &[u8]) {
    let begun = Instant::now();
    if let Ok(read) = read(format, bytes, &Limits { text: 1 << 20, ..Limits::default() }) {
        for passage in &read.passages {
            assert!(!read.text[passage.start..passage.end].is_empty());
            assert!(passage.chars.0 < passage.chars.1);
            assert!(passage.section.is_none_or(|section| section < read.sections.len()));
        }
        for section in &read.sections {
            assert!(section.start <= section.end && section.end <= read.text.len());
        }
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&json).unwrap().text, read.text);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_letters_are_read(text in "(<[a-z!/]{0,6}|&[a-z#]{0,5};?|\\PC|[-#*>`|\\n\\t\"' ]){0,200}") {
        for format in [Format::Text, Format::Markdown, Format::Html] {
            holds(format, text.as_bytes());
        }
        holds(Format::Docx, &docx(&[("word/document.xml", text.as_bytes())]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for format in [Format::Text, Format::Markdown, Format::Html, Format::Docx, Format::Pdf] {
            holds(format, &bytes);
        }
        let _ = Format::of("a.html", &bytes);
    }

    #[test]
    fn damaged_docx_is_read_or_refused(bytes in damaged(docx(&[("word/document.xml", WORD.as_bytes())]))) {
        holds(Format::Docx, &bytes);
    }

    #[test]
    fn damaged_pdf_is_read_or_refused(bytes in damaged(pdf(&["BT /F1 12 Tf 50 300 Td (Tides) Tj ET"]))) {
        holds(Format::Pdf, &bytes);
    }
}
