//! One part of a graph that hangs together, drawn by itself.

use crate::cancel::{Cancelled, Check, go_on};
use crate::layout::both::both;
use crate::layout::columns::Columns;
use crate::layout::coordinates::{self, Spacing};
use crate::layout::layered::{Ends, Layered, Proper};
use crate::layout::layering::{self, Dag};
use crate::layout::links::Links;
use crate::layout::route::End;
use crate::layout::{Link, NodeBox, Options, Point, Previous, Rect, acyclic, line, near, order, route};

/// Nodes and links, by their places in the input.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) nodes: Vec<u32>,
    pub(super) links: Vec<u32>,
}

/// A drawn part, in the order of [`Part::nodes`] and [`Part::links`].
#[derive(Debug, Clone, Default)]
pub(super) struct PartLayout {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) layer: Vec<u32>,
    pub(super) turned: Vec<bool>,
    pub(super) crossings: u64,
    pub(super) bounds: Rect,
    route_start: Vec<u32>,
    points: Vec<Point>,
}

impl PartLayout {
    pub(super) fn route(&self, link: usize) -> &[Point] {
        &self.points[self.route_start[link] as usize..self.route_start[link + 1] as usize]
    }
}

/// Nodes above which work is shared between two threads.
const SHARE_ABOVE: usize = 400;
/// Nodes up to which network simplex is run to shorten edges; above, its gain is below a hundredth and takes longest.
const SIMPLEX_UP_TO: usize = 2_000;
/// Steps that network simplex may take, per node.
const SIMPLEX_STEPS: u64 = 150;

/// The parts of a graph, by their first nodes.
pub(super) fn split(nodes: usize, links: &[Link]) -> Vec<Part> {
    let pairs = links.iter().flat_map(|l| [(l.from, l.to), (l.to, l.from)]);
    let beside = Links::collect(nodes, pairs);
    let mut part_of = vec![u32::MAX; nodes];
    let mut parts: Vec<Part> = Vec::new();
    let mut stack = Vec::new();
    for first in 0..nodes {
        if part_of[first] != u32::MAX {
            continue;
        }
        let number = parts.len() as u32;
        part_of[first] = number;
        stack.push(first as u32);
        while let Some(node) = stack.pop() {
            for &other in beside.of(node as usize) {
                if part_of[other as usize] == u32::MAX {
                    part_of[other as usize] = number;
                    stack.push(other);
                }
            }
        }
        parts.push(Part::default());
    }
    for (node, &part) in part_of.iter().enumerate() {
        parts[part as usize].nodes.push(node as u32);
    }
    for (i, link) in links.iter().enumerate() {
        parts[part_of[link.from as usize] as usize].links.push(i as u32);
    }
    parts
}

/// A part in its own numbers.
pub(super) struct Own {
    pub(super) sizes: Vec<NodeBox>,
    /// Without cycles, self loops or doubles, sorted.
    pub(super) edges: Vec<(u32, u32)>,
    pub(super) weight: Vec<u32>,
    pub(super) ends: Vec<Ends>,
    /// For each link its edge, or `None` for a self loop.
    edge_of: Vec<Option<u32>>,
    turned: Vec<bool>,
    link_ends: Vec<(u32, u32)>,
    /// Heights at which each link leaves and enters, in the direction of the link.
    ports: Vec<(f64, f64)>,
}

