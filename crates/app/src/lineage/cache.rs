//! The lineage graph of the open catalog, kept between calls.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use catena_graph::{Bounds, Direction, closure_within, impact, never};
use catena_model::{id::EntityId, kind::Kind};
use catena_store::{Catalog, Reader, StoreResult, table::log};

use super::graph::Graph;
use crate::AppError;

/// The lineage graph of one catalog: loaded on first use, shared by concurrent calls, brought up to date when the log
/// went on, whoever wrote it.
#[derive(Default)]
pub struct GraphCache {
    held: Mutex<Option<Arc<Graph>>>,
    /// The number of the latest view asked for, by what it is about.
    latest: Mutex<HashMap<Vec<EntityId>, Arc<AtomicU64>>>,
}

/// How often a reader that is behind the graph is opened anew before the graph is loaded for it.
const ATTEMPTS: usize = 4;
/// How many entities upstream are looked at, the nearest of them.
const MOST_ABOVE: usize = 50_000;
/// How many views are told apart for cancelling.
const MOST_VIEWS: usize = 64;

/// Tells a view whether a newer one took its place.
pub(super) struct Ticket {
    latest: Arc<AtomicU64>,
    own: u64,
}

impl Ticket {
    /// Whether a newer view of the same thing was asked for.
    pub(super) fn is_stale(&self) -> bool {
        self.latest.load(Ordering::Relaxed) != self.own
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whatever panicked left an older graph at worst, and that is noticed by its mark.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GraphCache {
    /// How many entities lie upstream and downstream of the one at `ix`, columns not counted.
    pub fn count_around(&self, catalog: &Catalog, ix: i64) -> Result<(u64, u64), AppError> {
        self.read(catalog, |_, graph| {
            let Some(start) = graph.node(ix) else { return Ok((0, 0)) };
            let own = graph.kind(start) == Some(Kind::Column);
            let count = |direction| {
                let within = |node| own || graph.kind(node) != Some(Kind::Column);
                let levels =
                    impact(&graph.live, &[start], direction, None, within, &never).unwrap_or_default();
                levels.iter().filter(|level| level.level != 0).map(|level| level.nodes as u64).sum()
            };
            Ok((count(Direction::Up), count(Direction::Down)))
        })
    }

    /// The nearest entities upstream of the one at `ix` whose schema was seen to change.
    pub(crate) fn changed_above(&self, catalog: &Catalog, ix: i64) -> Result<Vec<i64>, AppError> {
        self.read(catalog, |reader, graph| {
            let changed = reader.schemas_changed()?;
            let Some(start) = graph.node(ix).filter(|_| !changed.is_empty()) else { return Ok(Vec::new()) };
            let own = graph.kind(start) == Some(Kind::Column);
            let within = |node| own || graph.kind(node) != Some(Kind::Column);
            let bounds = Bounds { depth: None, limit: Some(MOST_ABOVE) };
            let reach = closure_within(&graph.live, &[start], Direction::Up, bounds, within, &never);
            let nodes: HashSet<_> = reach
                .unwrap_or_default()
                .nodes
                .iter()
                .filter(|reached| reached.level != 0)
                .map(|reached| reached.node)
                .collect();
            Ok(changed
                .into_iter()
                .filter(|ix| graph.node(*ix).is_some_and(|node| nodes.contains(&node)))
                .collect())
        })
    }

    /// Reads from the catalog with the graph as it is in the state that is read.
    pub(super) fn read<T>(
        &self,
        catalog: &Catalog,
        work: impl Fn(&Reader<'_>, &Graph) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let done = catalog.read(|reader| {
                let graph = self.at(reader, attempt == ATTEMPTS)?;
                Ok(graph.map(|graph| work(reader, &graph)))
            })?;
            if let Some(result) = done {
                return result;
            }
        }
    }

    /// The graph in the reader's state; none when another call took it past that.
    fn at(&self, reader: &Reader<'_>, by_force: bool) -> StoreResult<Option<Arc<Graph>>> {
        let now = log::last(reader.db())?;
        let mut held = lock(&self.held);
        match held.as_mut() {
            Some(graph) if graph.mark() == now => return Ok(Some(Arc::clone(graph))),
            Some(graph) if graph.mark().0 > now.0 && !by_force => return Ok(None),
            // Copies it first when another call is still using it.
            Some(graph) if graph.mark().0 < now.0 => match Arc::make_mut(graph).follow(reader, now) {
                Ok(true) => return Ok(Some(Arc::clone(graph))),
                Ok(false) => {}
                Err(error) => {
                    *held = None;
                    return Err(error);
                }
            },
            _ => {}
        }
        // Let go of the old one first: there is no need for both.
        *held = None;
        Ok(Some(Arc::clone(held.insert(Arc::new(Graph::load(reader)?)))))
    }

    /// The next view of `focus`; earlier ones become stale.
    pub(super) fn ticket(&self, focus: &[EntityId]) -> Ticket {
        let mut views = lock(&self.latest);
        if views.len() >= MOST_VIEWS {
            views.clear();
        }
        let latest = Arc::clone(views.entry(focus.to_vec()).or_default());
        let own = latest.fetch_add(1, Ordering::Relaxed) + 1;
        Ticket { latest, own }
    }

    /// Bytes that the graph takes in memory, about; 0 before it is loaded.
    pub fn bytes(&self) -> usize {
        lock(&self.held).as_ref().map_or(0, |graph| graph.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_view_of_the_same_makes_one_stale() {
        let cache = GraphCache::default();
        let (a, b) = (EntityId::from_bytes([1; 16]), EntityId::from_bytes([2; 16]));
        let first = cache.ticket(&[a]);
        let other = cache.ticket(&[b]);
        assert!(!first.is_stale());
        let second = cache.ticket(&[a]);
        assert!(first.is_stale() && !second.is_stale() && !other.is_stale());
        for n in 0..200 {
            let many = cache.ticket(&[EntityId::from_bytes([n; 16]), b]);
            assert!(!many.is_stale());
        }
        assert!(!second.is_stale(), "views of other things take no place away");
    }
}
