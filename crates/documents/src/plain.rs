//! Plain text: paragraphs stand between blank lines.

use crate::{
    PassageKind,
    builder::{Builder, Place},
    encoding::Decoded,
};

pub(crate) fn read(file: &Decoded, builder: &mut Builder) {
    builder.whole(&file.text);
    let mut begun: Option<usize> = None;
    let mut at = 0;
    let text = builder.text.clone();
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            found.extend(begun.take().map(|start| (start, at)));
        } else {
            begun.get_or_insert(at);
        }
        at += line.len();
    }
    found.extend(begun.map(|start| (start, at)));
    for (start, end) in found {
        let place = Place { original: file.original(start, end), ..Place::default() };
        builder.mark(PassageKind::Paragraph, 0, start, end, place);
    }
    pages(&text, builder);
}

/// Form feeds end pages, as in RFCs.
fn pages(text: &str, builder: &mut Builder) {
    if !text.contains('\u{c}') {
        return;
    }
    let mut at = 0;
    for (index, page) in text.split('\u{c}').enumerate().take(builder.limits.pages) {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        builder.pages.push(crate::Page { number, start: at, end: at + page.len(), size: None });
        at += page.len() + 1;
    }
}
