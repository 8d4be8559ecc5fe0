//! Finds out how the events of an input are laid out, and takes it apart.

use std::io::{self, BufRead};

use super::{
    elements::Elements,
    lines,
    scanner::{Scanner, Step},
};

/// Whether a piece was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// All of it is in the buffer.
    Whole,
    /// It was longer than is taken: so many bytes.
    TooLong(u64),
}

/// One event's text.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it stood, for a person.
    pub(super) place: String,
    pub(super) size: Size,
}

/// An input of events.
#[derive(Debug)]
pub(super) struct Layout<R> {
    form: Form,
    reader: Replay<R>,
    buffer: Vec<u8>,
    most: usize,
}

#[derive(Debug)]
enum Form {
    Unknown,
    /// One event to a line; the line read last.
    Lines(u64),
    Elements(Elements),
}

impl<R> Layout<R> {
    pub(super) fn new(reader: R, most: usize) -> Self {
        Self {
            form: Form::Unknown,
            reader: Replay { head: Vec::new(), used: 0, reader },
            buffer: Vec::new(),
            most,
        }
    }

    /// The text of the last piece.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Where reading is.
    pub(super) fn place(&self) -> String {
        match &self.form {
            Form::Unknown => "line 1".to_owned(),
            Form::Lines(line) => format!("line {}", line + 1),
            Form::Elements(elements) => format!("line {}", elements.line),
        }
    }
}

impl<R: BufRead> Layout<R> {
    /// The next event's text; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            match &mut self.form {
                Form::Unknown => self.form = self.recognise(),
                Form::Lines(line) => {
                    let Some(size) = lines::next(&mut self.reader, &mut self.buffer, self.most)? else {
                        return Ok(None);
                    };
                    *line += 1;
                    if size == Size::Whole && self.buffer.trim_ascii().is_empty() {
                        continue;
                    }
                    return Ok(Some(Piece { place: format!("line {line}"), size }));
                }
                Form::Elements(elements) => {
                    let found = elements.next(&mut self.reader, &mut self.buffer, self.most)?;
                    return Ok(found.map(|element| Piece {
                        place: format!("event {} (line {})", elements.count, element.line),
                        size: element.size,
                    }));
                }
            }
        }
    }

    /// Looks at the beginning, which is then read again.
    fn recognise(&mut self) -> Form {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        let mut head = Vec::new();
        // The first line that isn't blank, or as much of it as an event may be long.
        while head.trim_ascii_start().is_empty() || head.last() != Some(&b'\n') {
            if head.len() > self.most {
                break;
            }
            let Some(chunk) = self.look() else { break };
            let end = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |end| end + 1);
            head.extend_from_slice(&chunk[..end]);
            self.reader.consume(end);
            if head.starts_with(BOM) {
                head.drain(..BOM.len());
            }
        }
        let first_line = head.len();
        let whole = head.last() == Some(&b'\n');
        // The first byte of the next line that isn't blank tells an object that goes on from one that was cut off.
        while whole && head[first_line..].trim_ascii_start().is_empty() && head.len() <= self.most {
            let Some(chunk) = self.look() else { break };
            let taken = chunk.len();
            head.extend_from_slice(chunk);
            self.reader.consume(taken);
        }
        let next = head[first_line..].trim_ascii_start().first().copied();
        let form = form(head[..first_line].trim_ascii(), next);
        self.reader.give_back(head);
        form
    }

    /// What comes next, if anything does; a failure shows when it is read in earnest.
    fn look(&mut self) -> Option<&[u8]> {
        self.reader.fill_buf().ok().filter(|chunk| !chunk.is_empty())
    }
}

/// How events are laid out that begin with this line and go on with this byte.
fn form(line: &[u8], next: Option<u8>) -> Form {
    let elements = Form::Elements(Elements::new());
    match line.first() {
        Some(b'[') => return elements,
        Some(b'{') => {}
        _ => return Form::Lines(0),
    }
    let mut scanner = Scanner::new();
    for (at, &byte) in line.iter().enumerate() {
        match scanner.step(byte) {
            Step::Inside => {}
            Step::Wrapper => return elements,
            // A second object on the line of the first.
            Step::Last if line.get(at + 1).is_some() => return elements,
            Step::Last | Step::Before | Step::Restart | Step::OpenString => return Form::Lines(0),
        }
    }
    match next {
        None | Some(b'{') => Form::Lines(0),
        Some(_) => elements,
    }
}

/// A reader whose beginning was read and is read again.
#[derive(Debug)]
struct Replay<R> {
    head: Vec<u8>,
    used: usize,
    reader: R,
}

impl<R> Replay<R> {
    fn give_back(&mut self, head: Vec<u8>) {
        self.head = head;
        self.used = 0;
    }
}

impl<R: BufRead> io::Read for Replay<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Replay<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used < self.head.len() { Ok(&self.head[self.used..]) } else { self.reader.fill_buf() }
    }

    fn consume(&mut self, count: usize) {
        if self.used < self.head.len() {
            self.used += count;
            if self.used >= self.head.len() {
                self.head = Vec::new();
                self.used = 0;
            }
        } else {
            self.reader.consume(count);
        }
    }
}
