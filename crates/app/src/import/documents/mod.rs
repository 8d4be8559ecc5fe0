//! Documents: a file, or all of a folder. What is a container (PDF, DOCX) is read by a process of its own with limits, so
//! that one that was made to burst costs one document and no more.

pub mod child;

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use catena_documents::{Document, Format, Limits, is_risky};
use catena_model::{
    field::{Field, Single},
    kind::Kind,
    name::QualifiedName,
    source::{Known, Source},
    statement::{Read, Reading, Record, Rejection, Statement, Thing},
    time::Timestamp,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Import, Progress, files};
use crate::{AppError, error::Trouble};

/// The largest file that is read.
const LARGEST: u64 = 256 << 20;
/// How much text is stored in one operation.
const PORTION_BYTES: usize = 8 << 20;
/// How many documents are stored in one operation.
const PORTION: usize = 100;
/// The most sections that are listed with a document; its passages know the rest.
const MOST_SECTIONS: usize = 200;

/// Reads the document, or the documents of the folder, at `from`.
pub(super) fn read(import: &mut Import<'_>, from: &str) -> Result<(), AppError> {
    let given = Path::new(from);
    let path = given.canonicalize().map_err(|error| files::failed(given, &error))?;
    if !path.is_dir() {
        if format(&path)?.is_none() {
            let why = "it is no document that is read here: text, Markdown, HTML, DOCX or PDF";
            return Err(AppError::new(Trouble::Refused, format!("{from}: {why}")));
        }
        return one(import, &path);
    }
    let found = files::below(&path, Format::ENDINGS)?;
    if found.is_empty() {
        let why = format!("{from}: there are no documents in it: {}", Format::ENDINGS.join(", "));
        return Err(AppError::new(Trouble::NotFound, why));
    }
    let total = found.len() as u64;
    let (mut portion, mut bytes) = (Vec::new(), 0);
    for (index, file) in found.iter().enumerate() {
        if let Some(read) = told(file, import.now())? {
            bytes += size(&read);
            portion.push(read);
        }
        if bytes > PORTION_BYTES || portion.len() >= PORTION {
            import.store(std::mem::take(&mut portion))?;
            bytes = 0;
        }
        (import.progress)(Progress { done: index as u64 + 1, total: Some(total), unit: "documents" });
        import.go_on()?;
    }
    import.store(portion)
}

/// Reads one document.
pub(super) fn one(import: &mut Import<'_>, path: &Path) -> Result<(), AppError> {
    let read = told(path, import.now())?;
    import.store(read)?;
    (import.progress)(Progress { done: 1, total: Some(1), unit: "documents" });
    Ok(())
}

/// Whether the file is a document.
pub(super) fn fits(path: &Path) -> bool {
    matches!(format(path), Ok(Some(_)))
}

fn format(path: &Path) -> Result<Option<Format>, AppError> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(4_096).read_to_end(&mut head))
        .map_err(|error| files::failed(path, &error))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Format::of(&name, &head))
}

fn size(read: &Read) -> usize {
    let statements = read.iter().flat_map(|record| &record.statements);
    statements
        .map(|statement| match statement {
            Statement::Reading(reading) => reading.text.len(),
            _ => 0,
        })
        .sum()
}

/// What a file says, or why it can't be read; none when it is no document.
fn told(path: &Path, now: Timestamp) -> Result<Option<Read>, AppError> {
    let Some(format) = format(path)? else { return Ok(None) };
    let refused = |why: String| Some(Err(Rejection { place: path.display().to_string(), why }));
    let file = File::open(path).map_err(|error| files::failed(path, &error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| files::failed(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Ok(refused(format!("it is larger than {LARGEST} bytes: import a part of it")));
    }
    let read = match is_risky(format) {
        true => child::read(format, &bytes),
        false => {
            catena_documents::read(format, &bytes, &Limits::default()).map_err(|error| error.to_string())
        }
    };
    Ok(match read {
        Ok(document) => Some(record(path, &bytes, document, now)),
        Err(why) => refused(why),
    })
}

fn record(path: &Path, bytes: &[u8], document: Document, now: Timestamp) -> Read {
    let place = path.display().to_string();
    let full = path.to_string_lossy().replace('\\', "/");
    let name = QualifiedName::new("file", &full)
        .map_err(|problem| Rejection { place: place.clone(), why: problem.to_string() })?;
    let thing = Thing::new(Kind::Document, name);
    let called = PathBuf::from(path).file_name().map(|name| name.to_string_lossy().into_owned());
    let claim = |field: Single, value: Option<Value>| Statement::Claim {
        thing: thing.clone(),
        field: Field::Single(field),
        value,
        at: now,
    };
    let statements = vec![
        Statement::Exists { thing: thing.clone() },
        claim(Single::Name, called.map(Value::from)),
        claim(Single::Subtype, Some(document.format.title().into())),
        Statement::Facet {
            thing: thing.clone(),
            about: None,
            name: "document".to_owned(),
            body: about(&document),
            at: now,
        },
        Statement::Reading(Box::new(Reading {
            document: thing.clone(),
            digest: Sha256::digest(bytes).into(),
            parse: json!({
                "format": document.format,
                "pages": document.pages,
                "sections": document.sections,
                "passages": document.passages,
            }),
            text: document.text,
            at: now,
        })),
    ];
    let source = Source::system("documents", "files");
    Ok(Record { at: place, event: None, source, known: Known::Detected, statements })
}

/// What a document is, without its text.
fn about(document: &Document) -> Value {
    let sections: Vec<Value> = document
        .sections
        .iter()
        .take(MOST_SECTIONS)
        .map(|section| json!({ "level": section.level, "title": section.title }))
        .collect();
    let mut body = json!({
        "format": document.format,
        "sha256": document.sha256,
        "bytes": document.bytes,
        "class": document.class,
        "letters": document.text.chars().count(),
        "passages": document.passages.len(),
        "sections": sections,
    });
    let rest = [
        ("encoding", document.encoding.clone().map(Value::from)),
        ("title", document.title.clone().map(Value::from)),
        ("authors", (!document.authors.is_empty()).then(|| json!(document.authors))),
        ("created", document.created.clone().map(Value::from)),
        ("modified", document.modified.clone().map(Value::from)),
        ("language", document.language.as_ref().map(|language| json!(language))),
        ("pages", (!document.pages.is_empty()).then(|| json!(document.pages.len()))),
        ("missing", (!document.missing.is_empty()).then(|| json!(document.missing))),
    ];
    for (key, value) in rest {
        if let Some(value) = value {
            body[key] = value;
        }
    }
    body
}
