//! From OpenLineage events to statements.
//!
//! Events come as one JSON object per line, as a JSON array, as single objects over several lines, or as Marquez
//! exports them (`{"events": [...]}`). Each event becomes one record; a broken one becomes a rejection and the rest
//! goes on. A well-formed event with a malformed standard facet is taken, the facet kept as it was sent, and what could
//! not be read from it is reported beside.

mod column_lineage;
mod columns;
mod dataset;
mod digest;
mod elements;
mod event;
mod facets;
mod job;
mod layout;
mod lines;
mod model;
mod parts;
mod passages;
mod query;
mod run;
mod scanner;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, io, io::BufRead};

use catena_model::statement::{Read, Rejection};

use crate::{fault::rejected, json};
use event::Event;
use layout::{Layout, Size};
use parts::Parts;
use passages::Passages;

/// How much one event may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest event, in bytes.
    pub event_bytes: usize,
    /// What its JSON may hold.
    pub json: json::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { event_bytes: 16 << 20, json: json::Limits::default() }
    }
}

/// Reads events one by one, holding no more than one of them and what they repeat.
pub fn read_events<R: BufRead>(reader: R, limits: Limits) -> Events<R> {
    Events {
        layout: Layout::new(reader, limits.event_bytes),
        events: Reader::new(limits),
        waiting: VecDeque::new(),
        failure: None,
    }
}

/// Reads the one event that `bytes` is, for a person at `place`. A second and further answer is a rejection of a part
/// of it.
pub fn read_event(place: &str, bytes: &[u8], limits: &Limits) -> Vec<Read> {
    Reader::new(*limits).read(place, bytes)
}

/// Reads event after event, and what they repeat only once.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    known: Passages,
}

impl Reader {
    /// One that has read nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, known: Passages::default() }
    }

    /// Reads the one event that `bytes` is, for a person at `place`. A second and further answer is a rejection of a
    /// part of it.
    pub fn read(&mut self, place: &str, bytes: &[u8]) -> Vec<Read> {
        let mut reads = VecDeque::new();
        self.take(place, bytes, &mut reads);
        reads.into()
    }

    fn take(&mut self, place: &str, bytes: &[u8], into: &mut VecDeque<Read>) {
        match self.event(place, bytes) {
            Ok(event) => {
                into.push_back(Ok(event.record));
                into.extend(event.faults.into_iter().map(|fault| {
                    let why = format!("{fault}; the event is stored and the facet kept as it was sent");
                    Err(rejected(place, &why))
                }));
            }
            Err(why) => into.push_back(Err(rejected(place, &hint(bytes, why)))),
        }
    }

    fn event(&mut self, place: &str, bytes: &[u8]) -> Result<Event, String> {
        let limits = &self.limits.json;
        let taken = Parts::of_bytes(bytes, limits)
            .and_then(|parts| event::read(place, parts, &mut self.known, limits).ok());
        if let Some(event) = taken {
            return Ok(event);
        }
        // Something is wrong with it. Read whole, it says what and where.
        let value = json::read(bytes, limits).map_err(|error| error.to_string())?;
        Parts::of_value(value)
            .and_then(|parts| event::read(place, parts, &mut self.known, limits))
            .map_err(|fault| fault.to_string())
    }
}

/// The events of one input, as they are read.
#[derive(Debug)]
pub struct Events<R> {
    layout: Layout<R>,
    events: Reader,
    waiting: VecDeque<Read>,
    failure: Option<io::Error>,
}

impl<R> Events<R> {
    /// Why reading stopped before the end, if it did; the last rejection says so too.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.waiting.pop_front() {
                return Some(read);
            }
            if self.failure.is_some() {
                return None;
            }
            match self.layout.next() {
                Ok(None) => return None,
                Ok(Some(piece)) => match piece.size {
                    Size::Whole => {
                        self.events.take(&piece.place, self.layout.bytes(), &mut self.waiting);
                    }
                    Size::TooLong(bytes) => {
                        return Some(Err(too_long(&piece.place, bytes, &self.events.limits)));
                    }
                },
                Err(error) => {
                    let why =
                        format!("reading stopped: {error}; what came before is kept, so read it all again");
                    self.failure = Some(error);
                    return Some(Err(rejected(&self.layout.place(), &why)));
                }
            }
        }
    }
}

/// A text that is no JSON from its first byte is likely something else altogether.
fn hint(bytes: &[u8], why: String) -> String {
    match bytes.trim_ascii_start().first() {
        Some(b'<') => {
            "this is HTML or XML, not JSON: check that the address or file is of OpenLineage events"
                .to_owned()
        }
        Some(0x1f) => "this is compressed: unpack it first".to_owned(),
        _ => why,
    }
}

fn too_long(place: &str, bytes: u64, limits: &Limits) -> Rejection {
    let why = format!(
        "the event is {} long, more than the {} that are taken: have the source send less in one event",
        human(bytes),
        human(limits.event_bytes as u64)
    );
    rejected(place, &why)
}

/// A size as people say it.
fn human(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes >= MIB { format!("{} MiB", bytes.div_ceil(MIB)) } else { format!("{bytes} bytes") }
}
