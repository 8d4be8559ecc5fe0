//! The way through a server, from listing to listing.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, atomic::AtomicI64},
};

use catena_ingest::mlflow::{
    Mapping,
    rest::{Alias, Experiment, RegisteredModel, Run},
};
use catena_model::statement::{Read, Rejection};

use super::{api::Api, history::Histories, page::Page, since};
use crate::{
    connector::{Progress, ReadError},
    handover::{Out, Stop},
    http::HttpError,
    mlflow::{
        known::{KnownHistories, without_points},
        place::Place,
    },
};

/// How many experiments are searched in one request: most have few runs, and some servers have thousands.
const EXPERIMENTS_AT_ONCE: usize = 20;

/// How many runs are asked for in one request, unless their answer is too large.
const RUNS_AT_ONCE: usize = 200;

/// How many pages without anything in them are taken before the listing counts as endless.
const EMPTY_PAGES: usize = 100;

pub(super) struct Walk {
    pub(super) api: Api,
    pub(super) mapping: Mapping,
    pub(super) out: Out,
    histories: Histories,
    /// What people call the experiments.
    pub(super) names: HashMap<String, String>,
    /// Every experiment's id, in the order in which they are gone through.
    experiments: Vec<String>,
    /// What an earlier reading had is not asked for.
    since: Option<i64>,
    /// The experiments that no earlier reading can have had.
    new_experiments: HashSet<String>,
    /// The latest start or end of a run that was seen.
    pub(super) latest: Arc<AtomicI64>,
    /// The movable names of every registered model's versions.
    aliases: HashMap<String, Vec<Alias>>,
    /// Whether `aliases` has those of all registered models, and of all prompts.
    aliases_known: [bool; 2],
    progress: Progress,
    runs_at_once: usize,
}

/// Sees to it that a listing comes to an end.
pub(super) struct Guard {
    what: &'static str,
    tokens: HashSet<String>,
    empty: usize,
}

impl Guard {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, tokens: HashSet::new(), empty: 0 }
    }

    /// The token of the next page, unless it was seen already.
    pub(super) fn next<T>(&mut self, api: &Api, page: &mut Page<T>) -> Result<Option<String>, HttpError> {
        let Some(next) = page.next.take() else { return Ok(None) };
        self.empty = if page.items.is_empty() { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_PAGES || !self.tokens.insert(next.clone()) {
            return Err(HttpError::Endless {
                url: api.client.endpoint().origin(),
                what: self.what.to_owned(),
            });
        }
        Ok(Some(next))
    }
}

impl Walk {
    pub(super) fn new(api: Api, mapping: Mapping, known: KnownHistories, out: Out) -> Self {
        Self {
            histories: Histories::new(api.clone(), mapping.clone(), known),
            api,
            mapping,
            out,
            names: HashMap::new(),
            experiments: Vec::new(),
            since: None,
            new_experiments: HashSet::new(),
            latest: Arc::default(),
            aliases: HashMap::new(),
            aliases_known: [false; 2],
            progress: Progress { stage: String::new(), done: 0, of: None },
            runs_at_once: RUNS_AT_ONCE,
        }
    }

    /// Asks only for what may have changed since, and notes in `latest` what the next reading may start from.
    pub(super) fn since(self, since: Option<i64>, latest: Arc<AtomicI64>) -> Self {
        Self { since, latest, ..self }
    }

    /// Goes from `place` to the end.
    pub(super) async fn run(mut self, mut place: Place, resumed: bool) -> Result<(), Stop> {
        let mut resumed = resumed;
        loop {
            let resumed_here = std::mem::take(&mut resumed);
            place = match self.stage(place.clone()).await {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(()),
                // A token that the server forgot: the listing starts again, and what is known stays the same.
                Err(Stop::Failed(ReadError::Http(HttpError::Refused { status: 400, .. })))
                    if resumed_here && without_token(&place) != place =>
                {
                    without_token(&place)
                }
                Err(stop) => return Err(stop),
            };
        }
    }

