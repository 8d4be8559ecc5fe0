//! Prompt repositories, their commits and tags.

use catena_ingest::langsmith::{Object, names, project, prompt};
use catena_model::{kind::Kind, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    table::entity::{self, Ix},
};
use serde_json::{Map, Value, json};

use super::{
    COMMIT, LangSmith, REPO, TAG, finding,
    keeping::{Answered, fill, keep, later, lay_over, moment, object, ok, page, text},
};
use crate::{desk::Desk, protocol::Request, refusal::Refusal};

/// A prompt as it is asked for.
#[derive(Debug, Clone)]
struct Address {
    owner: String,
    repo: String,
}

impl Address {
    fn of(request: &Request) -> Self {
        Self { owner: request.parameter("owner").to_owned(), repo: request.parameter("repo").to_owned() }
    }

    fn unknown(&self) -> Refusal {
        Refusal::NotFound(format!("no prompt {}/{} is known: create it first", self.owner, self.repo))
    }

    fn find(&self, reader: &Reader<'_>) -> StoreResult<Option<(Ix, Object)>> {
        let Some(thing) = prompt::repo(&self.owner, &self.repo) else { return Ok(None) };
        let Some(place) = finding::entity(reader, &thing)? else { return Ok(None) };
        repo_at(reader, place)
    }
}

/// A repository and its commits' number and last hash; none for a prompt that only runs speak of.
fn repo_at(reader: &Reader<'_>, place: Ix) -> StoreResult<Option<(Ix, Object)>> {
    let Some(mut said) = finding::facet(reader, place, prompt::FACET)? else { return Ok(None) };
    let commits = commits(reader, place)?;
    said.insert("num_commits".to_owned(), json!(commits.len()));
    let last = commits.first().and_then(|commit| commit.get("commit_hash")).cloned();
    said.insert("last_commit_hash".to_owned(), last.unwrap_or(Value::Null));
    Ok(Some((place, said)))
}

/// A prompt's commits, the last first.
fn commits(reader: &Reader<'_>, place: Ix) -> StoreResult<Vec<Object>> {
    let mut found = Vec::new();
    for part in entity::children(reader.db(), place)? {
        if part.kind == Kind::PromptVersion {
            found.extend(finding::facet(reader, part.ix, prompt::COMMIT)?);
        }
    }
    found.sort_by(|a, b| {
        (text(b, "created_at"), text(b, "commit_hash")).cmp(&(text(a, "created_at"), text(a, "commit_hash")))
    });
    Ok(found)
}

/// `POST /repos`
pub(super) async fn post(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let said = object(&request, desk)?;
    let repo = text(&said, "repo_handle")
        .ok_or_else(|| Refusal::Unreadable("a prompt needs a repo_handle".to_owned()))?;
    let address = Address { owner: "-".to_owned(), repo: repo.to_owned() };
    let _alone = system.changing.lock().await;
    let asked = address.clone();
    if desk.read(move |reader| asked.find(reader)).await?.is_some() {
        return Err(Refusal::Conflict(format!(
            "a prompt called {repo:?} is there already: choose another name"
        )));
    }
    let now = moment(desk.now());
    let id = names::made_id("repo", repo).hyphenated().to_string();
    let mut whole: Object = Map::from_iter([
        ("id".to_owned(), Value::from(id)),
        ("owner".to_owned(), Value::Null),
        ("full_name".to_owned(), Value::from(repo)),
        ("created_at".to_owned(), now),
    ]);
    lay_over(&mut whole, said);
    store(desk, whole).await
}

async fn store(desk: &Desk, mut whole: Object) -> Answered {
    for counted in ["num_commits", "last_commit_hash"] {
        whole.shift_remove(counted);
    }
    whole.insert("tenant_id".to_owned(), Value::from(project::tenant().hyphenated().to_string()));
    let at = later(desk.now(), text(&whole, "updated_at"));
    whole.insert("updated_at".to_owned(), moment(at));
    keep(desk, REPO, &whole, prompt::read("repo", whole.clone())).await?;
    let repo = text(&whole, "repo_handle").unwrap_or_default().to_owned();
    let address = Address { owner: "-".to_owned(), repo };
    let asked = address.clone();
    let (_, whole) = desk.read(move |reader| asked.find(reader)).await?.ok_or_else(|| address.unknown())?;
    ok(&json!({ "repo": shown(whole) }))
}

fn shown(mut said: Object) -> Object {
    for (key, value) in [
        ("description", json!("")),
        ("readme", json!("")),
        ("tags", json!([])),
        ("is_public", json!(false)),
        ("is_archived", json!(false)),
        ("num_likes", json!(0)),
        ("num_downloads", json!(0)),
        ("num_views", json!(0)),
        ("liked_by_auth_user", json!(false)),
        ("num_commits", json!(0)),
    ] {
        fill(&mut said, key, value);
    }
    for key in ["owner", "last_commit_hash", "original_repo_id", "upstream_repo_id"] {
        said.entry(key).or_insert(Value::Null);
    }
    said
}

