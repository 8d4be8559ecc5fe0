//! The filters of run queries: `and(eq(run_type, "llm"), gt(latency, 1.5))`.
//!
//! They are read into a tree and asked of one run after the other; nothing of them reaches the database.

use catena_ingest::langsmith::Object;
use catena_model::time::Timestamp;
use serde_json::Value;

use super::shown::number;

/// The longest filter that is read, in bytes.
const MOST_BYTES: usize = 16 << 10;
/// How deep it may be nested.
const MOST_DEPTH: usize = 32;

/// What can be asked of a run.
const FIELDS: &[&str] = &[
    "id",
    "name",
    "run_type",
    "status",
    "error",
    "start_time",
    "end_time",
    "latency",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "total_cost",
    "tags",
    "metadata",
    "metadata_key",
    "metadata_value",
    "feedback_key",
    "feedback_score",
    "is_root",
    "parent_run_id",
    "trace_id",
    "session_id",
    "reference_example_id",
    "inputs",
    "outputs",
];

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Is(Comparison, String, Value),
    Search(String),
}

/// How a field is held against a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Has,
    In,
    Like,
}

impl Filter {
    /// Reads a filter, or says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("a filter of more than {MOST_BYTES} bytes is not taken: make it shorter"));
        }
        let mut reading = Reading { text, at: 0 };
        let filter = reading.filter(MOST_DEPTH)?;
        reading.space();
        if reading.at < text.len() { Err(reading.expected("the end of the filter")) } else { Ok(filter) }
    }

    /// Whether a run fits; `feedback` is what was said of it.
    pub(super) fn fits(&self, run: &Object, feedback: &[Object]) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.fits(run, feedback)),
            Self::Or(any) => any.iter().any(|filter| filter.fits(run, feedback)),
            Self::Not(filter) => !filter.fits(run, feedback),
            Self::Search(words) => ["name", "inputs", "outputs", "error"].iter().any(|key| {
                let held = run.get(*key).unwrap_or(&Value::Null);
                held.to_string().to_lowercase().contains(&words.to_lowercase())
            }),
            Self::Is(comparison, field, value) => {
                let held = held(run, feedback, field);
                match comparison {
                    // "None of them is it", not "one of them isn't".
                    Comparison::Unequal => !held.iter().any(|held| compare(Comparison::Equal, held, value)),
                    comparison => held.iter().any(|held| compare(*comparison, held, value)),
                }
            }
        }
    }
}

/// The values of a field; some have several.
fn held(run: &Object, feedback: &[Object], field: &str) -> Vec<Value> {
    let metadata = || run.get("extra").and_then(|extra| extra.get("metadata")).and_then(Value::as_object);
    match field {
        "latency" => {
            let time = |key: &str| run.get(key)?.as_str()?.parse::<Timestamp>().ok();
            let span = time("end_time").zip(time("start_time"));
            vec![span.map_or(Value::Null, |(end, start)| {
                Value::from((end.micros() - start.micros()) as f64 / 1e6)
            })]
        }
        "is_root" => vec![Value::from(run.get("parent_run_id").is_none_or(Value::is_null))],
        "metadata" => vec![metadata().cloned().map_or(Value::Null, Value::Object)],
        "metadata_key" => {
            metadata().into_iter().flatten().map(|(key, _)| Value::from(key.as_str())).collect()
        }
        "metadata_value" => metadata().into_iter().flatten().map(|(_, value)| value.clone()).collect(),
        "feedback_key" => feedback.iter().filter_map(|said| said.get("key").cloned()).collect(),
        "feedback_score" => feedback.iter().filter_map(|said| said.get("score").cloned()).collect(),
        field => vec![run.get(field).cloned().unwrap_or(Value::Null)],
    }
}

