//! How much one request, and all of them together, may be.

use std::time::Duration;

use catena_ingest::json;

/// How much is taken; what is more is refused while it comes in, not once it is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of one body as sent.
    pub sent_bytes: usize,
    /// The bytes of one body once its encoding is undone.
    pub body_bytes: usize,
    /// The bytes of all bodies that are being read or stored.
    pub bytes_at_once: usize,
    /// What the JSON of one event may hold.
    pub json: json::Limits,
    /// How long the head of a request may take, and how long a connection may lie idle.
    pub head_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// How long nothing at all may come of a body.
    pub silence: Duration,
    /// The connections of one receiver.
    pub connections: usize,
    /// The requests of one receiver that are being read or stored.
    pub requests: usize,
    /// The pieces that wait to be stored, of all receivers.
    pub waiting: usize,
    /// The requests per second of one source.
    pub requests_per_second: u32,
    /// The bytes per second of one source.
    pub bytes_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sent_bytes: 32 << 20,
            body_bytes: 64 << 20,
            bytes_at_once: 256 << 20,
            json: json::Limits::default(),
            head_time: Duration::from_secs(20),
            body_time: Duration::from_secs(60),
            silence: Duration::from_secs(10),
            connections: 512,
            requests: 512,
            waiting: 100_000,
            requests_per_second: 50_000,
            bytes_per_second: 256 << 20,
        }
    }
}