/// `GET /repos/{owner}/{repo}`
pub(super) async fn one(request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let asked = address.clone();
    let found = desk.read(move |reader| asked.find(reader)).await?;
    ok(&json!({ "repo": shown(found.ok_or_else(|| address.unknown())?.1) }))
}

/// `PATCH /repos/{owner}/{repo}`
pub(super) async fn patch(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let changes = object(&request, desk)?;
    let _alone = system.changing.lock().await;
    let asked = address.clone();
    let (_, mut whole) =
        desk.read(move |reader| asked.find(reader)).await?.ok_or_else(|| address.unknown())?;
    for (key, value) in changes {
        if ["description", "readme", "tags", "is_public", "is_archived"].contains(&key.as_str())
            && !value.is_null()
        {
            whole.insert(key, value);
        }
    }
    store(desk, whole).await
}

/// `GET /repos`
pub(super) async fn list(request: Request, desk: &Desk) -> Answered {
    let mut found: Vec<Object> = desk
        .read(|reader| {
            let mut found = Vec::new();
            for place in finding::prompts(reader)? {
                found.extend(repo_at(reader, place)?.map(|(_, said)| shown(said)));
            }
            Ok(found)
        })
        .await?;
    let flag = |key: &str| request.asked(key).map(|said| said.eq_ignore_ascii_case("true"));
    let (public, archived) = (flag("is_public"), flag("is_archived"));
    let query = request.asked("query").map(|text| text.to_lowercase());
    found.retain(|said| {
        let is = |key: &str| said.get(key) == Some(&json!(true));
        let has = |part: &String| {
            ["repo_handle", "description"]
                .iter()
                .any(|key| text(said, key).is_some_and(|held| held.to_lowercase().contains(part)))
        };
        public.is_none_or(|wanted| wanted == is("is_public"))
            && archived.is_none_or(|wanted| wanted == is("is_archived"))
            && query.as_ref().is_none_or(has)
    });
    let by = match request.asked("sort_field").as_deref() {
        Some("created_at") => "created_at",
        Some("repo_handle" | "name") => "repo_handle",
        _ => "updated_at",
    };
    found.sort_by(|a, b| text(a, by).cmp(&text(b, by)));
    if request.asked("sort_direction").as_deref() != Some("asc") {
        found.reverse();
    }
    let total = found.len();
    ok(&json!({ "repos": page(&request, found), "total": total }))
}