fn compare(comparison: Comparison, held: &Value, value: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match comparison {
        Comparison::Equal | Comparison::Unequal => order(held, value) == Some(Equal) || held == value,
        Comparison::Greater => order(held, value) == Some(Greater),
        Comparison::GreaterOrEqual => matches!(order(held, value), Some(Greater | Equal)),
        Comparison::Less => order(held, value) == Some(Less),
        Comparison::LessOrEqual => matches!(order(held, value), Some(Less | Equal)),
        Comparison::In => value
            .as_array()
            .is_some_and(|list| list.iter().any(|item| compare(Comparison::Equal, held, item))),
        Comparison::Has => match held {
            Value::Array(items) => items.contains(value),
            Value::Object(map) => {
                // `has(metadata, '{"key": "value"}')`
                let wanted = value.as_str().and_then(|text| serde_json::from_str::<Object>(text).ok());
                wanted.is_some_and(|wanted| wanted.iter().all(|(key, value)| map.get(key) == Some(value)))
                    || value.as_str().is_some_and(|key| map.contains_key(key))
            }
            _ => false,
        },
        Comparison::Like => match (held.as_str(), value.as_str()) {
            (Some(held), Some(pattern)) => {
                held.to_lowercase().contains(&pattern.replace('%', "").to_lowercase())
            }
            _ => false,
        },
    }
}

fn order(held: &Value, value: &Value) -> Option<std::cmp::Ordering> {
    if let (Some(held), Some(value)) = (number(held), number(value)) {
        return held.partial_cmp(&value);
    }
    let (held, value) = (held.as_str()?, value.as_str()?);
    match (held.parse::<Timestamp>(), value.parse::<Timestamp>()) {
        (Ok(held), Ok(value)) => Some(held.cmp(&value)),
        _ => Some(held.cmp(value)),
    }
}

struct Reading<'a> {
    text: &'a str,
    at: usize,
}

