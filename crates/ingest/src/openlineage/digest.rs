//! Digests of an event's identity and content, the same however its JSON is written.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::parts::Parts;

/// A digest of an event, made while its facets are read: theirs come in the order of its job or dataset, inputs and
/// outputs.
pub(super) struct OfEvent(Sha256);

impl OfEvent {
    /// Takes in all but the facets.
    pub(super) fn new(parts: &Parts<'_>) -> Self {
        let mut bytes = Vec::with_capacity(1_024);
        put_object(&parts.rest, &mut bytes);
        put(parts.run.as_ref().unwrap_or(&Value::Null), &mut bytes);
        for list in [&parts.inputs, &parts.outputs] {
            count(list.len(), &mut bytes);
            list.iter().for_each(|part| put_object(&part.rest, &mut bytes));
        }
        for part in [&parts.job, &parts.dataset] {
            count(part.iter().count(), &mut bytes);
            part.iter().for_each(|part| put_object(&part.rest, &mut bytes));
        }
        Self(Sha256::new_with_prefix(bytes))
    }

    /// Takes in the digests of one part's facets, by their names.
    pub(super) fn facets(&mut self, mut facets: Vec<(String, [u8; 16])>) {
        facets.sort_unstable();
        let mut bytes = Vec::with_capacity(256);
        count(facets.len(), &mut bytes);
        for (name, digest) in facets {
            text(&name, &mut bytes);
            bytes.extend_from_slice(&digest);
        }
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; 16] {
        half(&self.0.finalize())
    }
}

/// A digest of a value: of every key and value, in the order of the keys.
pub(super) fn content(event: &Value) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(4_096);
    put(event, &mut bytes);
    half(&Sha256::digest(&bytes))
}

/// A digest of the parts, each behind its length so that no two lists of parts have the same bytes.
pub(super) fn identity<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    half(&digest.finalize())
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
        Value::Object(map) => put_object(map, into),
    }
}

fn put_object(map: &Map<String, Value>, into: &mut Vec<u8>) {
    into.push(b'{');
    count(map.len(), into);
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    for (key, item) in entries {
        text(key, into);
        put(item, into);
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
        assert_ne!(identity([b"a".as_slice(), b"bc"]), identity([b"ab".as_slice(), b"c"]));
    }
}
