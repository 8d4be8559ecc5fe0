//! What receivers could not take, with the reason, so that it can be looked at, corrected and sent again.

use catena_model::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::{StoreResult, table::meta};

pub(crate) const CREATE: &str = "
CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    protocol TEXT NOT NULL,
    form TEXT NOT NULL,
    digest BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (protocol, form, digest)
) STRICT;";

/// How many letters are kept; the oldest make room for new ones.
pub const MOST: usize = 1_000;

/// How much of one body is kept. A longer one is shown in part and can't be replayed.
pub const MOST_OF_ONE: usize = 1 << 20;

/// How much of all bodies together is kept.
pub const MOST_BYTES: usize = 64 << 20;

/// The key under which [`meta`] counts letters that had to make room.
const DROPPED: &str = "dead_letters_dropped";

/// What could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLetter<'a> {
    /// The protocol over which it came.
    pub protocol: &'a str,
    /// What the protocol needs to know to read it again.
    pub form: &'a str,
    /// Where it stood.
    pub place: &'a str,
    /// What is wrong and what to do.
    pub reason: &'a str,
    /// The bytes as sent.
    pub body: &'a [u8],
}

/// One letter of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number in the list.
    pub id: i64,
    /// The protocol over which it came.
    pub protocol: String,
    /// What the protocol needs to know to read it again.
    pub form: String,
    /// When it first came.
    pub first_at: Timestamp,
    /// When it last came.
    pub last_at: Timestamp,
    /// How many times it came.
    pub times: u64,
    /// Where it stood.
    pub place: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// How long it was as sent.
    pub bytes: u64,
    /// What is kept of it.
    pub body: Vec<u8>,
}

impl Letter {
    /// Whether all of it is kept, so that it can be replayed.
    pub fn is_whole(&self) -> bool {
        self.bytes == self.body.len() as u64
    }
}

/// Keeps a letter. The same bytes sent again are one letter that came several times.
pub fn put(db: &Connection, letter: &NewLetter<'_>, at: Timestamp) -> StoreResult<()> {
    let digest = &Sha256::digest(letter.body)[..16];
    let body = &letter.body[..letter.body.len().min(MOST_OF_ONE)];
    db.prepare_cached(
        "INSERT INTO dead_letter (protocol, form, digest, first_at, last_at, times, place, reason, bytes, body)
         VALUES (?1, ?2, ?3, ?4, ?4, 1, ?5, ?6, ?7, ?8)
         ON CONFLICT (protocol, form, digest) DO UPDATE SET
             last_at = max(last_at, excluded.last_at), times = times + 1,
             place = excluded.place, reason = excluded.reason",
    )?
    .execute(params![
        letter.protocol,
        letter.form,
        digest,
        at.micros(),
        letter.place,
        letter.reason,
        letter.body.len() as u64,
        body
    ])?;
    Ok(())
}

