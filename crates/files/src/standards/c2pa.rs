//! C2PA content credentials: what the manifests in a picture, or by themselves, claim.
//!
//! Claims are read and shown as claims: neither signatures nor hashes are checked here, and the catalog says so.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    source::Known,
    statement::Read,
};
use serde_json::{Map, Value, json};

use super::cbor;
use crate::{
    FileError,
    input::{self, Cursor, Ranges},
    table::Place,
};

const LARGEST: usize = 16 << 20;
const DEEPEST: usize = 8;
const MOST_BOXES: usize = 2_000;

/// What is shown in place of a verdict.
const NOT_VERIFIED: &str =
    "not verified: Catena reads what is claimed and checks neither signature nor hashes";

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let store = store(input)?;
    let mut boxes = Vec::new();
    walk(&store, "", 0, &mut boxes)?;
    let mut manifests: Map<String, Value> = Map::new();
    for (path, content) in boxes {
        // `c2pa`, a manifest's own label, then what of it.
        let mut steps = path.split('/').filter(|step| !step.is_empty()).skip(1);
        let Some(manifest) = steps.next() else { continue };
        let rest: Vec<&str> = steps.collect();
        let of = manifests.entry(manifest).or_insert_with(|| json!({ "assertions": {} }));
        match rest.as_slice() {
            ["c2pa.claim" | "c2pa.claim.v2"] => of["claim"] = content,
            ["c2pa.assertions", label] => of["assertions"][*label] = content,
            ["c2pa.signature"] => of["signature"] = json!({ "present": true }),
            _ => {}
        }
    }
    // The last manifest is the one that speaks of the file as it is.
    let Some((label, active)) = manifests.iter().next_back() else {
        return Err(FileError::Unsupported("it has no content credentials".to_owned()));
    };
    let claim = active.get("claim").cloned().unwrap_or_default();
    let thing = place.thing(Kind::Document);
    let mut telling = place.telling();
    telling.exists(&thing);
    telling.text(&thing, Single::Name, claim.get("dc:title").and_then(Value::as_str));
    telling.text(&thing, Single::Subtype, Some("content credentials"));
    let mut properties = Map::new();
    properties.insert("credentials".to_owned(), NOT_VERIFIED.into());
    let generator = claim.get("claim_generator").and_then(Value::as_str).or_else(|| {
        claim
            .pointer("/claim_generator_info/name")
            .or_else(|| claim.pointer("/claim_generator_info/0/name"))?
            .as_str()
    });
    if let Some(generator) = generator {
        properties.insert("claimed_generator".to_owned(), generator.into());
    }
    let actions = active.get("assertions").and_then(Value::as_object).into_iter().flatten();
    let actions: Vec<&Value> = actions
        .filter(|(label, _)| label.starts_with("c2pa.actions"))
        .filter_map(|(_, body)| body.get("actions")?.as_array())
        .flatten()
        .collect();
    let names: Vec<&str> = actions.iter().filter_map(|action| action.get("action")?.as_str()).collect();
    if !names.is_empty() {
        properties.insert("claimed_actions".to_owned(), json!(names));
    }
    let ai = actions
        .iter()
        .filter_map(|action| action.get("digitalSourceType")?.as_str())
        .find(|kind| kind.to_lowercase().contains("algorithmicmedia"));
    if let Some(kind) = ai {
        properties.insert("claimed_source".to_owned(), kind.rsplit('/').next().unwrap_or(kind).into());
    }
    telling.claim(&thing, Field::Group(Group::Properties), Some(Value::Object(properties)));
    let facet = json!({ "verified": false, "note": NOT_VERIFIED, "active": label, "manifests": manifests });
    telling.facet(&thing, "c2pa", facet);
    Ok(vec![place.record(telling, "c2pa", Known::Declared)])
}

