//! Gives a sketch its coordinates.

use std::collections::HashMap;

use catena_graph::layout::{Layout, LayoutError, Link, NodeBox, Options, Point, Previous};

use super::{
    frame::{Frame, edge_flag},
    view::LineageArgs,
    walk::{Stop, cancelled},
};
use crate::{AppError, error::Trouble};

/// Lays a frame out; what was on the screen before stays near, and the anchor stays where it is.
pub(super) fn place(frame: &mut Frame, args: &LineageArgs, stop: Stop<'_>) -> Result<(), AppError> {
    let boxes: Vec<NodeBox> = frame
        .nodes
        .iter()
        .map(|node| NodeBox { width: f64::from(node.width), height: f64::from(node.height) })
        .collect();
    // Edges meet a node at its header: rows that unfold below move no edge.
    let port = Some(f64::from(frame.header_height) / 2.0);
    let links: Vec<Link> = frame
        .edges
        .iter()
        .map(|edge| Link { from: edge.from, to: edge.to, from_port: port, to_port: port })
        .collect();
    let by_id: HashMap<[u8; 16], usize> = frame.nodes.iter().map(|node| node.id).zip(0..).collect();
    let mut positions: Vec<Option<Point>> = vec![None; boxes.len()];
    for place in args.previous.iter().chain(&args.anchor) {
        if let Some(at) = by_id.get(place.id.as_bytes())
            && place.x.is_finite()
            && place.y.is_finite()
        {
            positions[*at] = Some(Point { x: f64::from(place.x), y: f64::from(place.y) });
        }
    }
    let anchor = args.anchor.as_ref().and_then(|place| by_id.get(place.id.as_bytes()));
    let previous = Previous { positions: &positions, anchor: anchor.and_then(|at| u32::try_from(*at).ok()) };
    let layout =
        Layout::relayout(&boxes, &links, &Options::default(), &previous, stop).map_err(
            |error| match error {
                LayoutError::Cancelled(_) => cancelled(),
                other => {
                    AppError::new(Trouble::Failed, format!("the lineage could not be laid out: {other}"))
                }
            },
        )?;
    for (node, (x, y)) in frame.nodes.iter_mut().zip(layout.x.iter().zip(&layout.y)) {
        (node.x, node.y) = (narrow(*x), narrow(*y));
    }
    for (at, edge) in frame.edges.iter_mut().enumerate() {
        edge.route = layout.route(at).iter().map(|point| (narrow(point.x), narrow(point.y))).collect();
        edge.flags |= if layout.turned.get(at) == Some(&true) { edge_flag::AGAINST } else { 0 };
    }
    Ok(())
}

/// The canvas draws in 32 bits.
#[allow(clippy::cast_possible_truncation)]
fn narrow(value: f64) -> f32 {
    value as f32
}
