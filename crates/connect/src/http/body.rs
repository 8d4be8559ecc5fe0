//! What comes back: read with a cap, and understood.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::{Deserialize, de::DeserializeOwned};

/// How much of a refusal is read, in bytes.
pub const REFUSAL: usize = 64_000;

/// The longest explanation of a server that is shown, in characters.
const EXPLANATION: usize = 400;

/// Why an answer's body was not read to its end.
pub enum TooLong {
    /// It is longer than the limit; this is its start.
    Cut(Vec<u8>),
    /// The connection was lost, or what arrived can't be decompressed.
    Lost(reqwest::Error),
}

/// Reads an answer's body. The limit holds for what comes out of decompression, so that a small answer can't become
/// a large one.
pub async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, TooLong> {
    // The server's word on the length is a hint for the allocation, not to be trusted with much.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = Vec::with_capacity(announced.min(limit).min(1_000_000));
    while let Some(chunk) = response.chunk().await.map_err(TooLong::Lost)? {
        let room = limit - body.len();
        if chunk.len() > room {
            body.extend_from_slice(&chunk[..room]);
            return Err(TooLong::Cut(body));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the answer says of itself that it is JSON.
pub fn says_json(headers: &HeaderMap) -> bool {
    let media = media_type(headers).to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// What the answer is, for a person.
pub fn describe(headers: &HeaderMap, body: &[u8]) -> String {
    let start = body.trim_ascii_start();
    let media = media_type(headers);
    if start.first() == Some(&b'<') || media.eq_ignore_ascii_case("text/html") {
        "HTML".to_owned()
    } else if start.is_empty() {
        "nothing".to_owned()
    } else if media.is_empty() {
        "something without a content type".to_owned()
    } else {
        media.chars().take(80).collect()
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// Reads JSON. Python's `json` writes the numbers that JSON does not have as `NaN` and `Infinity`; they are read as
/// if they were strings.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) => match quote_pythons_numbers(body) {
            Some(body) => serde_json::from_slice(&body),
            None => Err(error),
        },
    }
}

/// Puts `NaN`, `Infinity` and `-Infinity` outside of strings into quotes; `None` if there are none.
fn quote_pythons_numbers(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() + 64);
    let (mut at, mut in_string, mut found) = (0, false, false);
    while at < body.len() {
        let rest = &body[at..];
        if in_string {
            let step = if rest[0] == b'\\' { 2.min(rest.len()) } else { 1 };
            in_string = rest[0] != b'"';
            out.extend_from_slice(&rest[..step]);
            at += step;
            continue;
        }
        let word =
            [b"NaN".as_slice(), b"Infinity", b"-Infinity"].into_iter().find(|word| rest.starts_with(word));
        if let Some(word) = word {
            out.push(b'"');
            out.extend_from_slice(word);
            out.push(b'"');
            at += word.len();
            found = true;
        } else {
            in_string = rest[0] == b'"';
            out.push(rest[0]);
            at += 1;
        }
    }
    found.then_some(out)
}

/// What a refusal says: MLflow's (and others') `error_code` and `message`, cut to what a person reads.
pub fn refusal(body: &[u8]) -> (Option<String>, Option<String>) {
    #[derive(Deserialize)]
    struct Explained {
        error_code: Option<String>,
        message: Option<String>,
    }
    let Ok(explained) = serde_json::from_slice::<Explained>(body) else { return (None, None) };
    let short = |text: String| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(EXPLANATION).collect();
        (!text.is_empty()).then_some(text)
    };
    (explained.error_code.and_then(short), explained.message.and_then(short))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn pythons_numbers_are_read_and_the_same_letters_in_a_text_stay() {
        let body = br#"{"a":NaN,"b":[-Infinity,Infinity,1],"NaN":"is \"NaN\" \\","c":"-Infinity"}"#;
        let value: Value = parse(body).unwrap();
        assert_eq!(
            value,
            json!({"a": "NaN", "b": ["-Infinity", "Infinity", 1], "NaN": "is \"NaN\" \\", "c": "-Infinity"})
        );
        assert!(parse::<Value>(b"{\"a\":NaN").is_err());
        assert!(parse::<Value>(b"\"\\").is_err());
    }

    #[test]
    fn json_that_is_nested_too_deep_is_an_error() {
        let body = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        assert!(parse::<Value>(&body).is_err());
    }

    #[test]
    fn a_refusal_is_shortened_and_loses_its_control_characters() {
        let body =
            json!({"error_code": "INTERNAL_ERROR", "message": format!("a\u{1b}[31m{}", "x".repeat(9_000))});
        let (code, message) = refusal(body.to_string().as_bytes());
        assert_eq!(code.as_deref(), Some("INTERNAL_ERROR"));
        assert_eq!(message.unwrap().len(), EXPLANATION);
        assert_eq!(refusal(b"<html>"), (None, None));
    }
}