    /// Reads the listing that starts at `place`, and tells which comes after it.
    async fn stage(&mut self, place: Place) -> Result<Option<Place>, Stop> {
        match place {
            Place::Experiments { token } => {
                self.read_experiments(token).await?;
                Ok(Some(Place::Runs { experiment: None, token: None }))
            }
            Place::Runs { experiment, token } => {
                self.know_experiments().await?;
                self.read_runs(experiment, token).await?;
                Ok(Some(Place::LoggedModels { experiment: None, token: None }))
            }
            Place::LoggedModels { experiment, token } => {
                self.know_experiments().await?;
                self.read_logged_models(experiment, token).await?;
                Ok(Some(Place::Registered { prompts: false, token: None }))
            }
            Place::Registered { prompts, token } => {
                self.read_registered(prompts, token).await?;
                Ok(Some(match prompts {
                    false => Place::Registered { prompts: true, token: None },
                    true => Place::Versions { prompts: false, token: None },
                }))
            }
            Place::Versions { prompts, token } => {
                self.know_experiments().await?;
                self.know_aliases().await?;
                self.read_versions(prompts, token).await?;
                Ok(Some(match prompts {
                    false => Place::Versions { prompts: true, token: None },
                    true => Place::Traces { experiment: None, token: None },
                }))
            }
            Place::Traces { experiment, token } => {
                self.know_experiments().await?;
                self.read_traces(experiment, token).await?;
                Ok(Some(Place::EvaluationDatasets { token: None }))
            }
            Place::EvaluationDatasets { token } => {
                self.read_evaluation_datasets(token).await?;
                Ok(Some(Place::End))
            }
            Place::End => Ok(None),
            Place::Rows { .. } | Place::Histories { .. } => {
                Err(ReadError::BadCursor("it is a place in a file".to_owned()).into())
            }
        }
    }

