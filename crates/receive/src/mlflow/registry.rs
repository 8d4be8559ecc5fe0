//! The registry: registered models, which prompts are too, and their movable names.

use catena_ingest::langsmith::Object;
use catena_model::kind::Kind;
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};

use super::{
    Mlflow,
    experiments::field,
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{self, PROMPT_TAG, REGISTERED, is_prompt, keep, moment, piece},
    pairs,
    said::{Answered, asked, done, invalid, object, objects, ok, page, required, text, texts},
    versions,
};
use crate::{commit::Piece, desk::Desk, protocol::Request, refusal::Refusal};

/// The longest tag of a registered model.
const LONGEST_TAG: usize = 5_000;

/// The registered model or prompt of this name, deleted or not.
pub(super) fn any(reader: &Reader<'_>, name: &str) -> StoreResult<Option<Held>> {
    let mut found = Vec::new();
    for prompt in [false, true] {
        found.extend(held::one(reader, keeping::registered(name, prompt))?);
    }
    // A name that was a model's and is a prompt's now.
    found.sort_by_key(|held| (!is_gone(&held.object), held.at));
    Ok(found.pop())
}

/// The registered model of this name, which must be there.
pub(super) async fn find(desk: &Desk, name: &str) -> Result<Held, Refusal> {
    let wanted = name.to_owned();
    let found = desk.read(move |reader| any(reader, &wanted)).await?;
    found.filter(|held| !is_gone(&held.object)).ok_or_else(|| {
        Refusal::NotFound(format!(
            "Registered Model with name={name} not found: check the name, or create it"
        ))
    })
}

pub(super) fn is_gone(object: &Object) -> bool {
    object.get("deleted") == Some(&Value::Bool(true))
}

pub(super) fn told(desk: &Desk, held: &Held) -> Piece {
    piece(REGISTERED, moment(desk, Some(held)), [("object", Value::Object(held.object.clone()))])
}

/// The object as the API gives it, with the latest version of each stage.
async fn shown(desk: &Desk, held: Held) -> Result<Object, Refusal> {
    let latest = versions::latest(desk, &held).await?;
    let mut object = held.object;
    object.shift_remove("deleted");
    if !latest.is_empty() {
        object.insert("latest_versions".to_owned(), json!(latest));
    }
    Ok(object)
}

/// `POST registered-models/create`
pub(super) async fn create(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let name = required(&said, "name")?;
    check(&name)?;
    let tags = pairs::pairs(&said, "tags", "Registered model tag", LONGEST_TAG)?;
    let _alone = system.changing.lock().await;
    let wanted = name.clone();
    let held = desk.read(move |reader| any(reader, &wanted)).await?;
    if held.as_ref().is_some_and(|held| !is_gone(&held.object)) {
        return Err(Refusal::Conflict(format!(
            "Registered Model (name={name}) already exists: choose another name"
        )));
    }
    let at = desk.now().millis();
    let mut whole = object([
        ("name", json!(name)),
        ("creation_timestamp", json!(at)),
        ("last_updated_timestamp", json!(at)),
        ("description", json!(text(&said, "description"))),
        ("tags", pairs::listed(&tags)),
        ("aliases", json!([])),
    ]);
    if held.is_some() {
        whole.insert("deleted".to_owned(), json!(false));
    }
    let at = moment(desk, held.as_ref());
    keep(desk, vec![piece(REGISTERED, at, [("object", Value::Object(whole.clone()))])]).await?;
    whole.shift_remove("deleted");
    ok(&json!({ "registered_model": whole }))
}

/// Names are parts of paths at MLflow, and of names here.
fn check(name: &str) -> Result<(), Refusal> {
    let fits = !name.trim().is_empty()
        && name.chars().count() <= 256
        && !name.contains(['/', ':'])
        && !name.chars().any(char::is_control)
        && name.trim() == name
        && ![".", ".."].contains(&name);
    match fits {
        true => Ok(()),
        false => Err(invalid(
            "Invalid registered model name: it has 1 to 256 characters that can be printed, without '/' and ':'",
        )),
    }
}

/// `GET registered-models/get`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let name = required(&asked(&request, desk)?, "name")?;
    let held = find(desk, &name).await?;
    ok(&json!({ "registered_model": shown(desk, held).await? }))
}

async fn change(
    system: &Mlflow,
    desk: &Desk,
    name: &str,
    change: impl FnOnce(&mut Object) -> Result<(), Refusal>,
) -> Result<Held, Refusal> {
    let _alone = system.changing.lock().await;
    let mut held = find(desk, name).await?;
    change(&mut held.object)?;
    touch(&mut held, desk);
    keep(desk, vec![told(desk, &held)]).await?;
    Ok(held)
}

pub(super) fn touch(held: &mut Held, desk: &Desk) {
    held.object.insert("last_updated_timestamp".to_owned(), json!(desk.now().millis()));
}

/// `PATCH registered-models/update`
pub(super) async fn update(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let description = said.get("description").cloned().unwrap_or(Value::Null);
    let held = change(system, desk, &required(&said, "name")?, |whole| {
        whole.insert("description".to_owned(), description);
        Ok(())
    })
    .await?;
    ok(&json!({ "registered_model": shown(desk, held).await? }))
}

/// `POST registered-models/set-tag`
pub(super) async fn set_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (key, tag) = pairs::pair(&said, "Registered model tag", LONGEST_TAG)?;
    change(system, desk, &required(&said, "name")?, |whole| {
        refuse_prompt_tag(&key)?;
        pairs::set(whole, "tags", &key, &tag);
        Ok(())
    })
    .await?;
    done()
}

