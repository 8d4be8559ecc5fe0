//! OTLP's `AnyValue` and `KeyValue`, in both forms, as plain JSON.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value};

use super::{
    Limits,
    wire::{Fields, Malformed},
};

/// Reads values within limits that hold for all of one item.
pub(super) struct Values<'l> {
    limits: &'l Limits,
    left: usize,
}

impl<'l> Values<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, left: limits.values }
    }

    fn count(&mut self) -> Result<(), String> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            format!("it has more than {} values: have the source send fewer attributes", self.limits.values)
        })?;
        Ok(())
    }

    fn deeper(&self, depth: usize) -> Result<usize, String> {
        if depth >= self.limits.depth {
            return Err(format!(
                "an attribute is nested more than {} levels deep: flatten it at the source",
                self.limits.depth
            ));
        }
        Ok(depth + 1)
    }

    pub(super) fn text(&self, text: &str) -> Result<String, String> {
        if text.len() > self.limits.string_bytes {
            return Err(format!(
                "a text is {} bytes long, more than the {} that are taken: have the source shorten it",
                text.len(),
                self.limits.string_bytes
            ));
        }
        Ok(text.to_owned())
    }

    /// Takes in a `KeyValue` message. Of a key that is there twice, the last holds.
    pub(super) fn pair(&mut self, message: &[u8], into: &mut Map<String, Value>) -> Result<(), String> {
        self.pair_at(message, into, 0)
    }

    fn pair_at(&mut self, message: &[u8], into: &mut Map<String, Value>, depth: usize) -> Result<(), String> {
        self.count()?;
        let (mut key, mut value) = ("", &[][..]);
        for field in Fields::of(message) {
            match field.map_err(broken)? {
                (1, field) => key = field.text(1).map_err(broken)?,
                (2, field) => value = field.bytes(2).map_err(broken)?,
                _ => {}
            }
        }
        into.insert(self.text(key)?, self.any(value, depth)?);
        Ok(())
    }

    /// The `AnyValue` of a message.
    pub(super) fn any(&mut self, message: &[u8], depth: usize) -> Result<Value, String> {
        self.count()?;
        let mut value = Value::Null;
        for field in Fields::of(message) {
            value = match field.map_err(broken)? {
                (1, field) => Value::String(self.text(field.text(1).map_err(broken)?)?),
                (2, field) => Value::Bool(field.varint(2).map_err(broken)? != 0),
                (3, field) => Value::from(field.varint(3).map_err(broken)?.cast_signed()),
                (4, field) => number(f64::from_bits(field.fixed64(4).map_err(broken)?)),
                (5, field) => {
                    let depth = self.deeper(depth)?;
                    let mut items = Vec::new();
                    for item in Fields::of(field.bytes(5).map_err(broken)?) {
                        if let (1, item) = item.map_err(broken)? {
                            items.push(self.any(item.bytes(1).map_err(broken)?, depth)?);
                        }
                    }
                    Value::Array(items)
                }
                (6, field) => {
                    let depth = self.deeper(depth)?;
                    let mut map = Map::new();
                    for pair in Fields::of(field.bytes(6).map_err(broken)?) {
                        if let (1, pair) = pair.map_err(broken)? {
                            self.pair_at(pair.bytes(1).map_err(broken)?, &mut map, depth)?;
                        }
                    }
                    Value::Object(map)
                }
                (7, field) => self.bytes(field.bytes(7).map_err(broken)?)?,
                _ => value,
            };
        }
        Ok(value)
    }

    fn bytes(&self, bytes: &[u8]) -> Result<Value, String> {
        if bytes.len() > self.limits.string_bytes / 4 * 3 {
            return self.text(&STANDARD.encode(bytes)).map(Value::String);
        }
        Ok(Value::String(STANDARD.encode(bytes)))
    }

    /// The pairs of a JSON list of `KeyValue`s.
    pub(super) fn pairs_of_json(&mut self, list: Option<&Value>) -> Result<Map<String, Value>, String> {
        self.pairs_at(list, 0)
    }

    fn pairs_at(&mut self, list: Option<&Value>, depth: usize) -> Result<Map<String, Value>, String> {
        let mut map = Map::new();
        for pair in items(list, "attributes")? {
            self.count()?;
            let key = pair.get("key").and_then(Value::as_str).unwrap_or_default();
            let value = pair.get("value").map_or(Ok(Value::Null), |value| self.any_of_json(value, depth))?;
            map.insert(self.text(key)?, value);
        }
        Ok(map)
    }

    /// The value of a JSON `AnyValue`.
    pub(super) fn any_of_json(&mut self, any: &Value, depth: usize) -> Result<Value, String> {
        self.count()?;
        let Some(map) = any.as_object() else {
            return Err("an attribute's value is no object such as {\"stringValue\": \"x\"}: have the source write OTLP's JSON".to_owned());
        };
        let mut result = Value::Null;
        for (sort, value) in map {
            result = match (sort.as_str(), value) {
                ("stringValue", Value::String(text)) => Value::String(self.text(text)?),
                ("boolValue", Value::Bool(_)) => value.clone(),
                ("intValue", value) => Value::from(int(value).ok_or_else(|| wrong_value("intValue"))?),
                ("doubleValue", value) => number(double(value).ok_or_else(|| wrong_value("doubleValue"))?),
                ("arrayValue", value) => {
                    let depth = self.deeper(depth)?;
                    let items = items(value.get("values"), "values")?;
                    Value::Array(
                        items.iter().map(|item| self.any_of_json(item, depth)).collect::<Result<_, _>>()?,
                    )
                }
                ("kvlistValue", value) => {
                    let depth = self.deeper(depth)?;
                    Value::Object(self.pairs_at(value.get("values"), depth)?)
                }
                ("bytesValue", Value::String(text)) => {
                    STANDARD.decode(text).map_err(|_| wrong_value("bytesValue"))?;
                    Value::String(self.text(text)?)
                }
                ("stringValue" | "boolValue" | "bytesValue", _) => return Err(wrong_value(sort)),
                _ => result,
            };
        }
        Ok(result)
    }
}

/// The items of a list in JSON, which may be missing.
pub(super) fn items<'v>(list: Option<&'v Value>, what: &str) -> Result<&'v [Value], String> {
    match list {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(format!("{what} is no list: have the source write OTLP's JSON")),
    }
}

/// A 64-bit number, which JSON has as a text or a number.
pub(super) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

/// A count or time, likewise.
pub(super) fn unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    }
}

/// A number with a point, which JSON has as a number or, where it can't, as a text.
pub(super) fn double(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.trim().parse().ok(),
        },
        value => value.as_f64(),
    }
}

/// A number as JSON has it; NaN and the infinities as protobuf's JSON writes them.
pub(super) fn number(value: f64) -> Value {
    Number::from_f64(value).map_or_else(
        || {
            Value::from(match value {
                f64::INFINITY => "Infinity",
                f64::NEG_INFINITY => "-Infinity",
                _ => "NaN",
            })
        },
        Value::Number,
    )
}

/// Why an item can't be read, and what to do.
pub(super) fn broken(malformed: Malformed) -> String {
    format!("{malformed}: have the source send it again")
}

fn wrong_value(sort: &str) -> String {
    format!("a {sort} holds something else: have the source write OTLP's JSON")
}
