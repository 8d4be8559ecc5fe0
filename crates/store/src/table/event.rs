//! The events that were taken, so that a repeat is known.

use catena_model::statement::EventKey;
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE event (key BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/// Whether an event was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    New,
    /// With the same content.
    Same,
    /// With other content.
    Other,
}

/// Notes the event, and says whether it was seen before.
pub(crate) fn note(db: &Connection, event: &EventKey) -> StoreResult<Seen> {
    let held: Option<[u8; 16]> = db
        .prepare_cached("SELECT content FROM event WHERE key = ?1")?
        .query_row([event.key], |row| row.get(0))
        .optional()?;
    match held {
        Some(content) if content == event.content => Ok(Seen::Same),
        Some(_) => Ok(Seen::Other),
        None => {
            db.prepare_cached("INSERT INTO event VALUES (?1, ?2)")?
                .execute(params![event.key, event.content])?;
            Ok(Seen::New)
        }
    }
}
