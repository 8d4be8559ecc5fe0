//! Why a request is not taken, in words for the person who set the client up.

use std::time::Duration;

use hyper::StatusCode;

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The Host header names something else than this listener: a page that rebound its name to this machine.
    #[error(
        "the Host header does not name this receiver: send to the address that the Connections screen shows"
    )]
    Host,
    /// A browser sent it for a page.
    #[error("requests from web pages (with an Origin header) are not taken: send from a program")]
    Origin,
    /// No token, or a wrong one.
    #[error(
        "the token is missing or wrong: send \"Authorization: Bearer TOKEN\" with the token that the Connections \
         screen shows"
    )]
    Token,
    /// There is no such path.
    #[error("this receiver has nothing at this path: check the address that the client was given")]
    Path,
    /// The path is there, but not for this method.
    #[error("this path does not take this method: it takes {allowed}")]
    Verb {
        /// Those that it takes, with commas.
        allowed: String,
    },
    /// The content type isn't one that the route takes.
    #[error("this content type is not taken here: send {taken}")]
    Media {
        /// Those that it takes, with commas.
        taken: String,
    },
    /// An encoding that isn't known, or several.
    #[error("this content encoding is not taken: send gzip, deflate, zstd or none")]
    Encoding,
    /// The body is not what its encoding says.
    #[error("the body is not whole {encoding}: send it again")]
    Broken {
        /// Its encoding.
        encoding: &'static str,
    },
    /// Too long.
    #[error("the body is more than the {limit} bytes that are taken ({when}): send less in one request")]
    TooLarge {
        /// How much is taken.
        limit: usize,
        /// `as sent` or `decoded`.
        when: &'static str,
    },
    /// The client stopped sending.
    #[error("the body did not arrive in time: send it again")]
    Slow,
    /// The connection broke while the body came.
    #[error("the body was cut off: send it again")]
    CutOff,
    /// This source sends faster than it may.
    #[error("this source sends more than a receiver takes from one: wait {} ms and send it again", .0.as_millis())]
    Quota(Duration),
    /// Too much is being taken at once.
    #[error("the receiver is busy: nothing was stored of this request; send it again in a moment")]
    Busy,
    /// The catalog can't store anything just now.
    #[error("the catalog could not store this request ({0}); send it again")]
    Unavailable(String),
    /// The route only reads.
    #[error("this route may not change anything")]
    ReadsOnly,
    /// What was sent can't be understood.
    #[error("{0}")]
    Unreadable(String),
    /// There is no such thing in the catalog.
    #[error("{0}")]
    NotFound(String),
    /// What was sent contradicts what is there.
    #[error("{0}")]
    Conflict(String),
}

impl Refusal {
    /// The HTTP status that says so.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin | Self::ReadsOnly => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Path | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Verb { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Media { .. } | Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken { .. } | Self::CutOff => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Quota(_) | Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
        }
    }

    /// After how many seconds to try again, where that may help.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Quota(wait) => Some(wait.as_secs().saturating_add(1)),
            Self::Busy => Some(1),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }
}
