//! Credentials, in types that can't be printed by accident.

use std::fmt;

/// A text that is never shown: not by `Debug`, not in an error, not in JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// What proves to a server who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token, sent as `Authorization: Bearer`.
    Bearer(Secret),
    /// A user name and a password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_what_debug_prints() {
        let credential = Credential::Basic { user: "ann".into(), password: Secret::new("hunter2") };
        let shown = format!("{credential:?}");
        assert!(shown.contains("ann") && !shown.contains("hunter2"), "{shown}");
    }
}
