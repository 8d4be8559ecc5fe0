//! CBOR as C2PA's claims and assertions have it, as JSON. Lengths are believed only as far as there are bytes.

use serde_json::{Map, Value, json};

use crate::{FileError, input::Cursor};

const DEEPEST: usize = 32;
const MOST: usize = 100_000;
/// The longest bytes that are shown as they are.
const LONGEST: usize = 64;

pub(super) fn read(bytes: &[u8]) -> Result<Value, FileError> {
    value(&mut Cursor::new("C2PA claim", bytes), 0, &mut 0)
}

fn damaged(why: &str) -> FileError {
    FileError::damaged("C2PA claim", why)
}

fn value(cursor: &mut Cursor<'_>, depth: usize, count: &mut usize) -> Result<Value, FileError> {
    *count += 1;
    if depth > DEEPEST || *count > MOST {
        return Err(damaged("it is nested too deep, or has too many values"));
    }
    let head = cursor.byte()?;
    let (major, minor) = (head >> 5, head & 31);
    let number = match minor {
        0..=23 => u64::from(minor),
        24 => u64::from(cursor.byte()?),
        25 => u64::from(u16::from_be_bytes(cursor.array()?)),
        26 => u64::from(u32::from_be_bytes(cursor.array()?)),
        27 => u64::from_be_bytes(cursor.array()?),
        31 if matches!(major, 4 | 5) => u64::MAX,
        _ => return Err(damaged("a length in it is of no sort that is read")),
    };
    let ends = |cursor: &mut Cursor<'_>, read: u64| -> Result<bool, FileError> {
        if number == u64::MAX && cursor.rest().first() == Some(&0xff) {
            cursor.byte()?;
            return Ok(true);
        }
        Ok(read == number)
    };
    Ok(match major {
        0 => number.into(),
        1 => json!(-1_i128 - i128::from(number)),
        2 => {
            let bytes = cursor.take(number)?;
            if bytes.len() > LONGEST {
                format!("({} bytes)", bytes.len()).into()
            } else {
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
            }
        }
        3 => String::from_utf8_lossy(cursor.take(number)?).into_owned().into(),
        4 => {
            let mut items = Vec::new();
            while !ends(cursor, items.len() as u64)? {
                items.push(value(cursor, depth + 1, count)?);
            }
            items.into()
        }
        5 => {
            let (mut map, mut read) = (Map::new(), 0);
            while !ends(cursor, read)? {
                let key = match value(cursor, depth + 1, count)? {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                map.insert(key, value(cursor, depth + 1, count)?);
                read += 1;
            }
            map.into()
        }
        // A tag says what the value is for; the value is what is shown.
        6 => value(cursor, depth + 1, count)?,
        _ => match minor {
            20 => false.into(),
            21 => true.into(),
            26 => json!(f32::from_bits(u32::try_from(number).unwrap_or_default())),
            27 => json!(f64::from_bits(number)),
            _ => Value::Null,
        },
    })
}
