//! Where edges run: level through columns, across in the gaps between them.

use crate::layout::columns::Columns;
use crate::layout::{NodeBox, Point};

/// One end of a route.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) left: f64,
    pub(super) right: f64,
    /// The height at which it attaches.
    pub(super) y: f64,
    pub(super) layer: usize,
}

/// Appends the route of an edge from left to right. `bends` are the heights at which it passes the layers between.
pub(super) fn forth(
    tail: End,
    head: End,
    bends: impl Iterator<Item = f64>,
    columns: &Columns,
    points: &mut Vec<Point>,
) {
    let first = points.len();
    let mut push = |x: f64, y: f64| {
        let point = Point { x, y };
        let n = points.len();
        // A third point on a level line says nothing.
        if n >= first + 2 && points[n - 1].y == y && points[n - 2].y == y {
            points[n - 1] = point;
        } else if n == first || points[n - 1] != point {
            points.push(point);
        }
    };
    push(tail.right, tail.y);
    push(columns.right(tail.layer), tail.y);
    for (i, y) in bends.enumerate() {
        push(columns.left[tail.layer + 1 + i], y);
        push(columns.right(tail.layer + 1 + i), y);
    }
    push(columns.left[head.layer], head.y);
    push(head.left, head.y);
    if points.len() == first + 1 {
        // Columns that touch: still a line, however short.
        points.push(points[first]);
    }
}

/// Appends the route of an edge from a node to itself: out to the right, over the top, in from the left, within
/// `room` of the node.
pub(super) fn around(x: f64, y: f64, size: NodeBox, ports: (f64, f64), room: f64, points: &mut Vec<Point>) {
    let (right, top) = (x + size.width, y - room);
    points.extend([
        Point { x: right, y: y + ports.0 },
        Point { x: right + room, y: y + ports.0 },
        Point { x: right + room, y: top },
        Point { x: x - room, y: top },
        Point { x: x - room, y: y + ports.1 },
        Point { x, y: y + ports.1 },
    ]);
}
