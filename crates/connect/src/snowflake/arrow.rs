//! Texts and whole numbers out of an Arrow IPC stream, which is how Snowflake may send a result.
//!
//! Only what the catalog's own tables hold is read; a column of another type is passed over. Every offset is checked
//! against what arrived, so an answer that lies is an error.

/// Why a stream can't be read.
type Lie = &'static str;

/// How deep types may be within each other.
const DEEPEST: usize = 8;

/// How many fields there may be in all.
const MOST_FIELDS: usize = 10_000;

/// How many rows and columns one batch may have.
const MOST: usize = 5_000_000;

/// What is known of a column.
enum Field {
    Text {
        wide: bool,
    },
    Whole {
        bytes: usize,
    },
    /// Has this many buffers of its own, and these fields within.
    Other {
        buffers: usize,
        within: Vec<Field>,
    },
}

/// The rows of a stream; a value of another type is none.
pub(super) fn rows(stream: &[u8]) -> Result<Vec<Vec<Option<String>>>, Lie> {
    let mut rows = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 0;
    while at < stream.len() {
        if u32_at(stream, at)? == u32::MAX {
            at += 4;
        }
        let length = u32_at(stream, at)? as usize;
        at += 4;
        if length == 0 {
            break;
        }
        let head = stream.get(at..at.saturating_add(length)).ok_or("a message is cut off")?;
        at += length;
        let message = Table::root(head)?;
        let body_length = usize::try_from(message.i64(3)?).map_err(|_| "a length is negative")?;
        let body = stream.get(at..at.saturating_add(body_length)).ok_or("a body is cut off")?;
        at += body_length;
        match message.u8(1)? {
            1 => fields = schema(&message.table(2)?.ok_or("a schema is missing")?)?,
            3 => batch(&message.table(2)?.ok_or("a batch is missing")?, body, &fields, &mut rows)?,
            _ => return Err("it holds a message that isn't known"),
        }
    }
    Ok(rows)
}

fn schema(schema: &Table<'_>) -> Result<Vec<Field>, Lie> {
    let mut left = MOST_FIELDS;
    schema.tables(1)?.iter().map(|of| field(of, 0, &mut left)).collect()
}

fn field(of: &Table<'_>, depth: usize, left: &mut usize) -> Result<Field, Lie> {
    // Fields may point to each other, so that a few bytes would be any number of fields.
    *left = left.checked_sub(1).ok_or("it has too many fields")?;
    if depth > DEEPEST {
        return Err("its types are nested too deep");
    }
    if of.table(4)?.is_some() {
        return Err("it holds a dictionary");
    }
    let within = of.tables(5)?.iter().map(|of| field(of, depth + 1, left)).collect::<Result<Vec<_>, _>>()?;
    Ok(match of.u8(2)? {
        5 => Field::Text { wide: false },
        20 => Field::Text { wide: true },
        2 => {
            let bits = of.table(3)?.map(|kind| kind.i32(0)).transpose()?.unwrap_or(0);
            match bits {
                8 | 16 | 32 | 64 => Field::Whole { bytes: bits as usize / 8 },
                _ => return Err("it holds a number of an unknown width"),
            }
        }
        1 => Field::Other { buffers: 0, within },
        13 | 16 => Field::Other { buffers: 1, within },
        3 | 6..=12 | 15 | 17 | 18 => Field::Other { buffers: 2, within },
        4 | 19 => Field::Other { buffers: 3, within },
        _ => return Err("it holds a type that isn't known"),
    })
}

/// The buffers of a batch, in their order.
struct Buffers<'a> {
    spans: Vec<(usize, usize)>,
    next: usize,
    body: &'a [u8],
}

impl<'a> Buffers<'a> {
    fn take(&mut self) -> Result<&'a [u8], Lie> {
        let (offset, length) = *self.spans.get(self.next).ok_or("a buffer is missing")?;
        self.next += 1;
        self.body.get(offset..offset.saturating_add(length)).ok_or("a buffer is outside of its body")
    }
}

