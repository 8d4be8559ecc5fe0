//! Thrift's compact protocol, as far as Parquet's footer needs it: a struct as its fields' values.

use crate::{FileError, input::Cursor};

/// A value. Structs are the numbers and values of their fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Thrift<'a> {
    Bool(bool),
    Integer(i64),
    Double,
    Binary(&'a [u8]),
    List(Vec<Thrift<'a>>),
    Struct(Vec<(i16, Thrift<'a>)>),
}

/// What may be read of one message: a claimed length is never believed before its items are there.
struct Budget {
    values: usize,
}

const DEEPEST: usize = 32;
const MOST_VALUES: usize = 1_500_000;

/// The struct that the bytes are.
pub(super) fn read(bytes: &[u8]) -> Result<Thrift<'_>, FileError> {
    let mut cursor = Cursor::new("Parquet footer", bytes);
    value(&mut cursor, 12, 0, &mut Budget { values: MOST_VALUES })
}

fn damaged(why: &str) -> FileError {
    FileError::damaged("Parquet footer", why)
}

fn value<'a>(
    cursor: &mut Cursor<'a>,
    sort: u8,
    depth: usize,
    budget: &mut Budget,
) -> Result<Thrift<'a>, FileError> {
    budget.values = budget.values.checked_sub(1).ok_or_else(|| damaged("it has too many values"))?;
    if depth > DEEPEST {
        return Err(damaged("it is nested too deep"));
    }
    Ok(match sort {
        1 => Thrift::Bool(true),
        2 => Thrift::Bool(false),
        3 => Thrift::Integer(i64::from(cursor.byte()?.cast_signed())),
        4..=6 => Thrift::Integer(cursor.zigzag()?),
        7 => {
            cursor.take(8)?;
            Thrift::Double
        }
        8 => {
            let length = cursor.varint()?;
            Thrift::Binary(cursor.take(length)?)
        }
        9 | 10 => {
            let head = cursor.byte()?;
            let count = match head >> 4 {
                15 => cursor.varint()?,
                count => u64::from(count),
            };
            let mut items = Vec::new();
            for _ in 0..count {
                let item = match head & 15 {
                    // In a list, truth values are bytes of their own.
                    1 | 2 => Thrift::Bool(cursor.byte()? == 1),
                    sort => value(cursor, sort, depth + 1, budget)?,
                };
                items.push(item);
                if cursor.is_empty() && (items.len() as u64) < count {
                    return Err(FileError::Truncated("Parquet footer"));
                }
            }
            Thrift::List(items)
        }
        12 => {
            let (mut fields, mut id) = (Vec::new(), 0_i16);
            loop {
                let head = cursor.byte()?;
                if head == 0 {
                    break;
                }
                id = match head >> 4 {
                    0 => i16::try_from(cursor.zigzag()?)
                        .map_err(|_| damaged("a field's number is too large"))?,
                    delta => id.saturating_add(i16::from(delta)),
                };
                fields.push((id, value(cursor, head & 15, depth + 1, budget)?));
            }
            Thrift::Struct(fields)
        }
        _ => return Err(damaged("it has a value of a sort that Thrift doesn't have")),
    })
}

impl<'a> Thrift<'a> {
    pub(super) fn field(&self, number: i16) -> Option<&Thrift<'a>> {
        match self {
            Thrift::Struct(fields) => fields.iter().find(|(id, _)| *id == number).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn integer(&self, number: i16) -> Option<i64> {
        match self.field(number)? {
            Thrift::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, number: i16) -> Option<&'a [u8]> {
        match self.field(number)? {
            Thrift::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn text(&self, number: i16) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(number)?).ok()
    }

    pub(super) fn list(&self, number: i16) -> &[Thrift<'a>] {
        match self.field(number) {
            Some(Thrift::List(items)) => items,
            _ => &[],
        }
    }
}
