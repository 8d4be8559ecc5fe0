//! One way to write a JSON value, so that equal values have equal bytes and hashes.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The value with its object keys sorted at every level. Numbers stay as they were read.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// SHA-256 of [`canonical`].
pub fn digest(value: &Value) -> [u8; 32] {
    Sha256::digest(canonical(value).as_bytes()).into()
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
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
