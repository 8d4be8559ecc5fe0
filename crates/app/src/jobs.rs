//! Long-running work: its progress, its end, and how to cancel it.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use catena_model::{statement::Rejection, time::Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    client::{Done, Nothing},
    error::Trouble,
    events::{Event, Events},
};

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It goes on.
    Running,
    /// It came to its end.
    Done,
    /// It could not go on.
    Failed,
    /// Somebody stopped it; what it had stored stays.
    Cancelled,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct ImportReport {
    /// How many entities are new.
    #[ts(type = "number")]
    pub created: u64,
    /// How many were there and are different now.
    #[ts(type = "number")]
    pub changed: u64,
    /// How many were spoken of and are as they were.
    #[ts(type = "number")]
    pub same: u64,
    /// What could not be taken, and why.
    pub rejected: Vec<Rejection>,
    /// Names all that was changed, so that it can be taken back as one; nothing was changed without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub import: Option<String>,
    /// What the source doesn't have or was not read, which is no failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Rejection>>")]
    pub notes: Vec<Rejection>,
}

/// A piece of long-running work.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Job {
    /// Names it as long as the app runs.
    pub id: String,
    /// What it does.
    pub title: String,
    /// How far it is.
    pub state: JobState,
    /// How much is done, in units.
    #[ts(type = "number")]
    pub done: u64,
    /// How much there is, where that is known.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// What is counted: `events`, `MB`, `runs`.
    pub unit: String,
    /// Units per second.
    pub rate: Option<f64>,
    /// How long it will take yet.
    pub seconds_left: Option<f64>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it did.
    pub report: Option<ImportReport>,
    /// Why it could not go on.
    pub error: Option<String>,
}

/// A job was started.
#[derive(Debug, Clone, Serialize, TS)]
pub struct JobStarted {
    /// Its id.
    pub job: String,
}

/// Which job.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobArgs {
    /// Its id.
    pub job: String,
}

struct Entry {
    job: Job,
    stop: Arc<AtomicBool>,
}

/// The jobs of this run of the app.
#[derive(Clone)]
pub struct Jobs {
    entries: Arc<Mutex<Vec<Entry>>>,
    events: Arc<dyn Events>,
}

/// The work's own end of a job.
#[derive(Clone)]
pub struct JobHandle {
    id: String,
    entries: Arc<Mutex<Vec<Entry>>>,
    events: Arc<dyn Events>,
    stop: Arc<AtomicBool>,
}

fn lock(entries: &Mutex<Vec<Entry>>) -> MutexGuard<'_, Vec<Entry>> {
    entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Jobs {
    /// No jobs yet.
    pub fn new(events: Arc<dyn Events>) -> Self {
        Self { entries: Arc::default(), events }
    }

    /// Notes a new job; the work is the caller's.
    pub fn begin(&self, title: String, unit: &str, at: Timestamp) -> JobHandle {
        let stop = Arc::new(AtomicBool::new(false));
        let mut entries = lock(&self.entries);
        let id = format!("job-{}-{}", at.micros(), entries.len() + 1);
        let job = Job {
            id: id.clone(),
            title,
            state: JobState::Running,
            done: 0,
            total: None,
            unit: unit.to_owned(),
            rate: None,
            seconds_left: None,
            started_at: at,
            ended_at: None,
            report: None,
            error: None,
        };
        entries.push(Entry { job, stop: Arc::clone(&stop) });
        drop(entries);
        JobHandle { id, entries: Arc::clone(&self.entries), events: Arc::clone(&self.events), stop }
    }

    /// Whether any job is running.
    pub fn any_running(&self) -> bool {
        lock(&self.entries).iter().any(|entry| entry.job.state == JobState::Running)
    }
}

impl JobHandle {
    /// Names the job.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether somebody asked it to stop.
    pub fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells how far it is.
    pub fn progress(&self, done: u64, total: Option<u64>, unit: &str, now: Timestamp) {
        self.change(|job| {
            let seconds = (now.micros() - job.started_at.micros()).max(1) as f64 / 1e6;
            job.done = done;
            job.total = total;
            unit.clone_into(&mut job.unit);
            job.rate = Some(done as f64 / seconds);
            job.seconds_left = total
                .filter(|_| done > 0)
                .map(|total| total.saturating_sub(done) as f64 * seconds / done as f64);
        });
    }

    /// Ends it.
    pub fn end(&self, result: Result<ImportReport, AppError>, partial: Option<ImportReport>, now: Timestamp) {
        self.change(|job| {
            job.ended_at = Some(now);
            job.seconds_left = None;
            match result {
                Ok(report) => {
                    job.state = JobState::Done;
                    job.report = Some(report);
                }
                Err(error) => {
                    job.state = if error.trouble == Trouble::Cancelled {
                        JobState::Cancelled
                    } else {
                        JobState::Failed
                    };
                    job.error = (error.trouble != Trouble::Cancelled).then_some(error.message);
                    job.report = partial;
                }
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Job)) {
        let mut entries = lock(&self.entries);
        let Some(entry) = entries.iter_mut().find(|entry| entry.job.id == self.id) else { return };
        change(&mut entry.job);
        let job = Box::new(entry.job.clone());
        drop(entries);
        self.events.send(Event::Job { job });
    }
}

/// All jobs, latest first.
pub fn all(app: &App, _: Nothing) -> Result<Vec<Job>, AppError> {
    Ok(lock(&app.jobs.entries).iter().rev().map(|entry| entry.job.clone()).collect())
}

/// Asks a job to stop; what it has stored stays.
pub fn cancel(app: &App, args: JobArgs) -> Result<Done, AppError> {
    let entries = lock(&app.jobs.entries);
    match entries.iter().find(|entry| entry.job.id == args.job) {
        Some(entry) => {
            entry.stop.store(true, Ordering::Relaxed);
            Ok(Done {})
        }
        None => Err(AppError::new(Trouble::NotFound, format!("there is no job {}", args.job))),
    }
}

/// Takes an ended job off the list.
pub fn dismiss(app: &App, args: JobArgs) -> Result<Done, AppError> {
    let mut entries = lock(&app.jobs.entries);
    entries.retain(|entry| entry.job.id != args.job || entry.job.state == JobState::Running);
    Ok(Done {})
}
