//! Events that stand one to a line.

use std::io::{self, BufRead};

use super::layout::Size;

/// Reads the next line into `into`, without its end. A line longer than `most` is passed over without being held.
/// `None` at the end of the input.
pub(super) fn next(reader: &mut impl BufRead, into: &mut Vec<u8>, most: usize) -> io::Result<Option<Size>> {
    into.clear();
    let mut length = 0_u64;
    loop {
        let chunk = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            chunk => chunk?,
        };
        if chunk.is_empty() {
            return Ok((length > 0).then(|| size(length, most)));
        }
        let end = memchr::memchr(b'\n', chunk);
        let part = &chunk[..end.unwrap_or(chunk.len())];
        length += part.len() as u64;
        if length <= most as u64 {
            into.extend_from_slice(part);
        } else {
            // Also gives the memory back: the next line is likely a short one.
            *into = Vec::new();
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(Some(size(length, most)));
        }
    }
}

fn size(length: u64, most: usize) -> Size {
    if length > most as u64 { Size::TooLong(length) } else { Size::Whole }
}
