//! Where things are on this machine.

use std::path::PathBuf;

/// The folders and files that the app uses by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Where the default catalog, the copy of the sample and the list of recent catalogs are kept.
    pub data: PathBuf,
    /// The sample catalog as shipped, where there is one.
    pub sample: Option<PathBuf>,
}

impl Places {
    /// The catalog that is opened when none is named.
    pub fn default_catalog(&self) -> PathBuf {
        self.data.join("catalog.catena")
    }

    /// The user's own copy of the sample.
    pub fn sample_copy(&self) -> PathBuf {
        self.data.join("sample.catena")
    }

    /// Which receivers were on for which catalog.
    pub fn receivers(&self) -> PathBuf {
        self.data.join("receivers.json")
    }

    /// The token that clients of receivers send.
    pub fn receiver_token(&self) -> PathBuf {
        self.data.join("receiver-token")
    }

    /// How often which connection of which catalog is pulled by itself.
    pub fn connections(&self) -> PathBuf {
        self.data.join("connections.json")
    }

    /// The secrets of connections where there is no keychain, once the user agreed to it.
    pub fn secrets(&self) -> PathBuf {
        self.data.join("secrets.json")
    }

    /// The list of catalogs opened lately.
    pub fn recent(&self) -> PathBuf {
        self.data.join("recent.json")
    }
}
