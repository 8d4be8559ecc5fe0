//! Runs: made, found, changed, ended.

use std::collections::BTreeMap;

use catena_ingest::langsmith::Object;
use catena_model::kind::Kind;
use catena_store::{Reader, StoreResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Mlflow,
    experiments::{self, View, field},
    filter::{Filter, Key, Operand, OrderBy, Scope},
    held::{self, Held},
    keeping::{LOGGED_MODEL, RUN, keep, moment, piece},
    pairs,
    said::{Answered, asked, done, int, invalid, object, ok, page, required, text, texts, within},
};
use crate::{commit::Piece, desk::Desk, protocol::Request, refusal::Refusal};

/// The longest tag of a run.
pub(super) const LONGEST_TAG: usize = 100_000;

/// The tag that says a run's name again.
const NAME_TAG: &str = "mlflow.runName";

/// A run with the last values of its metrics.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) held: Held,
    pub(super) metrics: Vec<Object>,
}

impl Running {
    pub(super) fn info(&self, key: &str) -> Option<&str> {
        self.held.object.get("info")?.get(key)?.as_str()
    }

    pub(super) fn data(&self) -> Option<&Object> {
        self.held.object.get("data")?.as_object()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.info("lifecycle_stage") == Some("deleted")
    }

    /// The run as the API gives it.
    fn shown(self) -> Value {
        let mut whole = self.held.object;
        within(&mut whole, "data", |data| data.insert("metrics".to_owned(), json!(self.metrics)));
        Value::Object(whole)
    }
}

pub(super) fn find(reader: &Reader<'_>, id: &str) -> StoreResult<Option<Running>> {
    match held::one(reader, held::run(id))? {
        Some(held) => with_metrics(reader, held).map(Some),
        None => Ok(None),
    }
}

fn with_metrics(reader: &Reader<'_>, held: Held) -> StoreResult<Running> {
    Ok(Running { metrics: held::last_values(reader, held.place)?, held })
}

/// The run of this id, which must be there and not deleted.
pub(super) async fn active(desk: &Desk, id: &str) -> Result<Running, Refusal> {
    let found = any(desk, id).await?;
    match found.is_deleted() {
        true => Err(invalid(format!("The run {id} must be in the 'active' state: restore it"))),
        false => Ok(found),
    }
}

async fn any(desk: &Desk, id: &str) -> Result<Running, Refusal> {
    let wanted = id.to_owned();
    let found = desk.read(move |reader| find(reader, &wanted)).await?;
    found.ok_or_else(|| Refusal::NotFound(format!("Run with id={id} not found: check the id")))
}

/// The piece that a changed run is.
pub(super) fn changed(desk: &Desk, run: &Running) -> Piece {
    let object = Value::Object(run.held.object.clone());
    piece(RUN, moment(desk, Some(&run.held)), [("object", object), ("metrics", json!(run.metrics))])
}

/// `run_id`, or `run_uuid` as old clients call it.
pub(super) fn id_in(said: &Object) -> Result<String, Refusal> {
    match text(said, "run_id").or_else(|| text(said, "run_uuid")) {
        Some(id) => Ok(id.to_owned()),
        None => Err(invalid("Missing value for required parameter 'run_id': send it")),
    }
}

/// `POST runs/create`
pub(super) async fn create(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let experiment_id = said
        .get("experiment_id")
        .map_or(Ok(experiments::FIRST.to_owned()), |_| required(&said, "experiment_id"))?;
    let tags = pairs::pairs(&said, "tags", "Tag", LONGEST_TAG)?;
    let _alone = system.changing.lock().await;
    let experiment = experiments::active(desk, &experiment_id).await?;
    let id = Uuid::new_v4().simple().to_string();
    let tagged = tags.iter().find(|(key, _)| key == NAME_TAG).map(|(_, value)| value.clone());
    let name = text(&said, "run_name").map(str::to_owned).or(tagged).unwrap_or_else(|| made_name(&id));
    let location = text(&experiment, "artifact_location").unwrap_or_default();
    let mut data = object([("tags", pairs::listed(&tags))]);
    pairs::set(&mut data, "tags", NAME_TAG, &name);
    let info = object([
        ("run_id", json!(id)),
        ("run_uuid", json!(id)),
        ("run_name", json!(name)),
        ("experiment_id", json!(experiment_id)),
        ("user_id", json!(text(&said, "user_id"))),
        ("status", json!("RUNNING")),
        ("start_time", json!(int(&said, "start_time").unwrap_or_else(|| desk.now().millis()))),
        ("artifact_uri", json!(format!("{}/{id}/artifacts", location.trim_end_matches('/')))),
        ("lifecycle_stage", json!("active")),
    ]);
    let whole = json!({ "info": info, "data": data, "inputs": {}, "outputs": {} });
    let mut pieces = experiments::with_first(desk).await?;
    pieces.push(piece(RUN, desk.now(), [("object", whole.clone())]));
    keep(desk, pieces).await?;
    ok(&json!({ "run": whole }))
}

