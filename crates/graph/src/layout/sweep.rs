//! Barycenter sweeps: each layer by the mean place of its neighbours in the one before, forth and back.

use crate::layout::crossings;
use crate::layout::layered::Layered;

/// Sweeps without improvement before giving up.
const STALE: usize = 4;
const MOST: usize = 24;

/// Sweeps forth and back and keeps the best order met. `fewest` is the crossings at the start; returns those at the end.
pub(super) fn improve(layered: &mut Layered, mut fewest: u64) -> u64 {
    let mut best = layered.order.clone();
    let mut stale = 0;
    let mut keyed = Vec::new();
    for sweep in 0..MOST {
        let layers = layered.layers();
        for i in 1..layers {
            if sweep % 2 == 0 {
                by_barycenter(layered, i, false, &mut keyed);
            } else {
                by_barycenter(layered, layers - 1 - i, true, &mut keyed);
            }
        }
        let now = crossings::total(layered);
        if now < fewest {
            fewest = now;
            best.copy_from_slice(&layered.order);
            stale = 0;
        } else {
            stale += 1;
        }
        if stale == STALE || fewest == 0 {
            break;
        }
    }
    layered.order = best;
    layered.settle();
    fewest
}

/// Orders a layer by the mean place of the neighbours before it (or after it). Items without any stay where they are;
/// the others share the remaining places.
fn by_barycenter(layered: &mut Layered, layer: usize, backwards: bool, keyed: &mut Vec<(f32, u32)>) {
    let links = if backwards { &layered.forth } else { &layered.back };
    keyed.clear();
    for &item in layered.in_layer(layer) {
        let list = links.of(item as usize);
        if !list.is_empty() {
            let sum: u64 = list.iter().map(|&n| u64::from(layered.place[n as usize])).sum();
            keyed.push((sum as f32 / list.len() as f32, item));
        }
    }
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = keyed.iter();
    for at in layered.range(layer) {
        if links.len(layered.order[at] as usize) > 0
            && let Some(&(_, item)) = sorted.next()
        {
            layered.order[at] = item;
        }
    }
    layered.settle_layer(layer);
}
