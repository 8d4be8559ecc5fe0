//! Neighbour lists side by side in one array.

/// For each of `n` items a list of numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    start: Vec<u32>,
    to: Vec<u32>,
}

impl Links {
    /// The heads of the edges that leave each node.
    pub(super) fn outgoing(nodes: usize, edges: &[(u32, u32)]) -> Self {
        Self::collect(nodes, edges.iter().copied())
    }

    /// The tails of the edges that enter each node.
    pub(super) fn incoming(nodes: usize, edges: &[(u32, u32)]) -> Self {
        Self::collect(nodes, edges.iter().map(|&(a, b)| (b, a)))
    }

    /// The numbers of the edges that leave each node.
    pub(super) fn edges_out(nodes: usize, edges: &[(u32, u32)]) -> Self {
        Self::collect(nodes, edges.iter().enumerate().map(|(i, e)| (e.0, i as u32)))
    }

    /// The numbers of the edges that enter each node.
    pub(super) fn edges_in(nodes: usize, edges: &[(u32, u32)]) -> Self {
        Self::collect(nodes, edges.iter().enumerate().map(|(i, e)| (e.1, i as u32)))
    }

    /// Lists the second of each pair under the first, in the given order.
    pub(super) fn collect(items: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut start = vec![0u32; items + 1];
        for (item, _) in pairs.clone() {
            start[item as usize + 1] += 1;
        }
        for i in 0..items {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let mut to = vec![0u32; start[items] as usize];
        for (item, value) in pairs {
            let slot = &mut next[item as usize];
            to[*slot as usize] = value;
            *slot += 1;
        }
        Self { start, to }
    }

    /// The list of one item.
    pub(super) fn of(&self, item: usize) -> &[u32] {
        &self.to[self.range(item)]
    }

    /// Where the list of one item lies among all lists.
    pub(super) fn range(&self, item: usize) -> std::ops::Range<usize> {
        self.start[item] as usize..self.start[item + 1] as usize
    }

    /// How long the list of one item is.
    pub(super) fn len(&self, item: usize) -> usize {
        (self.start[item + 1] - self.start[item]) as usize
    }

    /// All lists, one after the other.
    pub(super) fn all(&self) -> &[u32] {
        &self.to
    }

    /// All lists, one after the other, kept.
    pub(super) fn into_all(self) -> Vec<u32> {
        self.to
    }
}
