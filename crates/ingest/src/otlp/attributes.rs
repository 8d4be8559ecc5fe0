//! What a span's attributes say, by whichever of several names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::genai::embedded;

/// The attributes of one span.
pub(super) struct Attributes<'a>(&'a Map<String, Value>);

impl<'a> Attributes<'a> {
    pub(super) fn of(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }

    /// Whether there is one whose name starts so.
    pub(super) fn is_any(&self, prefix: &str) -> bool {
        self.0.keys().any(|key| key.starts_with(prefix))
    }

    /// The first of these that is there, as sent.
    pub(super) fn value(&self, keys: &[&str]) -> Option<&'a Value> {
        keys.iter().find_map(|key| self.0.get(*key).filter(|value| !value.is_null()))
    }

    /// The first of these that is there, with JSON in a text unpacked.
    pub(super) fn unpacked(&self, keys: &[&str]) -> Option<Value> {
        self.value(keys).map(unpacked)
    }

    /// The first of these that is a text with something in it, or a number.
    pub(super) fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| plain(self.0.get(*key)?))
    }

    pub(super) fn int(&self, keys: &[&str]) -> Option<i64> {
        keys.iter().find_map(|key| match self.0.get(*key)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        })
    }

    pub(super) fn float(&self, keys: &[&str]) -> Option<f64> {
        keys.iter().find_map(|key| match self.0.get(*key)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        })
    }

    /// A list of texts, or one.
    pub(super) fn texts(&self, keys: &[&str]) -> Vec<String> {
        match self.unpacked(keys) {
            Some(Value::Array(items)) => items.iter().filter_map(plain).collect(),
            Some(value) => plain(&value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// What stands behind a prefix, name by name.
    pub(super) fn behind(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value)))
    }

    /// What is flattened into names `PREFIX.0.role`, `PREFIX.0.content`: a list where all names are numbers, in their
    /// order, else an object.
    pub(super) fn tree(&self, prefix: &str) -> Option<Value> {
        let mut root = Branch::default();
        for (path, value) in self.behind(prefix) {
            root.grow(path, value);
        }
        (!root.branches.is_empty()).then(|| root.value())
    }
}

/// A text as it is, or a number as one; nothing for what is empty or anything else.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn unpacked(value: &Value) -> Value {
    match value {
        Value::String(text) => embedded(text),
        value => value.clone(),
    }
}

/// How deep flattened names are unfolded; what is behind stays one name.
const DEEPEST: usize = 12;

#[derive(Default)]
struct Branch<'a> {
    leaf: Option<&'a Value>,
    branches: BTreeMap<Segment<'a>, Branch<'a>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Index(u32),
    Name(&'a str),
}

impl<'a> Branch<'a> {
    fn grow(&mut self, path: &'a str, value: &'a Value) {
        let mut branch = self;
        for segment in path.splitn(DEEPEST, '.') {
            let segment = segment.parse().map_or(Segment::Name(segment), Segment::Index);
            branch = branch.branches.entry(segment).or_default();
        }
        branch.leaf = Some(value);
    }

    fn value(&self) -> Value {
        if self.branches.is_empty() {
            return self.leaf.cloned().unwrap_or(Value::Null);
        }
        if self.branches.keys().all(|segment| matches!(segment, Segment::Index(_))) {
            return self.branches.values().map(Branch::value).collect();
        }
        let named = self.branches.iter().map(|(segment, branch)| {
            let name = match segment {
                Segment::Index(index) => index.to_string(),
                Segment::Name(name) => (*name).to_owned(),
            };
            (name, branch.value())
        });
        Value::Object(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flattened_names_are_unfolded_whatever_their_numbers() {
        let map = json!({
            "m.10.role": "user", "m.2.role": "system", "m.2.tool_calls.0.name": "w", "m.4000000000.role": "tool", "mm": 1,
        });
        let map = map.as_object().unwrap();
        let expected =
            json!([{"role": "system", "tool_calls": [{"name": "w"}]}, {"role": "user"}, {"role": "tool"}]);
        assert_eq!(Attributes::of(map).tree("m."), Some(expected));
        assert_eq!(Attributes::of(map).tree("x."), None);
        let deep = Map::from_iter([(format!("m{}", ".a".repeat(10_000)), json!(1))]);
        assert!(Attributes::of(&deep).tree("m.").is_some());
    }
}
