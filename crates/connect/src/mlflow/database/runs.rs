//! Runs, what went into them, and their metrics.

use std::collections::HashMap;

use catena_ingest::mlflow::rest::{
    Dataset, DatasetInput, KeyValue, Metric, ModelLink, Run, RunData, RunInfo, RunInputs, RunOutputs,
};
use rusqlite::params;

use super::{
    read::{Context, Page, Reader, list},
    value::{number, text, whole, word},
};
use crate::mlflow::known::without_points;

impl Reader {
    pub(super) fn run_page(&self, after: i64, context: &Context<'_>) -> rusqlite::Result<Page> {
        let columns = [
            "run_uuid",
            "name",
            "experiment_id",
            "user_id",
            "status",
            "start_time",
            "end_time",
            "artifact_uri",
            "lifecycle_stage",
        ];
        let rows = self.page("runs", &columns, "TRUE", after, |row| {
            let info = RunInfo {
                run_id: word(row, 1)?,
                run_name: text(row, 2)?.filter(|name| !name.is_empty()),
                experiment_id: word(row, 3)?,
                user_id: text(row, 4)?,
                status: text(row, 5)?,
                start_time: whole(row, 6)?,
                // A server writes 0 as nothing.
                end_time: whole(row, 7)?.filter(|time| *time != 0),
                artifact_uri: text(row, 8)?,
                lifecycle_stage: text(row, 9)?,
                ..RunInfo::default()
            };
            Ok(Run { info, ..Run::default() })
        })?;
        let ids = list(rows.iter().map(|(_, run)| run.info.run_id.as_str()));
        let mut params = self.pairs("params", "run_uuid", ["key", "value"], &ids)?;
        let mut tags = self.pairs("tags", "run_uuid", ["key", "value"], &ids)?;
        let mut metrics = self.latest_metrics(&ids)?;
        let mut inputs = self.inputs(&ids)?;
        let mut outputs =
            self.model_links(("source_id", "RUN_OUTPUT"), ("destination_id", "MODEL_OUTPUT"), &ids)?;
        Ok(Page::of(rows, |mut run| {
            let id = &run.info.run_id;
            run.data = RunData {
                metrics: metrics.remove(id).unwrap_or_default(),
                params: params.remove(id).unwrap_or_default(),
                tags: tags.remove(id).unwrap_or_default(),
            };
            run.outputs = RunOutputs { model_outputs: outputs.remove(id).unwrap_or_default() };
            run.inputs = inputs.remove(id).unwrap_or_default();
            without_points(context.mapping.run(&run))
        }))
    }

    /// Runs with no more than what went into them, for the things that they made.
    pub(super) fn runs_by_id(&self, ids: &str) -> rusqlite::Result<HashMap<String, Run>> {
        let mut inputs = self.inputs(ids)?;
        let sql = "SELECT run_uuid FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?1))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map([ids], |row| word(row, 0))?;
        found
            .map(|id| {
                let id = id?;
                let info = RunInfo { run_id: id.clone(), ..RunInfo::default() };
                let inputs = inputs.remove(&id).unwrap_or_default();
                Ok((id, Run { info, inputs, ..Run::default() }))
            })
            .collect()
    }

