//! Events that are elements of an array, or objects over several lines.

use std::io::{self, BufRead};

use super::{
    layout::Size,
    scanner::{Scanner, Step},
};

/// Where in such an input reading is.
#[derive(Debug, Default)]
pub(super) struct Elements {
    /// The line, from 1.
    pub(super) line: u64,
    /// How many elements there were.
    pub(super) count: u64,
    in_array: bool,
    /// Whether the array is that of an export, after which its object goes on.
    wrapped: bool,
}

/// What was found: its first line and how much it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) line: u64,
    pub(super) size: Size,
}

impl Elements {
    pub(super) fn new() -> Self {
        Self { line: 1, ..Self::default() }
    }

    /// Reads the next element into `into`; one longer than `most` is passed over without being held. `None` at the
    /// end of the input.
    pub(super) fn next(
        &mut self,
        reader: &mut impl BufRead,
        into: &mut Vec<u8>,
        most: usize,
    ) -> io::Result<Option<Element>> {
        loop {
            into.clear();
            let Some(first) = self.skip_gap(reader)? else { return Ok(None) };
            if first == b']' && self.in_array {
                reader.consume(1);
                self.in_array = false;
                if std::mem::take(&mut self.wrapped) {
                    self.value(reader, &mut Vec::new(), 0, Scanner::inside_object())?;
                }
                continue;
            }
            if first == b'[' && !self.in_array {
                reader.consume(1);
                self.in_array = true;
                continue;
            }
            let line = self.line;
            if let Some(size) = self.value(reader, into, most, Scanner::new())? {
                self.count += 1;
                return Ok(Some(Element { line, size }));
            }
        }
    }

    /// Passes over what stands between elements and gives the first byte of the next, not yet consumed.
    fn skip_gap(&mut self, reader: &mut impl BufRead) -> io::Result<Option<u8>> {
        loop {
            let chunk = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(None);
            }
            let gap =
                chunk.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',')).count();
            self.line += count_lines(&chunk[..gap]);
            let first = chunk.get(gap).copied();
            reader.consume(gap);
            if first.is_some() {
                return Ok(first);
            }
        }
    }

    /// Reads one value; `None` when it was the head of an export, whose events follow.
    fn value(
        &mut self,
        reader: &mut impl BufRead,
        into: &mut Vec<u8>,
        most: usize,
        mut scanner: Scanner,
    ) -> io::Result<Option<Size>> {
        let mut length = 0_u64;
        loop {
            let chunk = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(Some(size(length, most)));
            }
            let stop = chunk
                .iter()
                .map(|&byte| scanner.step(byte))
                .enumerate()
                .find(|&(_, step)| step != Step::Inside && !(self.in_array && step == Step::Wrapper));
            let (taken, step) = match stop {
                None => (chunk.len(), Step::Inside),
                Some((at, step @ (Step::Last | Step::Wrapper))) => (at + 1, step),
                // A first byte that can't begin a value is a value by itself, or reading would stand still.
                Some((at, step)) => (at.max(usize::from(length == 0)), step),
            };
            length += taken as u64;
            if length <= most as u64 {
                into.extend_from_slice(&chunk[..taken]);
            } else {
                *into = Vec::new();
            }
            self.line += count_lines(&chunk[..taken]);
            reader.consume(taken);
            match step {
                Step::Inside => {}
                Step::Last | Step::Before | Step::Restart => return Ok(Some(size(length, most))),
                Step::OpenString => {
                    self.resume(reader)?;
                    return Ok(Some(size(length, most)));
                }
                Step::Wrapper => {
                    self.in_array = true;
                    self.wrapped = true;
                    return Ok(None);
                }
            }
        }
    }

    /// Goes on to the next line that begins with a brace, after a string that was never closed.
    fn resume(&mut self, reader: &mut impl BufRead) -> io::Result<()> {
        let mut at_start = false;
        loop {
            let chunk = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(());
            }
            let mut found = None;
            for (at, &byte) in chunk.iter().enumerate() {
                match byte {
                    b'\n' => at_start = true,
                    b' ' | b'\t' | b'\r' => {}
                    b'{' if at_start => {
                        found = Some(at);
                        break;
                    }
                    _ => at_start = false,
                }
            }
            let used = found.unwrap_or(chunk.len());
            self.line += count_lines(&chunk[..used]);
            reader.consume(used);
            if found.is_some() {
                return Ok(());
            }
        }
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn size(length: u64, most: usize) -> Size {
    if length > most as u64 { Size::TooLong(length) } else { Size::Whole }
}