impl Own {
    fn new(part: &Part, nodes: &[NodeBox], links: &[Link], before: Option<&[Option<Point>]>) -> Self {
        let sizes: Vec<NodeBox> = part.nodes.iter().map(|&n| nodes[n as usize]).collect();
        // Nodes of a part ascend, so a node's place in it is found by halving; most graphs are one part, though.
        let whole = part.nodes.len() == nodes.len();
        let place = |node: u32| {
            if whole { node } else { part.nodes.partition_point(|&n| n < node) as u32 }
        };
        let mine = || part.links.iter().map(|&l| &links[l as usize]);
        let link_ends: Vec<(u32, u32)> = mine().map(|l| (place(l.from), place(l.to))).collect();
        let middle = |node: u32| sizes[node as usize].height / 2.0;
        let ports: Vec<(f64, f64)> = mine()
            .zip(&link_ends)
            .map(|(l, &(from, to))| {
                let within = |port: Option<f64>, node: u32| {
                    port.map_or(middle(node), |p| p.clamp(0.0, sizes[node as usize].height))
                };
                (within(l.from_port, from), within(l.to_port, to))
            })
            .collect();
        let hint: Option<Vec<f64>> = before.map(|b| b.iter().map(|p| p.map_or(f64::NAN, |p| p.x)).collect());
        let turned = acyclic::turned(sizes.len(), &link_ends, hint.as_deref());
        let mut sorted: Vec<((u32, u32), u32)> = Vec::with_capacity(link_ends.len());
        for (i, (&(from, to), &turned)) in link_ends.iter().zip(&turned).enumerate() {
            if from != to {
                sorted.push((if turned { (to, from) } else { (from, to) }, i as u32));
            }
        }
        sorted.sort_unstable();
        let ranked = mine().any(|l| l.from_port.is_some() || l.to_port.is_some());
        let mut own = Self {
            edges: Vec::with_capacity(sorted.len()),
            weight: Vec::with_capacity(sorted.len()),
            ends: Vec::with_capacity(sorted.len()),
            edge_of: vec![None; link_ends.len()],
            sizes,
            turned,
            link_ends,
            ports,
        };
        for doubles in sorted.chunk_by(|a, b| a.0 == b.0) {
            let (tail, head) = doubles[0].0;
            let (mut tail_at, mut head_at) = (0.0, 0.0);
            for &(_, link) in doubles {
                own.edge_of[link as usize] = Some(own.edges.len() as u32);
                let (from, to) = own.ports[link as usize];
                let turned = own.turned[link as usize];
                tail_at += if turned { to } else { from };
                head_at += if turned { from } else { to };
            }
            let count = doubles.len() as f64;
            let rank = |at: f64, node: u32| {
                let height = own.sizes[node as usize].height;
                if ranked && height > 0.0 { (at / height * 15.0).clamp(0.0, 15.0) as u8 } else { 0 }
            };
            let (tail_at, head_at) = (tail_at / count, head_at / count);
            own.ends.push(Ends {
                tail_at: tail_at as f32,
                head_at: head_at as f32,
                tail_rank: rank(tail_at, tail),
                head_rank: rank(head_at, head),
            });
            own.edges.push((tail, head));
            own.weight.push(doubles.len() as u32);
        }
        own
    }
}

/// Draws one part.
pub(super) fn draw(
    part: &Part,
    nodes: &[NodeBox],
    links: &[Link],
    options: &Options,
    previous: Option<&Previous<'_>>,
    check: Check<'_>,
) -> Result<PartLayout, Cancelled> {
    go_on(check)?;
    let before: Option<Vec<Option<Point>>> = previous
        .map(|p| part.nodes.iter().map(|&n| p.positions[n as usize]).collect::<Vec<_>>())
        .filter(|p| p.iter().any(Option::is_some));
    let own = Own::new(part, nodes, links, before.as_deref());
    let n = own.sizes.len();
    let dag = Dag::new(n, &own.edges, &own.weight);
    // One node alone has no order to keep: all is drawn afresh around it.
    let mut known = before.iter().flatten().enumerate().filter_map(|(i, p)| p.map(|p| (i, p)));
    let alone = known.next().filter(|_| known.next().is_none());
    if let (Some(before), Some(previous), None) = (&before, previous, alone) {
        let anchor = previous.anchor.and_then(|a| part.nodes.binary_search(&a).ok());
        let drawing = near::draw(&own, &dag, before, anchor, options, check)?;
        return Ok(finish(&own, drawing, options));
    }
    let steps = if n <= SIMPLEX_UP_TO { n as u64 * SIMPLEX_STEPS } else { 0 };
    let starts = line::starts(n);
    let share = n > SHARE_ABOVE;
    let line_up = || starts.iter().map(|s| line::up(n, &own.edges, *s)).collect::<Vec<_>>();
    let (layer, lines) = both(share, || layering::layers(&dag, steps, check), line_up);
    let proper = Proper::new(&layer?, &own.edges, &own.ends);
    let (layered, crossings) = order::best(&proper, &own.edges, &lines, share, check)?;
    go_on(check)?;
    let height = heights(&own, &layered);
    let spacing = Spacing { height: &height, node_gap: options.node_gap, edge_gap: options.edge_gap };
    let mut tops = coordinates::tops(&proper, &layered, &spacing);
    if let Some((node, at)) = alone {
        pin_top(&mut tops, layered.number[node] as usize, at.y);
    }
    let pin = alone.map(|(node, at)| (node, at.x));
    Ok(finish(&own, Drawing { proper, layered, tops, crossings, pin }, options))
}

