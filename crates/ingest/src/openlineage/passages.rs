//! What was read of earlier events, so that what they repeat is not read again.

use std::{collections::HashMap, sync::Arc};

use catena_model::statement::{Passage, Thing};

/// What a facet says, read once.
#[derive(Debug)]
pub(super) struct Known {
    /// The digest of the facet, however it is written.
    pub(super) content: [u8; 16],
    pub(super) passage: Arc<Passage>,
    /// The columns that it tells to be part of their dataset.
    pub(super) placed: Vec<Thing>,
    /// A digest of all that is placed with these, if there are any.
    pub(super) placing: Option<[u8; 16]>,
    /// The datasets that column lineage comes from.
    pub(super) sources: Vec<Thing>,
    /// How many JSON items it is.
    pub(super) items: usize,
}

/// Facets by a digest of their words and of what they are about. Forgotten when there are too many.
#[derive(Debug, Default)]
pub(super) struct Passages {
    known: HashMap<[u8; 16], Arc<Known>>,
    weight: usize,
}

/// In JSON items and facets.
const MOST: usize = 1_000_000;

impl Passages {
    pub(super) fn get(&self, key: &[u8; 16]) -> Option<Arc<Known>> {
        self.known.get(key).map(Arc::clone)
    }

    pub(super) fn put(&mut self, key: [u8; 16], known: Known) {
        if self.weight > MOST {
            *self = Self::default();
        }
        self.weight += known.items + 1;
        self.known.insert(key, Arc::new(known));
    }
}
