//! What every use case works with.

use std::sync::{Arc, RwLock};

use catena_model::{actor::Act, time::Timestamp};
use catena_store::Environment;
use serde_json::Value;

use crate::{
    AppError,
    connections::{Keychain, Secrets, Timers},
    error::Trouble,
    events::{Event, Events},
    jobs::Jobs,
    places::Places,
    receivers::{self, Receivers},
    registry,
    session::{Caller, Session},
    use_case::{Reply, Topic},
};

/// The application: at most one open catalog, the jobs that work on it, and who is calling.
pub struct App {
    /// Time and randomness.
    pub environment: Environment,
    /// Where things are on this machine.
    pub places: Places,
    /// Who calls.
    pub caller: Caller,
    /// Long-running work.
    pub jobs: Jobs,
    /// Who listens.
    pub events: Arc<dyn Events>,
    /// Where the secrets of connections are kept.
    pub keychain: Arc<dyn Secrets>,
    pub(crate) receivers: Receivers,
    timers: Timers,
    session: RwLock<Option<Arc<Session>>>,
}

impl App {
    /// An application without an open catalog.
    pub fn new(environment: Environment, places: Places, caller: Caller, events: Arc<dyn Events>) -> Self {
        let jobs = Jobs::new(Arc::clone(&events));
        Self {
            environment,
            places,
            caller,
            jobs,
            events,
            keychain: Arc::new(Keychain),
            receivers: Receivers::default(),
            timers: Timers::default(),
            session: RwLock::new(None),
        }
    }

    /// Calls a use case by name. The role is checked before the arguments are looked at.
    pub fn call(&self, name: &str, args: Value) -> Result<Reply, AppError> {
        let use_case = registry::find(name)
            .ok_or_else(|| AppError::bad_request(format!("there is no use case \"{name}\"")))?;
        if self.caller.role < use_case.role {
            return Err(AppError::new(
                Trouble::Forbidden,
                format!(
                    "your role may not do this: {name} needs a {}",
                    format!("{:?}", use_case.role).to_lowercase()
                ),
            ));
        }
        let reply = (use_case.run)(self, args)?;
        if use_case.invalidates.contains(&Topic::Entities)
            && let Some(session) = self.current()
        {
            session.indexing.wake();
        }
        Ok(reply)
    }

    /// The open catalog.
    pub fn session(&self) -> Result<Arc<Session>, AppError> {
        self.current().ok_or_else(AppError::no_catalog)
    }

    /// The open catalog, if any.
    pub fn current(&self) -> Option<Arc<Session>> {
        self.session.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Works on this catalog from now on; the one before is closed once its last call returns.
    pub fn enter(&self, session: Option<Arc<Session>>) {
        // First, so that what they have taken is stored before the catalog goes.
        self.receivers.close();
        self.timers.turn(self, None);
        let entered = session.clone();
        let before = {
            let mut held = self.session.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            std::mem::replace(&mut *held, session)
        };
        if let Some(before) = before {
            before.close();
        }
        if let Some(session) = entered {
            receivers::resume(self, &session);
            self.timers.turn(self, Some(&session));
        }
    }

    /// Given with each operation.
    pub fn act(&self) -> &Act {
        &self.caller.act
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.environment.clock.now()
    }

    /// Tells listeners which answers are stale.
    pub fn stale(&self, topics: &[Topic]) {
        self.events.send(Event::Stale { invalidates: topics.to_vec() });
    }
}
