//! AWS's Signature Version 4, for requests that only read: no body, every header signed that is sent for it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use std::sync::Arc;

use catena_model::clock::Clock;
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use sha2::{Digest, Sha256};

use crate::{http::Sign, secret::Secret};

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Who signs, and where.
pub(super) struct Signer {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) region: String,
    pub(super) clock: Arc<dyn Clock>,
}

impl Sign for Signer {
    fn headers(&self, method: &Method, url: &Url) -> Vec<(HeaderName, HeaderValue)> {
        // 2026-11-25T07:00:00.123Z as 20261125T070000Z.
        let now = self.clock.now().to_string();
        let moment: String = now.chars().filter(|c| !matches!(c, '-' | ':')).take(15).chain(['Z']).collect();
        let authorization = self.authorization(method, url, &moment);
        [
            (HeaderName::from_static("x-amz-date"), moment),
            (HeaderName::from_static("x-amz-content-sha256"), EMPTY.to_owned()),
            (AUTHORIZATION, authorization),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
        .collect()
    }
}

impl Signer {
    fn authorization(&self, method: &Method, url: &Url, moment: &str) -> String {
        let day = moment.get(..8).unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut pairs: Vec<(String, String)> =
            url.query_pairs().map(|(key, value)| (escaped(&key), escaped(&value))).collect();
        pairs.sort();
        let query: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        let request = format!(
            "{method}\n{}\n{}\nhost:{host}\nx-amz-content-sha256:{EMPTY}\nx-amz-date:{moment}\n\n\
             host;x-amz-content-sha256;x-amz-date\n{EMPTY}",
            url.path(),
            query.join("&"),
        );
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let digest = hex(&Sha256::digest(request.as_bytes()));
        let to_sign = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}");
        let mut key = hmac(format!("AWS4{}", self.secret.expose()).as_bytes(), day.as_bytes());
        for part in [self.region.as_str(), "s3", "aws4_request", &to_sign] {
            key = hmac(&key, part.as_bytes());
        }
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature={}",
            self.id,
            hex(&key)
        )
    }
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    let short = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block[..short.len()].copy_from_slice(&short);
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |hex, byte| format!("{hex}{byte:02x}"))
}

/// As AWS escapes: everything but letters, digits and `-._~`.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            out + char::from(byte).to_string().as_str()
        }
        byte => format!("{out}%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use catena_model::{clock::Fixed, time::Timestamp};

    use super::*;

    fn example() -> Signer {
        Signer {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1".to_owned(),
            clock: Arc::new(Fixed(Timestamp::from_millis(1_369_353_600_000))),
        }
    }

    #[test]
    fn requests_are_signed_as_in_awss_own_examples() {
        for (address, signature) in [
            // "GET Bucket (List Objects)"
            (
                "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
            // "GET Bucket Lifecycle"
            (
                "https://examplebucket.s3.amazonaws.com/?lifecycle",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
        ] {
            let headers = example().headers(&Method::GET, &Url::parse(address).unwrap());
            let authorization =
                headers.iter().find(|(name, _)| *name == AUTHORIZATION).unwrap().1.to_str().unwrap();
            assert!(authorization.ends_with(signature), "{authorization}");
            assert_eq!(headers[0].1.to_str().unwrap(), "20130524T000000Z");
            assert!(!authorization.contains("wJalr"));
        }
    }
}
