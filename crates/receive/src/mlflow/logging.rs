//! What runs log while they go on: metrics, parameters, tags; and the histories of the metrics.
//!
//! While a run goes on, its points are stored as they come, and are what is answered; the facet with the last values is
//! told anew with everything else that changes the run, a new metric or its end, and not with each of a million steps.

use std::collections::{BTreeMap, BTreeSet};

use catena_ingest::langsmith::Object;
use catena_model::point::Point;
use catena_store::{Reader, StoreResult, table::series};
use serde_json::{Value, json};

use super::{
    Mlflow,
    held::{self, measured},
    keeping::{METRICS, keep, piece},
    logged_models, pairs,
    runs::{self, LONGEST_TAG, Running, active, changed, id_in},
    said::{
        Answered, asked, done, float, int, invalid, number, objects, ok, page, required, text, texts, within,
    },
};
use crate::{desk::Desk, protocol::Request, refusal::Refusal};

/// The longest parameter of a run.
const LONGEST_PARAM: usize = 100_000;

/// What one request logs.
#[derive(Debug, Default)]
struct Brought {
    metrics: Vec<Object>,
    params: Vec<(String, String)>,
    tags: Vec<(String, String)>,
}

/// `POST runs/log-metric`
pub(super) async fn metric(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    log(
        system,
        desk,
        &id_in(&said)?,
        Brought { metrics: vec![metric_in(&said, desk)?], ..Brought::default() },
    )
    .await
}

/// `POST runs/log-parameter`
pub(super) async fn param(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let params = vec![pairs::pair(&said, "Param", LONGEST_PARAM)?];
    log(system, desk, &id_in(&said)?, Brought { params, ..Brought::default() }).await
}

/// `POST runs/log-batch`
pub(super) async fn batch(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let metrics =
        objects(&said, "metrics").iter().map(|said| metric_in(said, desk)).collect::<Result<_, _>>()?;
    let brought = Brought {
        metrics,
        params: pairs::pairs(&said, "params", "Param", LONGEST_PARAM)?,
        tags: pairs::pairs(&said, "tags", "Tag", LONGEST_TAG)?,
    };
    log(system, desk, &id_in(&said)?, brought).await
}

/// One value of a metric, checked.
fn metric_in(said: &Object, desk: &Desk) -> Result<Object, Refusal> {
    let key = pairs::key(said, "metric")?;
    let value = float(said, "value").ok_or_else(|| {
        invalid(format!("Got invalid value {:?} for metric '{key}': send a number", said.get("value")))
    })?;
    let whole = |name: &str, otherwise: i64| match said.get(name) {
        None | Some(Value::Null) => Ok(otherwise),
        Some(_) => int(said, name)
            .ok_or_else(|| invalid(format!("Got an invalid {name} for metric '{key}': send a whole number"))),
    };
    let mut metric = measured(
        &key,
        &Point { step: whole("step", 0)?, at_millis: whole("timestamp", desk.now().millis())?, value },
    );
    for more in ["model_id", "dataset_name", "dataset_digest"] {
        if let Some(said) = text(said, more) {
            metric.insert(more.to_owned(), json!(said));
        }
    }
    Ok(metric)
}

async fn log(system: &Mlflow, desk: &Desk, id: &str, brought: Brought) -> Answered {
    let points = || {
        piece(METRICS, desk.now(), [("object", json!({ "run_id": id })), ("metrics", json!(brought.metrics))])
    };
    if brought.params.is_empty() && brought.tags.is_empty() {
        // Most requests only bring values of metrics that are known, and need no other turn than the queue's.
        if is_plain(desk, id, &brought.metrics).await? {
            if brought.metrics.is_empty() {
                return done();
            }
            keep(desk, vec![points()]).await?;
            // Unless it ended meanwhile: the last values are told with the run when it ends.
            if is_plain(desk, id, &brought.metrics).await? {
                return done();
            }
        }
    }
    let _alone = system.changing.lock().await;
    let mut run = active(desk, id).await?;
    put_params(&mut run, id, &brought.params)?;
    for tag in &brought.tags {
        runs::put_tag(&mut run, tag);
    }
    put_last_values(&mut run, &brought.metrics);
    let mut pieces = Vec::new();
    if !brought.metrics.is_empty() {
        pieces.push(points());
    }
    pieces.push(changed(desk, &run));
    pieces.extend(logged_models::measured(desk, &run, id, &brought.metrics).await?);
    keep(desk, pieces).await?;
    done()
}

/// Whether values are all that is to be stored: the run goes on, and has each of these metrics already.
async fn is_plain(desk: &Desk, id: &str, metrics: &[Object]) -> Result<bool, Refusal> {
    let thing = held::run(id);
    let found = desk
        .read(move |reader| match held::one(reader, thing)? {
            Some(held) => Ok(Some((reader.series(held.place)?, held.object))),
            None => Ok(None),
        })
        .await?;
    let (known, run) = found.ok_or_else(|| unknown_run(id))?;
    let info = |key: &str| run.get("info").and_then(|info| info.get(key)).and_then(Value::as_str);
    if info("lifecycle_stage") == Some("deleted") {
        return Err(invalid(format!("The run {id} must be in the 'active' state: restore it")));
    }
    let known: BTreeSet<&str> = known.iter().map(|row| row.metric.as_str()).collect();
    let is_known = |metric: &Object| text(metric, "key").is_some_and(|key| known.contains(key));
    let plain = metrics.iter().all(|metric| is_known(metric) && !metric.contains_key("model_id"));
    Ok(info("status") == Some("RUNNING") && plain)
}

