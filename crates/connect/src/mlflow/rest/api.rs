//! MLflow's REST API, as far as it is read: one function for each request.

use catena_ingest::mlflow::rest::{Experiment, LoggedModel, Metric, ModelVersion, RegisteredModel, Run};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::Page;
use crate::http::{Client, HttpError, segment};

/// What is expected at the address, for messages.
pub(super) const SYSTEM: &str = "an MLflow server";

/// The most points that MLflow gives in one answer.
pub(super) const MOST_POINTS: usize = 25_000;

/// With this tag a registered model is a prompt; without asking for it, prompts are left out.
const PROMPTS: &str = "tags.`mlflow.prompt.is_prompt` = 'true'";

/// An MLflow server.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) client: Client,
}

impl Api {
    pub(super) async fn version(&self) -> Result<Option<String>, HttpError> {
        match self.client.line("version").await {
            Ok(version) => Ok(Some(version).filter(|version| !version.is_empty())),
            // Servers before 1.2 don't tell.
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn experiment(&self, id: &str) -> Result<Option<Experiment>, HttpError> {
        #[derive(Deserialize)]
        struct Body {
            experiment: Experiment,
        }
        match self.client.get("api/2.0/mlflow/experiments/get", &[("experiment_id", id)]).await {
            Ok(answer) => Ok(Some(answer.read::<Body>()?.experiment)),
            // Purged, or not for these credentials.
            Err(HttpError::Refused { status: 400 | 403 | 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn experiments(&self, token: Option<&str>) -> Result<Page<Experiment>, HttpError> {
        let body = json!({
            "view_type": "ALL",
            "max_results": 1_000,
            "order_by": ["experiment_id ASC"],
            "page_token": token,
        });
        Page::of(&self.client.post("api/2.0/mlflow/experiments/search", &body).await?, "experiment")
    }

    /// Runs of these experiments, oldest first, so that what is logged meanwhile comes after what was listed.
    pub(super) async fn runs(
        &self,
        experiments: &[String],
        filter: Option<&str>,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<Run>, HttpError> {
        let body = json!({
            "filter": filter,
            "experiment_ids": experiments,
            "run_view_type": "ALL",
            "max_results": most,
            "order_by": ["attributes.start_time ASC"],
            "page_token": token,
        });
        Page::of(&self.client.post("api/2.0/mlflow/runs/search", &body).await?, "run")
    }

    /// The runs with these ids.
    pub(super) async fn runs_by_id(
        &self,
        experiments: &[String],
        ids: &[&str],
    ) -> Result<Vec<Run>, HttpError> {
        let quoted: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let body = json!({
            "experiment_ids": experiments,
            "run_view_type": "ALL",
            "max_results": ids.len(),
            "filter": format!("attributes.run_id IN ({})", quoted.join(",")),
        });
        Ok(Page::of(&self.client.post("api/2.0/mlflow/runs/search", &body).await?, "run")?.items)
    }

    /// One metric of many runs. A full answer ([`MOST_POINTS`]) is cut somewhere.
    pub(super) async fn histories(&self, runs: &[&str], key: &str) -> Result<Page<Metric>, HttpError> {
        let most = MOST_POINTS.to_string();
        let mut query = vec![("metric_key", key), ("max_results", &most)];
        query.extend(runs.iter().map(|run| ("run_id", *run)));
        Page::of(&self.client.get("ajax-api/2.0/mlflow/metrics/get-history-bulk", &query).await?, "point")
    }

    /// One page of one metric of one run.
    pub(super) async fn history(
        &self,
        run: &str,
        key: &str,
        token: Option<&str>,
    ) -> Result<Page<Metric>, HttpError> {
        let most = MOST_POINTS.to_string();
        let mut query = vec![("run_id", run), ("run_uuid", run), ("metric_key", key), ("max_results", &most)];
        query.extend(token.map(|token| ("page_token", token)));
        Page::of(&self.client.get("api/2.0/mlflow/metrics/get-history", &query).await?, "point")
    }

    pub(super) async fn logged_models(
        &self,
        experiments: &[String],
        filter: Option<&str>,
        token: Option<&str>,
    ) -> Result<Page<LoggedModel>, HttpError> {
        let body = json!({
            "filter": filter,
            "experiment_ids": experiments,
            "max_results": 100,
            "order_by": [{"field_name": "creation_timestamp", "ascending": true}],
            "page_token": token,
        });
        Page::of(&self.client.post("api/2.0/mlflow/logged-models/search", &body).await?, "logged model")
    }

    pub(super) async fn registered_models(
        &self,
        prompts: bool,
        token: Option<&str>,
    ) -> Result<Page<RegisteredModel>, HttpError> {
        let query = registry_query("200", prompts, token);
        let what = if prompts { "prompt" } else { "registered model" };
        Page::of(&self.client.get("api/2.0/mlflow/registered-models/search", &query).await?, what)
    }

    pub(super) async fn model_versions(
        &self,
        prompts: bool,
        token: Option<&str>,
    ) -> Result<Page<ModelVersion>, HttpError> {
        let mut query = registry_query("200", prompts, token);
        query.extend([("order_by", "name ASC"), ("order_by", "version_number ASC")]);
        let what = if prompts { "version of prompt" } else { "version of model" };
        Page::of(&self.client.get("api/2.0/mlflow/model-versions/search", &query).await?, what)
    }

    /// The heads of traces, oldest first.
    pub(super) async fn traces(
        &self,
        experiments: &[String],
        filter: Option<&str>,
        token: Option<&str>,
    ) -> Result<Page<Value>, HttpError> {
        let locations: Vec<Value> = experiments
            .iter()
            .map(|id| json!({"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": id}}))
            .collect();
        let body = json!({
            "locations": locations,
            "filter": filter,
            "max_results": 100,
            "order_by": ["timestamp_ms ASC"],
            "page_token": token,
        });
        Page::of(&self.client.post("api/3.0/mlflow/traces/search", &body).await?, "trace")
    }

    /// These traces with their spans.
    pub(super) async fn whole_traces(&self, ids: &[&str]) -> Result<Vec<Value>, HttpError> {
        let query: Vec<(&str, &str)> = ids.iter().map(|id| ("trace_ids", *id)).collect();
        let answer = self.client.get("api/3.0/mlflow/traces/batchGet", &query).await?;
        Ok(Page::of(&answer, "trace")?.items)
    }

    pub(super) async fn evaluation_datasets(&self, token: Option<&str>) -> Result<Page<Value>, HttpError> {
        let body = json!({ "max_results": 50, "page_token": token });
        Page::of(&self.client.post("api/3.0/mlflow/datasets/search", &body).await?, "evaluation dataset")
    }

    /// The first records of an evaluation dataset.
    pub(super) async fn evaluation_records(&self, id: &str, most: usize) -> Result<Vec<Value>, HttpError> {
        #[derive(Deserialize)]
        struct Body {
            /// JSON in a text.
            #[serde(default)]
            records: Option<String>,
        }
        let most = most.to_string();
        let path = format!("api/3.0/mlflow/datasets/{}/records", segment(id));
        let answer = self.client.get(&path, &[("max_results", &most)]).await?;
        let records = answer.read::<Body>()?.records;
        Ok(records.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }
}

fn registry_query<'a>(most: &'a str, prompts: bool, token: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
    let mut query = vec![("max_results", most)];
    query.extend(prompts.then_some(("filter", PROMPTS)));
    query.extend(token.map(|token| ("page_token", token)));
    query
}
