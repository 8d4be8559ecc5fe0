//! The outer shape of an artifact: its metadata, and its entries still as text, so that one broken entry costs only
//! itself and a large project is never held as a whole tree.

use std::fmt;

use catena_model::time::Timestamp;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use crate::{fault::Path, json};

/// An entry: its unique id and its text.
pub(super) type Entry<'a> = (String, &'a RawValue);

/// The parts of an artifact that are read.
#[derive(Debug, Default)]
pub(super) struct Artifact<'a> {
    pub(super) metadata: Map<String, Value>,
    sections: Vec<(String, Vec<Entry<'a>>)>,
    /// The entries of `results`, which have no ids of their own.
    pub(super) results: Vec<&'a RawValue>,
}

impl<'a> Artifact<'a> {
    /// Reads the shape of an artifact; the error says what is wrong with it and what to do.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            format!("byte {} is not UTF-8: have dbt write the file again", error.valid_up_to())
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let shape = deserializer.deserialize_map(Shape).and_then(|shape| deserializer.end().map(|()| shape));
        let (artifact, problem) = shape.map_err(|error| describe(&error))?;
        problem.map_or(Ok(artifact), Err)
    }

    /// The entries of a section, which older and newer versions of dbt may not have.
    pub(super) fn section(&mut self, name: &str) -> Vec<Entry<'a>> {
        let found = self.sections.iter_mut().find(|(section, _)| section == name);
        found.map(|(_, entries)| std::mem::take(entries)).unwrap_or_default()
    }

    /// When the artifact was made: the time at which all of it is said.
    pub(super) fn generated_at(&self) -> Result<Timestamp, String> {
        Path::Root.key("metadata").time_in(&self.metadata, "generated_at").map_err(|fault| fault.to_string())
    }
}

fn describe(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the file ends in the middle: it was cut off, so have dbt write it again".to_owned();
    }
    format!("it is no artifact of dbt: {error}; have dbt write it again")
}

/// Sections whose entries are kept. The rest (macros, docs, the parent and child maps) is passed over.
const SECTIONS: &[&str] =
    &["nodes", "sources", "exposures", "metrics", "groups", "semantic_models", "saved_queries", "unit_tests"];

struct Shape;

impl<'de> Visitor<'de> for Shape {
    type Value = (Artifact<'de>, Option<String>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with metadata")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut artifact = Artifact::default();
        let mut problem = None;
        let mut seen: Vec<String> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                problem.get_or_insert(format!("$.{key} is there twice: have dbt write the file again"));
            }
            match key.as_str() {
                "metadata" => {
                    let raw: &RawValue = map.next_value()?;
                    match json::read(raw.get().as_bytes(), &json::Limits::default()) {
                        Ok(Value::Object(metadata)) => artifact.metadata = metadata,
                        Ok(_) => problem = Some("$.metadata: expected an object".to_owned()),
                        Err(error) => problem = Some(format!("in $.metadata: {error}")),
                    }
                }
                "results" => artifact.results = map.next_value()?,
                section if SECTIONS.contains(&section) => {
                    let entries = map.next_value::<Entries<'de>>()?;
                    artifact.sections.push((key.clone(), entries.0));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            seen.push(key);
        }
        Ok((artifact, problem))
    }
}

/// A section's entries in their order. A repeated id is kept, to be refused when its turn comes.
struct Entries<'a>(Vec<Entry<'a>>);

impl<'de> serde::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of entries")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Entries(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<String, &RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_any(Each)
    }
}
