//! Crossing reduction: a good line to start from, then sifting until it pays no more, from several starts.

use crate::cancel::{Cancelled, Check, go_on};
use crate::layout::both::both;
use crate::layout::crossings;
use crate::layout::layered::{Layered, Proper};
use crate::layout::sift::{self, Scratch};
use crate::layout::sweep;

/// Rounds of sifting at most; fewer on large graphs.
fn most_rounds(items: usize) -> usize {
    (400_000 / items.max(1)).clamp(3, 40)
}

/// Items up to which every start is worked out to its end.
const ALL_UP_TO: usize = 500;

/// Items up to which barycenter sweeps find what single moves do not; on larger graphs the line is better than any sweep.
const SWEEP_UP_TO: usize = 3_000;

/// Puts the items of a proper graph in order. `lines` are the starts: a place for each node; the best end wins, the
/// earlier of equals.
pub(super) fn best(
    proper: &Proper,
    edges: &[(u32, u32)],
    lines: &[Vec<u32>],
    share: bool,
    check: Check<'_>,
) -> Result<(Layered, u64), Cancelled> {
    // Of large graphs only the two most promising starts are worked out: how a start begins tells well how it ends.
    let begin = |lines: &[Vec<u32>]| -> Vec<(u64, Layered)> {
        let layered = lines.iter().map(|line| Layered::new(proper, &keys(proper, edges, line)));
        layered.map(|l| (crossings::total(&l), l)).collect()
    };
    let (mine, theirs) = lines.split_at(lines.len().div_ceil(2));
    let (mut begun, more) = both(share && !theirs.is_empty(), || begin(mine), || begin(theirs));
    begun.extend(more);
    go_on(check)?;
    begun.sort_by_key(|b| b.0);
    begun.truncate(if proper.layer.len() <= ALL_UP_TO { begun.len() } else { 2 });
    let work_out = |begun: Vec<(u64, Layered)>| -> Result<Option<(u64, Layered)>, Cancelled> {
        let mut best: Option<(u64, Layered)> = None;
        for (crossings, mut layered) in begun {
            let crossings = reduce(&mut layered, crossings, check)?;
            if best.as_ref().is_none_or(|b| crossings < b.0) {
                best = Some((crossings, layered));
            }
        }
        Ok(best)
    };
    let second = begun.split_off(begun.len().div_ceil(2));
    let (first, second) = both(share && !second.is_empty(), || work_out(begun), || work_out(second));
    let best = [first?, second?].into_iter().flatten().min_by_key(|b| b.0);
    Ok(best.map_or_else(|| (Layered::new(proper, &vec![0.0; proper.layer.len()]), 0), |(c, l)| (l, c)))
}

/// Nodes stand where the line has them; bends on the straight way between the ends of their edge, those that several
/// edges share in the middle of all these.
pub(super) fn keys(proper: &Proper, edges: &[(u32, u32)], line: &[u32]) -> Vec<f32> {
    let mut key: Vec<f32> = line.iter().map(|&p| p as f32).collect();
    key.resize(proper.layer.len(), 0.0);
    let mut sharing = vec![0u32; proper.layer.len() - proper.nodes];
    for (&(tail, head), &(first, count)) in edges.iter().zip(&proper.bends) {
        let (a, b) = (line[tail as usize] as f32, line[head as usize] as f32);
        for bend in 0..count {
            let share = (bend + 1) as f32 / (count + 1) as f32;
            key[(first + bend) as usize] += a + (b - a) * share;
            sharing[(first + bend) as usize - proper.nodes] += 1;
        }
    }
    for (key, &sharing) in key[proper.nodes..].iter_mut().zip(&sharing) {
        *key /= sharing.max(1) as f32;
    }
    key
}

fn reduce(layered: &mut Layered, mut fewest: u64, check: Check<'_>) -> Result<u64, Cancelled> {
    let items = layered.order.len();
    if fewest == 0 {
        return Ok(0);
    }
    if items <= SWEEP_UP_TO {
        fewest = sweep::improve(layered, fewest);
    }
    let mut scratch = Scratch::default();
    for round in 0..most_rounds(items) {
        go_on(check)?;
        let gone = sift::round(layered, &mut scratch, round % 2 == 1, None);
        fewest = fewest.saturating_sub(gone);
        if gone * 300 <= fewest {
            break;
        }
    }
    Ok(crossings::total(layered))
}
