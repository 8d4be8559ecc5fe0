//! What the columns of a table without declared types are, told by their values on a bounded sample.
//!
//! Types only ever widen as rows come (integer to number, date to time, anything to text), so a stream's schema
//! evolves and the order of rows does not matter for what it comes to.

mod form;
mod sketch;
mod values;

pub(crate) use values::{Columns, Seen, Watch};

/// The most rows of a file that are looked at.
pub const SAMPLE_ROWS: u64 = 100_000;
/// The most bytes of a file that are looked at.
pub const SAMPLE_BYTES: usize = 8 << 20;

/// Whether a column's name says that it holds what is somebody's own.
pub(crate) fn is_personal(name: &str) -> bool {
    form::personal_name(name)
}
