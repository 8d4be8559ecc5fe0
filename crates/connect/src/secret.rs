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

/// An address without the password that may stand in it, for messages.
pub(crate) fn without_password(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => format!("{}{}", &text[..scheme + 3], &text[at + 1..]),
        _ => text.to_owned(),
    }
}

/// What stands escaped in an address.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// An address without the user and password in it, and they. Addresses are kept and shown; these never are.
pub fn taken_out(address: &str) -> (String, Option<Credential>) {
    let Some((scheme, rest)) = address.split_once("://") else { return (address.to_owned(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else { return (address.to_owned(), None) };
    let (user, password) = match rest[..at].split_once(':') {
        Some((user, password)) => (user, password),
        None => (&rest[..at], ""),
    };
    let credential =
        Credential::Basic { user: percent_decoded(user), password: Secret::new(percent_decoded(password)) };
    (format!("{scheme}://{}", &rest[at + 1..]), Some(credential))
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

    #[test]
    fn who_logs_in_comes_out_of_an_address() {
        let (address, credential) = taken_out("postgres://ann:p%40s:s@db:5432/shop?a=b@c");
        assert_eq!(address, "postgres://db:5432/shop?a=b@c");
        assert_eq!(
            credential,
            Some(Credential::Basic { user: "ann".into(), password: Secret::new("p@s:s") })
        );
        for plain in ["http://docs.example/a@b", "/data/me@home.db", "sqlite:///a@b"] {
            assert_eq!(taken_out(plain), (plain.to_owned(), None));
        }
    }
}
