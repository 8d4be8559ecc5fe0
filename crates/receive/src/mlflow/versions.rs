//! Versions of registered models and prompts.

use catena_ingest::langsmith::Object;
use catena_model::kind::Kind;
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};

use super::{
    Mlflow,
    experiments::field,
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{PROMPT_TAG, VERSION, keep, moment, piece},
    logged_models, pairs,
    registry::{self, is_gone, prompt, refuse_prompt_tag},
    runs,
    said::{Answered, asked, done, int, invalid, object, objects, ok, page, required, text, texts},
};
use crate::{commit::Piece, desk::Desk, protocol::Request, refusal::Refusal};

/// The longest tag of a version: a prompt's text is one.
const LONGEST_TAG: usize = 100_000;

/// The versions of a registered model, deleted ones too.
async fn all_of(desk: &Desk, model: &Held) -> Result<Vec<Held>, Refusal> {
    let name = text(&model.object, "name").unwrap_or_default().to_owned();
    let (place, prompt) = (model.place, prompt(model));
    desk.read(move |reader| {
        let kind = if prompt { Kind::PromptVersion } else { Kind::ModelVersion };
        let mut found = held::parts(reader, place, kind)?;
        found.retain(|held| text(&held.object, "name") == Some(&name));
        found.sort_by_key(|held| int(&held.object, "version"));
        Ok(found)
    })
    .await
}

/// The versions of a registered model, the first one first.
pub(super) async fn of(desk: &Desk, model: &Held) -> Result<Vec<Held>, Refusal> {
    let mut found = all_of(desk, model).await?;
    found.retain(|held| !is_gone(&held.object));
    Ok(found)
}

/// One version of a registered model.
pub(super) async fn find_in(desk: &Desk, model: &Held, version: &str) -> Result<Held, Refusal> {
    let found =
        of(desk, model).await?.into_iter().find(|held| text(&held.object, "version") == Some(version));
    found.ok_or_else(|| {
        let name = text(&model.object, "name").unwrap_or_default();
        Refusal::NotFound(format!("Model Version (name={name}, version={version}) not found: check both"))
    })
}

async fn find(desk: &Desk, said: &Object) -> Result<(Held, Held), Refusal> {
    let (name, version) = (required(said, "name")?, required(said, "version")?);
    let wanted = name.clone();
    let model = desk.read(move |reader| registry::any(reader, &wanted)).await?;
    let Some(model) = model.filter(|model| !is_gone(&model.object)) else {
        return Err(Refusal::NotFound(format!(
            "Model Version (name={name}, version={version}) not found: check both"
        )));
    };
    Ok((find_in(desk, &model, &version).await?, model))
}

/// The object as the API gives it, with the names that its model has for it.
pub(super) fn shown(held: &Held, model: &Held) -> Object {
    let mut object = held.object.clone();
    object.shift_remove("deleted");
    let number = text(&held.object, "version");
    let aliases = objects(&model.object, "aliases");
    let names =
        aliases.iter().filter(|one| text(one, "version") == number).filter_map(|one| text(one, "alias"));
    object.insert("aliases".to_owned(), names.map(Value::from).collect());
    object
}

/// The piece that a changed version is; with the run that made it, it says what it was trained on.
pub(super) async fn told(desk: &Desk, held: &Held, model: &Held) -> Result<Piece, Refusal> {
    let run = match text(&held.object, "run_id").map(str::to_owned) {
        Some(id) => desk.read(move |reader| runs::find(reader, &id)).await?,
        None => None,
    };
    let run = run.map_or(Value::Null, |run| Value::Object(run.held.object));
    let object = Value::Object(held.object.clone());
    let aliases = model.object.get("aliases").cloned().unwrap_or_else(|| json!([]));
    Ok(piece(VERSION, moment(desk, Some(held)), [("object", object), ("aliases", aliases), ("run", run)]))
}

/// The latest version of each stage.
pub(super) async fn latest(desk: &Desk, model: &Held) -> Result<Vec<Object>, Refusal> {
    let mut found: Vec<Held> = Vec::new();
    for version in of(desk, model).await? {
        found.retain(|held| text(&held.object, "current_stage") != text(&version.object, "current_stage"));
        found.push(version);
    }
    Ok(found.iter().map(|held| shown(held, model)).collect())
}

