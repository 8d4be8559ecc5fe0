//! Bringing metadata in, on request: from a file, a folder or a running server.
//!
//! Reading and storing run side by side: a reader hands over portions, each is stored in one operation, and what was
//! stored stays whatever happens to the rest. All operations of one import share a cause.

mod any;
mod dbt;
pub mod documents;
mod files;
mod openlineage;
mod remote;

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use catena_connect::{registry::System, secret::Credential};
use catena_model::{
    actor::{Act, Actor, Origin},
    statement::Read,
};
use catena_store::{Environment, apply::Tally};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    error::Trouble,
    events::{Event, Events},
    jobs::{ImportReport, JobStarted},
    session::Session,
    use_case::Topic,
};

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// OpenLineage events: JSON or NDJSON.
    OpenLineage,
    /// dbt artifacts: manifest, catalog, run results.
    Dbt,
    /// MLflow: a server or its database.
    Mlflow,
    /// Documents: text, Markdown, HTML, DOCX, PDF; a file or a folder.
    Documents,
    /// A file or folder of whatever sort: what it is, is told by its content.
    Files,
}

impl ImportKind {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::OpenLineage => "OpenLineage",
            Self::Dbt => "dbt",
            Self::Mlflow => "MLflow",
            Self::Documents => "documents",
            Self::Files => "files",
        }
    }
}

/// What to import.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportArgs {
    /// What sort of thing it is.
    pub kind: ImportKind,
    /// A path or an address.
    pub from: String,
    /// Everything, also what an earlier import from there had.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub all: bool,
}

/// Whether it is read from a running server.
fn is_address(from: &str) -> bool {
    let from = from.trim_start().to_ascii_lowercase();
    from.starts_with("http://") || from.starts_with("https://")
}

/// An address without the user and password that may stand in it.
fn without_credentials(from: &str) -> String {
    let Some((scheme, rest)) = from.split_once("://") else { return from.to_owned() };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => from.to_owned(),
    }
}

/// What an import is called in history: a file by its name, since its folder means nothing on another machine.
fn title(args: &ImportArgs) -> String {
    let from = without_credentials(&args.from);
    let from = from.trim_end_matches(['/', '\\']);
    // A dbt project is called by its folder, not by what dbt calls every one's artifacts.
    let from = from.strip_suffix("/target").filter(|_| args.kind == ImportKind::Dbt).unwrap_or(from);
    let from = match from.contains("://") {
        true => from,
        false => from.rsplit(['/', '\\']).next().unwrap_or(from),
    };
    let from = if from == "-" { "standard input" } else { from };
    if args.kind == ImportKind::Files {
        return format!("Import {from}");
    }
    format!("Import {} from {from}", args.kind.title())
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// How much there is, where that is known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: &'static str,
}

/// How many records are stored in one operation.
pub const PORTION: usize = 1_000;

/// What an import needs of the application: it may outlive the call that started it.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) environment: Environment,
    pub(crate) actor: Actor,
    pub(crate) events: Arc<dyn Events>,
}

impl Setting {
    pub(crate) fn of(app: &App) -> Self {
        Self {
            environment: app.environment.clone(),
            actor: app.act().actor.clone(),
            events: Arc::clone(&app.events),
        }
    }
}

/// An import under way: stores portions and tells how far it is.
pub struct Import<'a> {
    session: &'a Arc<Session>,
    environment: &'a Environment,
    act: Act,
    title: String,
    tally: Tally,
    /// Whether anything was changed.
    changed: bool,
    notes: Vec<catena_model::statement::Rejection>,
    events: &'a dyn Events,
    stop: &'a (dyn Fn() -> bool + Sync),
    progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Import<'_> {
    /// Stores one portion. Stops with [`Trouble::Cancelled`] when somebody asked for it.
    fn store(&mut self, reads: impl IntoIterator<Item = Read>) -> Result<(), AppError> {
        if (self.stop)() {
            return Err(AppError::new(Trouble::Cancelled, "cancelled; what was stored before stays"));
        }
        let stored =
            self.session.catalog.writer()?.apply(&self.act, &self.title, reads, &mut self.tally)?.is_some();
        if stored {
            self.changed = true;
            self.events.send(Event::Stale {
                invalidates: vec![Topic::Entities, Topic::Relations, Topic::Operations, Topic::Catalog],
            });
        }
        Ok(())
    }

    /// What time it is.
    fn now(&self) -> catena_model::time::Timestamp {
        self.environment.clock.now()
    }

    /// Stops with [`Trouble::Cancelled`] when somebody asked for it.
    fn go_on(&self) -> Result<(), AppError> {
        match (self.stop)() {
            true => Err(AppError::new(Trouble::Cancelled, "cancelled; what was stored before stays")),
            false => Ok(()),
        }
    }

    fn report(&mut self) -> ImportReport {
        ImportReport {
            created: self.tally.created(),
            changed: self.tally.changed(),
            same: self.tally.same(),
            rejected: std::mem::take(&mut self.tally.rejected),
            import: self.act.cause.filter(|_| self.changed).map(|cause| cause.to_string()),
            notes: std::mem::take(&mut self.notes),
        }
    }
}

/// An import that came to no good end.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub error: AppError,
    /// What it had done until then.
    pub report: ImportReport,
}