/// `POST /repos/{owner}/{repo}/tags`
pub(super) async fn tag(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let said = object(&request, desk)?;
    let (Some(tag), Some(commit)) = (text(&said, "tag_name"), text(&said, "commit_id")) else {
        return Err(Refusal::Unreadable("a tag needs tag_name and commit_id".to_owned()));
    };
    let _alone = system.changing.lock().await;
    let (asked, wanted, name) = (address.clone(), commit.to_owned(), format!("{}{tag}", prompt::TAG));
    let (found, held) = desk
        .read(move |reader| {
            let Some((place, _)) = asked.find(reader)? else { return Ok(None) };
            let is = |held: &Object| {
                text(held, "id") == Some(&wanted) || text(held, "commit_hash") == Some(&wanted)
            };
            let found = commits(reader, place)?.into_iter().find(is);
            let held = finding::facet(reader, place, &name)?;
            Ok(found.map(|found| (found, held)))
        })
        .await?
        .ok_or_else(|| Refusal::NotFound(format!("no commit {commit} of {} is known", address.repo)))?;
    let hash = text(&found, "commit_hash").unwrap_or_default().to_owned();
    let at = later(desk.now(), held.as_ref().and_then(|held| text(held, "updated_at")));
    let whole: Object = [
        ("owner", Value::from(address.owner.as_str())),
        ("repo", Value::from(address.repo.as_str())),
        ("tag_name", Value::from(tag)),
        ("commit_hash", Value::from(hash)),
        ("at", moment(at)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    keep(desk, TAG, &whole, read_tag(&whole)).await?;
    ok(&json!({ "tag_name": tag, "commit_id": commit, "commit_hash": whole["commit_hash"] }))
}

/// Reads a tag as [`tag`] keeps it.
pub(super) fn read_tag(whole: &Object) -> catena_model::statement::Read {
    let said = |key: &str| text(whole, key).unwrap_or_default();
    let at = said("at").parse::<Timestamp>().unwrap_or_default();
    prompt::read_tag(
        "tag",
        &prompt::Tagged {
            owner: said("owner"),
            repo: said("repo"),
            tag: said("tag_name"),
            hash: said("commit_hash"),
            at,
        },
    )
}

/// `GET /commits/{owner}/{repo}`
pub(super) async fn list_commits(request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let asked = address.clone();
    let found = desk
        .read(move |reader| match asked.find(reader)? {
            Some((place, _)) => commits(reader, place).map(Some),
            None => Ok(None),
        })
        .await?
        .ok_or_else(|| address.unknown())?;
    let total = found.len();
    ok(&json!({ "commits": page(&request, found), "total": total }))
}

/// `GET /commits/{owner}/{repo}/{commit}`: a hash or its beginning, a tag, or `latest`.
pub(super) async fn one_commit(request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let wanted = request.parameter("commit").to_owned();
    let (asked, name) = (address.clone(), wanted.clone());
    let found = desk.read(move |reader| find_commit(reader, &asked, &name)).await?;
    let unknown =
        || Refusal::NotFound(format!("no commit {wanted:?} of {}/{} is known", address.owner, address.repo));
    let mut found = found.ok_or_else(unknown)?;
    fill(&mut found, "examples", json!([]));
    ok(&found)
}

fn find_commit(reader: &Reader<'_>, address: &Address, wanted: &str) -> StoreResult<Option<Object>> {
    let Some((place, _)) = address.find(reader)? else { return Ok(None) };
    let commits = commits(reader, place)?;
    if wanted == "latest" {
        return Ok(commits.into_iter().next());
    }
    let tagged = finding::facet(reader, place, &format!("{}{wanted}", prompt::TAG))?;
    let tagged = tagged.as_ref().and_then(|tag| text(tag, "commit_hash")).map(str::to_owned);
    let is = |held: &Object| {
        text(held, "commit_hash").is_some_and(|hash| match &tagged {
            Some(tagged) => hash == tagged,
            // Fewer would fit one by chance.
            None => wanted.len() >= 7 && hash.starts_with(wanted),
        })
    };
    Ok(commits.into_iter().find(is))
}

/// `POST /commits/{owner}/{repo}`
pub(super) async fn post_commit(system: &LangSmith, request: Request, desk: &Desk) -> Answered {
    let address = Address::of(&request);
    let said = object(&request, desk)?;
    let manifest = said.get("manifest").filter(|manifest| manifest.is_object()).cloned();
    let manifest =
        manifest.ok_or_else(|| Refusal::Unreadable("a commit needs a manifest, an object".to_owned()))?;
    let _alone = system.changing.lock().await;
    let asked = address.clone();
    let held = desk
        .read(move |reader| match asked.find(reader)? {
            Some((place, repo)) => Ok(Some((repo, commits(reader, place)?))),
            None => Ok(None),
        })
        .await?;
    let (repo, commits) = held.ok_or_else(|| address.unknown())?;
    let last = commits.first();
    if last.is_some_and(|last| last.get("manifest") == Some(&manifest)) {
        return Err(Refusal::Conflict(
            "nothing to commit: the prompt has not changed since its latest commit".to_owned(),
        ));
    }
    let hash_of = |commit: &Object| text(commit, "commit_hash").map(str::to_owned);
    let parent =
        match text(&said, "parent_commit").filter(|parent| *parent != "latest") {
            None => last.and_then(hash_of),
            Some(parent) => {
                let found = commits.iter().filter_map(hash_of).find(|hash| hash.starts_with(parent));
                Some(found.ok_or_else(|| {
                    Refusal::NotFound(format!("no commit {parent:?} of this prompt is known"))
                })?)
            }
        };
    let hash = prompt::hash(parent.as_deref(), &manifest);
    let id = |hash: &str| names::made_id("commit", hash).hyphenated().to_string();
    let at = later(desk.now(), last.and_then(|last| text(last, "created_at")));
    let whole: Object = [
        ("id", Value::from(id(&hash))),
        ("owner", Value::from(address.owner.as_str())),
        ("repo", Value::from(address.repo.as_str())),
        ("commit_hash", Value::from(hash.as_str())),
        ("parent_commit_hash", parent.clone().map_or(Value::Null, Value::from)),
        ("parent_id", parent.as_deref().map_or(Value::Null, |parent| Value::from(id(parent)))),
        ("repo_id", repo.get("id").cloned().unwrap_or(Value::Null)),
        ("description", said.get("description").cloned().unwrap_or(Value::Null)),
        ("created_at", moment(at)),
        ("updated_at", moment(at)),
        ("manifest", manifest),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    keep(desk, COMMIT, &whole, prompt::read_commit("commit", whole.clone())).await?;
    ok(&json!({ "commit": whole }))
}