/// Lets the oldest letters go until the list is within its bounds. Call it once after several [`put`]s.
pub fn bound(db: &Connection) -> StoreResult<()> {
    let (mut count, mut bytes): (usize, usize) = db
        .prepare_cached("SELECT count(*), coalesce(sum(length(body)), 0) FROM dead_letter")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut dropped = 0;
    while count > MOST || bytes > MOST_BYTES {
        let oldest: Option<(i64, usize)> = db
            .prepare_cached("SELECT id, length(body) FROM dead_letter ORDER BY id LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, length)) = oldest else { break };
        delete(db, id)?;
        count -= 1;
        bytes -= length;
        dropped += 1;
    }
    if dropped > 0 {
        meta::set(db, DROPPED, &(self::dropped(db)? + dropped).to_string())?;
    }
    Ok(())
}

/// How many letters had to make room for others so far.
pub fn dropped(db: &Connection) -> StoreResult<u64> {
    Ok(meta::get(db, DROPPED)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// How many letters there are, of one protocol or of all.
pub fn count(db: &Connection, protocol: Option<&str>) -> StoreResult<u64> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM dead_letter WHERE ?1 IS NULL OR protocol = ?1")?
        .query_row([protocol], |row| row.get(0))?)
}

/// The letters, the latest first, from below `before` on.
pub fn list(
    db: &Connection,
    protocol: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> StoreResult<Vec<Letter>> {
    let mut statement = db.prepare_cached(
        "SELECT id, protocol, form, first_at, last_at, times, place, reason, bytes, body FROM dead_letter
         WHERE (?1 IS NULL OR protocol = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![protocol, before, limit], letter)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// One letter.
pub fn get(db: &Connection, id: i64) -> StoreResult<Option<Letter>> {
    Ok(db
        .prepare_cached(
            "SELECT id, protocol, form, first_at, last_at, times, place, reason, bytes, body FROM dead_letter
             WHERE id = ?1",
        )?
        .query_row([id], letter)
        .optional()?)
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: row.get(0)?,
        protocol: row.get(1)?,
        form: row.get(2)?,
        first_at: Timestamp::from_micros(row.get(3)?),
        last_at: Timestamp::from_micros(row.get(4)?),
        times: row.get(5)?,
        place: row.get(6)?,
        reason: row.get(7)?,
        bytes: row.get(8)?,
        body: row.get(9)?,
    })
}

/// Says anew why a letter can't be taken.
pub fn explain(db: &Connection, id: i64, place: &str, reason: &str) -> StoreResult<()> {
    db.prepare_cached("UPDATE dead_letter SET place = ?2, reason = ?3 WHERE id = ?1")?
        .execute(params![id, place, reason])?;
    Ok(())
}

/// Lets a letter go; says whether it was there.
pub fn delete(db: &Connection, id: i64) -> StoreResult<bool> {
    Ok(db.prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?.execute([id])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(meta::CREATE).unwrap();
        db.execute_batch(CREATE).unwrap();
        db
    }

    fn new(body: &[u8]) -> NewLetter<'_> {
        NewLetter { protocol: "openlineage", form: "event", place: "event 1", reason: "no time", body }
    }

    const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn the_same_bytes_are_one_letter() {
        let db = empty();
        put(&db, &new(b"{}"), AT).unwrap();
        put(&db, &NewLetter { reason: "no type", ..new(b"{}") }, Timestamp::from_millis(1_700_000_001_000))
            .unwrap();
        put(&db, &new(b"[]"), AT).unwrap();
        let letters = list(&db, Some("openlineage"), None, 10).unwrap();
        assert_eq!(letters.len(), 2);
        assert_eq!((letters[1].times, letters[1].reason.as_str()), (2, "no type"));
        assert!(letters[1].last_at > letters[1].first_at && letters[1].is_whole());
        assert_eq!(list(&db, Some("mlflow"), None, 10).unwrap(), vec![]);
        assert_eq!(list(&db, None, Some(letters[0].id), 10).unwrap(), letters[1..]);
    }

    #[test]
    fn the_list_is_bounded_in_number_and_bytes_and_says_what_it_let_go() {
        let db = empty();
        for n in 0..MOST + 7 {
            put(&db, &new(n.to_string().as_bytes()), AT).unwrap();
        }
        bound(&db).unwrap();
        assert_eq!((count(&db, None).unwrap(), dropped(&db).unwrap()), (MOST as u64, 7));
        assert_eq!(list(&db, None, None, 1).unwrap()[0].body, (MOST + 6).to_string().into_bytes());
        for n in 0..=MOST_BYTES / MOST_OF_ONE {
            let body = vec![u8::try_from(n).unwrap(); MOST_OF_ONE + 1];
            put(&db, &new(&body), AT).unwrap();
        }
        bound(&db).unwrap();
        let held: usize =
            db.query_row("SELECT sum(length(body)) FROM dead_letter", [], |row| row.get(0)).unwrap();
        assert!(held <= MOST_BYTES);
        assert!(!list(&db, None, None, 1).unwrap()[0].is_whole());
    }

    #[test]
    fn a_letter_goes_once() {
        let db = empty();
        put(&db, &new(b"{}"), AT).unwrap();
        let id = list(&db, None, None, 1).unwrap()[0].id;
        explain(&db, id, "event 1", "still no time").unwrap();
        assert_eq!(get(&db, id).unwrap().unwrap().reason, "still no time");
        assert!(delete(&db, id).unwrap());
        assert!(!delete(&db, id).unwrap());
        assert_eq!(get(&db, id).unwrap(), None);
    }
}
