//! The whole catalog in view: where no focus is given.

use std::collections::VecDeque;

use catena_graph::NodeIx;
use catena_model::kind::Kind;

use super::{
    lens::{Lens, Role},
    view::NodeSide,
    walk::{Scope, Stop, go_on},
};
use crate::AppError;

/// Nodes between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 4_096;

/// Everything that has lineage. Levels count from what is made of nothing else; on a cycle without a beginning, from
/// its oldest entity.
pub(super) fn scope(lens: &Lens<'_>, stop: Stop<'_>) -> Result<Scope, AppError> {
    let nodes = lens.graph.live.node_count().max(lens.graph.removed.node_count());
    let mut level: Vec<Option<i32>> = vec![None; nodes];
    let mut queue = VecDeque::new();
    let mut beside = Vec::new();
    let mut rest = Vec::new();
    let is_asset = |node: NodeIx| lens.graph.kind(node).is_some_and(|kind| kind != Kind::Column);
    for node in (0..nodes).filter_map(|n| u32::try_from(n).ok()).map(NodeIx).filter(|node| is_asset(*node)) {
        if node.index() % CHECK_EVERY == 0 {
            go_on(stop)?;
        }
        beside.clear();
        lens.beside(node, NodeSide::Up, &mut beside)?;
        let begins = !beside.iter().any(|node| is_asset(*node));
        lens.beside(node, NodeSide::Down, &mut beside)?;
        match (begins, beside.iter().any(|node| is_asset(*node))) {
            (_, false) => {}
            (true, true) => {
                level[node.index()] = Some(0);
                queue.push_back(node);
            }
            (false, true) => rest.push(node),
        }
    }
    rest.reverse();
    let mut scope = Scope::default();
    loop {
        while let Some(node) = queue.pop_front() {
            let at = level.get(node.index()).copied().flatten().unwrap_or_default();
            match lens.role(node, NodeSide::Down) {
                Role::Shown => {
                    scope.shown.insert(node, at);
                }
                Role::Bridged => {
                    scope.passed.insert(node, at);
                }
                Role::Absent => continue,
            }
            beside.clear();
            lens.beside(node, NodeSide::Down, &mut beside)?;
            for next in beside.iter().copied().filter(|node| is_asset(*node)) {
                if let Some(held @ None) = level.get_mut(next.index()) {
                    *held = Some(at + 1);
                    queue.push_back(next);
                }
            }
        }
        go_on(stop)?;
        match rest.pop() {
            Some(node) if level[node.index()].is_none() => {
                level[node.index()] = Some(0);
                queue.push_back(node);
            }
            Some(_) => {}
            None => return Ok(scope),
        }
    }
}
