//! The view from furthest out: what systems and schemas hold, and what runs between them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use catena_graph::NodeIx;
use catena_model::{kind::Kind, name::QualifiedName};
use serde_json::json;

use super::{
    frame::{Edge, Frame, Group, Node, Side, edge_flag, node_flag},
    lens::Lens,
    links::{Cell, Link},
    names,
    sketch::{Focus, HEADER_HEIGHT, NODE_WIDTH, count, many, mark_cycles},
    walk::{PAGE, Scope, Stop, go_on, made_id},
};
use crate::AppError;

/// Nodes between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 256;

/// What nodes are rolled up by: a namespace, and for datasets the schema or folder in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    namespace: String,
    schema: String,
}

impl Place {
    fn of(kind: Kind, name: Option<&QualifiedName>) -> Self {
        let Some(name) = name else { return Self { namespace: String::new(), schema: String::new() } };
        let text = name.name.trim_end_matches('/');
        let container = if text.contains('/') { text.rsplit_once('/') } else { text.rsplit_once('.') };
        let schema = match container {
            Some((container, _)) if kind == Kind::Dataset => container.to_owned(),
            _ => String::new(),
        };
        Self { namespace: name.namespace.clone(), schema }
    }

    /// The id under which its node is drawn.
    pub(super) fn id(&self) -> catena_model::id::EntityId {
        made_id(&json!(["place", self.namespace, self.schema]))
    }
}

/// Where each shown node lies.
pub(super) fn places(
    lens: &Lens<'_>,
    scope: &Scope,
    stop: Stop<'_>,
) -> Result<BTreeMap<Place, Vec<NodeIx>>, AppError> {
    let mut places: BTreeMap<Place, Vec<NodeIx>> = BTreeMap::new();
    for (at, node) in scope.shown.keys().enumerate() {
        if at % CHECK_EVERY == 0 {
            go_on(stop)?;
        }
        if let Some(called) = names::look_up(lens, *node)? {
            places.entry(Place::of(called.kind, called.location.as_ref())).or_default().push(*node);
        }
    }
    Ok(places)
}

/// Rolls up what was walked.
pub(super) fn roll_up(
    lens: &Lens<'_>,
    focus: &Focus,
    scope: &Scope,
    links: &[Link],
    frame: &mut Frame,
    stop: Stop<'_>,
) -> Result<(), AppError> {
    let mut rolled: Vec<(Place, Vec<NodeIx>)> = places(lens, scope, stop)?.into_iter().collect();
    let place_of = |rolled: &[(Place, Vec<NodeIx>)]| -> HashMap<NodeIx, u32> {
        rolled
            .iter()
            .zip(0..)
            .flat_map(|((_, nodes), at)| nodes.iter().map(move |node| (*node, at)))
            .collect()
    };
    let joined = |of: &HashMap<NodeIx, u32>| {
        let mut joined: BTreeMap<(u32, u32), Vec<&Link>> = BTreeMap::new();
        for link in links {
            let (Cell::One(from), Cell::One(to)) = (link.from, link.to) else { continue };
            if let (Some(from), Some(to)) = (of.get(&from), of.get(&to))
                && from != to
            {
                joined.entry((*from, *to)).or_default().push(link);
            }
        }
        joined
    };
    let of = place_of(&rolled);
    let starts: Vec<u32> = focus.nodes.iter().filter_map(|node| of.get(node).copied()).collect();
    let levels = levels(rolled.len(), &starts, joined(&of).keys().copied());
    // In the order in which the other views list their nodes.
    let level_of: HashMap<Place, i32> =
        rolled.iter().zip(levels).map(|((place, _), level)| (place.clone(), level)).collect();
    rolled.sort_by(|(a, _), (b, _)| {
        (level_of.get(a), &a.namespace, &a.schema).cmp(&(level_of.get(b), &b.namespace, &b.schema))
    });
    let of = place_of(&rolled);
    for (place, nodes) in &rolled {
        let focused = nodes.iter().any(|node| lens.focus.contains(node));
        frame.nodes.push(node(lens, place, nodes, level_of.get(place).copied().unwrap_or_default(), focused));
    }
    for ((from, to), links) in joined(&of) {
        let all = |test: fn(&Link) -> bool| links.iter().all(|link| test(link));
        let mut flags = 0;
        flags |= if all(|link| link.inferred) { edge_flag::INFERRED } else { 0 };
        flags |= if all(|link| link.removed) { edge_flag::REMOVED } else { 0 };
        let kind = links.iter().map(|link| link.kind).min().map_or("", |kind| kind.word());
        frame.edges.push(Edge { from, to, kind: kind.to_owned(), flags, bridged: 0, route: Vec::new() });
    }
    mark_cycles(frame);
    Ok(())
}

fn node(lens: &Lens<'_>, place: &Place, nodes: &[NodeIx], level: i32, focused: bool) -> Node {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for kind in nodes.iter().filter_map(|node| lens.graph.kind(*node)) {
        *kinds.entry(kind).or_default() += 1;
    }
    let mut kinds: Vec<(Kind, usize)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let name = match (place.schema.as_str(), place.namespace.as_str()) {
        ("", "") => "unnamed",
        ("", namespace) => namespace,
        (schema, _) => schema,
    };
    let whole = QualifiedName { namespace: place.namespace.clone(), name: place.schema.clone() };
    Node {
        id: *place.id().as_bytes(),
        kind: "group".to_owned(),
        name: name.to_owned(),
        qualified_name: if place.schema.is_empty() { place.namespace.clone() } else { whole.to_string() },
        system: names::system(&whole),
        detail: kinds.iter().map(|(kind, n)| many(*n, *kind)).collect::<Vec<_>>().join(" · "),
        level,
        width: NODE_WIDTH,
        height: HEADER_HEIGHT,
        flags: node_flag::GROUP | if focused { node_flag::FOCUS } else { 0 },
        group: Some(Group {
            parent: None,
            side: Side::Down,
            members: count(nodes.len()),
            page: 0,
            page_size: count(PAGE),
            filter: String::new(),
        }),
        ..Node::default()
    }
}

/// Steps from the starts, downstream positive; what lies both ways counts as downstream when equally near.
fn levels(nodes: usize, starts: &[u32], edges: impl Iterator<Item = (u32, u32)>) -> Vec<i32> {
    let (mut down, mut up) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
    for (from, to) in edges {
        down[from as usize].push(to);
        up[to as usize].push(from);
    }
    let mut level: Vec<Option<i32>> = vec![None; nodes];
    let mut queue = VecDeque::new();
    for start in starts {
        level[*start as usize] = Some(0);
        queue.extend([(*start, 0, 1), (*start, 0, -1)]);
    }
    let mut seen = [vec![false; nodes], vec![false; nodes]];
    while let Some((node, at, step)) = queue.pop_front() {
        let (beside, seen) = if step > 0 { (&down, &mut seen[0]) } else { (&up, &mut seen[1]) };
        for next in &beside[node as usize] {
            if !std::mem::replace(&mut seen[*next as usize], true) {
                level[*next as usize].get_or_insert(at + step);
                queue.push_back((*next, at + step, step));
            }
        }
    }
    level.into_iter().map(Option::unwrap_or_default).collect()
}
