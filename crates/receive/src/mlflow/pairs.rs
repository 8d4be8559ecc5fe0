//! Keys and values, as tags and parameters are lists of them.

use catena_ingest::langsmith::Object;
use serde_json::{Value, json};

use super::said::{invalid, objects, required};
use crate::refusal::Refusal;

/// The longest key, of anything.
pub(super) const LONGEST_KEY: usize = 250;

/// A key and its value, checked. MLflow's own server cuts off what is longer than some thousand characters; here much
/// more is kept whole, and what is even longer is refused rather than cut.
pub(super) fn pair(said: &Object, what: &str, longest: usize) -> Result<(String, String), Refusal> {
    let key = key(said, what)?;
    let value = match said.get("value") {
        Some(Value::String(value)) => value.clone(),
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    };
    if value.chars().count() > longest {
        return Err(invalid(format!(
            "{what} value with key '{key}' is longer than the {longest} characters that are taken: shorten it"
        )));
    }
    Ok((key, value))
}

/// A key, checked.
pub(super) fn key(said: &Object, what: &str) -> Result<String, Refusal> {
    let key = required(said, "key")?;
    let fits = key.chars().count() <= LONGEST_KEY && !key.chars().any(char::is_control);
    match fits {
        true => Ok(key),
        false => Err(invalid(format!(
            "Invalid {what} name: it may have {LONGEST_KEY} characters, and none that can't be printed"
        ))),
    }
}

/// All pairs of a list, checked.
pub(super) fn pairs(
    said: &Object,
    list: &str,
    what: &str,
    longest: usize,
) -> Result<Vec<(String, String)>, Refusal> {
    objects(said, list).iter().map(|said| pair(said, what, longest)).collect()
}

/// The value of a key in a list of pairs.
pub(super) fn value_of<'a>(holder: &'a Object, list: &str, key: &str) -> Option<&'a str> {
    let pairs = holder.get(list)?.as_array()?;
    pairs.iter().find(|pair| pair["key"] == key)?["value"].as_str()
}

/// Sets a key in a list of pairs.
pub(super) fn set(holder: &mut Object, list: &str, key: &str, value: &str) {
    let pairs = holder.entry(list.to_owned()).or_insert_with(|| json!([]));
    if !pairs.is_array() {
        *pairs = json!([]);
    }
    let Value::Array(pairs) = pairs else { return };
    match pairs.iter_mut().find(|pair| pair["key"] == key) {
        Some(pair) => pair["value"] = Value::from(value),
        None => pairs.push(json!({ "key": key, "value": value })),
    }
}

/// Takes a key out of a list of pairs; says whether it was there.
pub(super) fn take_out(holder: &mut Object, list: &str, key: &str) -> bool {
    let Some(Value::Array(pairs)) = holder.get_mut(list) else { return false };
    let before = pairs.len();
    pairs.retain(|pair| pair["key"] != key);
    pairs.len() < before
}

/// A list of pairs.
pub(super) fn listed(pairs: &[(String, String)]) -> Value {
    let mut holder = Object::new();
    for (key, value) in pairs {
        set(&mut holder, "pairs", key, value);
    }
    holder.remove("pairs").unwrap_or_else(|| json!([]))
}