/// `POST model-versions/create`
pub(super) async fn create(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (name, source) = (required(&said, "name")?, required(&said, "source")?);
    let tags = pairs::pairs(&said, "tags", "Model version tag", LONGEST_TAG)?;
    let _alone = system.changing.lock().await;
    let mut model = registry::find(desk, &name).await?;
    let last = all_of(desk, &model).await?.iter().filter_map(|held| int(&held.object, "version")).max();
    let number = last.unwrap_or(0).saturating_add(1);
    let at = desk.now().millis();
    let named = text(&said, "model_id").or_else(|| source.strip_prefix("models:/"));
    let model_id = named.filter(|id| id.starts_with("m-") && !id.contains('/')).map(str::to_owned);
    let run_id = match (text(&said, "run_id"), &model_id) {
        (Some(id), _) => Some(id.to_owned()),
        // As MLflow's server finds it out.
        (None, Some(id)) => {
            let thing = held::logged_model(id);
            let logged = desk.read(move |reader| held::one(reader, thing)).await?;
            logged.and_then(|held| Some(held.object.get("info")?.get("source_run_id")?.as_str()?.to_owned()))
        }
        (None, None) => None,
    };
    let whole = object([
        ("name", json!(name)),
        ("version", json!(number.to_string())),
        ("creation_timestamp", json!(at)),
        ("last_updated_timestamp", json!(at)),
        ("current_stage", json!("None")),
        ("description", json!(text(&said, "description").unwrap_or_default())),
        ("source", json!(source)),
        ("run_id", json!(run_id.unwrap_or_default())),
        ("run_link", json!(text(&said, "run_link").unwrap_or_default())),
        ("status", json!("READY")),
        ("tags", pairs::listed(&tags)),
        // MLflow's server leaves it out where the source says it.
        ("model_id", json!(model_id.as_ref().filter(|id| source != format!("models:/{id}")))),
    ]);
    let version = Held { place: 0, at: desk.now(), object: whole };
    registry::touch(&mut model, desk);
    // A version of a prompt says so itself; one that doesn't would be a model's.
    let is_prompts = pairs::value_of(&version.object, "tags", PROMPT_TAG).is_some();
    if is_prompts != prompt(&model) {
        return Err(invalid(format!(
            "{name} is {}: versions must be of the same sort",
            match prompt(&model) {
                true => "a prompt",
                false => "a model and no prompt",
            }
        )));
    }
    let mut pieces = vec![registry::told(desk, &model), told(desk, &version, &model).await?];
    if let Some(id) = &model_id {
        pieces.extend(logged_models::registered(desk, id, &name, number).await?);
    }
    keep(desk, pieces).await?;
    ok(&json!({ "model_version": shown(&version, &model) }))
}

/// `GET model-versions/get`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let (version, model) = find(desk, &asked(&request, desk)?).await?;
    ok(&json!({ "model_version": shown(&version, &model) }))
}

async fn change(
    system: &Mlflow,
    desk: &Desk,
    said: &Object,
    change: impl FnOnce(&mut Object) -> Result<(), Refusal>,
) -> Answered {
    let _alone = system.changing.lock().await;
    let (mut version, model) = find(desk, said).await?;
    change(&mut version.object)?;
    registry::touch(&mut version, desk);
    keep(desk, vec![told(desk, &version, &model).await?]).await?;
    ok(&json!({ "model_version": shown(&version, &model) }))
}

/// `PATCH model-versions/update`
pub(super) async fn update(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let description = text(&said, "description").unwrap_or_default().to_owned();
    change(system, desk, &said, |whole| {
        whole.insert("description".to_owned(), json!(description));
        Ok(())
    })
    .await
}

/// `POST model-versions/transition-stage`
pub(super) async fn set_stage(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    const STAGES: [&str; 4] = ["None", "Staging", "Production", "Archived"];
    let said = asked(&request, desk)?;
    let stage = required(&said, "stage")?;
    let stage = STAGES.into_iter().find(|known| known.eq_ignore_ascii_case(&stage)).ok_or_else(|| {
        invalid(format!("Invalid Model Version stage {stage:?}: send one of {}", STAGES.join(", ")))
    })?;
    let archive = said.get("archive_existing_versions") == Some(&Value::Bool(true));
    let _alone = system.changing.lock().await;
    let (mut version, model) = find(desk, &said).await?;
    version.object.insert("current_stage".to_owned(), json!(stage));
    registry::touch(&mut version, desk);
    let mut pieces = vec![told(desk, &version, &model).await?];
    for mut other in of(desk, &model).await? {
        if archive && other.place != version.place && text(&other.object, "current_stage") == Some(stage) {
            other.object.insert("current_stage".to_owned(), json!("Archived"));
            registry::touch(&mut other, desk);
            pieces.push(told(desk, &other, &model).await?);
        }
    }
    keep(desk, pieces).await?;
    ok(&json!({ "model_version": shown(&version, &model) }))
}

