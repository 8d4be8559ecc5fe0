//! Experiments, logged models, registered models and their versions.

use std::collections::HashMap;

use catena_ingest::mlflow::rest::{
    Alias, Experiment, LoggedModel, LoggedModelData, LoggedModelInfo, Metric, ModelVersion, RegisteredModel,
};
use serde_json::{Map, Value};

use super::{
    read::{Context, Page, Reader, list},
    value::{text, whole, word},
};

impl Reader {
    pub(super) fn experiments(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns = [
            "experiment_id",
            "name",
            "artifact_location",
            "lifecycle_stage",
            "creation_time",
            "last_update_time",
            "workspace",
        ];
        let rows = self.page("experiments", &columns, "TRUE", after, |row| {
            Ok(Experiment {
                experiment_id: word(row, 1)?,
                name: word(row, 2)?,
                artifact_location: text(row, 3)?,
                lifecycle_stage: text(row, 4)?,
                creation_time: whole(row, 5)?,
                last_update_time: whole(row, 6)?,
                other: other([("workspace", text(row, 7)?)]),
                ..Experiment::default()
            })
        })?;
        let ids = list(rows.iter().map(|(_, experiment)| experiment.experiment_id.as_str()));
        let mut tags = self.pairs("experiment_tags", "experiment_id", ["key", "value"], &ids)?;
        Ok(Page::of(rows, |mut experiment| {
            experiment.tags = tags.remove(&experiment.experiment_id).unwrap_or_default();
            context.mapping.experiment(&experiment)
        }))
    }

    pub(super) fn logged_models(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns = [
            "model_id",
            "experiment_id",
            "name",
            "creation_timestamp_ms",
            "last_updated_timestamp_ms",
            "artifact_location",
            "status",
            "model_type",
            "source_run_id",
            "status_message",
        ];
        // A server does not show deleted ones, and both are to give the same.
        let there = match self.schema.has("logged_models", "lifecycle_stage") {
            true => "coalesce(logged_models.lifecycle_stage, '') <> 'deleted'",
            false => "TRUE",
        };
        let rows = self.page("logged_models", &columns, there, after, |row| {
            let info = LoggedModelInfo {
                model_id: word(row, 1)?,
                experiment_id: word(row, 2)?,
                name: text(row, 3)?,
                creation_timestamp_ms: whole(row, 4)?,
                last_updated_timestamp_ms: whole(row, 5)?,
                artifact_uri: text(row, 6)?,
                status: whole(row, 7)?.map(|status| status_word(status).to_owned()),
                model_type: text(row, 8)?,
                source_run_id: text(row, 9)?,
                other: other([("status_message", text(row, 10)?)]),
                ..LoggedModelInfo::default()
            };
            Ok(LoggedModel { info, data: LoggedModelData::default() })
        })?;
        let ids = list(rows.iter().map(|(_, model)| model.info.model_id.as_str()));
        let mut tags = self.pairs("logged_model_tags", "model_id", ["tag_key", "tag_value"], &ids)?;
        let mut params = self.pairs("logged_model_params", "model_id", ["param_key", "param_value"], &ids)?;
        let mut metrics = self.logged_model_metrics(&ids)?;
        let makers = list(rows.iter().filter_map(|(_, model)| model.info.source_run_id.as_deref()));
        let runs = self.runs_by_id(&makers)?;
        Ok(Page::of(rows, |mut model| {
            let id = &model.info.model_id;
            model.data.params = params.remove(id).unwrap_or_default();
            model.data.metrics = metrics.remove(id).unwrap_or_default();
            model.info.tags = tags.remove(id).unwrap_or_default();
            let run = model.info.source_run_id.as_deref().and_then(|id| runs.get(id));
            context.mapping.logged_model(&model, run)
        }))
    }

