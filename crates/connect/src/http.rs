//! The one way out: all requests to other systems go through this client.
//!
//! It asks one server only. The server's address is found once, checked and pinned; redirects are followed by hand
//! and only within the same origin; answers are capped after decompression; every wait is bounded; what may pass
//! (429, 5xx, a lost connection) is tried again, with the wait that the server asks for.

mod body;
mod client;
mod error;
mod origin;
mod reach;
mod retry;

pub(crate) use client::Sign;
pub use client::{Client, Json, Limits, Wiring};
pub use error::HttpError;
pub use origin::Endpoint;
pub(crate) use origin::segment;
pub use reach::Reach;
pub use retry::Patience;
