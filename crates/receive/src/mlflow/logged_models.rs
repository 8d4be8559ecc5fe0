//! Logged models: what runs made, before anybody registered it.

use catena_ingest::langsmith::Object;
use catena_model::kind::Kind;
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Mlflow, experiments,
    experiments::field,
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{LOGGED_MODEL, keep, moment, piece},
    pairs,
    runs::{self, Running},
    said::{Answered, asked, done, float, object, objects, ok, page, required, text, texts, unknown, within},
};
use crate::{commit::Piece, desk::Desk, protocol::Request, refusal::Refusal};

/// The longest tag or parameter.
const LONGEST: usize = 100_000;

pub(super) async fn find(desk: &Desk, id: &str) -> Result<Held, Refusal> {
    let thing = held::logged_model(id);
    let found = desk.read(move |reader| held::one(reader, thing)).await?;
    found.filter(|held| !is_deleted(held)).ok_or_else(|| unknown("logged model", id))
}

fn info<'a>(held: &'a Held, key: &str) -> Option<&'a str> {
    held.object.get("info")?.get(key)?.as_str()
}

fn is_deleted(held: &Held) -> bool {
    info(held, "lifecycle_stage") == Some("deleted")
}

/// The object as the API gives it.
fn shown(mut object: Object) -> Object {
    within(&mut object, "info", |info| info.shift_remove("lifecycle_stage"));
    object
}

/// The piece that a changed logged model is; with the run that made it, it says what it was trained on.
async fn told(desk: &Desk, held: &Held) -> Result<Piece, Refusal> {
    let source = info(held, "source_run_id").map(str::to_owned);
    let run = match source {
        Some(id) => desk.read(move |reader| runs::find(reader, &id)).await?,
        None => None,
    };
    Ok(with_run(desk, held, run.as_ref()))
}

fn with_run(desk: &Desk, held: &Held, run: Option<&Running>) -> Piece {
    let run = run.map_or(Value::Null, |run| Value::Object(run.held.object.clone()));
    let object = Value::Object(held.object.clone());
    piece(LOGGED_MODEL, moment(desk, Some(held)), [("object", object), ("run", run)])
}

/// `POST logged-models`
pub(super) async fn create(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let experiment_id = required(&said, "experiment_id")?;
    let (params, tags) =
        (pairs::pairs(&said, "params", "Param", LONGEST)?, pairs::pairs(&said, "tags", "Tag", LONGEST)?);
    let _alone = system.changing.lock().await;
    let experiment = experiments::active(desk, &experiment_id).await?;
    let id = format!("m-{}", Uuid::new_v4().simple());
    let location = text(&experiment, "artifact_location").unwrap_or_default();
    let at = desk.now().millis();
    let name = text(&said, "name").map_or_else(|| runs::made_name(&id), str::to_owned);
    let mut info = object([
        ("model_id", json!(id)),
        ("experiment_id", json!(experiment_id)),
        ("name", json!(name)),
        ("creation_timestamp_ms", json!(at)),
        ("last_updated_timestamp_ms", json!(at)),
        ("artifact_uri", json!(format!("{}/models/{id}/artifacts", location.trim_end_matches('/')))),
        ("status", json!("LOGGED_MODEL_PENDING")),
        ("model_type", json!(text(&said, "model_type"))),
        ("source_run_id", json!(text(&said, "source_run_id"))),
    ]);
    info.insert("tags".to_owned(), pairs::listed(&tags));
    let whole = object([
        ("info", Value::Object(info)),
        ("data", json!({ "params": pairs::listed(&params), "metrics": [] })),
    ]);
    let mut pieces = experiments::with_first(desk).await?;
    let held = Held { place: 0, at: desk.now(), object: whole };
    pieces.push(told(desk, &held).await?);
    keep(desk, pieces).await?;
    ok(&json!({ "model": shown(held.object) }))
}

