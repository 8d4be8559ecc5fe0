//! Search: a projection of the catalog that lies in a folder beside it and can always be built anew.
//!
//! What changed since the index was last brought up to date waits in the catalog (`table::index_queue`) and is
//! searched from memory, so that a search never lags behind a commit, whichever process made it.

mod ask;
mod columns;
mod document;
mod expand;
mod explain;
mod fold;
mod folder;
mod load;
mod overlay;
mod place;
mod rank;
mod results;
mod schema;
mod take_in;
mod typos;
mod verify;
mod words;

use std::{
    collections::HashMap,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
};

pub use ask::Query;
pub use explain::{Matched, WhyMatched};
pub use place::Place;
pub use results::{Facet, FacetValue, Hit, Part, Results};
pub use take_in::Progress;

use crate::{
    Catalog, StoreError, StoreResult,
    catalog::{Access, beside},
    table::{entity::Ix, index_queue, meta},
};
use ask::Ask;
use folder::{CATALOG_ID, Folder, Opened, Stamp, end_of_log, last_commit, problem};
use overlay::{MOST_QUEUED, MOST_QUEUED_ELSEWHERE, Overlay};
use rank::{Scratch, rank};
use schema::{Fields, LAYOUT};
use take_in::Taking;

/// The most hits that can be listed, those passed over included.
pub const MOST_HITS: usize = 10_000;
/// How many entities a search takes in itself before it answers, when too many wait to be searched from memory.
const MOST_TAKEN_FIRST: u64 = 5_000;

/// Searches one catalog. Shared by all threads; several processes may search the same catalog.
pub struct Search {
    fields: Fields,
    /// `None`: the index is in memory, because nothing can be written beside the catalog.
    folder: Option<Folder>,
    catalog_id: String,
    state: Mutex<State>,
    /// Held by the one thread that changes the index.
    taking: Mutex<()>,
    scratch: Mutex<Vec<Scratch>>,
}

#[derive(Default)]
struct State {
    opened: Option<Opened>,
    /// Counts the indexes that were opened.
    number: u64,
    overlay: Overlay,
    /// Entities that the index has as they are in the queue, which can't be written.
    kept: HashMap<Ix, i64>,
    /// Whether another process had its turn at the index when we last asked.
    elsewhere: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind the locks is read anew from disk whenever it doesn't fit; a panic leaves nothing half-made.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Search {
    /// Gets ready to search. Quick: an index that is missing, damaged, of another layout or of another catalog is
    /// built by [`Search::take_in`], and partly by the first search. Fails only when the catalog itself can't be read.
    pub fn open(catalog: &Catalog) -> StoreResult<Self> {
        let writable = *catalog.access() == Access::ReadWrite;
        let mut id = catalog.read(|reader| meta::get(reader.db(), CATALOG_ID))?;
        if id.is_none() && writable {
            let mut writer = catalog.writer()?;
            let new = writer.new_cause().to_string();
            let given = writer.unlogged(|db| match meta::get(db, CATALOG_ID)? {
                // Another process was quicker.
                Some(id) => Ok(id),
                None => meta::set(db, CATALOG_ID, &new).map(|()| new),
            });
            // A full disk must not keep the catalog from being opened: the index is in memory then.
            id = given.ok();
        }
        let folder = Folder(beside(catalog.path(), "-index"));
        // A catalog that has no identity and can't be given one can't tell its index from another's.
        let usable = id.is_some() && (folder.turn().is_ok());
        let search = Self {
            fields: Fields::new(),
            folder: usable.then_some(folder),
            catalog_id: id.unwrap_or_default(),
            state: Mutex::default(),
            taking: Mutex::new(()),
            scratch: Mutex::default(),
        };
        search.reopen(catalog)?;
        Ok(search)
    }

    /// Opens what lies in the folder now, if it is another index than before.
    fn reopen(&self, catalog: &Catalog) -> StoreResult<()> {
        catalog.read(|reader| self.reopen_from(reader.db(), &mut lock(&self.state)))
    }