/// Whether it is a prompt is settled when it is made: models and prompts are two kinds of things.
pub(super) fn refuse_prompt_tag(key: &str) -> Result<(), Refusal> {
    match key == PROMPT_TAG {
        true => Err(invalid(format!("the tag {PROMPT_TAG} can't be changed: create a prompt instead"))),
        false => Ok(()),
    }
}

/// `DELETE registered-models/delete-tag`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let key = pairs::key(&said, "Registered model tag")?;
    change(system, desk, &required(&said, "name")?, |whole| {
        refuse_prompt_tag(&key)?;
        pairs::take_out(whole, "tags", &key);
        Ok(())
    })
    .await?;
    done()
}

/// `DELETE registered-models/delete`, and its versions with it
pub(super) async fn delete(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let name = required(&asked(&request, desk)?, "name")?;
    let _alone = system.changing.lock().await;
    let mut held = find(desk, &name).await?;
    held.object.insert("deleted".to_owned(), json!(true));
    held.object.insert("aliases".to_owned(), json!([]));
    let mut pieces = vec![told(desk, &held)];
    for mut version in versions::of(desk, &held).await? {
        version.object.insert("deleted".to_owned(), json!(true));
        pieces.push(versions::told(desk, &version, &held).await?);
    }
    keep(desk, pieces).await?;
    done()
}

/// `GET registered-models/search`: prompts only when they are asked for, as at MLflow
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let order = OrderBy::read(&texts(&said, "order_by"))?.then("name", true);
    let prompts = filter.speaks_of_tag(PROMPT_TAG);
    let found = desk
        .read(move |reader| {
            let mut found = held::all(reader, Kind::Model, "models/")?;
            if prompts {
                found.extend(held::all(reader, Kind::Prompt, "prompts/")?);
            }
            Ok(found)
        })
        .await?;
    let fits = |held: &Held| !is_gone(&held.object) && filter.fits(|key| value(&held.object, key));
    let found = order.sort(found.into_iter().filter(fits).collect(), |held, key| value(&held.object, key));
    let (found, next) = page(&said, 100, found)?;
    let mut models = Vec::new();
    for held in found {
        models.push(shown(desk, held).await?);
    }
    ok(&json!({ "registered_models": models, "next_page_token": next }))
}

pub(super) fn value(object: &Object, key: &Key) -> Option<Operand> {
    match key.scope {
        Scope::Tag => match pairs::value_of(object, "tags", &key.name) {
            // A model is no prompt, whoever says so: clients ask for those whose tag isn't `true`.
            None if key.name == PROMPT_TAG => Some(Operand::text("false")),
            value => value.map(Operand::text),
        },
        Scope::Attribute => match key.name.as_str() {
            "timestamp" | "last_updated_timestamp" => field(object, "last_updated_timestamp"),
            name => field(object, name),
        },
        _ => None,
    }
}

/// The version that an alias names.
fn aliased(held: &Held, alias: &str) -> Option<String> {
    let aliases = objects(&held.object, "aliases");
    let found = aliases.iter().find(|one| text(one, "alias") == Some(alias))?;
    text(found, "version").map(str::to_owned)
}

/// `POST registered-models/alias`
pub(super) async fn set_alias(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (name, alias, version) =
        (required(&said, "name")?, required(&said, "alias")?, required(&said, "version")?);
    let is_version =
        alias.strip_prefix(['v', 'V']).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    if is_version || alias == "latest" || alias.contains(['/', ':']) || alias.chars().count() > 255 {
        return Err(invalid(format!(
            "Invalid alias name {alias:?}: choose a word that is no version, such as champion"
        )));
    }
    let _alone = system.changing.lock().await;
    let held = find(desk, &name).await?;
    let version = versions::find_in(desk, &held, &version).await?;
    move_alias(desk, held, &alias, text(&version.object, "version").map(str::to_owned)).await
}

/// `DELETE registered-models/alias`
pub(super) async fn delete_alias(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (name, alias) = (required(&said, "name")?, required(&said, "alias")?);
    let _alone = system.changing.lock().await;
    let held = find(desk, &name).await?;
    move_alias(desk, held, &alias, None).await
}

/// The versions that bear it and bore it are told anew.
async fn move_alias(desk: &Desk, mut held: Held, alias: &str, to: Option<String>) -> Answered {
    let from = aliased(&held, alias);
    let mut aliases = objects(&held.object, "aliases");
    aliases.retain(|one| text(one, "alias") != Some(alias));
    if let Some(version) = &to {
        aliases.push(object([("alias", json!(alias)), ("version", json!(version))]));
    }
    held.object.insert("aliases".to_owned(), json!(aliases));
    touch(&mut held, desk);
    let mut pieces = vec![told(desk, &held)];
    for version in versions::of(desk, &held).await? {
        let number = text(&version.object, "version");
        if number.is_some() && (number == from.as_deref() || number == to.as_deref()) {
            pieces.push(versions::told(desk, &version, &held).await?);
        }
    }
    keep(desk, pieces).await?;
    done()
}

/// `GET registered-models/alias`
pub(super) async fn get_by_alias(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (name, alias) = (required(&said, "name")?, required(&said, "alias")?);
    let held = find(desk, &name).await?;
    // As MLflow answers: its client tells a missing alias by the words.
    let version = aliased(&held, &alias)
        .ok_or_else(|| invalid(format!("Registered model alias {alias} not found.")))?;
    let found = versions::find_in(desk, &held, &version).await?;
    ok(&json!({ "model_version": versions::shown(&found, &held) }))
}

/// Whether it is a prompt.
pub(super) fn prompt(held: &Held) -> bool {
    is_prompt(&Value::Object(held.object.clone()))
}
