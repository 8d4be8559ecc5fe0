//! How the things of LangSmith's API are named in the catalog.

use catena_model::{
    kind::Kind,
    name::{BadName, QualifiedName},
    source::Source,
    statement::Thing,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The system that clients talk to is this catalog: projects, datasets and prompts of the same name elsewhere are
/// others.
pub const NAMESPACE: &str = "langsmith://catena";

/// What names of projects begin with; what follows is the name that people gave.
pub const PROJECTS: &str = "projects/";
/// What names of datasets begin with.
pub const DATASETS: &str = "datasets/";
/// What names of prompts begin with, as [`crate::genai::names`] has it.
pub const PROMPTS: &str = "prompts/";

/// The handle of whoever owns what has no owner: this catalog.
pub const HANDLE: &str = "catena";

/// Who says what a LangSmith client sends.
pub fn source() -> Source {
    Source::system("langsmith", "catena")
}

fn thing(kind: Kind, prefix: &str, name: &str) -> Result<Thing, BadName> {
    // An empty name is told as such, not hidden behind the prefix.
    let name = QualifiedName::new(NAMESPACE, name)?;
    QualifiedName::new(NAMESPACE, &format!("{prefix}{}", name.name)).map(|name| Thing::new(kind, name))
}

/// A project (LangSmith's session) by name.
pub fn project(name: &str) -> Result<Thing, BadName> {
    thing(Kind::Experiment, PROJECTS, name)
}

/// A project by id; the same entity as by name once somebody said both.
pub fn project_by_id(id: Uuid) -> Result<Thing, BadName> {
    thing(Kind::Experiment, "sessions/", &id.hyphenated().to_string())
}

/// A dataset of examples by name.
pub fn dataset(name: &str) -> Result<Thing, BadName> {
    thing(Kind::Dataset, DATASETS, name)
}

/// A dataset of examples by id.
pub fn dataset_by_id(id: Uuid) -> Result<Thing, BadName> {
    thing(Kind::Dataset, "dataset-ids/", &id.hyphenated().to_string())
}

/// A prompt as runs refer to it and as it is pushed: in which namespace, by which name. Other owners' prompts are those
/// of LangChain's public hub.
pub fn prompt(owner: &str, repo: &str) -> (&'static str, String) {
    match owner.trim() {
        "" | "-" | HANDLE => (NAMESPACE, repo.to_owned()),
        owner => ("langsmith://smith.langchain.com", format!("{owner}/{repo}")),
    }
}

/// The id of a thing that nobody gave one: always the same for the same name, so that whoever is asked answers the
/// same and nothing has to be remembered (a version 8 UUID made of a SHA-256).
pub fn made_id(sort: &str, name: &str) -> Uuid {
    let digest = Sha256::digest(format!("langsmith\n{sort}\n{name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