/// `GET logged-models/{model_id}`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = required(&said, "model_id")?;
    let deleted_too = text(&said, "allow_deleted").is_some_and(|said| said.eq_ignore_ascii_case("true"));
    let found = match deleted_too {
        true => {
            let thing = held::logged_model(&id);
            desk.read(move |reader| held::one(reader, thing))
                .await?
                .ok_or_else(|| unknown("logged model", &id))?
        }
        false => find(desk, &id).await?,
    };
    ok(&json!({ "model": shown(found.object) }))
}

async fn change(
    system: &Mlflow,
    desk: &Desk,
    id: &str,
    change: impl FnOnce(&mut Object) -> Result<(), Refusal>,
) -> Result<Object, Refusal> {
    let _alone = system.changing.lock().await;
    let mut held = find(desk, id).await?;
    change(&mut held.object)?;
    touch(&mut held, desk);
    keep(desk, vec![told(desk, &held).await?]).await?;
    Ok(held.object)
}

fn touch(held: &mut Held, desk: &Desk) {
    within(&mut held.object, "info", |info| {
        info.insert("last_updated_timestamp_ms".to_owned(), json!(desk.now().millis()));
    });
}

/// `PATCH logged-models/{model_id}`
pub(super) async fn finalize(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    const STATUSES: [&str; 4] = [
        "LOGGED_MODEL_READY",
        "LOGGED_MODEL_PENDING",
        "LOGGED_MODEL_UPLOAD_FAILED",
        "LOGGED_MODEL_STATUS_UNSPECIFIED",
    ];
    let said = asked(&request, desk)?;
    let status = required(&said, "status")?;
    if !STATUSES.contains(&status.as_str()) {
        return Err(super::said::invalid(format!(
            "Invalid model status {status:?}: send LOGGED_MODEL_READY"
        )));
    }
    let whole = change(system, desk, &required(&said, "model_id")?, |whole| {
        within(whole, "info", |info| info.insert("status".to_owned(), json!(status)));
        Ok(())
    })
    .await?;
    ok(&json!({ "model": shown(whole) }))
}

/// `PATCH logged-models/{model_id}/tags`
pub(super) async fn set_tags(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let tags = pairs::pairs(&said, "tags", "Tag", LONGEST)?;
    let whole = change(system, desk, &required(&said, "model_id")?, |whole| {
        put_tags(whole, &tags);
        Ok(())
    })
    .await?;
    ok(&json!({ "model": shown(whole) }))
}

fn put_tags(whole: &mut Object, tags: &[(String, String)]) {
    within(whole, "info", |info| {
        for (key, value) in tags {
            pairs::set(info, "tags", key, value);
        }
    });
}

/// `DELETE logged-models/{model_id}/tags/{tag_key}`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let key = required(&said, "tag_key")?;
    change(system, desk, &required(&said, "model_id")?, |whole| {
        match within(whole, "info", |info| pairs::take_out(info, "tags", &key)) {
            true => Ok(()),
            false => Err(unknown("tag of this model", &key)),
        }
    })
    .await?;
    done()
}

/// `POST logged-models/{model_id}/params`
pub(super) async fn log_params(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let params = pairs::pairs(&said, "params", "Param", LONGEST)?;
    change(system, desk, &required(&said, "model_id")?, |whole| {
        within(whole, "data", |data| {
            for (key, value) in &params {
                pairs::set(data, "params", key, value);
            }
        });
        Ok(())
    })
    .await?;
    done()
}

/// `DELETE logged-models/{model_id}`
pub(super) async fn delete(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let id = required(&asked(&request, desk)?, "model_id")?;
    change(system, desk, &id, |whole| {
        within(whole, "info", |info| info.insert("lifecycle_stage".to_owned(), json!("deleted")));
        Ok(())
    })
    .await?;
    done()
}

/// `POST logged-models/search`
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let by: Vec<String> = objects(&said, "order_by")
        .iter()
        .filter_map(|by| {
            let up = by.get("ascending").and_then(Value::as_bool).unwrap_or(true);
            Some(format!("{} {}", text(by, "field_name")?, if up { "ASC" } else { "DESC" }))
        })
        .collect();
    let order = OrderBy::read(&by)?.then("creation_timestamp", false);
    let experiments = texts(&said, "experiment_ids");
    let found = desk.read(move |reader| in_experiments(reader, &experiments)).await?;
    let found = found.into_iter().filter(|held| !is_deleted(held) && filter.fits(|key| value(held, key)));
    let (found, next) = page(&said, 100, order.sort(found.collect(), value))?;
    let models: Vec<_> = found.into_iter().map(|held| shown(held.object)).collect();
    ok(&json!({ "models": models, "next_page_token": next }))
}