    fn logged_model_metrics(&self, ids: &str) -> rusqlite::Result<HashMap<String, Vec<Metric>>> {
        let mut metrics: HashMap<String, Vec<Metric>> = HashMap::new();
        if !self.schema.has("logged_model_metrics", "model_id") {
            return Ok(metrics);
        }
        let names = [
            "model_id",
            "metric_name",
            "metric_value",
            "metric_timestamp_ms",
            "metric_step",
            "run_id",
            "dataset_name",
            "dataset_digest",
        ];
        let columns = self.schema.columns("logged_model_metrics", &names);
        let sql = format!(
            "SELECT {columns} FROM logged_model_metrics WHERE model_id IN (SELECT value FROM json_each(?1)) \
             ORDER BY 1, 2, 5, 4, 6"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([ids])?;
        while let Some(row) = rows.next()? {
            let metric = Metric {
                key: word(row, 1)?,
                // MLflow keeps NaN here as NULL.
                value: row.get::<_, Option<f64>>(2).unwrap_or_default().unwrap_or(f64::NAN),
                timestamp: whole(row, 3)?.unwrap_or_default(),
                step: whole(row, 4)?.unwrap_or_default(),
                run_id: text(row, 5)?,
                dataset_name: text(row, 6)?,
                dataset_digest: text(row, 7)?,
            };
            metrics.entry(word(row, 0)?).or_default().push(metric);
        }
        Ok(metrics)
    }

    pub(super) fn registered_models(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns = ["name", "description", "creation_time", "last_updated_time"];
        let here = self.in_workspace("registered_models");
        let rows = self.page("registered_models", &columns, &here, after, |row| {
            Ok(RegisteredModel {
                name: word(row, 1)?,
                description: text(row, 2)?,
                creation_timestamp: whole(row, 3)?,
                last_updated_timestamp: whole(row, 4)?,
                ..RegisteredModel::default()
            })
        })?;
        let names = list(rows.iter().map(|(_, model)| model.name.as_str()));
        let mut tags = self.pairs("registered_model_tags", "name", ["key", "value"], &names)?;
        Ok(Page::of(rows, |mut model| {
            model.tags = tags.remove(&model.name).unwrap_or_default();
            model.aliases = context.aliases.get(&model.name).cloned().unwrap_or_default();
            context.mapping.registered_model(&model)
        }))
    }

    /// Which versions bear which names.
    pub(super) fn aliases(&self) -> rusqlite::Result<HashMap<String, Vec<Alias>>> {
        let mut aliases: HashMap<String, Vec<Alias>> = HashMap::new();
        if !self.schema.has("registered_model_aliases", "alias") {
            return Ok(aliases);
        }
        let here = self.in_workspace("registered_model_aliases");
        let sql =
            format!("SELECT name, alias, version FROM registered_model_aliases WHERE {here} ORDER BY 1, 2");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let alias = Alias { alias: word(row, 1)?, version: word(row, 2)? };
            aliases.entry(word(row, 0)?).or_default().push(alias);
        }
        Ok(aliases)
    }

    pub(super) fn model_versions(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns = [
            "name",
            "version",
            "creation_time",
            "last_updated_time",
            "description",
            "user_id",
            "current_stage",
            "source",
            "run_id",
            "status",
            "status_message",
            "run_link",
        ];
        // MLflow keeps the rows of deleted versions, without what was in them.
        let there = match self.schema.has("model_versions", "current_stage") {
            true => "coalesce(model_versions.current_stage, '') <> 'Deleted_Internal'",
            false => "TRUE",
        };
        let which = format!("{there} AND {}", self.in_workspace("model_versions"));
        let rows = self.page("model_versions", &columns, &which, after, |row| {
            Ok(ModelVersion {
                name: word(row, 1)?,
                version: word(row, 2)?,
                creation_timestamp: whole(row, 3)?,
                last_updated_timestamp: whole(row, 4)?,
                description: text(row, 5)?,
                user_id: text(row, 6)?,
                current_stage: text(row, 7)?,
                source: text(row, 8)?,
                run_id: text(row, 9)?,
                status: text(row, 10)?,
                status_message: text(row, 11)?,
                other: other([("run_link", text(row, 12)?)]),
                ..ModelVersion::default()
            })
        })?;
        let names = list(rows.iter().map(|(_, version)| version.name.as_str()));
        let mut tags = self.version_tags(&names)?;
        let runs =
            self.runs_by_id(&list(rows.iter().filter_map(|(_, version)| version.run_id.as_deref())))?;
        Ok(Page::of(rows, |mut version| {
            let key = (version.name.clone(), version.version.clone());
            version.tags = tags.remove(&key).unwrap_or_default();
            let aliases = context.aliases.get(&version.name).map(Vec::as_slice).unwrap_or_default();
            let run = version.run_id.as_deref().and_then(|id| runs.get(id));
            context.mapping.model_version(&version, aliases, run)
        }))
    }
}

/// What has no place of its own in an object; what is empty is not said.
fn other<const N: usize>(entries: [(&str, Option<String>); N]) -> Map<String, Value> {
    let said = entries.into_iter().filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)));
    said.filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key, Value::from(value))).collect()
}

/// The word that the REST API has for a status that the database has as a number.
fn status_word(status: i64) -> &'static str {
    match status {
        1 => "LOGGED_MODEL_PENDING",
        2 => "LOGGED_MODEL_READY",
        3 => "LOGGED_MODEL_UPLOAD_FAILED",
        _ => "LOGGED_MODEL_STATUS_UNSPECIFIED",
    }
}
