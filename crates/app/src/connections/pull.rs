//! Pulling a connection: an import whose place, credentials and report are the connection's own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catena_connect::{
    registry::System,
    secret::{Credential, Secret},
};
use catena_model::time::Timestamp;
use catena_store::table::connection::{self, ConnectionRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Keeper, options_of, system_of};
use crate::{
    App, AppError,
    error::Trouble,
    events::Event,
    import::{Progress, Remote, Setting, Stopped, run_remote},
    jobs::{ImportReport, JobHandle, JobStarted, Jobs},
    session::Session,
    use_case::Topic,
};

/// What came of a pull, as it is kept and shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PullReport {
    /// How many entities were new.
    #[ts(type = "number")]
    pub created: u64,
    /// How many were there and were different.
    #[ts(type = "number")]
    pub changed: u64,
    /// How many were as they had been.
    #[ts(type = "number")]
    pub same: u64,
    /// How many things could not be taken.
    #[ts(type = "number")]
    pub rejected: u64,
    /// Why it could not go on, if it could not.
    pub error: Option<String>,
    /// Somebody stopped it.
    pub cancelled: bool,
}

impl PullReport {
    fn of(result: &Result<ImportReport, Box<Stopped>>) -> Self {
        let (report, error) = match result {
            Ok(report) => (report, None),
            Err(stopped) => (&stopped.report, Some(&stopped.error)),
        };
        let cancelled = error.is_some_and(|error| error.trouble == Trouble::Cancelled);
        Self {
            created: report.created,
            changed: report.changed,
            same: report.same,
            rejected: report.rejected.len() as u64,
            error: error.filter(|_| !cancelled).map(|error| error.message.clone()),
            cancelled,
        }
    }
}

/// Which connections are being pulled, each by which job.
#[derive(Debug, Default)]
pub(crate) struct Pulling(Mutex<BTreeMap<String, String>>);

impl Pulling {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job that pulls this one.
    pub(crate) fn job(&self, name: &str) -> Option<String> {
        self.lock().get(name).cloned()
    }
}

/// What a pull needs of the application: it may outlive the call that started it.
#[derive(Clone)]
pub(crate) struct Puller {
    setting: Setting,
    jobs: Jobs,
    keeper: Keeper,
}

