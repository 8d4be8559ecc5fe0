//! The one gate that every request of every protocol passes.
//!
//! Any web page that somebody visits can reach a port of this machine, and so can any program on it. The decision is a
//! pure function of what was sent, so that a test can ask it about every combination.

use crate::{
    refusal::Refusal,
    route::{Media, Parameters, Route, fits},
    token::{Offered, Token},
};

/// A header that must be there once at most, and be text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent<'a> {
    /// Not at all.
    Not,
    /// Once.
    Once(&'a str),
    /// Several times, or not as text.
    Confused,
}

/// What of a request decides whether it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knock<'a> {
    /// Whom the client believes to talk to.
    pub host: Sent<'a>,
    /// The page for which a browser sends it.
    pub origin: Sent<'a>,
    /// The token.
    pub offered: Offered<'a>,
    /// The method.
    pub verb: &'a str,
    /// The path as sent, without the query.
    pub path: &'a str,
    /// What sort of body it has.
    pub media: Sent<'a>,
}

/// What one listener lets in.
#[derive(Debug, Clone)]
pub struct Door {
    /// The port that it listens on.
    pub port: u16,
    /// The token to send.
    pub token: Token,
    /// Origins that may send all the same; none unless somebody named them.
    pub origins: Vec<String>,
}

/// A request that may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The route.
    pub route: Route,
    /// The parameters in its path.
    pub parameters: Parameters,
    /// What sort of body it has.
    pub media: Media,
}

impl Door {
    /// Whether a request may come in, and to which route. In this order, so that whoever has no token learns nothing
    /// of what is behind it.
    pub fn admit(&self, routes: &[Route], knock: &Knock<'_>) -> Result<Admitted, Refusal> {
        match knock.host {
            Sent::Once(host) if self.is_own(host) => {}
            _ => return Err(Refusal::Host),
        }
        match knock.origin {
            Sent::Not => {}
            Sent::Once(origin) if self.origins.iter().any(|allowed| allowed == origin) => {}
            _ => return Err(Refusal::Origin),
        }
        if !knock.offered.secret().is_some_and(|secret| self.token.is(&secret)) {
            return Err(Refusal::Token);
        }
        let mut at_path = routes.iter().filter_map(|route| Some((route, fits(route.path, knock.path)?)));
        let Some((route, parameters)) = at_path.find(|(route, _)| route.verb.word() == knock.verb) else {
            return Err(elsewhere(routes, knock.path));
        };
        let media = match knock.media {
            Sent::Not => Media::of(None),
            Sent::Once(text) => Media::of(Some(text)),
            Sent::Confused => None,
        };
        match media {
            _ if route.takes.contains(&Media::Any) && knock.media != Sent::Confused => {
                Ok(Admitted { route: *route, parameters, media: Media::Any })
            }
            Some(media) if route.takes.contains(&media) => Ok(Admitted { route: *route, parameters, media }),
            _ => {
                let taken: Vec<_> = route.takes.iter().map(|media| media.word()).collect();
                Err(Refusal::Media { taken: taken.join(", ") })
            }
        }
    }

    /// The exact names of a loopback listener; no prefix, no suffix, no other port.
    fn is_own(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
            host.strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(':'))
                .is_some_and(|port| port == self.port.to_string())
        })
    }
}

fn elsewhere(routes: &[Route], path: &str) -> Refusal {
    let mut allowed: Vec<_> = routes
        .iter()
        .filter(|route| fits(route.path, path).is_some())
        .map(|route| route.verb.word())
        .collect();
    allowed.dedup();
    if allowed.is_empty() { Refusal::Path } else { Refusal::Verb { allowed: allowed.join(", ") } }
}
