//! Columns as they come to be known, value by value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    form::{self, FORMS, PERSONAL, personal_name},
    sketch::{self, Distinct},
};
use crate::schema::Field;

/// One value as it was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'a> {
    Nothing,
    Bool(bool),
    Integer(f64),
    Number(f64),
    Text(&'a str),
    /// A list's or object's text; what is in it is looked at by itself.
    Nested(bool),
}

/// The most columns, nested ones too: each needs room for its profile.
const MOST: usize = 2_000;
/// How deep fields are followed.
const DEEPEST: usize = 12;
/// The most values that are kept of all columns to tell keys by.
const MOST_KEPT: usize = 2_000_000;
/// How many different values of a column are counted one by one.
const MOST_COUNTED: usize = 200;
/// The longest example that is kept.
const LONGEST_EXAMPLE: usize = 80;
/// The most steps of a schema's evolution that are told.
const MOST_STEPS: usize = 100;

/// The columns of a table, or the fields of an object.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    order: Vec<String>,
    columns: BTreeMap<String, Column>,
    /// How many rows or objects were seen.
    pub(crate) rows: u64,
}

/// What all columns share.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    columns: usize,
    kept: usize,
    /// Which row it is, from 1.
    pub(crate) row: u64,
    /// How the schema came to be as it is: row, column and what of it.
    pub(crate) steps: Vec<Value>,
    pub(crate) left_out: bool,
}

impl Watch {
    fn step(&mut self, column: &str, what: String) {
        // The first row makes the schema; what comes later changes it.
        if self.row > 1 && self.steps.len() < MOST_STEPS {
            self.steps.push(json!({ "row": self.row, "column": column, "change": what }));
        }
    }
}

#[derive(Debug, Default)]
struct Column {
    values: u64,
    nulls: u64,
    bools: u64,
    integers: u64,
    numbers: u64,
    dates: u64,
    times: u64,
    texts: u64,
    lists: u64,
    distinct: Distinct,
    /// The hashes of its values while no two were the same.
    unique: Option<BTreeSet<u64>>,
    repeats: bool,
    sum: f64,
    least: Option<f64>,
    greatest: Option<f64>,
    first: Option<String>,
    last: Option<String>,
    longest: usize,
    objects: u64,
    counted: BTreeMap<String, u64>,
    uncounted: bool,
    forms: BTreeMap<&'static str, u64>,
    within: Columns,
}

impl Columns {
    /// Notes a value of the column of this name.
    pub(crate) fn see(&mut self, name: &str, value: Seen<'_>, watch: &mut Watch) {
        if let Some(column) = self.column(name, watch) {
            column.see(name, value, watch);
        }
    }

    fn column(&mut self, name: &str, watch: &mut Watch) -> Option<&mut Column> {
        if !self.columns.contains_key(name) {
            if watch.columns == MOST {
                watch.left_out = true;
                return None;
            }
            watch.columns += 1;
            watch.step(name, "added".to_owned());
            self.order.push(name.to_owned());
            self.columns.insert(name.to_owned(), Column::default());
        }
        self.columns.get_mut(name)
    }

    /// Notes an object: a row, or a value within one.
    pub(crate) fn object(&mut self, map: &Map<String, Value>, depth: usize, watch: &mut Watch) {
        self.rows += 1;
        for (name, value) in map {
            if name.is_empty() {
                continue;
            }
            if let Some(column) = self.column(name, watch) {
                column.json(name, value, depth, watch);
            }
        }
    }

    /// The columns as a schema.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.order.iter().filter_map(|name| Some(self.columns.get(name)?.field(name, self.rows))).collect()
    }

    /// Each column's profile.
    pub(crate) fn profile(&self) -> Map<String, Value> {
        let mut all = Map::new();
        for name in &self.order {
            if let Some(column) = self.columns.get(name) {
                all.insert(name.clone(), column.profile(name, self.rows));
            }
        }
        all
    }

    /// The columns any one of which tells the rows apart, the likeliest first.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<&String> = self
            .order
            .iter()
            .filter(|name| self.columns.get(*name).is_some_and(|column| column.is_key(self.rows)))
            .collect();
        keys.sort_by_key(|name| {
            let name = name.to_lowercase();
            !(name == "id" || name.ends_with("_id") || name.ends_with("key") || name == "uuid")
        });
        keys.into_iter().cloned().collect()
    }
}

