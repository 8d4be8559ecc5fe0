//! Items of a layer as near to where they want to be as their order and sizes allow.

/// Where items that stand one below the other go when each wants to be at `wish` with `weight`, and each needs `step`
/// from its own top to the next one's: the least sum of weighted squares of how far they are moved (isotonic
/// regression, by pooling neighbours that are in each other's way).
pub(super) fn spread(wish: &[f64], weight: &[f64], step: &[f64]) -> Vec<f64> {
    // Taking off what stands above turns "each below the last" into "none above the last".
    let mut above = 0.0;
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(wish.len());
    let mut offsets = Vec::with_capacity(wish.len());
    for i in 0..wish.len() {
        offsets.push(above);
        let mut pool = (wish[i] - above, weight[i], 1usize);
        while let Some(last) = pools.last() {
            if last.0 <= pool.0 {
                break;
            }
            let all = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / all, all, last.2 + pool.2);
            pools.pop();
        }
        pools.push(pool);
        above += step[i];
    }
    let mut at = Vec::with_capacity(wish.len());
    for (line, _, count) in pools {
        for _ in 0..count {
            at.push(line + offsets[at.len()]);
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_stays_and_what_collides_shares() {
        assert_eq!(spread(&[0.0, 50.0], &[1.0, 1.0], &[10.0, 10.0]), [0.0, 50.0]);
        assert_eq!(spread(&[0.0, 0.0], &[1.0, 1.0], &[10.0, 10.0]), [-5.0, 5.0]);
        let heavy = spread(&[0.0, 0.0, 100.0], &[1e9, 1.0, 1.0], &[10.0, 10.0, 10.0]);
        assert!(heavy[0].abs() < 1e-6 && (heavy[1] - 10.0).abs() < 1e-6 && heavy[2] == 100.0);
    }
}