/// Imports, and says what it did; with an error, what it had done until then.
pub fn run(
    app: &App,
    session: &Arc<Session>,
    args: &ImportArgs,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, Box<Stopped>> {
    run_in(&Setting::of(app), session, args, stop, progress)
}

/// A system to read, and how far it was read is kept by what.
pub(crate) struct Remote {
    pub(crate) system: &'static System,
    pub(crate) address: String,
    pub(crate) place: String,
    pub(crate) credential: Option<Credential>,
    pub(crate) options: BTreeMap<String, String>,
}

/// Reads what is new of a system, or `all` of it, as an import with this title.
pub(crate) fn run_remote(
    setting: &Setting,
    session: &Arc<Session>,
    title: &str,
    remote: &Remote,
    all: bool,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, Box<Stopped>> {
    run_titled(setting, session, title.to_owned(), stop, progress, |import| {
        remote::read_from(import, &setting.environment, remote, all)
    })
}

fn run_in(
    setting: &Setting,
    session: &Arc<Session>,
    args: &ImportArgs,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, Box<Stopped>> {
    run_titled(setting, session, title(args), stop, progress, |import| {
        let remote = |import: &mut Import<'_>, key: &str| {
            remote::read(import, &setting.environment, key, &args.from, args.all)
        };
        match args.kind {
            ImportKind::OpenLineage if is_address(&args.from) => remote(import, "openlineage"),
            ImportKind::Dbt if is_address(&args.from) => remote(import, "dbt"),
            ImportKind::OpenLineage => openlineage::read(import, &args.from),
            ImportKind::Dbt => dbt::read(import, &args.from),
            ImportKind::Mlflow => remote(import, "mlflow"),
            ImportKind::Documents => documents::read(import, &args.from),
            ImportKind::Files => any::read(import, &args.from),
        }
    })
}

fn run_titled(
    setting: &Setting,
    session: &Arc<Session>,
    title: String,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
    read: impl FnOnce(&mut Import<'_>) -> Result<(), AppError>,
) -> Result<ImportReport, Box<Stopped>> {
    let none = |error: AppError| Box::new(Stopped { error, report: ImportReport::default() });
    let cause = session.catalog.writer().map_err(|error| none(error.into()))?.new_cause();
    let mut import = Import {
        session,
        environment: &setting.environment,
        act: Act { actor: setting.actor.clone(), origin: Origin::Import, cause: Some(cause) },
        title,
        tally: Tally::default(),
        changed: false,
        notes: Vec::new(),
        events: &*setting.events,
        stop,
        progress,
    };
    let result = read(&mut import);
    let report = import.report();
    // Search finds what is queued too; taking it in now only keeps the queue short.
    let _ = take_in(session);
    match result {
        Ok(()) => Ok(report),
        Err(error) => Err(Box::new(Stopped { error, report })),
    }
}

fn take_in(session: &Session) -> Result<(), AppError> {
    session.search.take_in_all(&session.catalog, &mut |_| match session.is_closing() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    })?;
    Ok(())
}

/// Starts an import as a job.
pub fn start(app: &App, args: ImportArgs) -> Result<JobStarted, AppError> {
    let session = app.session()?;
    // Say at once when the catalog can't be changed, instead of starting a job that fails.
    drop(session.catalog.writer()?);
    let job = app.jobs.begin(title(&args), "records", app.now());
    let started = JobStarted { job: job.id().to_owned() };
    let setting = Setting::of(app);
    std::thread::Builder::new()
        .name("import".to_owned())
        .spawn(move || {
            let clock = Arc::clone(&setting.environment.clock);
            let told = job.clone();
            let mut progress = move |progress: Progress| {
                told.progress(progress.done, progress.total, progress.unit, clock.now());
            };
            let stopping = job.clone();
            let watched = Arc::clone(&session);
            let stop = move || stopping.should_stop() || watched.is_closing();
            match run_in(&setting, &session, &args, &stop, &mut progress) {
                Ok(report) => job.end(Ok(report), None, setting.environment.clock.now()),
                Err(stopped) => {
                    job.end(Err(stopped.error), Some(stopped.report), setting.environment.clock.now());
                }
            }
            setting.events.send(Event::Stale {
                invalidates: vec![
                    Topic::Entities,
                    Topic::Relations,
                    Topic::Operations,
                    Topic::Catalog,
                    Topic::Jobs,
                ],
            });
        })
        .map_err(|error| {
            AppError::new(Trouble::Failed, format!("the import could not be started: {error}"))
        })?;
    Ok(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_does_not_get_into_history() {
        let title = |kind, from: &str| title(&ImportArgs { kind, from: from.to_owned(), all: false });
        assert_eq!(
            title(ImportKind::Mlflow, "https://ann:p@ss@ml.example:5000/"),
            "Import MLflow from https://ml.example:5000"
        );
        assert_eq!(
            title(ImportKind::Dbt, "http://docs.example/a@b"),
            "Import dbt from http://docs.example/a@b"
        );
        assert_eq!(title(ImportKind::Dbt, "/data/shop/target"), "Import dbt from shop");
        assert_eq!(title(ImportKind::Files, "/data/orders.parquet"), "Import orders.parquet");
        assert_eq!(title(ImportKind::OpenLineage, "-"), "Import OpenLineage from standard input");
    }
}
