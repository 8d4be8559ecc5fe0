//! One open catalog and what is kept in memory for it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use catena_model::actor::Act;
use catena_store::{Catalog, Environment, StoreResult, search::Search};

use crate::{connections::Pulling, indexing::Indexing, lineage::GraphCache, runs::HeldRuns};

/// One open catalog.
pub struct Session {
    /// The catalog.
    pub catalog: Catalog,
    /// Its search index.
    pub search: Search,
    /// Its lineage graph, loaded on first use.
    pub graph: GraphCache,
    /// Its runs in one table, read on first use.
    pub runs: HeldRuns,
    pub(crate) indexing: Arc<Indexing>,
    pub(crate) pulling: Pulling,
    closing: AtomicBool,
}

impl Session {
    /// Takes an open catalog into use.
    pub fn start(catalog: Catalog) -> StoreResult<Arc<Self>> {
        let search = Search::open(&catalog)?;
        Ok(Arc::new(Self {
            catalog,
            search,
            graph: GraphCache::default(),
            runs: HeldRuns::default(),
            indexing: Arc::default(),
            pulling: Pulling::default(),
            closing: AtomicBool::new(false),
        }))
    }

    /// Opens the catalog at `path`, or makes it.
    pub fn open(path: &Path, environment: Environment) -> StoreResult<Arc<Self>> {
        Self::start(Catalog::open_or_create(path, environment)?)
    }

    /// Asks background work on this catalog to end, and waits a moment for the search index to be let go of.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.indexing.stop();
    }

    /// Whether background work should end.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}

/// Who acts, through what, for the use cases called through one [`App`](crate::App).
#[derive(Debug, Clone)]
pub struct Caller {
    /// Given with each operation.
    pub act: Act,
    /// What they may do.
    pub role: crate::use_case::Role,
}
