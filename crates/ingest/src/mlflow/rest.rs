//! MLflow's objects as its REST API writes them (API 2.0 and 3.0 of MLflow 1 to 3).
//!
//! Every field may be missing, since servers leave out what is empty, and fields that are not named here are kept in
//! `other`. Whole numbers may be written as strings, as protobuf's JSON form does.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// A key and its value: a tag or a parameter.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct KeyValue {
    /// The key.
    pub key: String,
    /// The value; always a text at MLflow.
    #[serde(deserialize_with = "text")]
    pub value: String,
}

/// An experiment (`experiments/get`, `experiments/search`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Experiment {
    /// Its number, as text.
    #[serde(deserialize_with = "text")]
    pub experiment_id: String,
    /// What people call it.
    pub name: String,
    /// Where its runs' files are.
    pub artifact_location: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub creation_time: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub last_update_time: Option<i64>,
    /// Its tags.
    pub tags: Vec<KeyValue>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A run (`runs/get`, `runs/search`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Run {
    /// What it is and how it went.
    pub info: RunInfo,
    /// Parameters, tags and the last value of each metric.
    pub data: RunData,
    /// What went in.
    pub inputs: RunInputs,
    /// What came out.
    pub outputs: RunOutputs,
}

/// A run's head.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunInfo {
    /// Its id.
    pub run_id: String,
    /// The same id under its old name, the only one at servers before 1.0.
    pub run_uuid: String,
    /// What people call it.
    pub run_name: Option<String>,
    /// The experiment that it is part of.
    #[serde(deserialize_with = "text")]
    pub experiment_id: String,
    /// Who ran it.
    pub user_id: Option<String>,
    /// `RUNNING`, `SCHEDULED`, `FINISHED`, `FAILED` or `KILLED`.
    pub status: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub start_time: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub end_time: Option<i64>,
    /// Where its files are.
    pub artifact_uri: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl RunInfo {
    /// The run's id, under whichever name the server sent it.
    pub fn id(&self) -> &str {
        if self.run_id.is_empty() { &self.run_uuid } else { &self.run_id }
    }
}

/// What a run logged.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunData {
    /// The last value of each metric.
    pub metrics: Vec<Metric>,
    /// Parameters.
    pub params: Vec<KeyValue>,
    /// Tags.
    pub tags: Vec<KeyValue>,
}

/// One value of a metric (`metrics/get-history`, a run's or a logged model's metrics).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metric {
    /// The metric's key.
    pub key: String,
    /// The value; MLflow writes `NaN`, `Infinity` and `-Infinity` as strings.
    #[serde(deserialize_with = "float")]
    pub value: f64,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "whole")]
    pub timestamp: i64,
    /// The training step.
    #[serde(deserialize_with = "whole")]
    pub step: i64,
    /// The run that measured it; only on a logged model's metrics.
    pub run_id: Option<String>,
    /// The dataset that it was measured on.
    pub dataset_name: Option<String>,
    /// That dataset's digest.
    pub dataset_digest: Option<String>,
}

/// What went into a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunInputs {
    /// Datasets.
    pub dataset_inputs: Vec<DatasetInput>,
    /// Logged models.
    pub model_inputs: Vec<ModelLink>,
}

/// What came out of a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunOutputs {
    /// Logged models.
    pub model_outputs: Vec<ModelLink>,
}

/// A logged model that a run used or made.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ModelLink {
    /// The logged model.
    pub model_id: String,
    /// At which step.
    #[serde(deserialize_with = "integer")]
    pub step: Option<i64>,
}

/// A dataset that went into a run, and as what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DatasetInput {
    /// Tags; `mlflow.data.context` says as what (`training`, `validation`, ...).
    pub tags: Vec<KeyValue>,
    /// The dataset.
    pub dataset: Dataset,
}

/// A dataset as a run saw it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Dataset {
    /// What the run calls it.
    pub name: String,
    /// A digest of its content.
    pub digest: String,
    /// What kind of place it came from (`s3`, `http`, `delta_table`, ...).
    pub source_type: String,
    /// Where it came from: JSON in a string.
    pub source: String,
    /// Its columns: JSON in a string.
    pub schema: Option<String>,
    /// Its size: JSON in a string.
    pub profile: Option<String>,
}

