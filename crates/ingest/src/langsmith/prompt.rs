//! Prompts as they are pushed and pulled: repositories, commits and the tags that point at them.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    source::Known,
    statement::{Read, Record, Thing},
    time::Timestamp,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    manifest, names, shape,
    wire::{self, Object},
};
use crate::{
    fault::{Fault, Path},
    genai,
    telling::Telling,
};

/// The facet that holds a repository as the API gives it.
pub const FACET: &str = "langsmith.repo";
/// The facet that holds a commit as the API gives it, with its manifest.
pub const COMMIT: &str = "langsmith.commit";
/// What the facets that hold tags begin with; what follows is the tag.
pub const TAG: &str = "tag/";

/// The prompt of this owner and name.
pub fn repo(owner: &str, repo: &str) -> Option<Thing> {
    let (namespace, name) = names::prompt(owner, repo);
    // Built as runs' references to it are, so that both name one entity.
    let reference =
        genai::Prompt { namespace: Some(namespace.to_owned()), name: Some(name), ..genai::Prompt::default() };
    genai::names::prompted("", &reference)?.prompt
}

/// A version of it.
pub fn commit(owner: &str, repo: &str, hash: &str) -> Option<Thing> {
    let (namespace, name) = names::prompt(owner, repo);
    let reference = genai::Prompt {
        namespace: Some(namespace.to_owned()),
        name: Some(name),
        version: Some(hash.to_owned()),
        ..genai::Prompt::default()
    };
    genai::names::prompted("", &reference)
        .map(|prompted| prompted.exact)
        .filter(|thing| thing.kind == Kind::PromptVersion)
}

/// Reads a repository, whole.
pub fn read(place: &str, object: Object) -> Read {
    wire::told(place, tell(place, object))
}

fn bad(key: &str) -> Fault {
    Path::Root.key(key).fault("it can't be kept as a name: it is empty, too long, or has a NUL in it")
}

fn tell(at: &str, object: Object) -> Result<Record, Fault> {
    let owner = Path::Root.text_in(&object, "owner")?.unwrap_or_default();
    let name = Path::Root.required_in(&object, "repo_handle")?;
    let thing = repo(owner, name).ok_or_else(|| bad("repo_handle"))?;
    let time =
        wire::time_in(&object, "updated_at")?.or(wire::time_in(&object, "created_at")?).unwrap_or_default();
    let mut telling = Telling::at(time);
    telling.exists(&thing);
    telling.text(&thing, Single::Name, Some(name));
    let description = shape::text(&object, "description").or_else(|| shape::text(&object, "readme"));
    telling.text(&thing, Single::Description, description.as_deref());
    telling.set(&thing, Group::Tags, wire::texts_in(&object, "tags")?);
    telling.facet(&thing, FACET, Value::Object(object));
    Ok(telling.record(at.to_owned(), names::source(), Known::Declared))
}

/// The hash of a commit: of what it holds and what it follows, so that the same commit is the same wherever it is made.
pub fn hash(parent: Option<&str>, manifest: &Value) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("parent {}\n", parent.unwrap_or("none")));
    digest.update(catena_model::json::canonical(manifest));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a commit: `owner`, `repo`, `commit_hash`, `parent_commit_hash`, `manifest`, `created_at`.
pub fn read_commit(place: &str, object: Object) -> Read {
    wire::told(place, tell_commit(place, object))
}

fn tell_commit(at: &str, object: Object) -> Result<Record, Fault> {
    let owner = Path::Root.text_in(&object, "owner")?.unwrap_or_default();
    let name = Path::Root.required_in(&object, "repo")?;
    let hash = Path::Root.required_in(&object, "commit_hash")?;
    let whole = repo(owner, name).ok_or_else(|| bad("repo"))?;
    let thing = commit(owner, name, hash).ok_or_else(|| bad("commit_hash"))?;
    let manifest = object.get("manifest").filter(|manifest| manifest.is_object()).ok_or_else(|| {
        Path::Root
            .key("manifest")
            .fault("it is missing or no object: have the client send the prompt's manifest")
    })?;
    let template = manifest::template(manifest);
    let mut telling = Telling::at(wire::time_in(&object, "created_at")?.unwrap_or_default());
    telling.part_of(&thing, &whole);
    telling.claim(&thing, Field::Single(Single::Version), Some(Value::from(&hash[..hash.len().min(8)])));
    let called = format!("{name} {}", hash.get(..8).unwrap_or(hash));
    telling.text(&thing, Single::Name, Some(&called));
    if let Some(description) = shape::text(&object, "description") {
        telling.text(&thing, Single::Description, Some(&description));
    }
    if !template.is_empty() {
        telling.facet(&thing, "template", Value::Object(template));
    }
    telling.facet(&thing, COMMIT, Value::Object(object));
    Ok(telling.record(at.to_owned(), names::source(), Known::Declared))
}

/// What a tag points at.
#[derive(Debug, Clone, Copy)]
pub struct Tagged<'a> {
    /// The prompt's owner.
    pub owner: &'a str,
    /// The prompt.
    pub repo: &'a str,
    /// The tag.
    pub tag: &'a str,
    /// The commit.
    pub hash: &'a str,
    /// When it was set.
    pub at: Timestamp,
}

/// Says that a tag points at a commit.
pub fn read_tag(place: &str, tagged: &Tagged<'_>) -> Read {
    let tell = || {
        let thing = repo(tagged.owner, tagged.repo).ok_or_else(|| bad("repo"))?;
        QualifiedName::new(names::NAMESPACE, tagged.tag)
            .map_err(|problem| wire::bad_name("tag_name", &problem))?;
        let mut telling = Telling::at(tagged.at);
        let body = json!({ "tag_name": tagged.tag, "commit_hash": tagged.hash, "updated_at": tagged.at });
        telling.facet(&thing, &format!("{TAG}{}", tagged.tag), body);
        Ok(telling.record(place.to_owned(), names::source(), Known::Declared))
    };
    wire::told(place, tell())
}
