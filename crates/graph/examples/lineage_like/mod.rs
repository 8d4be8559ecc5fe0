//! A made-up graph with the shape of real lineage, the same for equal arguments.
//!
//! Stages (raw, staging, marts, features, models ...) follow each other; work happens in domains that mostly read
//! their own tables; a few shared tables are read by everybody (preferential attachment); some edges skip stages;
//! a few go back and close a cycle.

/// SplitMix64: small, fast and the same everywhere.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }
}

/// Directed edges, upstream to downstream, over nodes `0..nodes`, each with up to `fan_in` parents (fewer when it draws
/// one twice), shuffled so that neither the numbering nor the order of the edges tells a layout anything.
pub fn lineage_like(nodes: usize, fan_in: usize, seed: u64) -> Vec<(u32, u32)> {
    let mut draw = Draw::new(seed);
    let stages = ((nodes as f64).log10() * 4.0).round().max(3.0) as usize;
    let per_stage = nodes.div_ceil(stages).max(1);
    let domains = (nodes / 150).max(1);
    let stage_of = |node: usize| node / per_stage;
    // Within a stage, nodes are numbered domain by domain.
    let domain_of = |node: usize| (node % per_stage) * domains / per_stage;
    let mut edges: Vec<(u32, u32)> = Vec::with_capacity(nodes * 2);
    // Every use of a node as a parent is one more ticket for it.
    let mut tickets: Vec<Vec<u32>> = vec![Vec::new(); stages + 1];
    let mut first_parent: Vec<Option<u32>> = vec![None; nodes];
    for node in per_stage..nodes {
        let stage = stage_of(node);
        let parents = 1 + draw.below(fan_in);
        let first_edge = edges.len();
        for _ in 0..parents {
            let from_stage = if stage > 1 && draw.chance(120) { draw.below(stage - 1) } else { stage - 1 };
            let base = from_stage * per_stage;
            let parent = if draw.chance(20) && !tickets[from_stage].is_empty() {
                let pool = &tickets[from_stage];
                pool[draw.below(pool.len())] as usize
            } else {
                // The own domain, now and then the next one.
                let domain =
                    if draw.chance(40) { domain_of(node) + 1 } else { domain_of(node) }.min(domains - 1);
                let low = (domain * per_stage).div_ceil(domains).min(per_stage - 1);
                let high = ((domain + 1) * per_stage).div_ceil(domains).clamp(low + 1, per_stage);
                base + low + draw.below(high - low)
            };
            if edges[first_edge..].iter().any(|e| e.0 as usize == parent) {
                continue;
            }
            edges.push((parent as u32, node as u32));
            tickets[from_stage].push(parent as u32);
        }
        // Now and then something feeds back into what feeds it.
        if draw.chance(3)
            && let Some(parent) = edges.get(first_edge).map(|e| e.0)
        {
            let feeds_it = first_parent[parent as usize].unwrap_or(parent);
            edges.push((node as u32, feeds_it));
        }
        first_parent[node] = edges.get(first_edge).map(|e| e.0);
    }
    let mut label: Vec<u32> = (0..nodes as u32).collect();
    for i in (1..nodes).rev() {
        label.swap(i, draw.below(i + 1));
    }
    for i in (1..edges.len()).rev() {
        edges.swap(i, draw.below(i + 1));
    }
    for edge in &mut edges {
        *edge = (label[edge.0 as usize], label[edge.1 as usize]);
    }
    edges
}
