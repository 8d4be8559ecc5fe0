//! Keeps the search index short of waiting entities: a thread for an open catalog that takes in what waits, after the
//! catalog was opened and after each change.
//!
//! A search finds what waits too, so that this only ever makes it quicker. It holds nothing that a search waits for,
//! and the one writer only for the moment of taking a portion off the queue.

use std::{
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use catena_store::Access;

use crate::{
    events::{Event, Events},
    session::Session,
    use_case::Topic,
};

/// How long nothing more must change before what changed is taken in: edits come several at a time.
const QUIET: Duration = Duration::from_millis(1_500);
/// The longest that is waited for quiet.
const LONGEST: Duration = Duration::from_secs(15);
/// A breath after every thousand entities, so that a long build leaves the machine to whoever works at it.
const BREATH: Duration = Duration::from_millis(4);
/// How long closing a catalog waits for the thread. It stops after a thousand entities; only the end of a long build
/// takes longer, and is safe to be cut off.
const PATIENCE: Duration = Duration::from_secs(2);
/// From how many entities on a search may not have been complete before: then its answers are stale.
const MANY: u64 = 2_000;

/// Tells the thread what to do, and others whether it is done.
#[derive(Default)]
pub(crate) struct Indexing {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// When something was changed last and first, if that was not taken in yet.
    wanted: Option<(Instant, Instant)>,
    stopped: bool,
    running: bool,
}

impl Indexing {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each field stands for itself: a panic leaves none half-made.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that something changed.
    pub(crate) fn wake(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        state.wanted = Some((now, state.wanted.map_or(now, |(_, first)| first)));
        self.changed.notify_all();
    }

    /// Asks the thread to end, and waits a while until it has.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        self.changed.notify_all();
        drop(self.changed.wait_timeout_while(state, PATIENCE, |state| state.running));
    }

    fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Waits until something changed and nothing more does. `false`: it is over.
    fn wait(&self) -> bool {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return false;
            }
            state = match state.wanted {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some((last, first)) => {
                    let now = Instant::now();
                    let at = (last + QUIET).min(first + LONGEST);
                    let Some(left) = at.checked_duration_since(now).filter(|left| !left.is_zero()) else {
                        state.wanted = None;
                        return true;
                    };
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

/// Says that the thread has ended, however it did.
struct Running(Arc<Indexing>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().running = false;
        self.0.changed.notify_all();
    }
}

/// Starts the thread for a catalog. One that can't be changed gets none: what it has waiting can't be taken off the
/// queue, and its searches take in what they need.
pub(crate) fn start(session: &Arc<Session>, events: Arc<dyn Events>) {
    if *session.catalog.access() != Access::ReadWrite {
        return;
    }
    let indexing = Arc::clone(&session.indexing);
    indexing.lock().running = true;
    indexing.wake();
    let running = Running(indexing);
    let weak = Arc::downgrade(session);
    // Without the thread searches take in what they need.
    let _ = std::thread::Builder::new()
        .name("search index".to_owned())
        .spawn(move || run(&running.0, &weak, &*events));
}

fn run(indexing: &Indexing, session: &Weak<Session>, events: &dyn Events) {
    while indexing.wait() {
        let Some(session) = session.upgrade() else { return };
        let taken = session.search.take_in_all(&session.catalog, &mut |_| {
            if indexing.is_stopped() || session.is_closing() {
                return ControlFlow::Break(());
            }
            std::thread::sleep(BREATH);
            ControlFlow::Continue(())
        });
        // A full disk or a busy catalog: it is searched from memory, and tried again after the next change.
        let Ok(progress) = taken else { continue };
        let topics: &[Topic] = match progress.taken {
            0 => &[],
            n if n < MANY => &[Topic::Catalog],
            _ => &[Topic::Catalog, Topic::Entities],
        };
        if !topics.is_empty() && !indexing.is_stopped() {
            events.send(Event::Stale { invalidates: topics.to_vec() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_until_changes_have_ended_and_stops_when_told() {
        let indexing = Arc::new(Indexing::default());
        let started = Instant::now();
        indexing.wake();
        assert!(indexing.wait());
        assert!(started.elapsed() >= QUIET);
        let told = Arc::clone(&indexing);
        let thread = std::thread::spawn(move || told.wait());
        indexing.stop();
        assert!(!thread.join().unwrap());
    }
}