fn batch(
    batch: &Table<'_>,
    body: &[u8],
    fields: &[Field],
    rows: &mut Vec<Vec<Option<String>>>,
) -> Result<(), Lie> {
    if batch.table(3)?.is_some() {
        return Err("it is compressed");
    }
    let count = usize::try_from(batch.i64(0)?).map_err(|_| "a count is negative")?;
    // Each row has at least a bit for each column in the body.
    if count.saturating_mul(fields.len().max(1)) > MOST || count > body.len().saturating_mul(8) {
        return Err("it says it has more rows than it has");
    }
    let spans = batch.pairs(2)?;
    let mut buffers = Buffers { spans, next: 0, body };
    let first = rows.len();
    rows.extend((0..count).map(|_| Vec::with_capacity(fields.len())));
    for field in fields {
        let column = column(field, &mut buffers, count)?;
        for (row, value) in rows[first..].iter_mut().zip(column) {
            row.push(value);
        }
    }
    Ok(())
}

fn column(field: &Field, buffers: &mut Buffers<'_>, count: usize) -> Result<Vec<Option<String>>, Lie> {
    match field {
        Field::Text { wide } => {
            let (validity, offsets, data) = (buffers.take()?, buffers.take()?, buffers.take()?);
            let offset = |row: usize| -> Result<usize, Lie> {
                let at = match wide {
                    true => i64_at(offsets, row.saturating_mul(8))?,
                    false => i64::from(i32_at(offsets, row.saturating_mul(4))?),
                };
                usize::try_from(at).map_err(|_| "an offset is negative")
            };
            (0..count)
                .map(|row| match is_there(validity, row) {
                    false => Ok(None),
                    true => {
                        let text = data
                            .get(offset(row)?..offset(row + 1)?)
                            .ok_or("a text is outside of its buffer")?;
                        Ok(Some(String::from_utf8_lossy(text).into_owned()))
                    }
                })
                .collect()
        }
        Field::Whole { bytes } => {
            let (validity, data) = (buffers.take()?, buffers.take()?);
            let value = |row: usize| -> Result<Option<String>, Lie> {
                if !is_there(validity, row) {
                    return Ok(None);
                }
                let at = row.saturating_mul(*bytes);
                let raw =
                    data.get(at..at.saturating_add(*bytes)).ok_or("a number is outside of its buffer")?;
                let negative = raw.last().is_some_and(|byte| byte & 0x80 != 0);
                let mut wide = [if negative { 0xFF } else { 0 }; 8];
                wide[..raw.len()].copy_from_slice(raw);
                Ok(Some(i64::from_le_bytes(wide).to_string()))
            };
            (0..count).map(value).collect()
        }
        Field::Other { buffers: own, within } => {
            for _ in 0..*own {
                buffers.take()?;
            }
            // What is within has rows of its own; only its buffers are passed over.
            for field in within {
                column(field, buffers, 0)?;
            }
            Ok(vec![None; count])
        }
    }
}

/// Whether a row has a value; a column without gaps has no bits for it.
fn is_there(validity: &[u8], row: usize) -> bool {
    validity.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 1)
}

