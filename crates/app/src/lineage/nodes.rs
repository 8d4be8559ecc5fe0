//! Maps and sets by node. Nodes are small numbers that nobody chooses to collide: one multiplication spreads them.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

use catena_graph::NodeIx;

use super::view::NodeSide;

/// Something for each of some nodes.
pub(super) type NodeMap<V> = HashMap<NodeIx, V, BuildHasherDefault<Spread>>;
/// Something for each side of some nodes.
pub(super) type SideMap<V> = HashMap<(NodeIx, NodeSide), V, BuildHasherDefault<Spread>>;
/// Some nodes.
pub(super) type NodeSet = HashSet<NodeIx, BuildHasherDefault<Spread>>;

/// Spreads numbers over 64 bits.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    // A side is written as one of these.
    fn write_isize(&mut self, number: isize) {
        self.write_u32(u32::from(number != 0));
    }

    fn write_u32(&mut self, number: u32) {
        // The high half counts for which group of slots, the low one for which slot: mix one into the other.
        let spread = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }
}