impl Reading<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> String {
        format!(
            "the filter can't be read: expected {what} at character {}",
            self.text[..self.at].chars().count() + 1
        )
    }

    fn sign(&mut self, sign: char) -> bool {
        self.space();
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len_utf8() } else { 0 };
        there
    }

    fn word(&mut self) -> Result<String, String> {
        self.space();
        let length =
            self.rest().find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest().len());
        if length == 0 {
            return Err(self.expected("a word"));
        }
        let word = self.rest()[..length].to_owned();
        self.at += length;
        Ok(word)
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!("a filter nested more than {MOST_DEPTH} levels deep is not taken"));
        };
        let from = self.at;
        let function = self.word()?;
        if !self.sign('(') {
            return Err(self.expected("an opening parenthesis"));
        }
        let filter = match function.as_str() {
            "and" => Filter::And(self.filters(depth)?),
            "or" => Filter::Or(self.filters(depth)?),
            "not" => Filter::Not(Box::new(self.filter(depth)?)),
            "search" => match self.value()? {
                Value::String(words) => Filter::Search(words),
                _ => return Err(self.expected("a text to search for")),
            },
            name => {
                let Some(comparison) = comparison(name) else {
                    self.at = from;
                    return Err(
                        self.expected("and, or, not, eq, neq, gt, gte, lt, lte, has, in, like or search")
                    );
                };
                let field = self.word()?;
                if !FIELDS.contains(&field.as_str()) {
                    return Err(format!(
                        "runs have no field {field:?} to filter by: {} are",
                        FIELDS.join(", ")
                    ));
                }
                if !self.sign(',') {
                    return Err(self.expected("a comma"));
                }
                Filter::Is(comparison, field, self.value()?)
            }
        };
        if self.sign(')') { Ok(filter) } else { Err(self.expected("a closing parenthesis")) }
    }

    fn filters(&mut self, depth: usize) -> Result<Vec<Filter>, String> {
        let mut filters = vec![self.filter(depth)?];
        while self.sign(',') {
            filters.push(self.filter(depth)?);
        }
        Ok(filters)
    }

    fn value(&mut self) -> Result<Value, String> {
        self.space();
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote).map(Value::from),
            Some('[') => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.sign(']') {
                    if !items.is_empty() && !self.sign(',') {
                        return Err(self.expected("a comma"));
                    }
                    self.space();
                    if self.rest().starts_with('[') {
                        return Err(self.expected("a text, a number, true, false or null"));
                    }
                    items.push(self.value()?);
                }
                Ok(Value::from(items))
            }
            _ => {
                let end = self.rest().find([',', ')', ']', ' ']).unwrap_or(self.rest().len());
                let value = match &self.rest()[..end] {
                    "null" | "None" => Value::Null,
                    "true" | "True" => Value::from(true),
                    "false" | "False" => Value::from(false),
                    text => match text.parse::<f64>() {
                        Ok(number) if number.is_finite() => Value::from(number),
                        _ => return Err(self.expected("a text, a number, a list, true, false or null")),
                    },
                };
                self.at += end;
                Ok(value)
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                character if character == quote => {
                    self.at += at + quote.len_utf8();
                    return Ok(text);
                }
                character => text.push(character),
            }
        }
        Err(self.expected("a text with its closing quote"))
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "eq" => Comparison::Equal,
        "neq" => Comparison::Unequal,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        "has" => Comparison::Has,
        "in" => Comparison::In,
        "like" => Comparison::Like,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fits(filter: &str) -> bool {
        let run: Object = serde_json::from_value(json!({
            "name": "extractor", "run_type": "chain", "error": null, "tags": ["beta"], "total_tokens": 12,
            "start_time": "2026-03-01T08:00:00Z", "end_time": "2026-03-01T08:00:02.5Z",
            "inputs": {"question": "When does it open?"}, "extra": {"metadata": {"team": "x", "n": 3}},
        }))
        .unwrap();
        let feedback = [serde_json::from_value(json!({"key": "ok", "score": 0.25})).unwrap()];
        Filter::read(filter).unwrap().fits(&run, &feedback)
    }

    #[test]
    fn runs_fit_or_do_not() {
        for filter in [
            r#"and(eq(run_type, "chain"), gt(latency, 2), gt(total_tokens, 5))"#,
            r#"eq(name, "extractor")"#,
            r#"and(eq(feedback_key, "ok"), lte(feedback_score, 0.25))"#,
            r#"gt(start_time, "2026-02-28T12:34:56Z")"#,
            "or(neq(error, null), eq(is_root, true))",
            r#"and(or(has(tags, "experimental"), has(tags, "beta")), not(has(tags, "gamma")))"#,
            r#"and(eq(metadata_key, "team"), eq(metadata_value, 'x'))"#,
            r#"has(metadata, '{"team": "x"}')"#,
            r#"in(run_type, ["llm", "chain"])"#,
            r#"search("OPEN?")"#,
            r#"like(name, "%extract%")"#,
        ] {
            assert!(fits(filter), "{filter}");
        }
        for filter in [
            r#"eq(run_type, "llm")"#,
            "neq(error, null)",
            "lt(latency, 2)",
            r#"has(name, "x")"#,
            r#"neq(metadata_key, "team")"#,
        ] {
            assert!(!fits(filter), "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        for (filter, wrong) in [
            ("", "expected a word"),
            ("eq", "opening"),
            ("eq(name", "comma"),
            ("eq(name, \"a", "closing quote"),
            ("eq(name, \"a\"", "closing parenthesis"),
            ("eq(name, a)", "a text, a number"),
            ("drop(name, 1)", "expected and, or"),
            ("eq(password, 1)", "no field"),
            ("eq(name, 1) or 1", "the end"),
            ("in(name, [[1]])", "a text, a number"),
            (&"not(".repeat(40), "levels deep"),
        ] {
            let refused = Filter::read(filter).unwrap_err();
            assert!(refused.contains(wrong), "{filter}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "and(", "eq(", "name", ",", ")", "\"", "'", "\\", "é", "[", "]", "1e999", "null", " ", "has(tags, \"x\")",
        ]), 0..30)) {
            let _ = Filter::read(&pieces.concat());
        }
    }
}
