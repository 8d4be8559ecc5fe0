//! Traces with their spans and judgements, and the datasets that applications are evaluated on.

use std::collections::HashMap;

use catena_model::statement::Read;
use serde_json::Value;

use super::{
    since,
    walk::{Guard, Walk},
};
use crate::{handover::Stop, http::HttpError, mlflow::place::Place};

/// How many traces are asked for with their spans in one request, unless their answer is too large.
const TRACES_AT_ONCE: usize = 20;

/// How many records of an evaluation dataset are kept.
const RECORDS: usize = 1_000;

impl Walk {
    pub(super) async fn read_traces(
        &mut self,
        first: Option<String>,
        mut token: Option<String>,
    ) -> Result<(), Stop> {
        self.begin("traces").await?;
        let groups = self.groups(first.as_deref());
        for (at, group) in groups.iter().enumerate() {
            let mut guard = Guard::new("traces");
            let filter = self.since_of(group).map(since::recent_traces);
            loop {
                let mut page = match self.api.traces(group, filter.as_deref(), token.as_deref()).await {
                    Ok(page) => page,
                    Err(error) if error.is_missing() => {
                        let why = "this server has none by API 3.0: it is older than MLflow 3".to_owned();
                        return Ok(self.out.note("traces", why).await?);
                    }
                    Err(error) => return Err(error.into()),
                };
                token = guard.next(&self.api, &mut page)?;
                since::see_traces(&page.items, &self.latest);
                let reads = self.whole(&page.items).await?;
                let place = match (&token, groups.get(at + 1)) {
                    (Some(token), _) => {
                        Place::Traces { experiment: group.first().cloned(), token: Some(token.clone()) }
                    }
                    (None, Some(next)) => Place::Traces { experiment: next.first().cloned(), token: None },
                    (None, None) => Place::EvaluationDatasets { token: None },
                };
                self.put(page.rejections, reads, place).await?;
                if token.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// These traces with their spans, as far as the server keeps those.
    async fn whole(&mut self, heads: &[Value]) -> Result<Vec<Read>, Stop> {
        let mut reads = Vec::new();
        let mut at = 0;
        let mut at_once = TRACES_AT_ONCE;
        while at < heads.len() {
            let some = &heads[at..heads.len().min(at + at_once)];
            let ids: Vec<&str> = some.iter().filter_map(|head| head["trace_id"].as_str()).collect();
            let found = match self.api.whole_traces(&ids).await {
                Err(HttpError::TooLarge { .. }) if at_once > 1 => {
                    at_once /= 2;
                    continue;
                }
                Err(HttpError::TooLarge { .. }) => {
                    self.out.note("spans", "those of a trace are too large to be read".to_owned()).await?;
                    Vec::new()
                }
                Err(error) if error.is_missing() => {
                    let why = "this server doesn't give them: it is older than MLflow 3.6".to_owned();
                    self.out.note("spans", why).await?;
                    Vec::new()
                }
                found => found?,
            };
            let id = |trace: &Value| trace["trace_info"]["trace_id"].as_str().map(str::to_owned);
            let mut found: HashMap<String, Value> =
                found.into_iter().filter_map(|trace| Some((id(&trace)?, trace))).collect();
            for head in some {
                let spans = head["trace_id"].as_str().and_then(|id| found.remove(id));
                let spans = spans.map_or(Value::Null, |mut trace| trace["spans"].take());
                if spans.as_array().is_none_or(Vec::is_empty) {
                    let why =
                        "of some traces the server gives no spans: they are in files, which are not read";
                    self.out.note("spans", why.to_owned()).await?;
                }
                let experiment = head["trace_location"]["mlflow_experiment"]["experiment_id"].as_str();
                let application = experiment.and_then(|id| self.names.get(id)).map(String::as_str);
                // The head of the listing holds, whatever came since.
                let whole = serde_json::json!({ "trace_info": head, "spans": spans });
                reads.extend(self.mapping.whole_trace(&whole, application));
            }
            at += some.len();
        }
        Ok(reads)
    }

    pub(super) async fn read_evaluation_datasets(&mut self, mut token: Option<String>) -> Result<(), Stop> {
        self.begin("evaluation datasets").await?;
        let mut guard = Guard::new("evaluation datasets");
        loop {
            let mut page = match self.api.evaluation_datasets(token.as_deref()).await {
                Ok(page) => page,
                // Servers before 3.4 have none, and some stores can't.
                Err(error)
                    if error.is_missing() || matches!(error, HttpError::Refused { status: 400, .. }) =>
                {
                    return Ok(self
                        .out
                        .note("evaluation datasets", "this server has no such listing".to_owned())
                        .await?);
                }
                Err(error) => return Err(error.into()),
            };
            token = guard.next(&self.api, &mut page)?;
            let mut reads = Vec::new();
            for dataset in &page.items {
                let id = dataset["dataset_id"].as_str().unwrap_or_default();
                let records = match self.api.evaluation_records(id, RECORDS).await {
                    Err(error) if error.is_missing() || matches!(error, HttpError::TooLarge { .. }) => {
                        let why = format!("its records were not read: {error}");
                        self.out.note(&format!("evaluation dataset {id}"), why).await?;
                        Vec::new()
                    }
                    records => records?,
                };
                reads.push(self.mapping.evaluation_dataset(dataset, &records));
            }
            let place = match &token {
                Some(token) => Place::EvaluationDatasets { token: Some(token.clone()) },
                None => Place::End,
            };
            self.put(page.rejections, reads, place).await?;
            if token.is_none() {
                return Ok(());
            }
        }
    }
}
