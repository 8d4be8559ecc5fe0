//! Names and tags, as every MLflow object shares them.

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    name::{BadName, QualifiedName},
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Rejection, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use super::rest::KeyValue;
use crate::{
    fault::rejected,
    telling::{Telling, bad_name},
};

const PROMPT_TAG: &str = "mlflow.prompt.is_prompt";
const NOTE_TAG: &str = "mlflow.note.content";

/// How one MLflow's objects become records.
#[derive(Debug, Clone)]
pub struct Mapping {
    namespace: String,
    source: Source,
    at: Timestamp,
}

impl Mapping {
    /// For the MLflow that is called `namespace` (`mlflow://host:5000`), read at `at`.
    ///
    /// MLflow keeps no time at which a tag, name or alias was changed, so everything holds as of the reading.
    pub fn new(namespace: &str, at: Timestamp) -> Result<Self, BadName> {
        let namespace = QualifiedName::new(namespace, "experiments")?.namespace;
        let instance = namespace.strip_prefix("mlflow://").unwrap_or(&namespace);
        Ok(Self { source: Source::system("mlflow", instance), namespace, at })
    }

    /// Who says what this mapping makes.
    pub fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn telling(&self) -> Telling {
        Telling::at(self.at)
    }

    pub(super) fn record(&self, place: String, telling: Telling) -> Read {
        Ok(telling.record(place, self.source.clone(), Known::Synced))
    }

    pub(super) fn thing(&self, kind: Kind, path: &str, id: &str, place: &str) -> Result<Thing, Rejection> {
        let reject = |problem| rejected(place, &bad_name(&format!("{path} id"), &problem));
        // The id is checked by itself first: with its path before it, an empty one would pass.
        QualifiedName::new(&self.namespace, id)
            .and_then(|id| QualifiedName::new(&self.namespace, &format!("{path}/{}", id.name)))
            .map(|name| Thing::new(kind, name))
            .map_err(reject)
    }

    /// Tells which prompts the thing uses.
    pub(super) fn tell_prompts(
        &self,
        telling: &mut Telling,
        thing: &Thing,
        tags: &[KeyValue],
        place: &str,
    ) -> Result<(), Rejection> {
        for (name, version) in linked_prompts(tags) {
            let prompt = self.thing(Kind::PromptVersion, "prompts", &format!("{name}/{version}"), place)?;
            telling.related(thing, RelationKind::UsesPrompt, &prompt, Method::Declared, None);
        }
        Ok(())
    }

    pub(super) fn named(&self, kind: Kind, namespace: &str, name: &str) -> Option<Thing> {
        QualifiedName::new(namespace, name).ok().map(|name| Thing::new(kind, name))
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// The value of the tag `key`.
pub(super) fn tag<'a>(tags: &'a [KeyValue], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

/// What people wrote about the thing: its own description or the note of MLflow's page.
pub(super) fn note<'a>(description: Option<&'a str>, tags: &'a [KeyValue]) -> Option<&'a str> {
    description.filter(|text| !text.trim().is_empty()).or_else(|| tag(tags, NOTE_TAG))
}

/// Whether a registered model or version is a prompt.
pub(super) fn is_prompt(tags: &[KeyValue]) -> bool {
    tag(tags, PROMPT_TAG).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Pairs as an object.
pub(super) fn object(pairs: &[KeyValue]) -> Value {
    Value::Object(pairs.iter().map(|pair| (pair.key.clone(), json!(pair.value))).collect())
}

/// Tells of the tags: all of them as a facet, people's own as tags.
pub(super) fn tell_tags(telling: &mut Telling, thing: &Thing, tags: &[KeyValue]) {
    if !tags.is_empty() {
        telling.facet(thing, "tags", object(tags));
    }
    // MLflow keeps its own notes under `mlflow.` and `_mlflow`.
    let own = |key: &str| !key.starts_with("mlflow.") && !key.starts_with("_mlflow");
    let words = tags.iter().filter(|tag| own(&tag.key)).map(|tag| word(&tag.key, &tag.value));
    telling.set(thing, Group::Tags, words.collect());
}

/// The prompt versions that a run or logged model is tagged to use.
fn linked_prompts(tags: &[KeyValue]) -> Vec<(String, String)> {
    let linked = tag(tags, "mlflow.linkedPrompts").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let prompts = linked.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = prompts.iter().filter_map(|prompt| {
        let version = &prompt["version"];
        let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
        Some((prompt["name"].as_str()?.to_owned(), version))
    });
    named.collect()
}

/// Tells whether the thing is deleted or at a stage; `None` and `active` are no news.
pub(super) fn tell_lifecycle(telling: &mut Telling, thing: &Thing, stage: Option<&str>) {
    let stage =
        stage.map(str::to_lowercase).filter(|stage| !matches!(stage.as_str(), "active" | "none" | ""));
    telling.claim(thing, Field::Single(Single::Lifecycle), stage.map(Value::from));
}

/// A tag in one word: `key` when it is only set, else `key:value`.
fn word(key: &str, value: &str) -> String {
    match value {
        "" | "true" => key.to_owned(),
        value => format!("{key}:{value}"),
    }
}

/// Keeps what is there, under its own name.
pub(super) fn present<const N: usize>(entries: [(&str, Value); N], other: &Map<String, Value>) -> Value {
    let known = entries.into_iter().map(|(key, value)| (key.to_owned(), value));
    let all = known.chain(other.iter().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(all.filter(|(_, value)| !value.is_null() && value.as_str() != Some("")).collect())
}
