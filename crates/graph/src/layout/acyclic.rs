//! Which edges to turn round so that no cycle is left.

use crate::cycles::Cycles;
use crate::layout::links::Links;
use crate::subgraph::NodeIx;

/// For each edge, whether it is to be turned round. Edges outside cycles never are; inside each strongly connected
/// component nodes are lined up by the heuristic of Eades, Lin and Smyth, and what points back is turned.
/// `hint` orders nodes that have been drawn before: an edge that pointed right on the screen keeps doing so.
pub(super) fn turned(nodes: usize, edges: &[(u32, u32)], hint: Option<&[f64]>) -> Vec<bool> {
    let out = Links::outgoing(nodes, edges);
    let cycles = Cycles::find(nodes, |n| out.of(n).iter().map(|&t| t as usize));
    let inside = |edge: &(u32, u32)| edge.0 != edge.1 && cycles.has_edge(NodeIx(edge.0), NodeIx(edge.1));
    let cyclic: Vec<(u32, u32)> = edges.iter().copied().filter(|e| inside(e)).collect();
    if cyclic.is_empty() {
        return vec![false; edges.len()];
    }
    let place = line_up(nodes, &cyclic);
    let before = |a: u32, b: u32| {
        let (left, right) = (a as usize, b as usize);
        let drawn = hint.map_or((f64::NAN, f64::NAN), |x| (x[left], x[right]));
        if drawn.0 == drawn.1 || drawn.0.is_nan() || drawn.1.is_nan() {
            None
        } else {
            Some(drawn.0 < drawn.1)
        }
    };
    let turned: Vec<bool> = edges
        .iter()
        .map(|e| inside(e) && before(e.0, e.1).map_or(place[e.0 as usize] > place[e.1 as usize], |b| !b))
        .collect();
    if hint.is_none() || !still_cyclic(nodes, edges, &turned) {
        return turned;
    }
    // Old places and the line-up disagree in a circle; the line-up alone never does.
    edges.iter().map(|e| inside(e) && place[e.0 as usize] > place[e.1 as usize]).collect()
}

fn still_cyclic(nodes: usize, edges: &[(u32, u32)], turned: &[bool]) -> bool {
    let set: Vec<(u32, u32)> = edges
        .iter()
        .zip(turned)
        .filter(|(e, _)| e.0 != e.1)
        .map(|(&(a, b), &t)| if t { (b, a) } else { (a, b) })
        .collect();
    let out = Links::outgoing(nodes, &set);
    let cycles = Cycles::find(nodes, |n| out.of(n).iter().map(|&t| t as usize));
    set.iter().any(|e| cycles.has_edge(NodeIx(e.0), NodeIx(e.1)))
}

/// A place in a line for each node on a cycle: sinks last, sources first, else the one with most surplus of outgoing
/// edges next.
fn line_up(nodes: usize, edges: &[(u32, u32)]) -> Vec<i64> {
    let out = Links::outgoing(nodes, edges);
    let into = Links::incoming(nodes, edges);
    let mut out_left: Vec<i64> = (0..nodes).map(|n| out.of(n).len() as i64).collect();
    let mut in_left: Vec<i64> = (0..nodes).map(|n| into.of(n).len() as i64).collect();
    let mut place = vec![0i64; nodes];
    let mut waiting: Vec<u32> =
        (0..nodes as u32).filter(|&n| out_left[n as usize] + in_left[n as usize] > 0).collect();
    let mut taken = vec![true; nodes];
    for &node in &waiting {
        taken[node as usize] = false;
    }
    let widest = waiting.iter().map(|&n| out_left[n as usize].max(in_left[n as usize])).max().unwrap_or(0);
    // Nodes by surplus; entries go stale when a surplus changes and are then skipped.
    let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); 2 * widest as usize + 1];
    let bucket = |surplus: i64| (surplus + widest) as usize;
    for &node in waiting.iter().rev() {
        buckets[bucket(out_left[node as usize] - in_left[node as usize])].push(node);
    }
    let (mut front, mut back) = (i64::MIN / 2, i64::MAX / 2);
    let mut ends: Vec<u32> =
        waiting.drain(..).filter(|&n| out_left[n as usize] == 0 || in_left[n as usize] == 0).collect();
    let mut highest = buckets.len();
    loop {
        let node = match ends.pop() {
            Some(node) => node,
            None => {
                let mut found = None;
                while highest > 0 {
                    match buckets[highest - 1].pop() {
                        Some(n)
                            if !taken[n as usize]
                                && bucket(out_left[n as usize] - in_left[n as usize]) == highest - 1 =>
                        {
                            found = Some(n);
                            break;
                        }
                        Some(_) => {}
                        None => highest -= 1,
                    }
                }
                match found {
                    Some(node) => node,
                    None => return place,
                }
            }
        } as usize;
        if taken[node] {
            continue;
        }
        taken[node] = true;
        if out_left[node] == 0 {
            back -= 1;
            place[node] = back;
        } else {
            front += 1;
            place[node] = front;
        }
        for (list, left) in [(out.of(node), &mut in_left), (into.of(node), &mut out_left)] {
            for &other in list {
                left[other as usize] -= 1;
            }
        }
        for &other in out.of(node).iter().chain(into.of(node)) {
            let o = other as usize;
            if taken[o] {
                continue;
            }
            if in_left[o] == 0 || out_left[o] == 0 {
                ends.push(other);
            } else {
                let b = bucket(out_left[o] - in_left[o]);
                buckets[b].push(other);
                highest = highest.max(b + 1);
            }
        }
    }
}