/// A table of the FlatBuffers format.
struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Table<'a> {
    fn root(bytes: &'a [u8]) -> Result<Self, Lie> {
        Ok(Self { bytes, at: u32_at(bytes, 0)? as usize })
    }

    /// Where a field stands, when it is there.
    fn field(&self, number: usize) -> Result<Option<usize>, Lie> {
        let back = i64::from(i32_at(self.bytes, self.at)?);
        let layout = i64::try_from(self.at).map_err(|_| "an offset is too large")? - back;
        let layout = usize::try_from(layout).map_err(|_| "an offset is negative")?;
        let slot = 4 + 2 * number;
        if slot + 2 > usize::from(u16_at(self.bytes, layout)?) {
            return Ok(None);
        }
        Ok(match u16_at(self.bytes, layout.saturating_add(slot))? {
            0 => None,
            offset => Some(self.at.saturating_add(usize::from(offset))),
        })
    }

    fn u8(&self, number: usize) -> Result<u8, Lie> {
        let at = self.field(number)?;
        at.map_or(Ok(0), |at| self.bytes.get(at).copied().ok_or("a field is outside of its message"))
    }

    fn i32(&self, number: usize) -> Result<i32, Lie> {
        self.field(number)?.map_or(Ok(0), |at| i32_at(self.bytes, at))
    }

    fn i64(&self, number: usize) -> Result<i64, Lie> {
        self.field(number)?.map_or(Ok(0), |at| i64_at(self.bytes, at))
    }

    /// Follows an offset that stands at `at`.
    fn followed(&self, at: usize) -> Result<usize, Lie> {
        Ok(at.saturating_add(u32_at(self.bytes, at)? as usize))
    }

    fn table(&self, number: usize) -> Result<Option<Table<'a>>, Lie> {
        let at = self.field(number)?.map(|at| self.followed(at)).transpose()?;
        Ok(at.map(|at| Table { bytes: self.bytes, at }))
    }

    /// Where a vector's elements begin, and how many there are of this size.
    fn vector(&self, number: usize, size: usize) -> Result<(usize, usize), Lie> {
        let Some(at) = self.field(number)? else { return Ok((0, 0)) };
        let at = self.followed(at)?;
        let count = u32_at(self.bytes, at)? as usize;
        if count.saturating_mul(size) > self.bytes.len() {
            return Err("a list is longer than its message");
        }
        Ok((at + 4, count))
    }

    fn tables(&self, number: usize) -> Result<Vec<Table<'a>>, Lie> {
        let (first, count) = self.vector(number, 4)?;
        (0..count).map(|n| Ok(Table { bytes: self.bytes, at: self.followed(first + 4 * n)? })).collect()
    }

    /// A vector of two numbers each.
    fn pairs(&self, number: usize) -> Result<Vec<(usize, usize)>, Lie> {
        let (first, count) = self.vector(number, 16)?;
        let number = |at| usize::try_from(i64_at(self.bytes, at)?).map_err(|_| "a place is negative");
        (0..count).map(|n| Ok((number(first + 16 * n)?, number(first + 16 * n + 8)?))).collect()
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Lie> {
    let slice = bytes.get(at..at.saturating_add(N)).ok_or("it ends in the middle")?;
    slice.try_into().map_err(|_| "it ends in the middle")
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Lie> {
    Ok(u16::from_le_bytes(take(bytes, at)?))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Lie> {
    Ok(u32::from_le_bytes(take(bytes, at)?))
}

fn i32_at(bytes: &[u8], at: usize) -> Result<i32, Lie> {
    Ok(i32::from_le_bytes(take(bytes, at)?))
}

fn i64_at(bytes: &[u8], at: usize) -> Result<i64, Lie> {
    Ok(i64::from_le_bytes(take(bytes, at)?))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    /// What fakesnow 0.12.1 answers to `select current_version()`.
    const VERSION: &str = "/////zABAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAYAAAAAAASABgACAAGAAcADAAAABAAFAASAAAAAAABBRQAAADYAAAACAAAABgAAAAAAAAACAAAACcxMC4wLjAnAAAAAAQAAACIAAAAWAAAADQAAAAEAAAAkP///xgAAAAEAAAACAAAADE2Nzc3MjE2AAAAAAoAAABjaGFyTGVuZ3RoAAC8////EAAAAAQAAAABAAAAMAAAAAUAAABzY2FsZQAAANz///8QAAAABAAAAAIAAAAzOAAACQAAAHByZWNpc2lvbgAAAAgADAAEAAgACAAAABQAAAAEAAAABAAAAFRFWFQAAAAACwAAAGxvZ2ljYWxUeXBlAAQABAAEAAAA/////5gAAAAUAAAAAAAAAAwAFgAGAAUACAAMAAwAAAAAAwQAGAAAABAAAAAAAAAAAAAKABgADAAEAAgACgAAAEwAAAAQAAAAAQAAAAAAAAAAAAAAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAAGAAAAAAAAAAAAAAABAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAGAAAAMTAuMC4wAAD/////AAAAAA==";

    #[test]
    fn a_text_is_read() {
        let stream = STANDARD.decode(VERSION).unwrap();
        assert_eq!(rows(&stream).unwrap(), [[Some("10.0.0".to_owned())]]);
        assert_eq!(rows(&[]).unwrap(), Vec::<Vec<Option<String>>>::new());
    }

    #[test]
    fn whatever_byte_is_wrong_and_wherever_it_is_cut_nothing_worse_than_an_error_comes_of_it() {
        let stream = STANDARD.decode(VERSION).unwrap();
        for at in 0..stream.len() {
            let _ = rows(&stream[..at]);
            for byte in [0, 1, 3, 0x7F, 0x80, 0xFF] {
                let mut wrong = stream.clone();
                wrong[at] = byte;
                let _ = rows(&wrong);
            }
        }
    }
}
