//! JSON from strangers: one value, within limits, with every key once.
//!
//! serde_json alone would keep the last of two equal keys, so that two readers could see two different events in one
//! text, and would build any number of items. This reader refuses both and says where.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, error::Category, map::Entry};

use crate::fault::shorten;

/// How much one JSON value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects within each other; at most 120.
    pub depth: usize,
    /// Values and keys in all.
    pub items: usize,
    /// The longest string, in bytes.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, items: 500_000, string_bytes: 8 << 20 }
    }
}

/// Why a text is no JSON that is taken, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The text stops in the middle.
    #[error("the JSON ends in the middle, in {path}: it was cut off; export or send it again")]
    Truncated {
        /// In which value.
        path: String,
    },
    /// Not JSON at all.
    #[error("not JSON in {path}, at {position}: {what}; correct it or send it again")]
    Syntax {
        /// In which value.
        path: String,
        /// `column 17`, with the line before it if there are several.
        position: String,
        /// What was found or missing.
        what: String,
    },
    /// Arrays and objects nested too deep.
    #[error("{path} is nested more than {limit} levels deep: flatten it at the source")]
    TooDeep {
        /// In which value.
        path: String,
        /// How many levels are taken.
        limit: usize,
    },
    /// One object has a key twice.
    #[error(
        "{path} is there twice in one object, and which one holds is not defined: have the source write it once"
    )]
    DuplicateKey {
        /// The key, with what it is in.
        path: String,
    },
    /// A string or key is too long.
    #[error(
        "the text in {path} is {bytes} bytes long, more than the {limit} that are taken: shorten it at the source"
    )]
    LongString {
        /// Which value.
        path: String,
        /// How long.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Too many values.
    #[error("more than {limit} values in one piece, reached in {path}: split it at the source")]
    TooManyItems {
        /// Which value was one too many.
        path: String,
        /// How many are taken.
        limit: usize,
    },
}

/// Reads the one value that `bytes` is.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    let reading = Reading::new(limits, 0);
    reading.read(bytes, 0).map_err(|error| reading.error(&error))
}

/// Why the checks refused a value; where is known once the error has passed all levels.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    TooDeep,
    DuplicateKey,
    LongString(usize),
    TooManyItems,
}

/// What was read so far of one piece, whose parts may be read by themselves.
pub(crate) struct Reading<'a> {
    limits: &'a Limits,
    items: Cell<usize>,
    /// The steps to where it went wrong, innermost first.
    path: RefCell<Vec<Step>>,
    refused: RefCell<Option<Refusal>>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl<'a> Reading<'a> {
    /// A piece of which so many items were read before.
    pub(crate) fn new(limits: &'a Limits, items: usize) -> Self {
        Self { limits, items: Cell::new(items), path: RefCell::default(), refused: RefCell::default() }
    }

    /// How many items were read.
    pub(crate) fn items(&self) -> usize {
        self.items.get()
    }

    /// Reads the one value that `bytes` is, `depth` levels within the piece.
    pub(crate) fn read(&self, bytes: &[u8], depth: usize) -> Result<Value, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        self.at(depth).deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value))
    }

    /// Reads a value `depth` levels within the piece.
    pub(crate) fn at(&self, depth: usize) -> Checked<'_> {
        Checked { reading: self, depth }
    }
}

impl Reading<'_> {
    fn refuse<E: serde::de::Error>(&self, refusal: Refusal) -> E {
        *self.refused.borrow_mut() = Some(refusal);
        E::custom("refused")
    }

    fn step<E>(&self, step: Step, error: E) -> E {
        self.path.borrow_mut().push(step);
        error
    }

    fn string<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        if text.len() > self.limits.string_bytes {
            return Err(self.refuse(Refusal::LongString(text.len())));
        }
        Ok(())
    }

    fn item<E: serde::de::Error>(&self) -> Result<(), E> {
        let items = self.items.get() + 1;
        self.items.set(items);
        if items > self.limits.items { Err(self.refuse(Refusal::TooManyItems)) } else { Ok(()) }
    }

    fn error(&self, error: &serde_json::Error) -> JsonError {
        let path = self.path.borrow().iter().rev().fold("$".to_owned(), |path, step| match step {
            Step::Key(key) => join(&path, key),
            Step::Index(index) => format!("{path}[{index}]"),
        });
        match *self.refused.borrow() {
            Some(Refusal::TooDeep) => {
                JsonError::TooDeep { path: shorten(&path, 200), limit: self.limits.depth }
            }
            Some(Refusal::DuplicateKey) => JsonError::DuplicateKey { path: shorten(&path, 200) },
            Some(Refusal::LongString(bytes)) => {
                JsonError::LongString { path: shorten(&path, 200), bytes, limit: self.limits.string_bytes }
            }
            Some(Refusal::TooManyItems) => {
                JsonError::TooManyItems { path: shorten(&path, 200), limit: self.limits.items }
            }
            None if error.classify() == Category::Eof => JsonError::Truncated { path: shorten(&path, 200) },
            None => {
                let (line, column) = (error.line(), error.column());
                let position = if line > 1 {
                    format!("line {line} of it, column {column}")
                } else {
                    format!("column {column}")
                };
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or(&what).to_owned();
                JsonError::Syntax { path: shorten(&path, 200), position, what }
            }
        }
    }
}

