//! The events that were taken, so that a repeat is known.

use catena_model::statement::EventKey;
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreResult;

pub(crate) const CREATE: &str =
    "CREATE TABLE event (key BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/// `seq` is the place of the operation that took the event, or would have if it had changed anything; 0 for events that
/// were taken before this was kept.
pub(crate) const REMEMBER_OPERATION: &str = "ALTER TABLE event ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;";

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
            db.prepare_cached(
                "INSERT INTO event VALUES (?1, ?2, (SELECT coalesce(max(seq), 0) + 1 FROM operation))",
            )?
            .execute(params![event.key, event.content])?;
            Ok(Seen::New)
        }
    }
}

/// Forgets the events that were taken by the operation at `seq` or later.
///
/// When an operation is taken back, what it had from events must come again with the same events. Later ones go too:
/// an event that only said what was known already left no change of its own, and says it anew when it is sent again.
/// To forget too many is harmless, since an event that is applied twice changes nothing.
pub(crate) fn forget_since(db: &Connection, seq: u64) -> StoreResult<()> {
    db.execute("DELETE FROM event WHERE seq >= ?1 OR seq = 0", [seq])?;
    Ok(())
}
