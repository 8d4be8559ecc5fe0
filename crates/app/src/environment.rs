//! The real clock and randomness: the one place that asks the machine for them.

use std::sync::{Arc, Mutex};

use catena_model::{
    clock::{Clock, Random},
    time::Timestamp,
};
use catena_store::Environment;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // The last 8 bytes of a version 4 UUID are random but for its 2 variant bits; those are filled from its head.
            let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
            let word = (low ^ high.rotate_left(32)).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// Time and randomness of this machine.
pub fn real() -> Environment {
    Environment { clock: Arc::new(SystemClock), random: Arc::new(Mutex::new(SystemRandom)) }
}
