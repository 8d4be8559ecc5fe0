//! Waiting, passed in so that a test need not.

use std::{future::Future, pin::Pin, time::Duration};

/// A future that can be sent to another thread.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Lets time pass.
pub trait Pause: Send + Sync {
    /// Returns after `time`.
    fn pause(&self, time: Duration) -> Pending<'static, ()>;
}

/// Real time, by tokio's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealPause;

impl Pause for RealPause {
    fn pause(&self, time: Duration) -> Pending<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}
