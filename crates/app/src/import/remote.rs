//! Systems that `catena-connect` knows how to read.

use std::{ops::ControlFlow, sync::Arc};

use catena_connect::{
    cancel::Cancel,
    connector::{self, Cursor, ReadError, Sink},
    registry::{Address, Settings, System},
};
use catena_model::statement::{Read, Rejection};
use catena_store::Environment;

use super::{Import, Progress};
use crate::{AppError, error::Trouble};

struct Store<'i, 'a> {
    import: &'i mut Import<'a>,
    failed: Option<AppError>,
    done: u64,
}

impl Sink for Store<'_, '_> {
    fn take(&mut self, reads: Vec<Read>, _: Cursor) -> ControlFlow<()> {
        self.done += reads.len() as u64;
        match self.import.store(reads) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn progress(&mut self, _: connector::Progress) {
        (self.import.progress)(Progress { done: self.done, total: None, unit: "records" });
    }
}

/// Reads everything of the system `key` at `from` and stores it.
pub(super) fn read(
    import: &mut Import<'_>,
    environment: &Environment,
    key: &str,
    from: &str,
) -> Result<(), AppError> {
    let system = System::by_key(key)
        .ok_or_else(|| AppError::bad_request(format!("there is no connector for \"{key}\"")))?;
    let settings = Settings::new(Arc::clone(&environment.clock));
    let connector = system.open(&Address::parse(from), settings).map_err(failed)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(
            |error| AppError::new(Trouble::Failed, format!("reading could not be started: {error}")),
        )?;
    let cancel = Cancel::default();
    let stop = import.stop;
    let mut store = Store { import, failed: None, done: 0 };
    let result = runtime.block_on(async {
        let watch = async {
            // A hanging server must not keep a person waiting: somebody looks whether to stop all the while.
            while !stop() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            cancel.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            result = connector.read(None, &mut store, &cancel) => result,
            () = watch => Err(ReadError::Cancelled),
        }
    });
    if let Some(error) = store.failed {
        return Err(error);
    }
    let done = result.map_err(failed)?;
    let notes = done.notes.into_iter().map(|note| Rejection { place: note.place, why: note.why });
    import.notes.extend(notes);
    Ok(())
}

fn failed(error: ReadError) -> AppError {
    let trouble = if error.is_cancelled() { Trouble::Cancelled } else { Trouble::Failed };
    AppError::new(trouble, error.to_string())
}
