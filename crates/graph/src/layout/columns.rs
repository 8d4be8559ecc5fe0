//! Where the columns of layers stand from left to right.

use crate::layout::layered::{Layered, Proper};

/// The columns of a drawing.
pub(super) struct Columns {
    /// The left edge of each.
    pub(super) left: Vec<f64>,
    /// Its width: that of its widest node.
    pub(super) width: Vec<f64>,
}

impl Columns {
    /// `width` is that of each node. Gaps grow with the edges that share them, in a few steps only, so that one edge
    /// more seldom moves a column.
    pub(super) fn new(proper: &Proper, layered: &Layered, width: &[f64], gap: f64) -> Self {
        let mut columns = Self { left: Vec::new(), width: vec![0.0; layered.layers()] };
        for (&layer, &width) in proper.layer.iter().zip(width) {
            let column = &mut columns.width[layer as usize];
            *column = column.max(width);
        }
        let mut left = 0.0;
        for (layer, &width) in columns.width.iter().enumerate() {
            columns.left.push(left);
            let edges: usize = layered.range(layer).map(|item| layered.forth.len(item)).sum();
            let wider = match edges {
                0..=15 => 1.0,
                16..=127 => 1.5,
                128..=1023 => 2.0,
                _ => 3.0,
            };
            left += width + gap * wider;
        }
        columns
    }

    /// The right edge of a column.
    pub(super) fn right(&self, layer: usize) -> f64 {
        self.left[layer] + self.width[layer]
    }

    /// Moves all columns so that the left edge of one is where it is wanted, exactly.
    pub(super) fn pin(&mut self, layer: usize, left: f64) {
        let shift = left - self.left[layer];
        for x in &mut self.left {
            *x += shift;
        }
        self.left[layer] = left;
    }
}