fn in_experiments(reader: &Reader<'_>, experiments: &[String]) -> StoreResult<Vec<Held>> {
    let mut found = Vec::new();
    for id in experiments {
        let thing = held::experiment(id);
        if let Some(place) = held::place(reader, thing.as_ref())? {
            found.extend(held::parts(reader, place, Kind::LoggedModel)?);
        }
    }
    Ok(found)
}

fn value(held: &Held, key: &Key) -> Option<Operand> {
    let data = held.object.get("data")?.as_object()?;
    let info = held.object.get("info")?.as_object()?;
    match key.scope {
        Scope::Metric => {
            let metrics = objects(data, "metrics");
            let metric = metrics.iter().rfind(|metric| text(metric, "key") == Some(&key.name))?;
            float(metric, "value").map(Operand::Number)
        }
        Scope::Param => pairs::value_of(data, "params", &key.name).map(Operand::text),
        Scope::Tag => pairs::value_of(info, "tags", &key.name).map(Operand::text),
        _ => field(
            info,
            match key.name.as_str() {
                "creation_timestamp" | "creation_time" => "creation_timestamp_ms",
                "last_updated_timestamp" => "last_updated_timestamp_ms",
                other => other,
            },
        ),
    }
}

/// The logged models at which a run measured something: each keeps the last value of each metric and dataset.
pub(super) async fn measured(
    desk: &Desk,
    run: &Running,
    run_id: &str,
    metrics: &[Object],
) -> Result<Vec<Piece>, Refusal> {
    let mut ids: Vec<&str> = metrics.iter().filter_map(|metric| text(metric, "model_id")).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut pieces = Vec::new();
    for id in ids {
        let mut held = find(desk, id).await?;
        within(&mut held.object, "data", |data| {
            let mut known = objects(data, "metrics");
            for metric in metrics.iter().filter(|metric| text(metric, "model_id") == Some(id)) {
                let mut metric = metric.clone();
                metric.insert("run_id".to_owned(), json!(run_id));
                let which = |one: &Object| {
                    ["key", "dataset_name", "dataset_digest", "run_id"].map(|key| one.get(key).cloned())
                };
                known.retain(|one| which(one) != which(&metric));
                known.push(metric);
            }
            data.insert("metrics".to_owned(), json!(known));
        });
        touch(&mut held, desk);
        let source = info(&held, "source_run_id") == Some(run_id);
        pieces.push(match source {
            true => with_run(desk, &held, Some(run)),
            false => told(desk, &held).await?,
        });
    }
    Ok(pieces)
}

/// A logged model, told that a version was made of it, as MLflow's server notes it.
pub(super) async fn registered(
    desk: &Desk,
    id: &str,
    name: &str,
    version: i64,
) -> Result<Option<Piece>, Refusal> {
    const VERSIONS: &str = "mlflow.modelVersions";
    let thing = held::logged_model(id);
    let Some(mut held) = desk.read(move |reader| held::one(reader, thing)).await? else { return Ok(None) };
    let known = held.object.get("info").and_then(Value::as_object);
    let known = known.and_then(|info| pairs::value_of(info, "tags", VERSIONS));
    let mut known: Vec<Value> = known.and_then(|known| serde_json::from_str(known).ok()).unwrap_or_default();
    known.push(json!({ "name": name, "version": version }));
    // As Python writes it, so that both servers' tags are the same.
    let each: Vec<String> = known
        .iter()
        .map(|one| format!("{{\"name\": {}, \"version\": {}}}", one["name"], one["version"]))
        .collect();
    put_tags(&mut held.object, &[(VERSIONS.to_owned(), format!("[{}]", each.join(", ")))]);
    touch(&mut held, desk);
    told(desk, &held).await.map(Some)
}
