//! Crossing reduction: a good line to start from, then sifting until it pays no more, from several starts.

use crate::cancel::{Cancelled, Check, go_on};
use crate::layout::crossings;
use crate::layout::layered::{Layered, Proper};
use crate::layout::sift::{self, Scratch};
use crate::layout::sweep;

/// Rounds of sifting at most; fewer on large graphs.
fn most_rounds(items: usize) -> usize {
    (400_000 / items.max(1)).clamp(3, 40)
}

/// Puts the items of a proper graph in order. `lines` are the starts: a place for each node; the best end wins, the
/// earlier of equals.
pub(super) fn best(
    proper: &Proper,
    edges: &[(u32, u32)],
    lines: &[Vec<u32>],
    share: bool,
    check: Check<'_>,
) -> Result<(Layered, u64), Cancelled> {
    let run = |lines: &[Vec<u32>]| -> Result<Option<(Layered, u64)>, Cancelled> {
        let mut best: Option<(Layered, u64)> = None;
        for line in lines {
            go_on(check)?;
            let mut layered = Layered::new(proper, &keys(proper, edges, line));
            let crossings = reduce(&mut layered, check)?;
            if best.as_ref().is_none_or(|b| crossings < b.1) {
                best = Some((layered, crossings));
            }
        }
        Ok(best)
    };
    let (mine, theirs) = lines.split_at(lines.len().div_ceil(2));
    let (first, second) = if share && !theirs.is_empty() {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| run(theirs));
            (run(mine), other.join().unwrap_or(Ok(None)))
        })
    } else {
        (run(mine), run(theirs))
    };
    Ok(match (first?, second?) {
        (Some(a), Some(b)) => {
            if b.1 < a.1 {
                b
            } else {
                a
            }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => (Layered::new(proper, &vec![0.0; proper.layer.len()]), 0),
    })
}

/// Nodes stand where the line has them; bends on the straight way between the ends of their edge, those that several
/// edges share in the middle of all these.
fn keys(proper: &Proper, edges: &[(u32, u32)], line: &[u32]) -> Vec<f32> {
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

fn reduce(layered: &mut Layered, check: Check<'_>) -> Result<u64, Cancelled> {
    let items = layered.order.len();
    let mut fewest = crossings::total(layered);
    if fewest == 0 {
        return Ok(0);
    }
    if items <= 3_000 {
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
