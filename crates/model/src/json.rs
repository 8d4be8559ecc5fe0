//! One way to write a JSON value, so that equal values have equal bytes and hashes.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The value with its object keys sorted at every level. Numbers stay as they were read.
pub fn canonical(value: &Value) -> String {
    // What serde_json writes is UTF-8; a lossy reading changes nothing.
    match String::from_utf8(bytes(value)) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// SHA-256 of [`canonical`].
pub fn digest(value: &Value) -> [u8; 32] {
    Sha256::digest(bytes(value)).into()
}

/// Digests several values as one.
#[derive(Default)]
pub struct Digester {
    bytes: Vec<u8>,
}

impl Digester {
    /// Takes in a value, as [`canonical`] writes it.
    pub fn value(&mut self, value: &Value) {
        write(value, &mut self.bytes);
        self.bytes.push(b'\n');
    }

    /// Takes in an object.
    pub fn object(&mut self, map: &serde_json::Map<String, Value>) {
        write_object(map, &mut self.bytes);
        self.bytes.push(b'\n');
    }

    /// Takes in a text.
    pub fn text(&mut self, text: &str) {
        leaf(&text, &mut self.bytes);
        self.bytes.push(b'\n');
    }

    /// The first 16 bytes of the SHA-256 of all that was taken in, in order.
    pub fn short(&self) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(&self.bytes)[..16]);
        short
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(value, &mut out);
    out
}

// Every facet of every event passes through here: no text is made on the way.
fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(map) => write_object(map, out),
        other => leaf(other, out),
    }
}

fn write_object(map: &serde_json::Map<String, Value>, out: &mut Vec<u8>) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push(b'{');
    for (i, (key, item)) in entries.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        leaf(key, out);
        out.push(b':');
        write(item, out);
    }
    out.push(b'}');
}

fn leaf(value: &impl serde::Serialize, out: &mut Vec<u8>) {
    // Writing a text, number, truth value or null to memory has no way to fail.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_order_does_not_matter_and_the_result_reads_back() {
        let a: Value = serde_json::from_str(r#"{"b":[1,{"y":2,"x":1.5}],"a":"\u0007"}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a":"\u0007","b":[1,{"x":1.5,"y":2}]}"#).unwrap();
        assert_eq!(canonical(&a), canonical(&b));
        assert_eq!(serde_json::from_str::<Value>(&canonical(&a)).unwrap(), a);
        assert_eq!(digest(&a), digest(&b));
    }
}