/// `POST model-versions/set-tag`
pub(super) async fn set_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (key, tag) = pairs::pair(&said, "Model version tag", LONGEST_TAG)?;
    change(system, desk, &said, |whole| {
        refuse_prompt_tag(&key)?;
        pairs::set(whole, "tags", &key, &tag);
        Ok(())
    })
    .await?;
    done()
}

/// `DELETE model-versions/delete-tag`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let key = pairs::key(&said, "Model version tag")?;
    change(system, desk, &said, |whole| {
        refuse_prompt_tag(&key)?;
        pairs::take_out(whole, "tags", &key);
        Ok(())
    })
    .await?;
    done()
}

/// `DELETE model-versions/delete`, with the names that it had
pub(super) async fn delete(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let _alone = system.changing.lock().await;
    let (mut version, mut model) = find(desk, &said).await?;
    version.object.insert("deleted".to_owned(), json!(true));
    let mut aliases = objects(&model.object, "aliases");
    aliases.retain(|one| text(one, "version") != text(&version.object, "version"));
    model.object.insert("aliases".to_owned(), json!(aliases));
    registry::touch(&mut model, desk);
    keep(desk, vec![registry::told(desk, &model), told(desk, &version, &model).await?]).await?;
    done()
}

/// `registered-models/get-latest-versions`
pub(super) async fn get_latest(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let stages = texts(&said, "stages");
    let model = registry::find(desk, &required(&said, "name")?).await?;
    let mut found = latest(desk, &model).await?;
    found.retain(|version| {
        let stage = text(version, "current_stage").unwrap_or_default();
        stages.is_empty() || stages.iter().any(|wanted| wanted.eq_ignore_ascii_case(stage))
    });
    ok(&json!({ "model_versions": found }))
}

/// `GET model-versions/get-download-uri`: of a logged model, where that one's files are
pub(super) async fn download_uri(request: Request, desk: &Desk) -> Answered {
    let (version, _) = find(desk, &asked(&request, desk)?).await?;
    let source = text(&version.object, "source").unwrap_or_default().to_owned();
    let id = text(&version.object, "model_id").or_else(|| source.strip_prefix("models:/"));
    let thing = id.and_then(held::logged_model);
    let logged = desk.read(move |reader| held::one(reader, thing)).await?;
    let uri =
        logged.and_then(|held| Some(held.object.get("info")?.get("artifact_uri")?.as_str()?.to_owned()));
    ok(&json!({ "artifact_uri": uri.unwrap_or(source) }))
}

/// `GET model-versions/search`: those of prompts only when they are asked for, as at MLflow
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let order = OrderBy::read(&texts(&said, "order_by"))?.then("name", true).then("version_number", false);
    let prompts = filter.speaks_of_tag(PROMPT_TAG);
    let found = desk.read(move |reader| every(reader, prompts)).await?;
    let found = found.into_iter().filter(|version| filter.fits(|key| value(version, key))).collect();
    let (found, next) = page(&said, 200, order.sort(found, value))?;
    ok(&json!({ "model_versions": found, "next_page_token": next }))
}

fn every(reader: &Reader<'_>, prompts: bool) -> StoreResult<Vec<Object>> {
    let mut models = held::all(reader, Kind::Model, "models/")?;
    if prompts {
        models.extend(held::all(reader, Kind::Prompt, "prompts/")?);
    }
    let mut found = Vec::new();
    for model in models.iter().filter(|model| !is_gone(&model.object)) {
        let kind = if prompt(model) { Kind::PromptVersion } else { Kind::ModelVersion };
        let versions = held::parts(reader, model.place, kind)?;
        found.extend(versions.iter().filter(|held| !is_gone(&held.object)).map(|held| shown(held, model)));
    }
    Ok(found)
}

fn value(version: &Object, key: &Key) -> Option<Operand> {
    match (key.scope, key.name.as_str()) {
        (Scope::Tag, _) => registry::value(version, key),
        (Scope::Attribute, "version_number" | "version") => {
            int(version, "version").map(|number| Operand::Number(number as f64))
        }
        (Scope::Attribute, "source_path") => field(version, "source"),
        (Scope::Attribute, name) => field(version, name),
        _ => None,
    }
}
