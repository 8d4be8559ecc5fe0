//! Models and prompts among a job's inputs and outputs. OpenLineage has no word for them, so clients send them as
//! datasets whose namespace is that of a registry: `mlflow://host:5000` (or `mlflow://*`) and `models/churn/3`.

use catena_model::{
    evidence::Method, kind::Kind, name::QualifiedName, relation::RelationKind, statement::Thing,
};

use crate::telling::Telling;

/// What a dataset of this name really is.
pub(super) fn kind(name: &QualifiedName) -> Kind {
    if !name.namespace.starts_with("mlflow://") {
        return Kind::Dataset;
    }
    let parts: Vec<&str> = name.name.split('/').collect();
    match parts.as_slice() {
        ["models", _] => Kind::Model,
        ["models", _, _] => Kind::ModelVersion,
        ["logged_models", _] => Kind::LoggedModel,
        ["prompts", _] => Kind::Prompt,
        ["prompts", _, _] => Kind::PromptVersion,
        _ => Kind::Dataset,
    }
}

/// Tells what a version is a version of.
pub(super) fn place(telling: &mut Telling, thing: &Thing) {
    let whole = match thing.kind {
        Kind::ModelVersion => Kind::Model,
        Kind::PromptVersion => Kind::Prompt,
        _ => return,
    };
    let name = thing.name.name.rsplit_once('/').map(|(name, _)| name);
    if let Some(name) = name.and_then(|name| QualifiedName::new(&thing.name.namespace, name).ok()) {
        telling.part_of(thing, &Thing::new(whole, name));
    }
}

/// Tells that a job takes `thing`.
pub(super) fn taken(telling: &mut Telling, job: &Thing, thing: &Thing, method: Method) {
    let kind = match thing.kind {
        Kind::Model | Kind::ModelVersion | Kind::LoggedModel => RelationKind::UsesModel,
        Kind::Prompt | Kind::PromptVersion => RelationKind::UsesPrompt,
        _ => RelationKind::Reads,
    };
    telling.related(job, kind, thing, method, None);
}

/// Tells that a job makes `thing`.
pub(super) fn made(telling: &mut Telling, job: &Thing, thing: &Thing, method: Method) {
    match thing.kind {
        Kind::Dataset => telling.related(job, RelationKind::Writes, thing, method, None),
        _ => telling.related(thing, RelationKind::ProducedBy, job, method, None),
    }
}