    pub(super) fn latest_metrics(&self, ids: &str) -> rusqlite::Result<HashMap<String, Vec<Metric>>> {
        let mut metrics: HashMap<String, Vec<Metric>> = HashMap::new();
        if !self.schema.has("latest_metrics", "run_uuid") {
            return Ok(metrics);
        }
        let names = ["run_uuid", "key", "value", "is_nan", "timestamp", "step"];
        let columns = self.schema.columns("latest_metrics", &names);
        let sql = format!(
            "SELECT {columns} FROM latest_metrics WHERE run_uuid IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([ids])?;
        while let Some(row) = rows.next()? {
            let Some(value) = number(row, 2, 3)? else { continue };
            let metric = Metric {
                key: word(row, 1)?,
                value,
                timestamp: whole(row, 4)?.unwrap_or_default(),
                step: whole(row, 5)?.unwrap_or_default(),
                ..Metric::default()
            };
            metrics.entry(word(row, 0)?).or_default().push(metric);
        }
        Ok(metrics)
    }

    /// The datasets and logged models that went into runs.
    fn inputs(&self, ids: &str) -> rusqlite::Result<HashMap<String, RunInputs>> {
        let mut inputs: HashMap<String, RunInputs> = HashMap::new();
        if !self.schema.has("inputs", "destination_id") || !self.schema.has("datasets", "dataset_uuid") {
            return Ok(inputs);
        }
        let names =
            ["name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile"];
        let columns = self.schema.columns("datasets", &names);
        let sql = format!(
            "SELECT inputs.destination_id, inputs.input_uuid, {columns} \
             FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id \
             WHERE inputs.destination_type = 'RUN' AND inputs.source_type = 'DATASET' \
             AND inputs.destination_id IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([ids])?;
        let mut found: Vec<(String, String, Dataset)> = Vec::new();
        while let Some(row) = rows.next()? {
            let dataset = Dataset {
                name: word(row, 2)?,
                digest: word(row, 3)?,
                source_type: word(row, 4)?,
                source: word(row, 5)?,
                schema: text(row, 6)?,
                profile: text(row, 7)?,
            };
            found.push((word(row, 0)?, word(row, 1)?, dataset));
        }
        let mut tags = self.input_tags(&list(found.iter().map(|(_, input, _)| input.as_str())))?;
        for (run, input, dataset) in found {
            let tags = tags.remove(&input).unwrap_or_default();
            inputs.entry(run).or_default().dataset_inputs.push(DatasetInput { tags, dataset });
        }
        let models = self.model_links(("source_id", "RUN_INPUT"), ("destination_id", "MODEL_INPUT"), ids)?;
        for (run, models) in models {
            inputs.entry(run).or_default().model_inputs = models;
        }
        Ok(inputs)
    }

    fn input_tags(&self, inputs: &str) -> rusqlite::Result<HashMap<String, Vec<KeyValue>>> {
        self.pairs("input_tags", "input_uuid", ["name", "value"], inputs)
    }

    /// The logged models that runs used or made.
    fn model_links(
        &self,
        (run, run_type): (&str, &str),
        (model, model_type): (&str, &str),
        ids: &str,
    ) -> rusqlite::Result<HashMap<String, Vec<ModelLink>>> {
        let mut links: HashMap<String, Vec<ModelLink>> = HashMap::new();
        if !self.schema.has("inputs", run) {
            return Ok(links);
        }
        let columns = self.schema.columns("inputs", &[run, model, "step"]);
        let sql = format!(
            "SELECT {columns} FROM inputs WHERE source_type = ?2 AND destination_type = ?3 \
             AND {run} IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![ids, run_type, model_type])?;
        while let Some(row) = rows.next()? {
            let link = ModelLink { model_id: word(row, 1)?, step: whole(row, 2)? };
            links.entry(word(row, 0)?).or_default().push(link);
        }
        Ok(links)
    }

    /// Tags of versions, by the models' names (a JSON array): a version is named by two columns.
    pub(super) fn version_tags(
        &self,
        names: &str,
    ) -> rusqlite::Result<HashMap<(String, String), Vec<KeyValue>>> {
        let mut tags: HashMap<(String, String), Vec<KeyValue>> = HashMap::new();
        if !self.schema.has("model_version_tags", "version") {
            return Ok(tags);
        }
        let here = self.in_workspace("model_version_tags");
        let sql = format!(
            "SELECT name, version, key, value FROM model_version_tags \
             WHERE {here} AND name IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2, 3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([names])?;
        while let Some(row) = rows.next()? {
            let pair = KeyValue { key: word(row, 2)?, value: word(row, 3)? };
            tags.entry((word(row, 0)?, word(row, 1)?)).or_default().push(pair);
        }
        Ok(tags)
    }
}
