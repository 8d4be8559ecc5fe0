//! What the window is told without asking.

use serde::Serialize;

use crate::{jobs::Job, use_case::Topic};

/// Something happened that a listener may want to know.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Answers about these topics are stale.
    Stale {
        /// The topics.
        invalidates: Vec<Topic>,
    },
    /// A job went on, or ended.
    Job {
        /// Its state now.
        job: Box<Job>,
    },
}

/// Takes events to whoever listens. Must not block.
pub trait Events: Send + Sync {
    /// Sends one event.
    fn send(&self, event: Event);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unheard;

impl Events for Unheard {
    fn send(&self, _: Event) {}
}