/// Shifts everything so that one item's top is where it is wanted, exactly.
pub(super) fn pin_top(tops: &mut [f64], item: usize, top: f64) {
    let shift = top - tops[item];
    for y in tops.iter_mut() {
        *y += shift;
    }
    tops[item] = top;
}

/// The height of each item, by number.
pub(super) fn heights(own: &Own, layered: &Layered) -> Vec<f64> {
    let mut height = vec![0.0; layered.order.len()];
    for (size, &number) in own.sizes.iter().zip(&layered.number) {
        height[number as usize] = size.height;
    }
    height
}

/// All that is known once every item has its place.
pub(super) struct Drawing {
    pub(super) proper: Proper,
    pub(super) layered: Layered,
    /// By item number.
    pub(super) tops: Vec<f64>,
    pub(super) crossings: u64,
    /// A node and the left edge that it must get.
    pub(super) pin: Option<(usize, f64)>,
}

fn finish(own: &Own, drawing: Drawing, options: &Options) -> PartLayout {
    let Drawing { proper, layered, tops, crossings, pin } = drawing;
    let widths: Vec<f64> = own.sizes.iter().map(|s| s.width).collect();
    let mut columns = Columns::new(&proper, &layered, &widths, options.layer_gap);
    if let Some((node, x)) = pin {
        columns.pin(proper.layer[node] as usize, x);
    }
    let n = own.sizes.len();
    let mut drawn = PartLayout {
        x: (0..n).map(|i| columns.left[proper.layer[i] as usize]).collect(),
        y: (0..n).map(|i| tops[layered.number[i] as usize]).collect(),
        layer: proper.layer[..n].to_vec(),
        turned: own.turned.clone(),
        crossings,
        route_start: vec![0],
        ..PartLayout::default()
    };
    let room = options.node_gap.min(options.layer_gap) / 3.0;
    for (link, edge) in own.edge_of.iter().enumerate() {
        let (from, to) = own.link_ends[link];
        let end = |node: u32, port: f64| {
            let n = node as usize;
            let x = drawn.x[n];
            End {
                left: x,
                right: x + own.sizes[n].width,
                y: drawn.y[n] + port,
                layer: proper.layer[n] as usize,
            }
        };
        let ports = own.ports[link];
        match edge {
            None => {
                let n = from as usize;
                route::around(drawn.x[n], drawn.y[n], own.sizes[n], ports, room, &mut drawn.points);
            }
            Some(edge) => {
                let (first, count) = proper.bends[*edge as usize];
                let bends = (first..first + count).map(|b| tops[layered.number[b as usize] as usize]);
                let start = drawn.points.len();
                let (from, to) = (end(from, ports.0), end(to, ports.1));
                if own.turned[link] {
                    route::forth(to, from, bends, &columns, &mut drawn.points);
                    drawn.points[start..].reverse();
                } else {
                    route::forth(from, to, bends, &columns, &mut drawn.points);
                }
            }
        }
        drawn.route_start.push(drawn.points.len() as u32);
    }
    drawn.bounds = bounds(&drawn, &own.sizes);
    drawn
}

fn bounds(drawn: &PartLayout, sizes: &[NodeBox]) -> Rect {
    let none =
        Rect { left: f64::INFINITY, top: f64::INFINITY, right: f64::NEG_INFINITY, bottom: f64::NEG_INFINITY };
    let boxes = drawn.x.iter().zip(&drawn.y).zip(sizes).map(|((&x, &y), size)| Rect {
        left: x,
        top: y,
        right: x + size.width,
        bottom: y + size.height,
    });
    let points = drawn.points.iter().map(|p| Rect { left: p.x, top: p.y, right: p.x, bottom: p.y });
    boxes.chain(points).fold(none, Rect::joined)
}
