//! The registry: models and prompts, and their versions.

use catena_model::{
    evidence::Method,
    field::{Group, Single},
    kind::Kind,
    relation::RelationKind,
    statement::{Read, Rejection, Thing},
};
use serde_json::{Value, json};

use super::{
    mapping::{Mapping, is_prompt, note, present, tag, tell_lifecycle, tell_tags},
    rest::{Alias, KeyValue, ModelVersion, RegisteredModel, Run},
};
use crate::{fault::rejected, telling::Telling};

impl Mapping {
    /// What a registered model or prompt says. Its versions are told one by one with [`Mapping::model_version`].
    pub fn registered_model(&self, model: &RegisteredModel) -> Read {
        let prompt = is_prompt(&model.tags);
        let place = format!("{} {}", if prompt { "prompt" } else { "registered model" }, model.name);
        let thing = self.registered(&model.name, prompt, &place)?;
        let mut telling = self.telling();
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(&model.name));
        telling.text(&thing, Single::Description, note(model.description.as_deref(), &model.tags));
        tell_tags(&mut telling, &thing, &model.tags);
        let body = present(
            [
                ("creation_timestamp", json!(model.creation_timestamp)),
                ("last_updated_timestamp", json!(model.last_updated_timestamp)),
                ("user_id", json!(model.user_id)),
            ],
            &model.other,
        );
        if body != json!({}) {
            telling.facet(&thing, "registered_model", body);
        }
        self.record(place, telling)
    }

    /// What a version of a registered model or prompt says. `aliases` are those of its registered model, all of
    /// them; with the run that made it, the version also says which data it was trained on.
    pub fn model_version(&self, version: &ModelVersion, aliases: &[Alias], run: Option<&Run>) -> Read {
        let prompt = is_prompt(&version.tags);
        let what = if prompt { "prompt" } else { "model" };
        let place = format!("{what} {}, version {}", version.name, version.version);
        let model = self.registered(&version.name, prompt, &place)?;
        let thing = self.version(&version.name, &version.version, prompt, &place)?;
        let mut telling = self.telling();
        telling.part_of(&thing, &model);
        telling.text(&thing, Single::Name, Some(&format!("{} v{}", version.name, version.version)));
        telling.text(&thing, Single::Version, Some(&version.version));
        telling.text(&thing, Single::Description, note(version.description.as_deref(), &version.tags));
        tell_lifecycle(&mut telling, &thing, version.current_stage.as_deref());
        telling.set(&thing, Group::Aliases, names(version, aliases));
        self.tell_version_tags(&mut telling, &thing, &version.tags, prompt);
        let body = present(
            [
                ("status", json!(version.status)),
                ("status_message", json!(version.status_message)),
                ("creation_timestamp", json!(version.creation_timestamp)),
                ("last_updated_timestamp", json!(version.last_updated_timestamp)),
                ("user_id", json!(version.user_id)),
                ("source", json!(version.source)),
                ("run_id", json!(version.run_id)),
                ("model_id", json!(version.model_id)),
            ],
            &version.other,
        );
        telling.facet(&thing, "model_version", body);
        if let Some(run) = version.run_id.as_deref().filter(|id| !id.is_empty()) {
            let run = self.thing(Kind::Run, "runs", run, &place)?;
            telling.related(&thing, RelationKind::ProducedBy, &run, Method::Declared, None);
        }
        if let Some(id) = logged_model_id(version) {
            let logged = self.thing(Kind::LoggedModel, "logged_models", id, &place)?;
            telling.related(&thing, RelationKind::DerivesFrom, &logged, Method::Declared, None);
        } else if let Some((name, number)) = copied_from(version) {
            let original = self.version(name, number, prompt, &place)?;
            telling.related(&thing, RelationKind::DerivesFrom, &original, Method::Declared, None);
        }
        if let Some(run) = run {
            self.tell_training(&mut telling, &thing, run);
        }
        self.record(place, telling)
    }

    fn registered(&self, name: &str, prompt: bool, place: &str) -> Result<Thing, Rejection> {
        match prompt {
            true => self.thing(Kind::Prompt, "prompts", name, place),
            false => self.thing(Kind::Model, "models", name, place),
        }
    }

    fn version(&self, name: &str, version: &str, prompt: bool, place: &str) -> Result<Thing, Rejection> {
        if version.trim().is_empty() {
            return Err(rejected(place, "the version has no number: ask the server for it again"));
        }
        let id = format!("{name}/{version}");
        match prompt {
            true => self.thing(Kind::PromptVersion, "prompts", &id, place),
            false => self.thing(Kind::ModelVersion, "models", &id, place),
        }
    }

    /// A prompt's text is the value of a tag, as long as the text; it goes to a facet of its own.
    fn tell_version_tags(&self, telling: &mut Telling, thing: &Thing, tags: &[KeyValue], prompt: bool) {
        const TEXT: &str = "mlflow.prompt.text";
        if !prompt {
            return tell_tags(telling, thing, tags);
        }
        let (text, rest): (Vec<_>, Vec<_>) = tags.iter().cloned().partition(|tag| tag.key == TEXT);
        tell_tags(telling, thing, &rest);
        if let Some(text) = text.first() {
            let kind = tag(tags, "_mlflow_prompt_type").unwrap_or("text");
            // A chat prompt's text is its messages, as JSON.
            let template = match kind {
                "chat" => {
                    serde_json::from_str(&text.value).unwrap_or_else(|_| Value::from(text.value.as_str()))
                }
                _ => Value::from(text.value.as_str()),
            };
            let variables = variables(&text.value);
            telling.facet(
                thing,
                "prompt",
                json!({"type": kind, "template": template, "variables": variables}),
            );
            telling.text(thing, Single::Subtype, Some(kind));
        }
    }
}

/// What is to be filled in, in the order in which it first stands there: `q` of `Answer {{ q }}`.
fn variables(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((inner, behind)) = after.split_once("}}") else { break };
        let name = inner.trim();
        let is_name = !name.is_empty()
            && name.len() <= 200
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if is_name {
            if !found.contains(&name) && found.len() < 1_000 {
                found.push(name);
            }
            rest = behind;
        } else {
            // What stands there is no variable; one may begin within.
            rest = after;
        }
    }
    found
}

fn names(version: &ModelVersion, aliases: &[Alias]) -> Vec<String> {
    let of_model = aliases.iter().filter(|alias| alias.version == version.version).map(|alias| &alias.alias);
    let mut names: Vec<String> = of_model.chain(&version.aliases).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The logged model that was registered: named outright, or in the source `models:/m-0123`.
fn logged_model_id(version: &ModelVersion) -> Option<&str> {
    let named = version.model_id.as_deref().filter(|id| !id.is_empty());
    let source = version.source.as_deref().and_then(|source| source.strip_prefix("models:/"));
    named.or_else(|| source.filter(|id| id.starts_with("m-") && !id.contains('/')))
}

/// The version that was copied to make this one, as when it is promoted: the source `models:/churn/3`.
fn copied_from(version: &ModelVersion) -> Option<(&str, &str)> {
    let (name, number) = version.source.as_deref()?.strip_prefix("models:/")?.split_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !name.is_empty()).then_some((name, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompts_variables_are_what_is_to_be_filled_in() {
        assert_eq!(variables("Answer {{q}} from {{ ctx }}, {{q}} only."), ["q", "ctx"]);
        assert_eq!(variables("{{ not this {{that}} {{"), ["that"]);
        assert_eq!(variables("no } {x} {{}}"), Vec::<&str>::new());
    }
}
