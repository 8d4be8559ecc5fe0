//! Digests of an event's identity and content, the same however its JSON is written.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A digest of the content: of every key and value, in the order of the keys.
pub(super) fn content(event: &Value) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(4_096);
    put(event, &mut bytes);
    half(&Sha256::digest(&bytes))
}

/// A digest of the parts, each behind its length so that no two lists of parts have the same bytes.
pub(super) fn identity(parts: &[&str]) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(256);
    for part in parts {
        text(part, &mut bytes);
    }
    half(&Sha256::digest(&bytes))
}

fn half(digest: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

fn put(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.push(b'n'),
        Value::Bool(bool) => into.push(if *bool { b't' } else { b'f' }),
        Value::Number(number) => {
            let (tag, bytes) = if let Some(integer) = number.as_i64() {
                (b'i', integer.to_le_bytes())
            } else if let Some(integer) = number.as_u64() {
                (b'u', integer.to_le_bytes())
            } else {
                (b'd', number.as_f64().unwrap_or(f64::NAN).to_bits().to_le_bytes())
            };
            into.push(tag);
            into.extend_from_slice(&bytes);
        }
        Value::String(string) => {
            into.push(b's');
            text(string, into);
        }
        Value::Array(items) => {
            into.push(b'[');
            count(items.len(), into);
            items.iter().for_each(|item| put(item, into));
        }
        Value::Object(map) => {
            into.push(b'{');
            count(map.len(), into);
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, item) in entries {
                text(key, into);
                put(item, into);
            }
        }
    }
}

fn text(text: &str, into: &mut Vec<u8>) {
    count(text.len(), into);
    into.extend_from_slice(text.as_bytes());
}

fn count(count: usize, into: &mut Vec<u8>) {
    into.extend_from_slice(&(count as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_counts() {
        let read = |text: &str| content(&serde_json::from_str(text).unwrap());
        assert_eq!(read(r#"{"a":1,"b":["x"]}"#), read(r#"{ "b":["\u0078"], "a":1 }"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1.0}"#));
        assert_ne!(read(r#"["a","b"]"#), read(r#"["ab",""]"#));
        assert_ne!(identity(&["a", "bc"]), identity(&["ab", "c"]));
    }
}
