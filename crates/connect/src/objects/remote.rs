//! An object in a store as something any part of which can be read.

use std::io;

use catena_files::Ranges;
use tokio::runtime::Handle;

use crate::http::{Client, HttpError};

/// The largest part that is asked for at once, in bytes.
const PART: usize = 32 << 20;

/// How much of one object is read in all, in bytes.
const BUDGET: u64 = 64 << 20;

/// An object; to be read on a thread that may wait.
pub(super) struct Remote {
    pub(super) client: Client,
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) runtime: Handle,
    read: u64,
}

impl Remote {
    pub(super) fn new(client: Client, path: String, size: u64, runtime: Handle) -> Self {
        Self { client, path, size, runtime, read: 0 }
    }
}

impl Ranges for Remote {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let most = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes);
        if most == 0 {
            return Ok(Vec::new());
        }
        self.read += most as u64;
        if most > PART || self.read > BUDGET {
            return Err(io::Error::other("more of it would have to be read than is taken over the network"));
        }
        let asked = self.client.range(&self.path, at, most);
        self.runtime.block_on(asked).map_err(|error: HttpError| io::Error::other(error.to_string()))
    }
}
