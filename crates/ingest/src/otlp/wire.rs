//! The wire format of protobuf messages, read field by field where it lies.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    /// A text, bytes or a message.
    Bytes(&'a [u8]),
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it ends in the middle")]
    Truncated,
    #[error("it has a number that is no protobuf number")]
    Varint,
    #[error("it has a field of a sort that protobuf 3 doesn't have")]
    WireType,
    #[error("field {0} is of another sort than OTLP says")]
    OtherSort(u32),
    #[error("field {0} is no UTF-8 text")]
    NotUtf8(u32),
}

/// The fields of a message, in the order in which they were written; stops after the first that is malformed.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (index, &byte) in self.rest.iter().enumerate().take(10) {
            // The tenth byte has room for one bit.
            if index == 9 && byte > 1 {
                return Err(Malformed::Varint);
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { Malformed::Truncated } else { Malformed::Varint })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    fn field(&mut self) -> Result<(u32, Field<'a>), Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0).ok_or(Malformed::Varint)?;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.take()?)),
            5 => Field::Fixed32(u32::from_le_bytes(self.take()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed::Truncated)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Truncated)?;
                self.rest = rest;
                Field::Bytes(bytes)
            }
            _ => return Err(Malformed::WireType),
        };
        Ok((number, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Field<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Field<'a> {
    /// The bytes of field `number`, which must be a text, bytes or a message.
    pub(crate) fn bytes(self, number: u32) -> Result<&'a [u8], Malformed> {
        match self {
            Field::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed::OtherSort(number)),
        }
    }

    pub(crate) fn text(self, number: u32) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes(number)?).map_err(|_| Malformed::NotUtf8(number))
    }

    pub(crate) fn fixed64(self, number: u32) -> Result<u64, Malformed> {
        match self {
            Field::Fixed64(value) => Ok(value),
            _ => Err(Malformed::OtherSort(number)),
        }
    }

    pub(crate) fn varint(self, number: u32) -> Result<u64, Malformed> {
        match self {
            Field::Varint(value) => Ok(value),
            _ => Err(Malformed::OtherSort(number)),
        }
    }
}

/// Writes a text, bytes or a message as field `number`.
pub(crate) fn put(number: u32, bytes: &[u8], into: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | 2, into);
    put_varint(bytes.len() as u64, into);
    into.extend_from_slice(bytes);
}

/// Writes a number as field `number`.
pub(crate) fn put_number(number: u32, value: u64, into: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3, into);
    put_varint(value, into);
}

fn put_varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Vec<Result<(u32, Field<'_>), Malformed>> {
        Fields::of(bytes).collect()
    }

    #[test]
    fn fields_are_read_as_the_encoding_guide_shows_them() {
        assert_eq!(fields(&[0x08, 0x96, 0x01]), [Ok((1, Field::Varint(150)))]);
        assert_eq!(fields(b"\x12\x07testing"), [Ok((2, Field::Bytes(b"testing")))]);
        let minus_two = [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(fields(&minus_two), [Ok((1, Field::Varint((-2_i64).cast_unsigned())))]);
        assert_eq!(fields(&[0x0d, 1, 0, 0, 0]), [Ok((1, Field::Fixed32(1)))]);
    }

    #[test]
    fn what_is_no_message_says_why_and_ends() {
        assert_eq!(fields(&[0x08]), [Err(Malformed::Truncated)]);
        assert_eq!(fields(&[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]), [Err(Malformed::Truncated)]);
        assert_eq!(fields(&[0x0b, 0x0c]), [Err(Malformed::WireType)]);
        assert_eq!(fields(&[0x00, 0x00]), [Err(Malformed::Varint)]);
        assert_eq!(fields(&[0xff; 12]), [Err(Malformed::Varint)]);
        assert_eq!(Field::Bytes(&[0xff]).text(5), Err(Malformed::NotUtf8(5)));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        put(3, &[7; 300], &mut bytes);
        assert_eq!(fields(&bytes), [Ok((3, Field::Bytes(&[7; 300])))]);
    }
}
