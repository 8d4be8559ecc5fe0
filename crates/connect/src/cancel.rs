//! Stopping something that runs elsewhere.

use std::sync::Arc;

use tokio::sync::watch;

/// Asks everything that holds a clone of it to stop; there is no way back.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Cancel {
    /// One that nobody has asked to stop yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when somebody asks to stop.
    pub async fn cancelled(&self) {
        // The sender lives in `self`, so the channel can't close while this waits.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}
