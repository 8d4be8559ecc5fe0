//! Lineage: what something was made from, and what is made from it.
//!
//! The lineage of the whole catalog is held in memory ([`GraphCache`]); a view of it is walked, narrowed, laid out and
//! encoded anew for each call, so that what is drawn is always what the catalog says.
//!
//! What a view decides:
//!
//! - A level is a step over a relation, whatever it leads to; a step over hidden nodes is one too. So the levels agree
//!   with what the command line prints.
//! - What has no lineage itself (a model, an experiment) is stood for by its parts that have (its versions, its runs).
//! - A column as focus stands for its dataset, with the column traced. Columns are rows of nodes, never nodes.
//! - Where a node has more neighbours on a side than the view takes, they fold kind by kind, the most numerous kind
//!   first, until few enough are left: forty tests don't take the two jobs beside them along. Neighbours that are
//!   reached in another way too, or that a person opened, stay.
//! - `a -> b` isn't drawn beside `a -> job -> b` where both say the same; its evidence is shown with the steps.
//! - A hidden node is left out with what is only reached through it on the given side; towards the other side it is
//!   bridged over.
//! - From furthest out, everything that the focus hangs together with is rolled up, over all levels, and jobs and runs
//!   are bridged over: systems hold data, what moves it is an edge.
//! - Without a focus the whole catalog is in view, if it is small enough or the view is forced.

mod cache;
mod columns;
mod edge;
mod everything;
pub mod frame;
mod graph;
mod group;
mod headless;
mod lens;
mod links;
mod names;
mod nodes;
mod place;
mod sketch;
mod system;
mod table;
mod totals;
mod view;
mod walk;
mod whole;

use catena_graph::never;
use catena_model::{id::EntityId, kind::Kind};
use catena_store::{Reader, StoreResult, table::entity};

pub use cache::GraphCache;
pub use headless::{Headless, HeadlessEdge, HeadlessEvidence, HeadlessNode, headless};
pub use view::{
    Direction, EdgeRelation, EvidenceRow, EvidenceVerdictArgs, Expanded, GroupMember, Hidden, LineageArgs,
    LineageEdge, LineageEdgeArgs, LineageGroup, LineageGroupArgs, LineageRow, LineageTable, NodeSide,
    OpenGroup, Place, StoodFor, ViewBand,
};

use self::{
    graph::Graph,
    lens::Lens,
    sketch::{Focus, MOST_NODES},
};
use crate::{App, AppError, error::Trouble};

/// A view of the lineage, encoded as [`frame`] says; or that it is too large to draw without asking, with the counts.
pub fn view(app: &App, args: LineageArgs) -> Result<Vec<u8>, AppError> {
    let session = app.session()?;
    let ticket = session.graph.ticket(&args.focus);
    let stop = || ticket.is_stale() || session.is_closing();
    session.graph.read(&session.catalog, |reader, graph| encoded(reader, graph, &args, &stop))
}

fn encoded(
    reader: &Reader<'_>,
    graph: &Graph,
    args: &LineageArgs,
    stop: walk::Stop<'_>,
) -> Result<Vec<u8>, AppError> {
    let focus = focus(reader, graph, args)?;
    let lens = Lens::new(reader, graph, args, &focus.nodes)?;
    let mut sketch = sketch::sketch(&lens, &focus, args, stop)?;
    let bytes = if sketch.too_large {
        frame::encode_too_large(sketch.frame.band, &sketch.frame.totals)
    } else {
        place::place(&mut sketch.frame, args, stop)?;
        frame::encode(&sketch.frame)
    };
    bytes.map_err(|error| AppError::new(Trouble::Failed, error.to_string()))
}

/// The same view as a table, row for node.
pub fn table(app: &App, args: LineageArgs) -> Result<LineageTable, AppError> {
    let session = app.session()?;
    let stop = || session.is_closing();
    session.graph.read(&session.catalog, |reader, graph| {
        let focus = focus(reader, graph, &args)?;
        let lens = Lens::new(reader, graph, &args, &focus.nodes)?;
        let sketch = sketch::sketch(&lens, &focus, &args, &stop)?;
        if sketch.too_large {
            let totals = &sketch.frame.totals;
            let advice = if args.force { "" } else { ", or ask for all of it" };
            return Err(AppError::new(
                Trouble::Refused,
                format!(
                    "this lineage has {} nodes, more than the {} that are shown at once: ask for fewer levels or \
                     kinds{advice}",
                    totals.nodes,
                    if args.force { MOST_NODES } else { totals.limit }
                ),
            ));
        }
        Ok(table::table(&sketch.frame))
    })
}

/// Who says that there is an edge. Where an end stands for many, the edges between the members.
pub fn edge(app: &App, args: LineageEdgeArgs) -> Result<LineageEdge, AppError> {
    let session = app.session()?;
    let stop = || session.is_closing();
    session.graph.read(&session.catalog, |reader, graph| {
        let node = |id: EntityId| -> StoreResult<_> {
            Ok(entity::find(reader.db(), id)?.and_then(|row| graph.node(row.ix)))
        };
        let (from, to) = (node(args.from)?, node(args.to)?);
        if let (Some(from), Some(to)) = (from, to) {
            return edge::explain(reader, graph, from, to);
        }
        let Some(view) = &args.view else {
            return Err(AppError::new(
                Trouble::NotFound,
                "one end of the edge is not in the catalog; if it stands for many, say in which view",
            ));
        };
        let focus = focus(reader, graph, view)?;
        let lens = Lens::new(reader, graph, view, &focus.nodes)?;
        let ends = group::ends(&lens, &focus, view, [(args.from, from), (args.to, to)], &stop)?;
        edge::between(&lens, &ends, &stop)
    })
}

/// A page of the members of what stands for many.
pub fn group(app: &App, args: LineageGroupArgs) -> Result<LineageGroup, AppError> {
    let session = app.session()?;
    session.graph.read(&session.catalog, |reader, graph| {
        let focus = focus(reader, graph, &args.view)?;
        let lens = Lens::new(reader, graph, &args.view, &focus.nodes)?;
        group::page(&lens, &focus, &args, &never)
    })
}

/// Parts that stand for a whole.
const MOST_PARTS: usize = 50;

/// What a view is about: where merges lead, for a column its dataset, and for what has no lineage itself its parts.
fn focus(reader: &Reader<'_>, graph: &Graph, args: &LineageArgs) -> Result<Focus, AppError> {
    let mut focus = Focus::default();
    let plain = Lens::new(reader, graph, &LineageArgs::default(), &[])?;
    for id in args.focus.iter().chain(&args.column_trace) {
        let traced = args.column_trace == Some(*id);
        let found = entity::find(reader.db(), *id)?.and_then(|row| graph.node(row.ix));
        let Some(node) = found else { continue };
        if graph.kind(node) == Some(Kind::Column) && (traced || focus.trace.is_none()) {
            focus.trace = Some(node);
        }
        if args.focus.contains(id) {
            let asset = match graph.kind(node) {
                Some(Kind::Column) => columns::owner(&plain, node)?,
                _ => Some(node),
            };
            for start in asset
                .map_or_else(|| Ok(Vec::new()), |asset| whole::starts(reader, graph, asset, MOST_PARTS))?
            {
                if !focus.nodes.contains(&start) {
                    focus.nodes.push(start);
                }
            }
        }
    }
    if focus.nodes.is_empty() && !args.focus.is_empty() {
        return Err(AppError::new(
            Trouble::NotFound,
            "what this view is about is no longer in the catalog: search for it again",
        ));
    }
    Ok(focus)
}