impl Puller {
    pub(crate) fn of(app: &App) -> Self {
        Self { setting: Setting::of(app), jobs: app.jobs.clone(), keeper: Keeper::of(app) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.setting.environment.clock.now()
    }

    /// Pulls, and notes what came of it.
    pub(super) fn run(
        &self,
        session: &Arc<Session>,
        row: &ConnectionRow,
        all: bool,
        given: Option<Secret>,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, Box<Stopped>> {
        let result = match self.remote(session, row, given) {
            Ok(remote) => {
                let done = run_remote(&self.setting, session, &title(row), &remote, all, stop, progress);
                done.map_err(|mut stopped| {
                    stopped.error.message = without(stopped.error.message, remote.credential.as_ref());
                    stopped
                })
            }
            Err(error) => Err(Box::new(Stopped { error, report: ImportReport::default() })),
        };
        let report = serde_json::to_string(&PullReport::of(&result)).unwrap_or_default();
        let at = self.now().micros();
        // What it brought is stored; that it can't be noted (a full disk) is no reason to say otherwise.
        if let Ok(mut writer) = session.catalog.writer() {
            let _ = writer.unlogged(|db| connection::pulled(db, &row.name, at, &report));
        }
        result
    }

    fn remote(
        &self,
        session: &Session,
        row: &ConnectionRow,
        given: Option<Secret>,
    ) -> Result<Remote, AppError> {
        let system = system_of(&row.kind)?;
        let options = options_of(row);
        let secret = match (given, &row.secret) {
            (Some(given), _) => Some(given),
            (None, Some(_)) => Some(self.keeper.get(session, row)?),
            (None, None) => None,
        };
        let credential = secret.map(|secret| credential(&options, secret));
        Ok(Remote { system, address: row.address.clone(), place: place(row), credential, options })
    }

    /// Starts to pull as a job.
    pub(crate) fn begin(
        &self,
        session: &Arc<Session>,
        name: &str,
        all: bool,
        given: Option<Secret>,
    ) -> Result<JobStarted, AppError> {
        let row = super::find(session, name)?;
        // Said at once, instead of by a job that fails.
        drop(session.catalog.writer()?);
        let job = {
            let mut pulling = session.pulling.lock();
            if pulling.contains_key(name) {
                return Err(AppError::new(
                    Trouble::Refused,
                    format!("\"{name}\" is being pulled already: wait for it, or cancel it first"),
                ));
            }
            let job = self.jobs.begin(title(&row), "records", self.now());
            pulling.insert(name.to_owned(), job.id().to_owned());
            job
        };
        let started = JobStarted { job: job.id().to_owned() };
        self.tell(&[Topic::Connections, Topic::Jobs]);
        let (puller, held) = (self.clone(), Arc::clone(session));
        let spawned = std::thread::Builder::new()
            .name("pull".to_owned())
            .spawn(move || puller.work(&held, &row, all, given, &job));
        if let Err(error) = spawned {
            session.pulling.lock().remove(name);
            return Err(AppError::new(Trouble::Failed, format!("pulling could not be started: {error}")));
        }
        Ok(started)
    }

    fn work(
        &self,
        session: &Arc<Session>,
        row: &ConnectionRow,
        all: bool,
        given: Option<Secret>,
        job: &JobHandle,
    ) {
        let told = job.clone();
        let clock = Arc::clone(&self.setting.environment.clock);
        let mut progress = move |progress: Progress| {
            told.progress(progress.done, progress.total, progress.unit, clock.now());
        };
        let stop = || job.should_stop() || session.is_closing();
        let result = self.run(session, row, all, given, &stop, &mut progress);
        session.pulling.lock().remove(&row.name);
        match result {
            Ok(report) => job.end(Ok(report), None, self.now()),
            Err(stopped) => job.end(Err(stopped.error), Some(stopped.report), self.now()),
        }
        self.tell(&[
            Topic::Entities,
            Topic::Relations,
            Topic::Operations,
            Topic::Catalog,
            Topic::Jobs,
            Topic::Connections,
        ]);
    }

    fn tell(&self, topics: &[Topic]) {
        self.setting.events.send(Event::Stale { invalidates: topics.to_vec() });
    }
}

fn title(row: &ConnectionRow) -> String {
    let system = System::by_key(&row.kind).map_or(row.kind.as_str(), |system| system.title);
    format!("Pull {} ({system})", row.name)
}

/// By what the place where a reading left off is kept: the same as an import from there has, unless less is read.
pub(super) fn place(row: &ConnectionRow) -> String {
    let mut chosen = options_of(row);
    chosen.retain(|key, value| key != "user" && key != "tls" && !value.is_empty());
    let address = row.address.trim_end_matches('/');
    match chosen.is_empty() {
        true => format!("{} {address}", row.kind),
        false => format!("{} {address} {}", row.kind, serde_json::to_string(&chosen).unwrap_or_default()),
    }
}

/// Who is asking: a user with a password where one is named, or the bearer of a token.
pub(super) fn credential(options: &BTreeMap<String, String>, secret: Secret) -> Credential {
    match options.get("user").map(|user| user.trim()).filter(|user| !user.is_empty()) {
        Some(user) => Credential::Basic { user: user.to_owned(), password: secret },
        None => Credential::Bearer(secret),
    }
}

/// A message without the secret, which a server may have sent back to us.
pub(super) fn without(message: String, credential: Option<&Credential>) -> String {
    let secret = match credential {
        Some(Credential::Bearer(secret) | Credential::Basic { password: secret, .. }) => secret.expose(),
        None => return message,
    };
    match secret.is_empty() {
        true => message,
        false => message.replace(secret, "(hidden)"),
    }
}
