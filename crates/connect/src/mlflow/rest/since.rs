//! Asking a server only for what is new.
//!
//! MLflow does not tell when a run was changed last, but when it started and when it ended. A reading after the first
//! asks for runs that started or ended since the one before began, and for those that had not ended. What is changed on
//! a run after it ended (a tag, its deletion) is only in a reading from the beginning; that is noted.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use catena_ingest::mlflow::rest::Run;
use catena_model::{statement::Read, time::Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    connector::{Cursor, Note, Progress, ReadError, Sink},
    mlflow::place::Place,
};

/// How far apart the clocks of those who log may be, in milliseconds: what is asked for overlaps by as much.
const CLOCKS_APART: i64 = 3_600_000;

/// How far a reading went, and what it does not ask for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// Which store was read: another one may have come to the same address.
    store: String,
    /// Runs that ended before are not asked for: an earlier reading had them. In milliseconds.
    pub(super) since: Option<i64>,
    /// When the reading began.
    begun: i64,
    /// The latest start or end of a run that was seen.
    pub(super) latest: i64,
    /// Where it is.
    pub(super) place: Place,
}

impl Mark {
    /// The start of a reading.
    pub(super) fn start(store: &str, since: Option<i64>, now: Timestamp) -> Self {
        Self {
            store: store.to_owned(),
            since,
            begun: now.millis(),
            latest: i64::MIN,
            place: Place::Experiments { token: None },
        }
    }

    /// Where `cursor` says to go on.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, ReadError> {
        let mark: Self = cursor.place()?;
        if !mark.place.is_of_a_server() {
            return Err(ReadError::BadCursor("it is a place in a file".to_owned()));
        }
        Ok(mark)
    }

    /// Where to begin with this store now.
    pub(super) fn at(self, store: &str, now: Timestamp) -> Self {
        if self.store != store {
            Self::start(store, None, now)
        } else if self.place == (Place::Experiments { token: None }) {
            // A reading that came to its end leaves the start of the next, which begins now.
            Self::start(store, self.since, now)
        } else {
            self
        }
    }

    fn cursor(&self) -> Cursor {
        Cursor::at(self)
    }
}

/// Puts into each cursor what it needs to be gone on from.
pub(super) struct Marking<'s> {
    pub(super) sink: &'s mut dyn Sink,
    pub(super) mark: Mark,
    pub(super) latest: Arc<AtomicI64>,
}

impl Marking<'_> {
    /// Where the next reading begins, after this one had everything.
    pub(super) fn next(&self) -> Cursor {
        let latest = self.latest.load(Ordering::Relaxed);
        // Not later than the start of this reading: what changed while it went on may have been passed already.
        let next = (latest > i64::MIN).then(|| latest.min(self.mark.begun).saturating_sub(CLOCKS_APART));
        let begun = Timestamp::from_millis(self.mark.begun);
        Mark::start(&self.mark.store, self.mark.since.max(next), begun).cursor()
    }
}

impl Sink for Marking<'_> {
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> ControlFlow<()> {
        match Place::of(&cursor) {
            Ok(place) => self.mark.place = place,
            Err(_) => return self.sink.take(reads, cursor),
        }
        self.mark.latest = self.latest.load(Ordering::Relaxed);
        self.sink.take(reads, self.mark.cursor())
    }

    fn progress(&mut self, progress: Progress) {
        self.sink.progress(progress);
    }
}

/// The searches that together find the runs that may have changed since.
pub(super) fn changed_runs(since: i64) -> Vec<String> {
    vec![
        format!("attributes.start_time >= {since}"),
        format!("attributes.end_time >= {since}"),
        "attributes.status = 'RUNNING'".to_owned(),
        "attributes.status = 'SCHEDULED'".to_owned(),
    ]
}

/// The search for the logged models that were changed since.
pub(super) fn changed_models(since: i64) -> String {
    format!("last_updated_timestamp >= {since}")
}

/// The search for the traces that began since, or in the day before: judgements of them come later.
pub(super) fn recent_traces(since: i64) -> String {
    format!("timestamp_ms >= {}", since.saturating_sub(24 * CLOCKS_APART))
}

/// Remembers when the latest trace began.
pub(super) fn see_traces(heads: &[Value], latest: &AtomicI64) {
    for head in heads {
        let time = head["request_time"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        if let Some(time) = time {
            latest.fetch_max(time.millis(), Ordering::Relaxed);
        }
    }
}

/// Remembers the latest start or end of a run.
pub(super) fn see(runs: &[Run], latest: &AtomicI64) {
    for time in runs.iter().flat_map(|run| [run.info.start_time, run.info.end_time]).flatten() {
        latest.fetch_max(time, Ordering::Relaxed);
    }
}

/// Says what was not asked for.
pub(super) fn note(since: i64) -> Note {
    Note {
        place: "runs".to_owned(),
        why: format!(
            "only those that started or ended after {}, or had not ended, were asked for: the others were read before. \
             What was changed on those since (a tag, a deletion) comes when everything is read (--all)",
            Timestamp::from_millis(since)
        ),
    }
}
