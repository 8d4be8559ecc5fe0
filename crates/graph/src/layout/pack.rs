//! Parts that nothing joins, side by side.

use crate::layout::{Options, Point, Rect};

/// How far to shift each part so that none overlaps: big ones first, in rows of about the wished aspect.
pub(super) fn pack(rects: &[Rect], options: &Options) -> Vec<Point> {
    let gap = options.part_gap;
    let mut order: Vec<usize> = (0..rects.len()).collect();
    // Tall ones first, so that rows waste little; equals stay in the order of their nodes.
    order.sort_by(|&a, &b| rects[b].height().total_cmp(&rects[a].height()));
    let area: f64 = rects.iter().map(|r| (r.width() + gap) * (r.height() + gap)).sum();
    let widest = rects.iter().map(|r| r.width()).fold(0.0, f64::max);
    let row_width = (area * options.aspect).sqrt().max(widest);
    let mut shifts = vec![Point::default(); rects.len()];
    let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0f64);
    for i in order {
        let rect = rects[i];
        if x > 0.0 && x + rect.width() > row_width {
            y += row_height + gap;
            (x, row_height) = (0.0, 0.0);
        }
        shifts[i] = Point { x: x - rect.left, y: y - rect.top };
        x += rect.width() + gap;
        row_height = row_height.max(rect.height());
    }
    shifts
}

/// How far to shift each part of a drawing that was on the screen: not at all unless it has grown into another; then
/// away from the pinned one. Parts that are new go below all others.
pub(super) fn settle(rects: &[Rect], known: &[bool], pinned: Option<usize>, options: &Options) -> Vec<Point> {
    let gap = options.part_gap;
    let mut shifts = vec![Point::default(); rects.len()];
    let middle = |r: Rect| (r.top + r.bottom) / 2.0;
    let home = pinned.map_or(0.0, |p| middle(rects[p]));
    let mut order: Vec<usize> = (0..rects.len()).filter(|&i| known[i]).collect();
    order.sort_by(|&a, &b| {
        let far = |i: usize| if Some(i) == pinned { -1.0 } else { (middle(rects[i]) - home).abs() };
        far(a).total_cmp(&far(b)).then(a.cmp(&b))
    });
    let mut standing: Vec<Rect> = Vec::with_capacity(rects.len());
    for i in order {
        let upwards = pinned.is_some() && middle(rects[i]) < home;
        let mut rect = rects[i];
        // Only ever farther the same way, past whatever is in the way, so it ends.
        while let Some(other) = standing.iter().find(|o| overlap(rect, **o)) {
            let y = if upwards { other.top - gap - rect.bottom } else { other.bottom + gap - rect.top };
            rect = rect.moved(Point { x: 0.0, y });
            shifts[i].y += y;
        }
        standing.push(rect);
    }
    let bottom = standing.iter().map(|r| r.bottom).fold(f64::NEG_INFINITY, f64::max);
    let left = standing.iter().map(|r| r.left).fold(f64::INFINITY, f64::min);
    let fresh: Vec<usize> = (0..rects.len()).filter(|&i| !known[i]).collect();
    let fresh_rects: Vec<Rect> = fresh.iter().map(|&i| rects[i]).collect();
    for (i, shift) in fresh.into_iter().zip(pack(&fresh_rects, options)) {
        shifts[i] =
            if standing.is_empty() { shift } else { Point { x: shift.x + left, y: shift.y + bottom + gap } };
    }
    shifts
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
