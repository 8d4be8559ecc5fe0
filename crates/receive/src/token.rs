//! The secret that a client must send, and the ways in which clients send it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use catena_model::clock::Random;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token. Only its digest is held, so that neither a log nor a core dump of this type gives it away.
#[derive(Clone)]
pub struct Token {
    digest: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// A new token text: 32 random bytes in hexadecimal. `random` must be the operating system's.
pub fn new_text(random: &mut dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Token {
    /// The token of this text.
    pub fn of(text: &str) -> Self {
        Self { digest: digest(text.as_bytes()) }
    }

    /// Whether `offered` is it, in the same time whatever it is: digests are compared, so not even its length shows.
    pub fn is(&self, offered: &[u8]) -> bool {
        self.digest.ct_eq(&digest(offered)).into()
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The token as a request offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offered<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `X-Api-Key` header.
    pub api_key: Option<&'a str>,
}

impl Offered<'_> {
    /// The bytes to compare: of `Bearer`, of the password of `Basic`, or of the key. A request that offers two
    /// different ones offers none.
    pub fn secret(&self) -> Option<Vec<u8>> {
        let authorization = self.authorization.map(authorized);
        let api_key = self.api_key.map(|key| key.as_bytes().to_vec());
        match (authorization, api_key) {
            (Some(Some(one)), Some(other)) => (one == other).then_some(one),
            (Some(one), None) => one,
            (Some(None), Some(_)) => None,
            (None, other) => other,
        }
    }
}

fn authorized(header: &str) -> Option<Vec<u8>> {
    let (scheme, rest) = header.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(rest.as_bytes().to_vec())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest).ok()?;
        let colon = pair.iter().position(|&byte| byte == b':')?;
        Some(pair[colon + 1..].to_vec())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(authorization: Option<&str>, api_key: Option<&str>) -> bool {
        let token = Token::of("s3cret");
        Offered { authorization, api_key }.secret().is_some_and(|secret| token.is(&secret))
    }

    #[test]
    fn the_three_ways_to_send_it() {
        assert!(accepted(Some("Bearer s3cret"), None));
        assert!(accepted(Some("bearer  s3cret"), None));
        assert!(accepted(None, Some("s3cret")));
        // "anybody:s3cret", as MLflow's client sends it.
        assert!(accepted(Some("Basic YW55Ym9keTpzM2NyZXQ="), None));
        assert!(accepted(Some("Bearer s3cret"), Some("s3cret")));
    }

    #[test]
    fn anything_else_is_none() {
        for (authorization, api_key) in [
            (None, None),
            (Some("Bearer s3cre"), None),
            (Some("Bearer s3crets"), None),
            (Some("Bearer"), None),
            (Some("s3cret"), None),
            (Some("Digest s3cret"), None),
            (Some("Basic s3cret"), None),
            (Some("Basic czNjcmV0"), None),
            (None, Some("")),
            (Some("Bearer s3cret"), Some("other")),
            (Some("Bearer other"), Some("s3cret")),
            (Some("Nonsense"), Some("s3cret")),
        ] {
            assert!(!accepted(authorization, api_key), "{authorization:?} {api_key:?}");
        }
    }

    #[test]
    fn it_is_not_shown() {
        assert!(!format!("{:?}", Token::of("s3cret")).contains("s3cret"));
    }

    #[test]
    fn a_new_one_is_long_and_another_each_time() {
        let mut random = catena_model::clock::Seeded(7);
        let (one, other) = (new_text(&mut random), new_text(&mut random));
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }
}