/// The manifest store: in a JPEG's APP11 segments, a PNG's `caBX` chunk, or the file itself.
fn store(input: &mut dyn Ranges) -> Result<Vec<u8>, FileError> {
    let head = input.read_at(0, 16)?;
    if head.starts_with(b"\xff\xd8") {
        return jpeg(input);
    }
    if head.starts_with(b"\x89PNG") {
        return png(input);
    }
    input::whole(input, "C2PA manifest store", LARGEST)
}

fn missing() -> FileError {
    FileError::Unsupported("it is a picture without content credentials".to_owned())
}

fn jpeg(input: &mut dyn Ranges) -> Result<Vec<u8>, FileError> {
    let (mut at, mut store) = (2_u64, Vec::new());
    for _ in 0..MOST_BOXES {
        let head = input.read_at(at, 4)?;
        let [0xff, marker, high, low] = *head.as_slice() else { break };
        // The picture itself begins, or ends.
        if matches!(marker, 0xda | 0xd9) {
            break;
        }
        let length = u64::from(u16::from_be_bytes([high, low]));
        if marker == 0xeb && length > 18 {
            let segment = input::exactly(input, "JPEG segment", at + 4, length - 2, 1 << 16)?;
            // "JP", the box's number, the packet's number; every packet but the first repeats the box's head.
            if segment.starts_with(b"JP") {
                let first = segment[4..8] == [0, 0, 0, 1];
                store.extend_from_slice(&segment[if first { 8 } else { 16 }..]);
            }
        }
        if store.len() > LARGEST {
            return Err(FileError::TooLarge {
                what: "C2PA manifest store",
                bytes: store.len() as u64,
                limit: LARGEST as u64,
            });
        }
        at += 2 + length.max(2);
    }
    if store.is_empty() { Err(missing()) } else { Ok(store) }
}

fn png(input: &mut dyn Ranges) -> Result<Vec<u8>, FileError> {
    let mut at = 8_u64;
    for _ in 0..MOST_BOXES {
        let head = input.read_at(at, 8)?;
        let [a, b, c, d, name @ ..] = head.as_slice() else { break };
        let length = u64::from(u32::from_be_bytes([*a, *b, *c, *d]));
        if name == b"caBX" {
            return input::exactly(input, "C2PA manifest store", at + 8, length, LARGEST);
        }
        at += 12 + length;
    }
    Err(missing())
}

/// The boxes that hold something, each with the labels that lead to it.
fn walk(bytes: &[u8], within: &str, depth: usize, out: &mut Vec<(String, Value)>) -> Result<(), FileError> {
    let damaged = |why: &str| FileError::damaged("C2PA manifest store", why);
    if depth > DEEPEST {
        return Err(damaged("its boxes are nested too deep"));
    }
    let mut cursor = Cursor::new("C2PA manifest store", bytes);
    let mut path = within.to_owned();
    while !cursor.is_empty() {
        if out.len() > MOST_BOXES {
            return Err(damaged("it has too many boxes"));
        }
        let length = u64::from(u32::from_be_bytes(cursor.array()?));
        let name: [u8; 4] = cursor.array()?;
        let content = match length {
            0 => cursor.take(cursor.rest().len() as u64)?,
            1 => return Err(damaged("it has a box of more than 4 GiB")),
            length => cursor
                .take(length.checked_sub(8).ok_or_else(|| damaged("a box is shorter than its head"))?)?,
        };
        match &name {
            b"jumb" => walk(content, &path, depth + 1, out)?,
            // What the box around it is called: a type of 16 bytes, flags, and a text that a NUL ends.
            b"jumd" => {
                let label = content.get(17..).unwrap_or_default();
                let label = label.split(|byte| *byte == 0).next().unwrap_or_default();
                path = format!("{within}/{}", String::from_utf8_lossy(label));
            }
            b"cbor" if path.ends_with("c2pa.signature") => out.push((path.clone(), Value::Null)),
            b"cbor" => out.push((path.clone(), cbor::read(content)?)),
            b"json" => out.push((path.clone(), catena_ingest::json::read(content, &Default::default())?)),
            _ => {}
        }
    }
    Ok(())
}
