//! YAML from strangers, as JSON: aliases, nesting and size are bounded while it is read, so that no bomb unfolds.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use crate::FileError;

const DEEPEST: usize = 64;
/// The most values, those that aliases repeat among them.
const MOST_VALUES: usize = 200_000;
const LARGEST: usize = 8 << 20;

fn damaged(why: impl Into<String>) -> FileError {
    FileError::damaged("YAML", why)
}

/// What is being made.
enum Open {
    List(Vec<Value>, usize),
    Map(Map<String, Value>, Option<String>, usize),
}

/// The first document.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, FileError> {
    if bytes.len() > LARGEST {
        return Err(FileError::TooLarge { what: "YAML", bytes: bytes.len() as u64, limit: LARGEST as u64 });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8"))?;
    // The parser takes a level of its own stack for each level of flow brackets.
    let opened = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    let closed = text.bytes().filter(|byte| matches!(byte, b']' | b'}')).count();
    if opened.saturating_sub(closed) > DEEPEST {
        return Err(damaged("its brackets are nested too deep"));
    }
    let (mut open, mut anchors): (Vec<Open>, HashMap<usize, (Value, usize)>) = (Vec::new(), HashMap::new());
    let mut values = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| damaged(error.to_string()))?;
        let (made, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (scalar(&text, style), anchor),
            Event::Alias(anchor) => {
                let (value, size) = anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| damaged("an alias repeats what is not there yet"))?;
                values += size;
                (value, 0)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(Vec::new(), anchor));
                if open.len() > DEEPEST {
                    return Err(damaged("it is nested too deep"));
                }
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map(Map::new(), None, anchor));
                if open.len() > DEEPEST {
                    return Err(damaged("it is nested too deep"));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(items, anchor)) => (Value::Array(items), anchor),
                Some(Open::Map(map, _, anchor)) => (Value::Object(map), anchor),
                None => return Err(damaged("something ends that never began")),
            },
            _ => continue,
        };
        values += 1;
        if values > MOST_VALUES {
            return Err(damaged(format!(
                "it comes to more than {MOST_VALUES} values, with what its aliases repeat"
            )));
        }
        if anchor > 0 {
            anchors.insert(anchor, (made.clone(), size(&made)));
        }
        match open.last_mut() {
            None => return Ok(made),
            Some(Open::List(items, _)) => items.push(made),
            Some(Open::Map(map, key, _)) => match key.take() {
                None => {
                    *key = Some(match made {
                        Value::String(text) => text,
                        other => other.to_string(),
                    });
                }
                Some(key) => {
                    if map.insert(key.clone(), made).is_some() {
                        return Err(damaged(format!("{key:.80} is there twice in one mapping")));
                    }
                }
            },
        }
    }
    Ok(Value::Null)
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

/// A plain word's type by YAML's core schema.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return text.into();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => {
            let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
            if !number {
                return text.into();
            }
            if let Ok(whole) = text.parse::<i64>() {
                return whole.into();
            }
            match text.parse::<f64>().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => text.into(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_become_values() {
        let text = "a: 1\nb: [x, '2', null, 1.5]\nc: &c {d: true}\ne: *c\n";
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            json!({"a": 1, "b": ["x", "2", null, 1.5], "c": {"d": true}, "e": {"d": true}})
        );
    }

    #[test]
    fn a_bomb_of_aliases_does_not_unfold() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let before = level - 1;
            text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
        }
        assert!(read(text.as_bytes()).unwrap_err().to_string().contains("aliases"));
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
        assert!(read("a: 1\na: 2\n".as_bytes()).is_err());
    }
}
