//! Where bytes come from: a file that is read by parts, never all of it at once.

use std::io::{self, Read, Seek, SeekFrom};

use crate::FileError;

/// Something with a length, any part of which can be read. A file, an object in a store, bytes in memory.
pub trait Ranges {
    /// How many bytes there are.
    fn size(&self) -> u64;
    /// Reads up to `bytes` bytes from `at` on; fewer only where the end comes first.
    ///
    /// # Errors
    ///
    /// When what lies below can't be read.
    fn read_at(&mut self, at: u64, bytes: usize) -> io::Result<Vec<u8>>;
}

/// Whatever can be read and sought in.
#[derive(Debug)]
pub struct Seekable<R> {
    inner: R,
    size: u64,
}

impl<R: Read + Seek> Seekable<R> {
    /// Finds out how long it is.
    ///
    /// # Errors
    ///
    /// When it can't be sought in.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let size = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, size })
    }
}

impl<R: Read + Seek> Ranges for Seekable<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.inner.seek(SeekFrom::Start(at))?;
        // What is there decides how much is set aside, not what a header claims.
        let most = self.size.saturating_sub(at).min(bytes as u64);
        let mut read = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        Read::by_ref(&mut self.inner).take(most).read_to_end(&mut read)?;
        Ok(read)
    }
}

/// Exactly this part of it; an error when it ends before, or when more is asked for than `most`.
pub(crate) fn exactly(
    input: &mut dyn Ranges,
    what: &'static str,
    at: u64,
    bytes: u64,
    most: usize,
) -> Result<Vec<u8>, FileError> {
    let wanted = usize::try_from(bytes).ok().filter(|bytes| *bytes <= most);
    let Some(wanted) = wanted else { return Err(FileError::TooLarge { what, bytes, limit: most as u64 }) };
    if at.checked_add(bytes).is_none_or(|end| end > input.size()) {
        return Err(FileError::Truncated(what));
    }
    let read = input.read_at(at, wanted)?;
    if read.len() < wanted { Err(FileError::Truncated(what)) } else { Ok(read) }
}

/// All of it, when it is no longer than `most`.
pub(crate) fn whole(input: &mut dyn Ranges, what: &'static str, most: usize) -> Result<Vec<u8>, FileError> {
    let size = input.size();
    exactly(input, what, 0, size, most)
}

/// A place in bytes that are read from front to back.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, bytes: u64) -> Result<&'a [u8], FileError> {
        let wanted = usize::try_from(bytes).map_err(|_| FileError::Truncated(self.what))?;
        let (head, rest) = self.rest.split_at_checked(wanted).ok_or(FileError::Truncated(self.what))?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(FileError::Truncated(self.what))?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, FileError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FileError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, FileError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number in groups of seven bits, the least first (LEB128: Thrift, Avro, protobuf).
    pub(crate) fn varint(&mut self) -> Result<u64, FileError> {
        let mut value = 0_u64;
        for shift in 0..10 {
            let byte = self.byte()?;
            if shift == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * shift);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(FileError::damaged(self.what, "a number in it has no end"))
    }

    /// A signed number as Thrift and Avro write it: small ones are short whatever their sign.
    pub(crate) fn zigzag(&mut self) -> Result<i64, FileError> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }
}
