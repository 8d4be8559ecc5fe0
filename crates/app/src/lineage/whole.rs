//! What has no lineage of its own but consists of what has: a model of its versions, an experiment of its runs, a
//! scheduler's job of its tasks.

use catena_graph::NodeIx;
use catena_model::kind::Kind;
use catena_store::{
    Reader, StoreResult,
    table::entity::{self, Ix},
};

use super::graph::Graph;

/// Whether data flows into an asset or out of it.
fn has_lineage(graph: &Graph, node: NodeIx) -> bool {
    let ends = [&graph.live, &graph.removed];
    ends.into_iter()
        .flat_map(|side| side.upstream(node).iter().chain(side.downstream(node)))
        .any(|other| graph.kind(*other).is_some_and(|kind| kind != Kind::Column))
}

/// Where to look for the lineage of an asset: at itself; or, when it has none, at its parts that have some, the
/// latest first and at most so many; at itself when there are none either.
pub(super) fn starts(
    reader: &Reader<'_>,
    graph: &Graph,
    node: NodeIx,
    most: usize,
) -> StoreResult<Vec<NodeIx>> {
    if has_lineage(graph, node) || graph.kind(node) == Some(Kind::Column) {
        return Ok(vec![node]);
    }
    let parts = entity::children(reader.db(), Ix::from(node.0))?;
    let parts =
        parts.iter().rev().filter(|part| part.kind != Kind::Column).filter_map(|part| graph.node(part.ix));
    let starts: Vec<NodeIx> = parts.filter(|part| has_lineage(graph, *part)).take(most).collect();
    Ok(if starts.is_empty() { vec![node] } else { starts })
}
