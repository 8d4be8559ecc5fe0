//! Models' files: what their headers say. No tensor is read, and nothing that could be a program is loaded.

pub(crate) mod gguf;
pub(crate) mod onnx;
pub(crate) mod safetensors;

use catena_model::{evidence::Method, name::QualifiedName};
use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    relation::RelationKind,
    source::Known,
    statement::{Read, Thing},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{FileError, Ranges, table::Place};

/// What a model's file says of it.
#[derive(Default)]
pub(crate) struct ModelFile {
    pub(crate) format: &'static str,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) owners: Vec<String>,
    /// By key: architecture, licence, parameters.
    pub(crate) properties: Map<String, Value>,
    /// What it was made from, as a model hub names it.
    pub(crate) bases: Vec<String>,
    /// What it learned from, as a model hub names it.
    pub(crate) datasets: Vec<String>,
    /// All that the header says.
    pub(crate) header: Value,
}

/// Where models and datasets of a hub are named.
pub(crate) const HUB: &str = "https://huggingface.co";

/// A model of the hub, by its name there or its address.
pub(crate) fn hub(kind: Kind, name: &str) -> Option<Thing> {
    let name = name.trim().trim_start_matches(HUB).trim_start_matches("/datasets").trim_matches('/');
    QualifiedName::new(HUB, name).ok().map(|name| Thing::new(kind, name))
}

/// The longest file of which a digest is made.
const DIGESTED: u64 = 256 << 20;

/// The SHA-256 of all of it; none where it is too long for that.
pub(crate) fn digest(input: &mut dyn Ranges) -> Result<Option<String>, FileError> {
    if input.size() > DIGESTED {
        return Ok(None);
    }
    let (mut sha, mut at) = (Sha256::new(), 0);
    loop {
        let part = input.read_at(at, 1 << 20)?;
        if part.is_empty() {
            break;
        }
        at += part.len() as u64;
        sha.update(&part);
    }
    Ok(Some(sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

impl ModelFile {
    pub(crate) fn property(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        if !value.is_null() && value != "" {
            self.properties.insert(key.to_owned(), value);
        }
    }

    pub(crate) fn tell(mut self, place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
        let thing = place.thing(Kind::ModelVersion);
        self.property("format", self.format);
        self.property("bytes", input.size());
        if let Some(digest) = digest(input)? {
            self.property("sha256", digest);
        }
        let mut telling = place.telling();
        telling.exists(&thing);
        if let Some(model) = &place.model {
            telling.part_of(&thing, model);
        }
        telling.text(&thing, Single::Name, self.title.as_deref());
        telling.text(&thing, Single::Description, self.description.as_deref());
        telling.text(&thing, Single::Version, self.version.as_deref());
        telling.text(&thing, Single::Url, self.url.as_deref());
        telling.text(&thing, Single::Subtype, Some(self.format));
        telling.set(&thing, Group::Tags, self.tags);
        telling.set(&thing, Group::Owners, self.owners);
        telling.claim(&thing, Field::Group(Group::Properties), Some(Value::Object(self.properties)));
        telling.facet(&thing, "model_file", self.header);
        for base in self.bases.iter().filter_map(|name| hub(Kind::Model, name)) {
            telling.related(&thing, RelationKind::DerivesFrom, &base, Method::Declared, None);
        }
        for dataset in self.datasets.iter().filter_map(|name| hub(Kind::Dataset, name)) {
            telling.related(&thing, RelationKind::TrainedOn, &dataset, Method::Declared, None);
        }
        Ok(vec![place.record(telling, self.format, Known::Declared)])
    }
}

/// Counts tensors by the type of their numbers.
#[derive(Default)]
pub(crate) struct Tensors {
    pub(crate) count: u64,
    pub(crate) parameters: u64,
    pub(crate) types: std::collections::BTreeMap<String, u64>,
}

impl Tensors {
    pub(crate) fn add(&mut self, data_type: &str, shape: impl IntoIterator<Item = u64>) {
        let parameters = shape.into_iter().fold(1_u64, u64::saturating_mul);
        self.count += 1;
        self.parameters = self.parameters.saturating_add(parameters);
        let of_type = self.types.entry(data_type.to_owned()).or_default();
        *of_type = of_type.saturating_add(parameters);
    }

    pub(crate) fn tell(&self, model: &mut ModelFile) {
        model.property("tensors", self.count);
        model.property("parameters", self.parameters);
        let most =
            self.types.iter().max_by_key(|(_, parameters)| **parameters).map(|(name, _)| name.as_str());
        model.property("dtype", most.unwrap_or_default());
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::json!({ "count": self.count, "parameters": self.parameters, "parameters_by_type": self.types })
    }
}