/// A name for a run that was given none, told by its id.
pub(super) fn made_name(id: &str) -> String {
    const HOW: [&str; 16] = [
        "amused", "brave", "calm", "clever", "dapper", "eager", "gentle", "honest", "keen", "lively",
        "merry", "nimble", "placid", "quiet", "rapid", "sunny",
    ];
    const WHO: [&str; 16] = [
        "asp", "bee", "crane", "deer", "finch", "goat", "hare", "ibis", "jay", "koala", "lark", "mole",
        "newt", "owl", "quail", "seal",
    ];
    let id = Uuid::try_parse(id.trim_start_matches("m-")).unwrap_or_default();
    let bytes = id.as_bytes();
    let number = u16::from_be_bytes([bytes[2], bytes[3]]) % 1_000;
    format!("{}-{}-{number}", HOW[usize::from(bytes[0] & 15)], WHO[usize::from(bytes[1] & 15)])
}

/// `GET runs/get`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let id = id_in(&asked(&request, desk)?)?;
    ok(&json!({ "run": any(desk, &id).await?.shown() }))
}

const STATUSES: [&str; 5] = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

/// `POST runs/update`
pub(super) async fn update(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = id_in(&said)?;
    let status = text(&said, "status");
    if let Some(status) = status.filter(|status| !STATUSES.contains(status)) {
        return Err(invalid(format!("Invalid run status {status:?}: send one of {}", STATUSES.join(", "))));
    }
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    within(&mut run.held.object, "info", |info| {
        if let Some(status) = status {
            info.insert("status".to_owned(), json!(status));
        }
        if let Some(end) = int(&said, "end_time") {
            info.insert("end_time".to_owned(), json!(end));
        }
        if let Some(name) = text(&said, "run_name") {
            info.insert("run_name".to_owned(), json!(name));
        }
    });
    if let Some(name) = text(&said, "run_name") {
        within(&mut run.held.object, "data", |data| pairs::set(data, "tags", NAME_TAG, name));
    }
    keep(desk, vec![changed(desk, &run)]).await?;
    ok(&json!({ "run_info": run.held.object.get("info") }))
}

/// `POST runs/delete` and `restore`
pub(super) async fn set_stage(system: &Mlflow, request: Request, desk: &Desk, stage: &str) -> Answered {
    let id = id_in(&asked(&request, desk)?)?;
    let _alone = system.changing.lock().await;
    let mut run = any(desk, &id).await?;
    within(&mut run.held.object, "info", |info| info.insert("lifecycle_stage".to_owned(), json!(stage)));
    keep(desk, vec![changed(desk, &run)]).await?;
    done()
}

/// `POST runs/set-tag`
pub(super) async fn set_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (id, tag) = (id_in(&said)?, pairs::pair(&said, "Tag", LONGEST_TAG)?);
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    put_tag(&mut run, &tag);
    keep(desk, vec![changed(desk, &run)]).await?;
    done()
}

pub(super) fn put_tag(run: &mut Running, (key, value): &(String, String)) {
    within(&mut run.held.object, "data", |data| pairs::set(data, "tags", key, value));
    if key == NAME_TAG {
        within(&mut run.held.object, "info", |info| info.insert("run_name".to_owned(), json!(value)));
    }
}

/// `POST runs/delete-tag`
pub(super) async fn delete_tag(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let (id, key) = (id_in(&said)?, pairs::key(&said, "Tag")?);
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    if !within(&mut run.held.object, "data", |data| pairs::take_out(data, "tags", &key)) {
        return Err(Refusal::NotFound(format!(
            "No tag with name: {key} in run with id {id}: check the name"
        )));
    }
    keep(desk, vec![changed(desk, &run)]).await?;
    done()
}

/// `POST runs/search`
pub(super) async fn search(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let filter = Filter::read(text(&said, "filter").unwrap_or_default())?;
    let order = OrderBy::read(&texts(&said, "order_by"))?.then("start_time", false).then("run_id", true);
    let view = View::of(text(&said, "run_view_type"))?;
    let experiments = texts(&said, "experiment_ids");
    let found = desk
        .read(move |reader| {
            let mut found = Vec::new();
            for id in &experiments {
                let thing = held::experiment(id);
                let Some(place) = held::place(reader, thing.as_ref())? else { continue };
                for held in held::parts(reader, place, Kind::Run)? {
                    let run = with_metrics(reader, held)?;
                    let info = run.held.object.get("info").and_then(Value::as_object);
                    if info.is_some_and(|info| view.shows(info)) && filter.fits(|key| value(&run, key)) {
                        found.push(run);
                    }
                }
            }
            Ok(order.sort(found, value))
        })
        .await?;
    let (runs, next) = page(&said, 1_000, found)?;
    let runs: Vec<_> = runs.into_iter().map(Running::shown).collect();
    ok(&json!({ "runs": runs, "next_page_token": next }))
}

