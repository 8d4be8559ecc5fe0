//! The table of the open catalog's runs, kept between calls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use catena_store::Catalog;

use super::table::RunsTable;
use crate::AppError;

/// A table that took long to read is read again at the earliest after so many times as long: while runs stream in, most
/// of the machine stays free for them.
const REST: u32 = 4;
/// Reading that takes less than this is done whenever anything changed.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The table, read on first use and again when the catalog changed.
#[derive(Default)]
pub struct HeldRuns {
    held: Mutex<Option<Held>>,
}

struct Held {
    pulse: i64,
    table: Arc<RunsTable>,
    read_at: Instant,
    took: Duration,
}

impl HeldRuns {
    /// The runs as they are, or as they were a moment ago where there are very many.
    pub(super) fn table(&self, catalog: &Catalog) -> Result<Arc<RunsTable>, AppError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked for before reading: what is written meanwhile is noticed the next time.
        let pulse = catalog.pulse()?;
        if let Some(held) = held.as_ref() {
            let rests = held.took > AT_ONCE && held.read_at.elapsed() < held.took * REST;
            if held.pulse == pulse || rests {
                return Ok(Arc::clone(&held.table));
            }
        }
        let began = Instant::now();
        let table = Arc::new(catalog.read(RunsTable::load)?);
        *held =
            Some(Held { pulse, table: Arc::clone(&table), read_at: Instant::now(), took: began.elapsed() });
        Ok(table)
    }
}