    async fn read_experiments(&mut self, mut token: Option<String>) -> Result<(), Stop> {
        self.begin("experiments").await?;
        let mut guard = Guard::new("experiments");
        // Those of earlier pages are not in this listing when it starts in the middle.
        let whole = token.is_none();
        let mut ids = Vec::new();
        loop {
            let mut page = self.api.experiments(token.as_deref()).await?;
            let next = guard.next(&self.api, &mut page)?;
            self.note_new(&page.items);
            ids.extend(page.items.iter().map(|experiment| experiment.experiment_id.clone()));
            let reads = page.items.iter().map(|experiment| self.mapping.experiment(experiment));
            let place = match &next {
                Some(token) => Place::Experiments { token: Some(token.clone()) },
                None => Place::Runs { experiment: None, token: None },
            };
            let reads = reads.collect();
            self.put(page.rejections, reads, place).await?;
            match next {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        if whole {
            self.experiments = in_order(ids);
        }
        Ok(())
    }

    /// Lists the experiments without telling of them, when the reading did not start with them.
    async fn know_experiments(&mut self) -> Result<(), Stop> {
        if !self.experiments.is_empty() {
            return Ok(());
        }
        let (mut ids, mut token, mut guard) = (Vec::new(), None, Guard::new("experiments"));
        loop {
            let mut page = self.api.experiments(token.as_deref()).await?;
            let next = guard.next(&self.api, &mut page)?;
            self.note_new(&page.items);
            ids.extend(page.items.into_iter().map(|experiment| experiment.experiment_id));
            match next {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        self.experiments = in_order(ids);
        Ok(())
    }

    /// Runs may come into an experiment with the times at which they ran elsewhere; into one that is new, all may.
    fn note_new(&mut self, experiments: &[Experiment]) {
        let is_new = |one: &&Experiment| match (self.since, one.creation_time) {
            (Some(since), Some(created)) => created >= since,
            _ => true,
        };
        self.names.extend(experiments.iter().map(|one| (one.experiment_id.clone(), one.name.clone())));
        let new = experiments.iter().filter(is_new).map(|one| one.experiment_id.clone());
        self.new_experiments.extend(new.collect::<Vec<_>>());
    }

    /// The experiments from `first` on, some at a time; those of which only what changed is asked for by themselves.
    pub(super) fn groups(&self, first: Option<&str>) -> Vec<Vec<String>> {
        let from = first
            .map_or(0, |first| self.experiments.partition_point(|experiment| rank(experiment) < rank(first)));
        let alike =
            |a: &String, b: &String| self.new_experiments.contains(a) == self.new_experiments.contains(b);
        let alike = self.experiments[from..].chunk_by(alike);
        alike.flat_map(|alike| alike.chunks(EXPERIMENTS_AT_ONCE)).map(<[String]>::to_vec).collect()
    }

    /// What a group is asked for, when not for everything.
    pub(super) fn since_of(&self, group: &[String]) -> Option<i64> {
        self.since.filter(|_| !group.iter().any(|experiment| self.new_experiments.contains(experiment)))
    }

    async fn read_runs(&mut self, first: Option<String>, mut token: Option<String>) -> Result<(), Stop> {
        self.begin("runs").await?;
        let groups = self.groups(first.as_deref());
        for (at, group) in groups.iter().enumerate() {
            let next = match groups.get(at + 1) {
                Some(group) => Place::Runs { experiment: group.first().cloned(), token: None },
                None => Place::LoggedModels { experiment: None, token: None },
            };
            let token = token.take();
            match self.since_of(group) {
                Some(since) => self.read_changed_runs(group, since).await?,
                None => self.read_all_runs(group, token).await?,
            }
            self.out.portion(Vec::new(), next.cursor()).await?;
        }
        Ok(())
    }

    async fn read_all_runs(&mut self, group: &[String], mut token: Option<String>) -> Result<(), Stop> {
        let mut guard = Guard::new("runs");
        loop {
            let here = Place::Runs { experiment: group.first().cloned(), token: token.clone() };
            let mut page = self.runs_page(group, None, token.as_deref()).await?;
            let next = guard.next(&self.api, &mut page)?;
            self.put_runs(page, &here).await?;
            token = next;
            if token.is_none() {
                return Ok(());
            }
            let next = Place::Runs { experiment: group.first().cloned(), token: token.clone() };
            self.out.portion(Vec::new(), next.cursor()).await?;
        }
    }

    /// Reads the runs that may have changed. Stopped in the middle, it begins with the group again: that is little.
    async fn read_changed_runs(&mut self, group: &[String], since: i64) -> Result<(), Stop> {
        let here = Place::Runs { experiment: group.first().cloned(), token: None };
        let mut had: HashSet<String> = HashSet::new();
        for filter in since::changed_runs(since) {
            let (mut token, mut guard) = (None, Guard::new("runs"));
            loop {
                let mut page = match self.runs_page(group, Some(&filter), token.as_deref()).await {
                    Ok(page) => page,
                    // A server that can't search so is read in full.
                    Err(Stop::Failed(ReadError::Http(HttpError::Refused { status: 400, .. })))
                        if token.is_none() =>
                    {
                        return self.read_all_runs(group, None).await;
                    }
                    Err(stop) => return Err(stop),
                };
                token = guard.next(&self.api, &mut page)?;
                page.items.retain(|run| had.insert(run.info.id().to_owned()));
                self.put_runs(page, &here).await?;
                if token.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tells of a page of runs and then of their histories.
    async fn put_runs(&mut self, page: Page<Run>, here: &Place) -> Result<(), Stop> {
        since::see(&page.items, &self.latest);
        let reads = page.items.iter().map(|run| without_points(self.mapping.run(run))).collect();
        self.put(page.rejections, reads, here.clone()).await?;
        self.histories.read(&page.items, &self.out, &here.cursor()).await
    }

    /// A page of runs; of runs with very much to say, fewer at once.
    async fn runs_page(
        &mut self,
        group: &[String],
        filter: Option<&str>,
        token: Option<&str>,
    ) -> Result<Page<Run>, Stop> {
        loop {
            match self.api.runs(group, filter, token, self.runs_at_once).await {
                Err(HttpError::TooLarge { .. }) if self.runs_at_once > 1 => self.runs_at_once /= 2,
                other => return Ok(other?),
            }
        }
    }

    async fn read_logged_models(
        &mut self,
        first: Option<String>,
        mut token: Option<String>,
    ) -> Result<(), Stop> {
        self.begin("logged models").await?;
        let groups = self.groups(first.as_deref());
        for (at, group) in groups.iter().enumerate() {
            let mut guard = Guard::new("logged models");
            let mut filter = self.since_of(group).map(since::changed_models);
            loop {
                let asked = self.api.logged_models(group, filter.as_deref(), token.as_deref()).await;
                let mut page = match asked {
                    Ok(page) => page,
                    // A server that can't search so is read in full.
                    Err(HttpError::Refused { status: 400, .. }) if filter.is_some() && token.is_none() => {
                        filter = None;
                        continue;
                    }
                    Err(error) if error.is_missing() => {
                        let why = "this server has none: it is older than MLflow 3".to_owned();
                        return Ok(self.out.note("logged models", why).await?);
                    }
                    Err(error) => return Err(error.into()),
                };
                token = guard.next(&self.api, &mut page)?;
                let sources = page.items.iter().filter_map(|model| model.info.source_run_id.as_deref());
                let runs = self.runs_by_id(group, sources).await?;
                let reads = page.items.iter().map(|model| {
                    let run = model.info.source_run_id.as_deref().and_then(|id| runs.get(id));
                    self.mapping.logged_model(model, run)
                });
                let next = match (&token, groups.get(at + 1)) {
                    (Some(token), _) => {
                        Place::LoggedModels { experiment: group.first().cloned(), token: Some(token.clone()) }
                    }
                    (None, Some(group)) => {
                        Place::LoggedModels { experiment: group.first().cloned(), token: None }
                    }
                    (None, None) => Place::Registered { prompts: false, token: None },
                };
                let reads = reads.collect();
                self.put(page.rejections, reads, next).await?;
                if token.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn read_registered(&mut self, prompts: bool, mut token: Option<String>) -> Result<(), Stop> {
        let what = if prompts { "prompts" } else { "registered models" };
        self.begin(what).await?;
        let whole = token.is_none();
        let mut guard = Guard::new(what);
        loop {
            let mut page = match self.api.registered_models(prompts, token.as_deref()).await {
                Ok(page) => page,
                Err(error) if is_absent(&error) => {
                    return Ok(self.out.note(what, "this server has no such listing".to_owned()).await?);
                }
                Err(error) => return Err(error.into()),
            };
            token = guard.next(&self.api, &mut page)?;
            let reads = page.items.iter().map(|model| self.mapping.registered_model(model)).collect();
            self.keep_aliases(page.items);
            let place = match (&token, prompts) {
                (Some(token), _) => Place::Registered { prompts, token: Some(token.clone()) },
                (None, false) => Place::Registered { prompts: true, token: None },
                (None, true) => Place::Versions { prompts: false, token: None },
            };
            self.put(page.rejections, reads, place).await?;
            if token.is_none() {
                self.aliases_known[usize::from(prompts)] = whole;
                return Ok(());
            }
        }
    }

    fn keep_aliases(&mut self, models: Vec<RegisteredModel>) {
        let named = models.into_iter().filter(|model| !model.aliases.is_empty());
        self.aliases.extend(named.map(|model| (model.name, model.aliases)));
    }

    /// Which versions bear which names: MLflow tells it with the registered model, not with the version.
    async fn know_aliases(&mut self) -> Result<(), Stop> {
        for prompts in [false, true] {
            if self.aliases_known[usize::from(prompts)] {
                continue;
            }
            let (mut token, mut guard) = (None, Guard::new("registered models"));
            loop {
                let mut page = match self.api.registered_models(prompts, token.as_deref()).await {
                    Ok(page) => page,
                    Err(error) if is_absent(&error) => break,
                    Err(error) => return Err(error.into()),
                };
                token = guard.next(&self.api, &mut page)?;
                self.keep_aliases(page.items);
                if token.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn read_versions(&mut self, prompts: bool, mut token: Option<String>) -> Result<(), Stop> {
        let what = if prompts { "versions of prompts" } else { "versions of models" };
        self.begin(what).await?;
        let mut guard = Guard::new(what);
        let experiments = self.experiments.clone();
        loop {
            let mut page = match self.api.model_versions(prompts, token.as_deref()).await {
                Ok(page) => page,
                Err(error) if is_absent(&error) => {
                    return Ok(self.out.note(what, "this server has no such listing".to_owned()).await?);
                }
                Err(error) => return Err(error.into()),
            };
            token = guard.next(&self.api, &mut page)?;
            let makers = page.items.iter().filter_map(|version| version.run_id.as_deref());
            let runs = self.runs_by_id(&experiments, makers).await?;
            let reads = page.items.iter().map(|version| {
                let aliases = self.aliases.get(&version.name).map(Vec::as_slice).unwrap_or_default();
                let run = version.run_id.as_deref().and_then(|id| runs.get(id));
                self.mapping.model_version(version, aliases, run)
            });
            let place = match (&token, prompts) {
                (Some(token), _) => Place::Versions { prompts, token: Some(token.clone()) },
                (None, false) => Place::Versions { prompts: true, token: None },
                (None, true) => Place::Traces { experiment: None, token: None },
            };
            let reads = reads.collect();
            self.put(page.rejections, reads, place).await?;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    /// The runs that made something, for the data that went into them.
    async fn runs_by_id<'a>(
        &self,
        experiments: &[String],
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<HashMap<String, Run>, Stop> {
        // The ids go into a search expression.
        let plain = |id: &&str| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        let mut ids: Vec<&str> = ids.filter(plain).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut runs = HashMap::new();
        for ids in ids.chunks(100) {
            match self.api.runs_by_id(experiments, ids).await {
                Ok(found) => runs.extend(found.into_iter().map(|run| (run.info.id().to_owned(), run))),
                Err(HttpError::Refused { status: 400 | 404, .. }) => {
                    let why = "this server can't search for runs by their ids".to_owned();
                    self.out.note("data that models were trained on", why).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(runs)
    }

    pub(super) async fn begin(&mut self, stage: &str) -> Result<(), Stop> {
        self.progress = Progress { stage: stage.to_owned(), done: 0, of: None };
        Ok(self.out.progress(self.progress.clone()).await?)
    }

    pub(super) async fn put(
        &mut self,
        rejections: Vec<Rejection>,
        mut reads: Vec<Read>,
        next: Place,
    ) -> Result<(), Stop> {
        reads.extend(rejections.into_iter().map(Err));
        self.progress.done += reads.len() as u64;
        self.out.portion(reads, next.cursor()).await?;
        Ok(self.out.progress(self.progress.clone()).await?)
    }
}

/// Whether a listing is not there, or can't be filtered as is needed.
fn is_absent(error: &HttpError) -> bool {
    error.is_missing() || matches!(error, HttpError::Refused { status: 400, .. })
}

fn without_token(place: &Place) -> Place {
    match place.clone() {
        Place::Experiments { .. } => Place::Experiments { token: None },
        Place::Runs { experiment, .. } => Place::Runs { experiment, token: None },
        Place::LoggedModels { experiment, .. } => Place::LoggedModels { experiment, token: None },
        Place::Registered { prompts, .. } => Place::Registered { prompts, token: None },
        Place::Traces { experiment, .. } => Place::Traces { experiment, token: None },
        Place::EvaluationDatasets { .. } => Place::EvaluationDatasets { token: None },
        Place::Versions { prompts, .. } => Place::Versions { prompts, token: None },
        other => other,
    }
}

/// Ids are numbers of different lengths.
fn rank(id: &str) -> (usize, &str) {
    (id.len(), id)
}

fn in_order(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
    ids.dedup();
    ids
}
