//! The open catalog as the receivers hold it, and the thread that tells the window what came in.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use catena_model::{clock::Clock, time::Timestamp};
use catena_receive::{House, commit::Holder};
use catena_store::Catalog;

use crate::{
    events::{Event, Events},
    session::Session,
    use_case::Topic,
};

/// How often the window is told, at most: events come by the thousand.
const PACE: Duration = Duration::from_millis(1_000);

/// The open catalog.
pub(super) struct Held {
    session: Arc<Session>,
    clock: Arc<dyn Clock>,
    /// Something was stored or set aside since the window was told.
    came: AtomicBool,
    /// The catalog was changed since the window was told.
    changed: AtomicBool,
}

impl Held {
    pub(super) fn new(session: Arc<Session>, clock: Arc<dyn Clock>) -> Self {
        Self { session, clock, came: AtomicBool::new(false), changed: AtomicBool::new(false) }
    }
}

impl Holder for Held {
    fn catalog(&self) -> &Catalog {
        &self.session.catalog
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn stored(&self, changed: bool) {
        self.came.store(true, Ordering::Relaxed);
        if changed && !self.changed.swap(true, Ordering::Relaxed) {
            self.session.indexing.wake();
        }
    }
}

/// Tells the window what came in, and how the rate moves while it does.
pub(super) struct Ticker {
    stop: mpsc::Sender<()>,
}

impl Ticker {
    pub(super) fn start(
        held: Arc<Held>,
        house: Weak<House>,
        events: Arc<dyn Events>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        std::thread::Builder::new().name("receivers".to_owned()).spawn(move || {
            // What was last told of each receiver: nothing is told while nothing changes.
            let mut told = Vec::new();
            while stopped.recv_timeout(PACE) == Err(mpsc::RecvTimeoutError::Timeout) {
                let Some(house) = house.upgrade() else { break };
                let now = held.now();
                let seen: Vec<_> = house.listening().iter().map(|on| house.seen(on.protocol, now)).collect();
                drop(house);
                let mut topics = Vec::new();
                if held.changed.swap(false, Ordering::Relaxed) {
                    topics.extend([Topic::Entities, Topic::Relations, Topic::Operations, Topic::Catalog]);
                }
                if held.came.swap(false, Ordering::Relaxed) || seen != told {
                    topics.push(Topic::Receivers);
                    told = seen;
                }
                if !topics.is_empty() {
                    events.send(Event::Stale { invalidates: topics });
                }
            }
        })?;
        Ok(Self { stop })
    }

    pub(super) fn stop(&self) {
        let _ = self.stop.send(());
    }
}