impl Column {
    fn json(&mut self, name: &str, value: &Value, depth: usize, watch: &mut Watch) {
        match value {
            Value::Object(map) => {
                self.see(name, Seen::Nested(false), watch);
                if depth < DEEPEST {
                    self.within.object(map, depth + 1, watch);
                }
            }
            Value::Array(items) => {
                self.see(name, Seen::Nested(true), watch);
                for item in items.iter().take(100) {
                    match item {
                        Value::Object(map) if depth < DEEPEST => self.within.object(map, depth + 1, watch),
                        _ => {}
                    }
                }
            }
            Value::Null => self.see(name, Seen::Nothing, watch),
            Value::Bool(value) => self.see(name, Seen::Bool(*value), watch),
            Value::Number(number) => {
                let value = number.as_f64().unwrap_or_default();
                let seen = if number.is_i64() || number.is_u64() {
                    Seen::Integer(value)
                } else {
                    Seen::Number(value)
                };
                self.see(name, seen, watch);
            }
            Value::String(text) => self.see(name, Seen::Text(text), watch),
        }
    }

    fn see(&mut self, name: &str, value: Seen<'_>, watch: &mut Watch) {
        let before = self.data_type();
        match value {
            Seen::Nothing => {
                self.nulls += 1;
                return;
            }
            Seen::Bool(value) => {
                self.bools += 1;
                self.note(if value { "true" } else { "false" }, watch);
            }
            Seen::Integer(value) => {
                self.integers += 1;
                self.number(value, watch);
            }
            Seen::Number(value) => {
                self.numbers += 1;
                self.number(value, watch);
            }
            Seen::Text(text) => self.text(text, watch),
            Seen::Nested(list) => {
                self.lists += u64::from(list);
                self.objects += u64::from(!list);
            }
        }
        self.values += 1;
        let after = self.data_type();
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            watch.step(name, format!("{before} to {after}"));
        }
    }

    fn number(&mut self, value: f64, watch: &mut Watch) {
        if value.is_finite() {
            self.sum += value;
            self.least = Some(self.least.map_or(value, |least| least.min(value)));
            self.greatest = Some(self.greatest.map_or(value, |greatest| greatest.max(value)));
        }
        self.note(&value.to_string(), watch);
    }

    fn text(&mut self, text: &str, watch: &mut Watch) {
        if text.len() <= form::LONGEST
            && let Some((name, _)) = FORMS.iter().find(|(_, is)| is(text))
        {
            *self.forms.entry(name).or_default() += 1;
        }
        if form::date(text) {
            self.dates += 1;
        } else if form::date_time(text) {
            self.times += 1;
        } else {
            self.texts += 1;
        }
        self.longest = self.longest.max(text.chars().count());
        let example = || text.chars().take(LONGEST_EXAMPLE).collect::<String>();
        if self.first.as_deref().is_none_or(|first| text < first) {
            self.first = Some(example());
        }
        if self.last.as_deref().is_none_or(|last| text > last) {
            self.last = Some(example());
        }
        self.note(text, watch);
    }

    /// Counts a value among the others.
    fn note(&mut self, text: &str, watch: &mut Watch) {
        let hash = sketch::hash(text.as_bytes());
        self.distinct.add(hash);
        if !self.repeats {
            let unique = self.unique.get_or_insert_default();
            if watch.kept < MOST_KEPT && unique.insert(hash) {
                watch.kept += 1;
            } else {
                // Not one of its kind, or more than can be told.
                watch.kept = watch.kept.saturating_sub(unique.len());
                self.unique = None;
                self.repeats = true;
            }
        }
        if text.len() > LONGEST_EXAMPLE {
            self.uncounted = true;
        } else if let Some(count) = self.counted.get_mut(text) {
            *count += 1;
        } else if self.counted.len() < MOST_COUNTED {
            self.counted.insert(text.to_owned(), 1);
        } else {
            self.uncounted = true;
        }
    }

    /// The narrowest type that all values have; none while there are none.
    fn data_type(&self) -> Option<&'static str> {
        let numbers = self.integers + self.numbers;
        let texts = self.dates + self.times + self.texts;
        let sorts = [self.bools, numbers, texts, self.lists, self.objects].iter().filter(|n| **n > 0).count();
        Some(match sorts {
            0 => return None,
            // Lists and objects beside anything else have no type in common; the rest can all be written as text.
            2.. if self.lists + self.objects > 0 => "json",
            2.. => "string",
            _ if self.bools > 0 => "boolean",
            _ if self.numbers > 0 => "number",
            _ if self.integers > 0 => "integer",
            _ if self.lists > 0 => "array",
            _ if self.objects > 0 => "object",
            _ if self.texts > 0 => "string",
            _ if self.times > 0 => "timestamp",
            _ => "date",
        })
    }

    /// What form nearly all of its texts have.
    fn form(&self) -> Option<&'static str> {
        let (name, count) = self.forms.iter().max_by_key(|(_, count)| **count)?;
        (*count * 100 >= self.values * 95 && self.values > 0).then_some(*name)
    }

    fn is_personal(&self, name: &str) -> bool {
        // One address among a thousand other words is an address still.
        personal_name(name) || PERSONAL.iter().any(|form| self.forms.contains_key(form))
    }

    fn is_key(&self, rows: u64) -> bool {
        let plain = matches!(self.data_type(), Some("integer" | "string")) && self.longest <= 64;
        plain && rows > 1 && self.values == rows && !self.repeats
    }

    fn field(&self, name: &str, rows: u64) -> Field {
        let data_type = self.data_type().unwrap_or("null");
        Field {
            name: name.to_owned(),
            data_type: Some(data_type.to_owned()),
            nullable: Some(self.values < rows),
            format: self.form().filter(|form| !matches!(*form, "date" | "date-time")),
            fields: self.within.fields(),
            ..Field::default()
        }
    }

    fn profile(&self, name: &str, rows: u64) -> Value {
        let (distinct, exact) = self.distinct.count();
        let mut said = Map::new();
        let mut put = |key: &str, value: Value| {
            said.insert(key.to_owned(), value);
        };
        put("count", self.values.into());
        put("nulls", rows.saturating_sub(self.values).into());
        put("distinct", distinct.min(self.values).into());
        if !exact {
            put("distinct_is_estimate", true.into());
        }
        if let Some(form) = self.form() {
            put("format", form.into());
        }
        if self.longest > 0 {
            put("longest", self.longest.into());
        }
        if self.is_personal(name) {
            // What looks like somebody's is never kept as an example.
            put("personal", true.into());
            return Value::Object(said);
        }
        if let (Some(least), Some(greatest)) = (self.least, self.greatest) {
            put("min", json!(least));
            put("max", json!(greatest));
            put("mean", json!(self.sum / (self.integers + self.numbers) as f64));
        } else if let (Some(first), Some(last)) = (&self.first, &self.last) {
            put("min", first.as_str().into());
            put("max", last.as_str().into());
        }
        let mut top: Vec<(&String, &u64)> = self.counted.iter().filter(|(_, count)| **count > 1).collect();
        top.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let top: Vec<Value> =
            top.into_iter().take(5).map(|(value, count)| json!({ "value": value, "count": count })).collect();
        if !top.is_empty() {
            put("top", top.into());
            if self.uncounted {
                put("top_is_of_the_first", MOST_COUNTED.into());
            }
        }
        if self.within.rows > 0 {
            put("fields", Value::Object(self.within.profile()));
        }
        Value::Object(said)
    }
}
