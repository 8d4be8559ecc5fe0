//! JSON and NDJSON: each object is a row, and the columns are what the rows have.

use catena_ingest::json::{self, Limits};
use catena_model::statement::Read;
use serde_json::Value;

use super::Sampled;
use crate::{
    FileError,
    detect::{Columns, SAMPLE_BYTES, SAMPLE_ROWS, Watch},
    input::Ranges,
    table::Place,
};

/// The most broken rows that are told one by one.
const MOST_TOLD: usize = 20;

const LIMITS: Limits = Limits { depth: 64, items: 100_000, string_bytes: 1 << 20 };

/// One object after another: each on its line, or one after the other in whatever layout.
pub(crate) fn lines(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    sample(place, input, "ndjson")
}

/// An array of objects; also one within an object, under whatever key.
pub(crate) fn array(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    sample(place, input, "json")
}

fn sample(place: &Place, input: &mut dyn Ranges, format: &'static str) -> Result<Vec<Read>, FileError> {
    let size = input.size();
    let bytes = input.read_at(0, SAMPLE_BYTES)?;
    let whole = bytes.len() as u64 == size;
    let start = match format {
        "json" => bytes.iter().position(|byte| *byte == b'[').map_or(bytes.len(), |at| at + 1),
        _ => 0,
    };
    let (mut columns, mut watch) = (Columns::default(), Watch::default());
    let mut faults = Vec::new();
    let mut complete = whole;
    let mut number = 0_u64;
    let pieces = Pieces { rest: &bytes[start..], array: format == "json" };
    for piece in pieces {
        if columns.rows == SAMPLE_ROWS {
            complete = false;
            break;
        }
        number += 1;
        watch.row = number;
        match json::read(piece, &LIMITS) {
            Ok(Value::Object(map)) => columns.object(&map, 0, &mut watch),
            Ok(_) => faults.push((number, "it is no object, so it has no columns".to_owned())),
            // The last one is cut where the sample ends.
            Err(json::JsonError::Truncated { .. }) if !whole => {}
            Err(error) => faults.push((number, error.to_string())),
        }
        if faults.len() > 10_000 {
            break;
        }
    }
    if columns.rows == 0 {
        let why =
            faults.first().map_or_else(|| "there are no objects in it".to_owned(), |(_, why)| why.clone());
        return Err(FileError::Unknown(why));
    }
    let sampled = Sampled { columns, watch, complete, bytes: bytes.len() as u64 };
    let mut reads = sampled.table(format).tell(place);
    let told = faults.len().min(MOST_TOLD);
    reads.extend(faults[..told].iter().map(|(row, why)| place.rejection(&format!("row {row}"), why)));
    if faults.len() > told {
        reads.push(place.rejection("", &format!("{} more rows are no objects", faults.len() - told)));
    }
    Ok(reads)
}

/// The values that follow each other, as far as braces and quotes tell where each ends.
struct Pieces<'a> {
    rest: &'a [u8],
    array: bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',' || *byte == 0x1e;
        let start = self.rest.iter().position(|byte| !between(byte))?;
        let rest = &self.rest[start..];
        if self.array && rest[0] == b']' {
            return None;
        }
        let end = end(rest, !self.array);
        self.rest = &rest[end..];
        Some(&rest[..end])
    }
}

/// Where the value ends that begins here. A line's end ends a value that is broken.
fn end(bytes: &[u8], lines: bool) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                b'\n' if lines => return at,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return (at + 1).min(bytes.len()).max(1),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 && !lines => return at.max(1),
            b'\n' if depth == 0 => return at.max(1),
            // The next object begins on a line of its own: what is before it was never closed.
            b'\n' if lines && bytes.get(at + 1) == Some(&b'{') && at > 1 && bytes[at - 1] != b',' => {
                return at;
            }
            _ => {}
        }
    }
    bytes.len()
}
