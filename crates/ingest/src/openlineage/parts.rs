//! An event taken apart: the facets that events repeat word for word stay as they were written until somebody asks.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    fault::{Fault, Path},
    json::Reading,
};

/// A facet.
#[derive(Debug)]
pub(super) enum Facet<'a> {
    /// As it was written; not looked at yet.
    Raw(&'a RawValue),
    /// As it was read.
    Read(Value),
}

/// A job or dataset of an event.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    /// All but the facets.
    pub(super) rest: Map<String, Value>,
    pub(super) facets: Vec<(String, Facet<'a>)>,
}

/// An event.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) run: Option<Value>,
    pub(super) job: Option<Part<'a>>,
    pub(super) dataset: Option<Part<'a>>,
    pub(super) inputs: Vec<Part<'a>>,
    pub(super) outputs: Vec<Part<'a>>,
    /// All else.
    pub(super) rest: Map<String, Value>,
    /// How many JSON items were read, facets aside.
    pub(super) items: usize,
}

impl<'a> Parts<'a> {
    /// Takes the event apart that `bytes` is; nothing when it is not quite as it should be, and has to be read as any
    /// other JSON to say what is wrong.
    pub(super) fn of_bytes(bytes: &'a [u8], limits: &crate::json::Limits) -> Option<Self> {
        let reading = Reading::new(limits, 0);
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let mut parts = WholeSeed(&reading).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        parts.items = reading.items();
        Some(parts)
    }

    /// Takes apart an event that was read whole.
    pub(super) fn of_value(value: Value) -> Result<Self, Fault> {
        let mut rest = Path::Root.into_object(value)?;
        let mut take = |key: &str| rest.remove(key).filter(|value| !value.is_null());
        let (run, job, dataset) = (take("run"), take("job"), take("dataset"));
        let (inputs, outputs) = (take("inputs"), take("outputs"));
        let list = |key: &str, value: Option<Value>| -> Result<Vec<Part<'a>>, Fault> {
            let path = Path::Root.key(key);
            let items = value.map_or(Ok(Vec::new()), |value| path.into_list(value))?;
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| Part::of_value(item, &path.index(index)))
                .collect()
        };
        let part = |key: &str, value: Option<Value>| {
            value.map(|value| Part::of_value(value, &Path::Root.key(key))).transpose()
        };
        Ok(Self {
            run,
            job: part("job", job)?,
            dataset: part("dataset", dataset)?,
            inputs: list("inputs", inputs)?,
            outputs: list("outputs", outputs)?,
            rest,
            items: 0,
        })
    }
}

impl Part<'_> {
    fn of_value(value: Value, path: &Path<'_>) -> Result<Self, Fault> {
        let mut rest = path.into_object(value)?;
        let facets = match rest.remove("facets") {
            None | Some(Value::Null) => Map::new(),
            Some(facets) => path.key("facets").into_object(facets)?,
        };
        Ok(Self { rest, facets: facets.into_iter().map(|(name, body)| (name, Facet::Read(body))).collect() })
    }
}

struct WholeSeed<'r>(&'r Reading<'r>);
struct PartSeed<'r>(&'r Reading<'r>, usize);
struct PartsSeed<'r>(&'r Reading<'r>);
struct FacetsSeed;

macro_rules! seed {
    ($seed:ty, $value:ty, $ask:ident) => {
        impl<'de> DeserializeSeed<'de> for $seed {
            type Value = $value;
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.$ask(self)
            }
        }
    };
}

seed!(WholeSeed<'_>, Parts<'de>, deserialize_any);
seed!(PartSeed<'_>, Option<Part<'de>>, deserialize_any);
seed!(PartsSeed<'_>, Vec<Part<'de>>, deserialize_any);
seed!(FacetsSeed, Vec<(String, Facet<'de>)>, deserialize_any);

fn once<T, E: Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom("a key is there twice")),
    }
}

impl<'de> Visitor<'de> for WholeSeed<'_> {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
        let Self(reading) = self;
        let mut parts = Parts::default();
        let (mut run, mut job, mut dataset, mut inputs, mut outputs) = (None, None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "run" => once(&mut run, map.next_value_seed(reading.at(1))?)?,
                "job" => once(&mut job, map.next_value_seed(PartSeed(reading, 1))?)?,
                "dataset" => once(&mut dataset, map.next_value_seed(PartSeed(reading, 1))?)?,
                "inputs" => once(&mut inputs, map.next_value_seed(PartsSeed(reading))?)?,
                "outputs" => once(&mut outputs, map.next_value_seed(PartsSeed(reading))?)?,
                _ => {
                    let value = map.next_value_seed(reading.at(1))?;
                    if parts.rest.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key is there twice"));
                    }
                }
            }
        }
        parts.run = run.filter(|run| !run.is_null());
        parts.job = job.flatten();
        parts.dataset = dataset.flatten();
        parts.inputs = inputs.unwrap_or_default();
        parts.outputs = outputs.unwrap_or_default();
        Ok(parts)
    }
}

impl<'de> Visitor<'de> for PartsSeed<'_> {
    type Value = Vec<Part<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of datasets")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = list.next_element_seed(PartSeed(self.0, 2))? {
            parts.push(part.ok_or_else(|| A::Error::custom("null is no dataset"))?);
        }
        Ok(parts)
    }
}

impl<'de> Visitor<'de> for PartSeed<'_> {
    type Value = Option<Part<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a job or dataset")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self(reading, depth) = self;
        let (mut rest, mut facets) = (Map::new(), None);
        while let Some(key) = map.next_key::<String>()? {
            if key == "facets" {
                once(&mut facets, map.next_value_seed(FacetsSeed)?)?;
                continue;
            }
            let value = map.next_value_seed(reading.at(depth + 1))?;
            if rest.insert(key, value).is_some() {
                return Err(A::Error::custom("a key is there twice"));
            }
        }
        Ok(Some(Part { rest, facets: facets.unwrap_or_default() }))
    }
}

impl<'de> Visitor<'de> for FacetsSeed {
    type Value = Vec<(String, Facet<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facets by name")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // A few at the most are usual; more are read as any other JSON, which finds a name that is there twice faster.
        const MOST: usize = 64;
        let mut facets: Vec<(String, Facet<'de>)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if facets.len() == MOST || facets.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("too many facets, or one twice"));
            }
            facets.push((name, Facet::Raw(map.next_value()?)));
        }
        Ok(facets)
    }
}