fn value(run: &Running, key: &Key) -> Option<Operand> {
    match key.scope {
        Scope::Metric => {
            let metric = run.metrics.iter().find(|metric| text(metric, "key") == Some(&key.name))?;
            super::said::float(metric, "value").map(Operand::Number)
        }
        Scope::Param => pairs::value_of(run.data()?, "params", &key.name).map(Operand::text),
        Scope::Tag => pairs::value_of(run.data()?, "tags", &key.name).map(Operand::text),
        Scope::Attribute => {
            let name = match key.name.as_str() {
                "Run Name" | "run name" | "name" => "run_name",
                "created" | "Created" => "start_time",
                "run_uuid" => "run_id",
                other => other,
            };
            field(run.held.object.get("info")?.as_object()?, name)
        }
        Scope::Dataset => {
            let inputs = run.held.object.get("inputs")?.get("dataset_inputs")?.as_array()?;
            let names: Vec<&str> =
                inputs.iter().filter_map(|input| input["dataset"][&key.name].as_str()).collect();
            names.first().map(|name| Operand::text(name))
        }
        Scope::Metadata | Scope::Feedback => None,
    }
}

/// `POST runs/log-inputs`
pub(super) async fn log_inputs(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = id_in(&said)?;
    let (datasets, models) = (super::said::objects(&said, "datasets"), super::said::objects(&said, "models"));
    for input in &datasets {
        let dataset = input.get("dataset").and_then(Value::as_object);
        let named = dataset.is_some_and(|set| text(set, "name").is_some() && text(set, "digest").is_some());
        if !named {
            return Err(invalid("Dataset name and digest cannot be None: send them"));
        }
    }
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    within(&mut run.held.object, "inputs", |inputs| {
        let which = |input: &Value| (input["dataset"]["name"].clone(), input["dataset"]["digest"].clone());
        add(inputs, "dataset_inputs", datasets, which);
        add(inputs, "model_inputs", models, |input| (input["model_id"].clone(), Value::Null));
    });
    let mut pieces = vec![changed(desk, &run)];
    pieces.extend(its_models(desk, &run).await?);
    keep(desk, pieces).await?;
    done()
}

/// Adds what isn't there yet; of the same one, the tags are added.
fn add(to: &mut Object, list: &str, new: Vec<Object>, which: impl Fn(&Value) -> (Value, Value)) {
    if new.is_empty() {
        return;
    }
    let held = to.entry(list.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(held) = held else { return };
    let mut at: BTreeMap<String, usize> =
        held.iter().enumerate().map(|(at, one)| (format!("{:?}", which(one)), at)).collect();
    for one in new.into_iter().map(Value::Object) {
        match at.entry(format!("{:?}", which(&one))) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(held.len());
                held.push(one);
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                if let Some(Value::Object(held)) = held.get_mut(*entry.get()) {
                    for tag in one["tags"].as_array().map(Vec::as_slice).unwrap_or_default() {
                        if let (Some(key), Some(value)) = (tag["key"].as_str(), tag["value"].as_str()) {
                            pairs::set(held, "tags", key, value);
                        }
                    }
                }
            }
        }
    }
}

/// The logged models of a run say what they were trained on, which is the run's input.
async fn its_models(desk: &Desk, run: &Running) -> Result<Vec<Piece>, Refusal> {
    let experiment = held::experiment(run.info("experiment_id").unwrap_or_default());
    let id = run.info("run_id").unwrap_or_default().to_owned();
    let models = desk
        .read(move |reader| match held::place(reader, experiment.as_ref())? {
            Some(place) => held::parts(reader, place, Kind::LoggedModel),
            None => Ok(Vec::new()),
        })
        .await?;
    let of_run = |model: &&Held| {
        model.object.get("info").and_then(|info| info.get("source_run_id")) == Some(&Value::from(id.as_str()))
    };
    let told = models.iter().filter(of_run).map(|model| {
        let parts = [
            ("object", Value::Object(model.object.clone())),
            ("run", Value::Object(run.held.object.clone())),
        ];
        piece(LOGGED_MODEL, moment(desk, Some(model)), parts)
    });
    Ok(told.collect())
}

/// `POST runs/outputs`
pub(super) async fn log_outputs(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = id_in(&said)?;
    let models = super::said::objects(&said, "models");
    let _alone = system.changing.lock().await;
    let mut run = active(desk, &id).await?;
    within(&mut run.held.object, "outputs", |outputs| {
        add(outputs, "model_outputs", models, |output| (output["model_id"].clone(), Value::Null));
    });
    keep(desk, vec![changed(desk, &run)]).await?;
    done()
}