/// A parameter is said once: of another value it can't be told which holds.
fn put_params(run: &mut Running, id: &str, params: &[(String, String)]) -> Result<(), Refusal> {
    within(&mut run.held.object, "data", |data| {
        for (key, value) in params {
            match pairs::value_of(data, "params", key) {
                Some(held) if held != value => {
                    let short = |text: &str| text.chars().take(100).collect::<String>();
                    return Err(invalid(format!(
                        "Changing param values is not allowed. Param with key='{key}' was already logged with \
                         value='{}' for run ID='{id}'. Attempted logging new value '{}'.",
                        short(held),
                        short(value)
                    )));
                }
                Some(_) => {}
                None => pairs::set(data, "params", key, value),
            }
        }
        Ok(())
    })
}

fn point(metric: &Object) -> Point {
    Point {
        step: int(metric, "step").unwrap_or(0),
        at_millis: int(metric, "timestamp").unwrap_or(0),
        value: float(metric, "value").unwrap_or(f64::NAN),
    }
}

fn put_last_values(run: &mut Running, new: &[Object]) {
    for metric in new {
        let Some(key) = text(metric, "key") else { continue };
        let point = point(metric);
        match run.metrics.iter_mut().find(|held| text(held, "key") == Some(key)) {
            Some(held) => {
                if self::point(held).order(&point).is_lt() {
                    *held = measured(key, &point);
                }
            }
            None => run.metrics.push(measured(key, &point)),
        }
    }
}

/// `POST runs/log-model`: what old clients tell of a model, kept in a tag as MLflow does.
pub(super) async fn model(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    const HISTORY: &str = "mlflow.log-model.history";
    let said = asked(&request, desk)?;
    let id = id_in(&said)?;
    let model: Value = serde_json::from_str(&required(&said, "model_json")?)
        .map_err(|_| invalid("Malformed model info: model_json is no JSON"))?;
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    let held = run.data().and_then(|data| pairs::value_of(data, "tags", HISTORY));
    let mut history: Vec<Value> = held.and_then(|held| serde_json::from_str(held).ok()).unwrap_or_default();
    history.push(model);
    runs::put_tag(&mut run, &(HISTORY.to_owned(), json!(history).to_string()));
    keep(desk, vec![changed(desk, &run)]).await?;
    done()
}

/// All points of one metric of a run, in order.
fn history(reader: &Reader<'_>, run: &str, key: &str) -> StoreResult<Option<Vec<Point>>> {
    let Some(held) = held::one(reader, held::run(run))? else { return Ok(None) };
    let mut points = Vec::new();
    for row in reader.series(held.place)? {
        if row.metric == key {
            points.extend(series::points(reader.db(), row.ix)?);
        }
    }
    points.sort_by(Point::order);
    Ok(Some(points))
}

fn unknown_run(id: &str) -> Refusal {
    Refusal::NotFound(format!("Run with id={id} not found: check the id"))
}

/// `GET metrics/get-history`
pub(super) async fn get_history(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (id, key) = (id_in(&said)?, required(&said, "metric_key")?);
    let (run, metric) = (id.clone(), key.clone());
    let points = desk.read(move |reader| history(reader, &run, &metric)).await?;
    let mut points = points.ok_or_else(|| unknown_run(&id))?;
    points.sort_by_key(|point| (point.at_millis, point.step));
    let (points, next) = page(&said, 25_000, points)?;
    let metrics: Vec<_> = points.iter().map(|point| measured(&key, point)).collect();
    ok(&json!({ "metrics": metrics, "next_page_token": next }))
}

/// `GET metrics/get-history-bulk-interval`: of each run, points of steps that are spread over the interval.
pub(super) async fn get_history_of_many(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (runs, key) = (texts(&said, "run_ids"), required(&said, "metric_key")?);
    let (start, end) =
        (int(&said, "start_step").unwrap_or(i64::MIN), int(&said, "end_step").unwrap_or(i64::MAX));
    let most = match int(&said, "max_results") {
        None => 320,
        Some(most) => {
            usize::try_from(most).ok().filter(|most| (1..=2_500).contains(most)).ok_or_else(|| {
                invalid(format!("Invalid value {most} for parameter 'max_results': send 1 to 2500"))
            })?
        }
    };
    if runs.is_empty() || runs.len() > 100 {
        return Err(invalid("GetMetricHistoryBulkInterval takes 1 to 100 run_ids: send so many"));
    }
    if start > end {
        return Err(invalid("end_step must be greater than start_step: exchange them"));
    }
    let metric = key.clone();
    let histories = desk
        .read(move |reader| {
            let mut found = BTreeMap::new();
            for run in runs {
                if let Some(mut points) = history(reader, &run, &metric)? {
                    points.retain(|point| (start..=end).contains(&point.step));
                    found.insert(run, points);
                }
            }
            Ok(found)
        })
        .await?;
    let steps: BTreeSet<i64> = histories.values().flatten().map(|point| point.step).collect();
    let shown = spread(&steps.into_iter().collect::<Vec<_>>(), most);
    let mut metrics = Vec::new();
    for (run, points) in histories {
        // Each run's own first and last point are shown in any case.
        let ends: BTreeSet<i64> =
            points.first().into_iter().chain(points.last()).map(|point| point.step).collect();
        for point in points.iter().filter(|point| shown.contains(&point.step) || ends.contains(&point.step)) {
            metrics.push(json!({
                "key": key, "value": number(point.value), "timestamp": point.at_millis, "step": point.step,
                "run_id": run,
            }));
        }
    }
    ok(&json!({ "metrics": metrics }))
}

fn spread(steps: &[i64], most: usize) -> BTreeSet<i64> {
    match steps.len() <= most {
        true => steps.iter().copied().collect(),
        false => (0..most).filter_map(|at| steps.get(at * steps.len() / most)).copied().collect(),
    }
}