/// A registered model or, with the tag `mlflow.prompt.is_prompt`, a prompt (`registered-models/search`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RegisteredModel {
    /// Its name, unique at its server.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub creation_timestamp: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub last_updated_timestamp: Option<i64>,
    /// Who made it.
    pub user_id: Option<String>,
    /// Tags.
    pub tags: Vec<KeyValue>,
    /// Movable names of its versions.
    pub aliases: Vec<Alias>,
    /// The latest version of each stage.
    pub latest_versions: Vec<ModelVersion>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A movable name of one version.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Alias {
    /// The name.
    pub alias: String,
    /// The version that bears it.
    #[serde(deserialize_with = "text")]
    pub version: String,
}

/// A version of a registered model or prompt (`model-versions/search`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ModelVersion {
    /// The registered model.
    pub name: String,
    /// The version's number, as text.
    #[serde(deserialize_with = "text")]
    pub version: String,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub creation_timestamp: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub last_updated_timestamp: Option<i64>,
    /// Who made it.
    pub user_id: Option<String>,
    /// `None`, `Staging`, `Production` or `Archived`.
    pub current_stage: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where its files are; `models:/m-...` for a logged model.
    pub source: Option<String>,
    /// The run that made it.
    pub run_id: Option<String>,
    /// `PENDING_REGISTRATION`, `FAILED_REGISTRATION` or `READY`.
    pub status: Option<String>,
    /// Why it has that status.
    pub status_message: Option<String>,
    /// The logged model that it is.
    pub model_id: Option<String>,
    /// Tags.
    pub tags: Vec<KeyValue>,
    /// Movable names.
    pub aliases: Vec<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A model as a run logged it (`logged-models/search`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LoggedModel {
    /// What it is.
    pub info: LoggedModelInfo,
    /// Parameters and metrics.
    pub data: LoggedModelData,
}

/// A logged model's head.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LoggedModelInfo {
    /// Its id.
    pub model_id: String,
    /// The experiment that it is part of.
    #[serde(deserialize_with = "text")]
    pub experiment_id: String,
    /// What people call it.
    pub name: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub creation_timestamp_ms: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "integer")]
    pub last_updated_timestamp_ms: Option<i64>,
    /// Where its files are.
    pub artifact_uri: Option<String>,
    /// `LOGGED_MODEL_PENDING`, `LOGGED_MODEL_READY` or `LOGGED_MODEL_UPLOAD_FAILED`.
    pub status: Option<String>,
    /// What sort of model.
    pub model_type: Option<String>,
    /// The run that made it.
    pub source_run_id: Option<String>,
    /// `active` or `deleted`; only `mlflow.db` says so.
    pub lifecycle_stage: Option<String>,
    /// Tags.
    pub tags: Vec<KeyValue>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a logged model was made with and measured at.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LoggedModelData {
    /// Parameters.
    pub params: Vec<KeyValue>,
    /// Metrics, each with the run and maybe the dataset.
    pub metrics: Vec<Metric>,
}

/// A number, which JSON can't always write as one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Integer(i64),
    Float(f64),
    Text(String),
    Bool(bool),
}

fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<Scalar>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Scalar::Integer(number)) => Ok(Some(number)),
        // Saturates; a time or step beyond 2^53 is as good as the end of it.
        Some(Scalar::Float(number)) if number.is_finite() => Ok(Some(number as i64)),
        Some(Scalar::Text(text)) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(de::Error::custom(format!("\"{text}\" is not a whole number"))),
        },
        Some(_) => Err(de::Error::custom("expected a whole number")),
    }
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(integer(deserializer)?.unwrap_or(0))
}

fn float<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Option::<Scalar>::deserialize(deserializer)? {
        Some(Scalar::Integer(number)) => Ok(number as f64),
        Some(Scalar::Float(number)) => Ok(number),
        // Rust reads `NaN`, `inf`, `Infinity` in any case, which is all that MLflow writes.
        Some(Scalar::Text(text)) => {
            text.trim().parse().map_err(|_| de::Error::custom(format!("\"{text}\" is not a number")))
        }
        None | Some(Scalar::Bool(_)) => Err(de::Error::custom("expected a number")),
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Option::<Scalar>::deserialize(deserializer)? {
        None => String::new(),
        Some(Scalar::Integer(number)) => number.to_string(),
        Some(Scalar::Float(number)) => number.to_string(),
        Some(Scalar::Text(text)) => text,
        Some(Scalar::Bool(bool)) => bool.to_string(),
    })
}
