//! What receivers could not take: looked at, sent again, or let go.

use catena_model::{statement::Rejection, time::Timestamp};
use catena_receive::{commit, limits::Limits, protocol};
use catena_store::table::dead_letter::{self, Letter};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::holder::Held;
use crate::{App, AppError, client::Done};

/// Which dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeadLettersArgs {
    /// Only of this protocol.
    #[serde(default)]
    pub protocol: Option<String>,
    /// Only those before this one: the last of the page before.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

/// A page of dead letters, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DeadLetters {
    /// They.
    pub letters: Vec<DeadLetterView>,
    /// How many there are in all.
    #[ts(type = "number")]
    pub total: u64,
}

/// Something that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DeadLetterView {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// The protocol over which it came.
    pub protocol: String,
    /// When it first came.
    pub first_at: Timestamp,
    /// When it last came.
    pub last_at: Timestamp,
    /// How many times it came.
    #[ts(type = "number")]
    pub times: u64,
    /// Where it stood.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong and what to do.
    pub why: String,
    /// How long it is.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its beginning, as text.
    pub head: String,
    /// It was kept whole, so that it can be replayed.
    pub whole: bool,
}

/// How many letters a page has.
const PAGE: u32 = 50;

/// How much of a letter is shown.
const HEAD: usize = 4 << 10;

impl From<Letter> for DeadLetterView {
    fn from(letter: Letter) -> Self {
        let whole = letter.is_whole();
        let head = &letter.body[..letter.body.len().min(HEAD)];
        Self {
            id: letter.id,
            protocol: letter.protocol,
            first_at: letter.first_at,
            last_at: letter.last_at,
            times: letter.times,
            place: letter.place,
            why: letter.reason,
            bytes: letter.bytes,
            head: String::from_utf8_lossy(head).into_owned(),
            whole,
        }
    }
}

/// What receivers could not take.
pub fn list(app: &App, args: DeadLettersArgs) -> Result<DeadLetters, AppError> {
    let protocol = args.protocol.as_deref();
    let (letters, total) = app.session()?.catalog.read(|reader| {
        let letters = dead_letter::list(reader.db(), protocol, args.before, PAGE)?;
        Ok((letters, dead_letter::count(reader.db(), protocol)?))
    })?;
    Ok(DeadLetters { letters: letters.into_iter().map(DeadLetterView::from).collect(), total })
}

/// Which dead letters to do something with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeadLetterArgs {
    /// Their numbers.
    #[ts(type = "Array<number>")]
    pub ids: Vec<i64>,
}

/// What came of replaying.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Replayed {
    /// How many are in the catalog now.
    #[ts(type = "number")]
    pub taken: u64,
    /// Those that still can't be taken.
    pub rejected: Vec<Rejection>,
}

/// Reads letters again, after the catalog or Catena itself was changed, and stores what can be taken now.
pub fn replay(app: &App, args: DeadLetterArgs) -> Result<Replayed, AppError> {
    let session = app.session()?;
    let held = Held::new(session, std::sync::Arc::clone(&app.environment.clock));
    let mut replayed = Replayed::default();
    for id in args.ids {
        let letter = commit::Holder::catalog(&held).read(|reader| dead_letter::get(reader.db(), id))?;
        let Some(letter) = letter else { continue };
        let rejected = match protocol::named(&letter.protocol) {
            None => Some(Rejection {
                place: letter.place.clone(),
                why: format!("this Catena does not know the protocol \"{}\": update it", letter.protocol),
            }),
            Some(_) if !letter.is_whole() => Some(Rejection {
                place: letter.place.clone(),
                why: "it was too long to be kept whole: have the source send it again".to_owned(),
            }),
            Some(protocol) => commit::replay(&held, &*protocol, &letter, &Limits::default())?,
        };
        match rejected {
            None => replayed.taken += 1,
            Some(rejection) => replayed.rejected.push(rejection),
        }
    }
    Ok(replayed)
}

/// Lets letters go.
pub fn discard(app: &App, args: DeadLetterArgs) -> Result<Done, AppError> {
    app.session()?.catalog.writer()?.unlogged(|db| {
        for id in &args.ids {
            dead_letter::delete(db, *id)?;
        }
        Ok(())
    })?;
    Ok(Done {})
}