/// `path.key`, or `path["a key"]` when the key isn't a plain word.
pub(crate) fn join(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain { format!("{path}.{key}") } else { format!("{path}[{key:?}]") }
}

/// Builds a checked value, at some depth.
pub(crate) struct Checked<'a> {
    reading: &'a Reading<'a>,
    depth: usize,
}

impl Checked<'_> {
    fn deeper<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth >= self.reading.limits.depth {
            return Err(self.reading.refuse(Refusal::TooDeep));
        }
        Ok(self.depth + 1)
    }
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.reading.item()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.reading.string(value)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        self.reading.string(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        loop {
            match seq.next_element_seed(Checked { reading: self.reading, depth }) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => return Err(self.reading.step(Step::Index(items.len()), error)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            self.reading.item()?;
            self.reading.string(&key)?;
            let value = match access.next_value_seed(Checked { reading: self.reading, depth }) {
                Ok(value) => value,
                Err(error) => return Err(self.reading.step(Step::Key(key), error)),
            };
            match map.entry(key) {
                Entry::Vacant(free) => free.insert(value),
                Entry::Occupied(taken) => {
                    let key = taken.key().clone();
                    return Err(self
                        .reading
                        .step(Step::Key(key), self.reading.refuse(Refusal::DuplicateKey)));
                }
            };
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failure(text: &str) -> JsonError {
        read(text.as_bytes(), &Limits { depth: 4, items: 12, string_bytes: 20 }).unwrap_err()
    }

    #[test]
    fn what_is_within_limits_is_read_as_serde_json_reads_it() {
        let text = r#" {"a":[1,-2,2.5e3,true,null],"b":{"c":"caf\u00e9 \n"},"d":[]} "#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read(text.as_bytes(), &Limits::default()).unwrap(), expected);
        assert_eq!(read(b"7", &Limits::default()).unwrap(), json!(7));
    }

    #[test]
    fn each_refusal_says_where() {
        assert_eq!(failure(r#"{"a":{"b":1,"b":2}}"#), JsonError::DuplicateKey { path: "$.a.b".into() });
        // The same key, spelled with an escape.
        assert_eq!(failure(r#"{"a":1,"\u0061":2}"#), JsonError::DuplicateKey { path: "$.a".into() });
        assert_eq!(failure("[[[[[1]]]]]"), JsonError::TooDeep { path: "$[0][0][0][0]".into(), limit: 4 });
        assert_eq!(failure(r#"{"a":[1,{"x y":"#), JsonError::Truncated { path: "$.a[1][\"x y\"]".into() });
        assert_eq!(
            failure(&format!(r#"{{"a":"{}"}}"#, "x".repeat(21))),
            JsonError::LongString { path: "$.a".into(), bytes: 21, limit: 20 }
        );
        assert_eq!(
            failure("[1,2,3,4,5,6,7,8,9,10,11,12]"),
            JsonError::TooManyItems { path: "$[11]".into(), limit: 12 }
        );
        assert_eq!(
            failure(r#"{"a":tru}"#).to_string(),
            "not JSON in $.a, at column 9: expected ident; correct it or send it again"
        );
        assert!(matches!(failure("{} {}"), JsonError::Syntax { .. }));
    }

    #[test]
    fn ten_thousand_levels_cost_no_stack() {
        for open in ["[", "{\"a\":"] {
            let text = open.repeat(10_000);
            assert!(matches!(
                read(text.as_bytes(), &Limits::default()),
                Err(JsonError::TooDeep { limit: 64, .. })
            ));
        }
    }
}