    fn reopen_from(&self, db: &rusqlite::Connection, state: &mut State) -> StoreResult<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if !folder.changed(state.opened.as_ref()) && state.opened.is_some() {
            return Ok(());
        }
        let opened = folder.open(&self.fields);
        let fits = match &opened {
            Some(opened) => opened.stamp.fits(db, &self.catalog_id)?,
            None => false,
        };
        state.opened = opened.filter(|_| fits);
        state.number += 1;
        Ok(())
    }

    /// Takes up to `limit` of the entities that wait into the index. Returns at once when another process is at it.
    pub fn take_in(&self, catalog: &Catalog, limit: u64) -> StoreResult<Progress> {
        let _taking = lock(&self.taking);
        self.take(catalog, limit, &mut |_| ControlFlow::Continue(()))
    }

    /// Takes in all that waits. `report` is told how far it is after every thousand, and may stop it; what was taken
    /// in until then stays.
    pub fn take_in_all(
        &self,
        catalog: &Catalog,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> StoreResult<Progress> {
        let _taking = lock(&self.taking);
        self.take(catalog, u64::MAX, report)
    }

    /// Throws the index away, so that the next [`Search::take_in_all`] builds it anew. `false`: another process is
    /// changing it just now.
    pub fn rebuild(&self, catalog: &Catalog) -> StoreResult<bool> {
        let _taking = lock(&self.taking);
        let turn = match &self.folder {
            Some(folder) => match folder.turn()? {
                Some(turn) => Some(turn),
                None => return Ok(false),
            },
            None => None,
        };
        self.start_over(catalog, turn.as_ref()).map(|()| true)
    }

    fn take(
        &self,
        catalog: &Catalog,
        limit: u64,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> StoreResult<Progress> {
        let turn = match &self.folder {
            Some(folder) => match folder.turn()? {
                Some(turn) => Some(turn),
                None => {
                    lock(&self.state).elsewhere = true;
                    return Ok(Progress { elsewhere: true, ..self.progress(catalog)? });
                }
            },
            None => None,
        };
        lock(&self.state).elsewhere = false;
        self.reopen(catalog)?;
        if lock(&self.state).opened.is_none() {
            self.start_over(catalog, turn.as_ref())?;
        }
        let (index, stamp, mut kept) = {
            let mut state = lock(&self.state);
            let Some(opened) = &state.opened else {
                return Err(StoreError::Index("it was not opened".to_owned()));
            };
            let (index, stamp) = (opened.index.clone(), opened.stamp.clone());
            (index, stamp, std::mem::take(&mut state.kept))
        };
        let taking = Taking { catalog, fields: &self.fields, index: &index, stamp, kept: &mut kept };
        let result = taking.run(limit, report);
        let mut state = lock(&self.state);
        state.kept = kept;
        state.overlay.forget();
        let (progress, stamp) = result?;
        if self.folder.is_none() {
            if let Some(opened) = &mut state.opened {
                opened.reader.reload().map_err(problem)?;
                opened.stamp = stamp;
            }
            state.number += 1;
        }
        Ok(progress)
    }

    fn start_over(&self, catalog: &Catalog, turn: Option<&folder::Turn>) -> StoreResult<()> {
        let stamp = catalog.read(|reader| {
            let (seq, link) = end_of_log(reader.db())?;
            let commit = last_commit(reader.db())?;
            Ok(Stamp { layout: LAYOUT, catalog: self.catalog_id.clone(), commit, seq, link, next: Some(0) })
        })?;
        // Whoever searches meanwhile keeps what it has open.
        lock(&self.state).opened = None;
        let opened = match (&self.folder, turn) {
            (Some(folder), Some(turn)) => folder.start_over(&self.fields, &stamp, turn)?,
            _ => Opened::in_memory(&self.fields, stamp)?,
        };
        let mut state = lock(&self.state);
        state.opened = Some(opened);
        state.number += 1;
        state.kept.clear();
        state.overlay.forget();
        Ok(())
    }

    /// How many entities wait to be taken in.
    pub fn progress(&self, catalog: &Catalog) -> StoreResult<Progress> {
        catalog.read(|reader| {
            let mut state = lock(&self.state);
            self.reopen_from(reader.db(), &mut state)?;
            let stamp = state.opened.as_ref().map(|opened| &opened.stamp);
            let waiting = take_in::waiting(reader.db(), stamp, &state.kept)?;
            Ok(Progress { taken: 0, waiting, complete: waiting == 0, elsewhere: state.elsewhere })
        })
    }

    /// What fits the query, best first.
    pub fn query(&self, catalog: &Catalog, query: &Query) -> StoreResult<Results> {
        let ask = Ask::new(&query.text);
        let attempt = || catch_unwind(AssertUnwindSafe(|| self.attempt(catalog, query, &ask)));
        match attempt() {
            Ok(Err(StoreError::Index(_))) | Err(_) => {}
            Ok(done) => return done,
        }
        // The index is damaged, though it could be opened: it is built anew, and the first of it at once.
        self.rebuild(catalog)?;
        attempt().unwrap_or_else(|_| Err(StoreError::Index("it is damaged".to_owned())))
    }

    fn attempt(&self, catalog: &Catalog, query: &Query, ask: &Ask) -> StoreResult<Results> {
        self.take_in_first(catalog)?;
        catalog.read(|reader| {
            let db = reader.db();
            let (shards, complete) = self.shards(db)?;
            let most = query.offset.saturating_add(query.limit).min(MOST_HITS);
            let ranked = match results::by_id(db, ask)? {
                Some(ranked) => ranked,
                None => {
                    let mut scratch = lock(&self.scratch).pop().unwrap_or_default();
                    let ranked =
                        rank(&self.fields, &shards, ask, query, most, &mut scratch).map_err(problem)?;
                    lock(&self.scratch).push(scratch);
                    ranked
                }
            };
            results::results(db, ask, query, ranked, complete)
        })
    }

    /// All that is to be searched at this state of the catalog, and whether that is all there is.
    fn shards(&self, db: &rusqlite::Connection) -> StoreResult<(Vec<rank::Shard>, bool)> {
        let mut state = lock(&self.state);
        // The queue is read in this transaction and the index opened after that: what is off the queue is in the index.
        let most = if state.elsewhere { MOST_QUEUED_ELSEWHERE } else { MOST_QUEUED };
        let waiting = index_queue::len_up_to(db, most + state.kept.len() + 1)?;
        self.reopen_from(db, &mut state)?;
        let State { opened, number, overlay, kept, .. } = &mut *state;
        overlay.refresh(db, &self.fields, most, kept)?;
        let searcher = opened.as_ref().map(|opened| opened.reader.searcher());
        let segments = searcher.as_ref().map_or(&[][..], |searcher| searcher.segment_readers());
        let shards = overlay.shards(segments, *number, &self.fields)?;
        let built = opened.as_ref().is_some_and(|opened| opened.stamp.next.is_none());
        Ok((shards, built && waiting <= (most + kept.len()) as u64))
    }

    /// Takes some in when more waits than can be searched from memory, unless somebody is at it already.
    fn take_in_first(&self, catalog: &Catalog) -> StoreResult<()> {
        let needed = catalog.read(|reader| {
            let mut state = lock(&self.state);
            let most = MOST_QUEUED + state.kept.len();
            let waiting = index_queue::len_up_to(reader.db(), most + 1)?;
            self.reopen_from(reader.db(), &mut state)?;
            let built = state.opened.as_ref().is_some_and(|opened| opened.stamp.next.is_none());
            Ok(!built || waiting > most as u64)
        })?;
        if !needed {
            return Ok(());
        }
        let _taking = match self.taking.try_lock() {
            Ok(taking) => taking,
            Err(TryLockError::Poisoned(taking)) => taking.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        match self.take(catalog, MOST_TAKEN_FIRST, &mut |_| ControlFlow::Continue(())) {
            Err(error @ StoreError::Index(_)) => Err(error),
            // A full disk or a busy catalog: what is in the index and in memory is searched all the same.
            _ => Ok(()),
        }
    }

    /// Compares the index with the catalog, entity by entity. An empty list means that all holds.
    pub fn verify(&self, catalog: &Catalog) -> StoreResult<Vec<crate::check::Problem>> {
        let _taking = lock(&self.taking);
        catalog.read(|reader| {
            let mut state = lock(&self.state);
            self.reopen_from(reader.db(), &mut state)?;
            match &state.opened {
                Some(opened) => {
                    verify::verify(reader.db(), &self.fields, self.folder.as_ref(), opened, &state.kept)
                }
                // Nothing was built yet, so nothing is wrong: it will be built by the next search.
                None => Ok(Vec::new()),
            }
        })
    }
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("folder", &self.folder).finish_non_exhaustive()
    }
}
