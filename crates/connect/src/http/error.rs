//! What can go wrong between here and a server, and what to do about it.

use std::{net::IpAddr, time::Duration};

/// Why a server could not be asked, or its answer not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The text is not an address of a server.
    #[error("\"{address}\" is not the address of a server: {why}")]
    BadAddress {
        /// The text, without any password.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// The host's name leads nowhere.
    #[error("the host \"{host}\" was not found ({why}): check the address and the network")]
    Unresolved {
        /// The host's name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// The host's name leads to an address that is not to be reached from here.
    #[error("\"{host}\" leads to {address}, {why}")]
    Forbidden {
        /// The host's name.
        host: String,
        /// Where it leads.
        address: IpAddr,
        /// Why that is refused, and what to do.
        why: &'static str,
    },
    /// No connection, or it was lost, every time.
    #[error("{origin} could not be reached in {attempts} attempts ({why}): is the server running?")]
    Unreachable {
        /// The server.
        origin: String,
        /// How often it was tried.
        attempts: u32,
        /// What the last attempt met.
        why: String,
    },
    /// No answer in time, every time.
    #[error("{url} did not answer within {}: the server hangs or is overloaded; try again later", seconds(.after))]
    Silent {
        /// What was asked.
        url: String,
        /// How long was waited, each time.
        after: Duration,
    },
    /// The server sends us to another one.
    #[error(
        "{from} sends us on to another server, {to}; nothing was sent there. If that is where the data is, give its \
         address instead"
    )]
    Elsewhere {
        /// The server that was asked.
        from: String,
        /// The origin that it names.
        to: String,
    },
    /// The server sends us round and round.
    #[error("{url} redirects more than {limit} times: check the address")]
    Circling {
        /// What was asked.
        url: String,
        /// How many were followed.
        limit: usize,
    },
    /// A listing has no end.
    #[error(
        "{url} gives the same page of {what} again and again: the server is broken; nothing more was read"
    )]
    Endless {
        /// The server.
        url: String,
        /// What was listed: `runs`.
        what: String,
    },
    /// The answer is something else than JSON.
    #[error("{url} answered {got}, not JSON: is this the address of {system}?")]
    NotJson {
        /// What was asked.
        url: String,
        /// What came: `HTML`, a content type, or nothing.
        got: String,
        /// What was expected there: `an MLflow server`.
        system: &'static str,
    },
    /// The answer says it is JSON, and is not what was asked for.
    #[error(
        "{url} answered JSON that can't be read ({why}): is this {system} of a version that is supported?"
    )]
    Unreadable {
        /// What was asked.
        url: String,
        /// What is wrong, and where in the answer.
        why: String,
        /// What was expected there: `an MLflow server`.
        system: &'static str,
    },
    /// The answer is longer than is safe to hold.
    #[error("{url} answered more than {} MB, which is not read: ask for less at once", .limit / 1_000_000)]
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit in bytes, after decompression.
        limit: usize,
    },
    /// The server refuses.
    #[error("{url} answered {status}{}{}", detail(.message), advice(*.status))]
    Refused {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's own word for it, such as `RESOURCE_DOES_NOT_EXIST`.
        code: Option<String>,
        /// The server's explanation.
        message: Option<String>,
    },
    /// The server asks us to come back much later.
    #[error("{url} asks to wait {} before the next request: try again then", seconds(.wait))]
    ComeBack {
        /// What was asked.
        url: String,
        /// How long.
        wait: Duration,
    },
    /// Somebody asked to stop.
    #[error("stopped on request")]
    Cancelled,
}

impl HttpError {
    /// Whether the server does not know what was asked for: an older version, or an object that is gone.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404 | 405 | 501, .. })
    }
}

fn seconds(time: &Duration) -> String {
    format!("{} s", time.as_secs().max(1))
}

fn detail(message: &Option<String>) -> String {
    message.as_ref().map(|message| format!(" ({message})")).unwrap_or_default()
}

fn advice(status: u16) -> &'static str {
    match status {
        401 => ": the server asks who you are; give a user name and password, or a token",
        403 => ": these credentials may not read this",
        404 | 405 | 501 => ": check the address, or the server is of another version",
        429 => ": the server is overloaded; try again later",
        500..=599 => ": the server failed; its own log says why",
        _ => "",
    }
}
