//! The same lineage as a table: one row for each node of the frame, in its order.

use super::{
    frame::{Frame, node_flag},
    view::{LineageRow, LineageTable},
};

/// The table of a sketch.
pub(super) fn table(frame: &Frame) -> LineageTable {
    let mut upstream: Vec<Vec<String>> = vec![Vec::new(); frame.nodes.len()];
    let mut downstream = upstream.clone();
    for edge in &frame.edges {
        let (from, to) = (edge.from as usize, edge.to as usize);
        upstream[to].push(frame.nodes[from].name.clone());
        downstream[from].push(frame.nodes[to].name.clone());
    }
    let rows = frame.nodes.iter().zip(upstream.into_iter().zip(downstream));
    LineageTable {
        rows: rows
            .map(|(node, (upstream, downstream))| LineageRow {
                level: node.level,
                id: catena_model::id::EntityId::from_bytes(node.id),
                kind: node.kind.clone(),
                name: node.name.clone(),
                qualified_name: node.qualified_name.clone(),
                system: node.system.clone(),
                upstream,
                downstream,
                hidden_up: node.hidden_up,
                hidden_down: node.hidden_down,
                columns: node.column_count,
                cycle: node.flags & node_flag::CYCLE != 0,
                removed: node.flags & node_flag::REMOVED != 0,
            })
            .collect(),
    }
}
