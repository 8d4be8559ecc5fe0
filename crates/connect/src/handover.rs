//! Fetching ahead of storing: the fetching part runs by itself, a few portions ahead of the sink.

use std::{future::Future, ops::ControlFlow};

use catena_model::statement::Read;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    cancel::Cancel,
    connector::{Cursor, Done, Note, Progress, ReadError, Sink},
    http::HttpError,
    mlflow::database::DatabaseError,
    postgres::PostgresError,
};

/// How many portions may wait to be stored.
const AHEAD: usize = 2;

enum Message {
    Portion(Vec<Read>, Cursor),
    Progress(Progress),
    Note(Note),
}

/// Where the fetching part puts what it has.
#[derive(Clone)]
pub(crate) struct Out(mpsc::Sender<Message>);

/// Nobody takes anything any more.
#[derive(Debug)]
pub(crate) struct Closed;

impl Out {
    pub(crate) async fn portion(&self, reads: Vec<Read>, cursor: Cursor) -> Result<(), Closed> {
        self.0.send(Message::Portion(reads, cursor)).await.map_err(|_| Closed)
    }

    pub(crate) fn portion_blocking(&self, reads: Vec<Read>, cursor: Cursor) -> Result<(), Closed> {
        self.0.blocking_send(Message::Portion(reads, cursor)).map_err(|_| Closed)
    }

    pub(crate) async fn progress(&self, progress: Progress) -> Result<(), Closed> {
        self.0.send(Message::Progress(progress)).await.map_err(|_| Closed)
    }

    pub(crate) fn progress_blocking(&self, progress: Progress) -> Result<(), Closed> {
        self.0.blocking_send(Message::Progress(progress)).map_err(|_| Closed)
    }

    pub(crate) async fn note(&self, place: &str, why: String) -> Result<(), Closed> {
        self.0.send(Message::Note(Note { place: place.to_owned(), why })).await.map_err(|_| Closed)
    }

    pub(crate) fn note_blocking(&self, place: &str, why: String) -> Result<(), Closed> {
        self.0.blocking_send(Message::Note(Note { place: place.to_owned(), why })).map_err(|_| Closed)
    }
}

/// Why fetching ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The sink has enough.
    Closed,
    /// It can't go on.
    Failed(ReadError),
}

impl From<Closed> for Stop {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Failed(error)
    }
}

impl From<HttpError> for Stop {
    fn from(error: HttpError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<PostgresError> for Stop {
    fn from(error: PostgresError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs `fetch` as a task of its own and hands what it puts out to `sink`.
pub(crate) async fn fetching<F>(
    fetch: impl FnOnce(Out) -> F,
    sink: &mut dyn Sink,
    cancel: &Cancel,
) -> Result<Done, ReadError>
where
    F: Future<Output = Result<(), Stop>> + Send + 'static,
{
    let (out, taken) = mpsc::channel(AHEAD);
    let task = tokio::spawn(fetch(Out(out)));
    hand_over(taken, task, sink, cancel).await
}

/// Runs `fetch` on a thread of its own and hands what it puts out to `sink`.
pub(crate) async fn fetching_blocking(
    fetch: impl FnOnce(Out) -> Result<(), Stop> + Send + 'static,
    sink: &mut dyn Sink,
    cancel: &Cancel,
) -> Result<Done, ReadError> {
    let (out, taken) = mpsc::channel(AHEAD);
    let task = tokio::task::spawn_blocking(move || fetch(Out(out)));
    hand_over(taken, task, sink, cancel).await
}

async fn hand_over(
    mut taken: mpsc::Receiver<Message>,
    task: JoinHandle<Result<(), Stop>>,
    sink: &mut dyn Sink,
    cancel: &Cancel,
) -> Result<Done, ReadError> {
    let mut done = Done::default();
    while let Some(message) = taken.recv().await {
        if cancel.is_cancelled() {
            task.abort();
            return Err(ReadError::Cancelled);
        }
        match message {
            Message::Progress(progress) => sink.progress(progress),
            Message::Note(note) => {
                if !done.notes.contains(&note) {
                    done.notes.push(note);
                }
            }
            Message::Portion(reads, cursor) => {
                if let ControlFlow::Break(()) = sink.take(reads, cursor) {
                    done.stopped = true;
                    break;
                }
            }
        }
    }
    // Whatever it still does is of no use; on a thread it notices when it puts the next portion out.
    drop(taken);
    if done.stopped {
        task.abort();
        return Ok(done);
    }
    match task.await {
        Ok(Ok(())) => Ok(done),
        Ok(Err(Stop::Failed(error))) => Err(error),
        Ok(Err(Stop::Closed)) => Err(ReadError::Cancelled),
        Err(error) => Err(ReadError::Broken(error.to_string())),
    }
}
