//! The sections of a frame. The element type is named in each; `n` is the number of nodes.

/// `f64`s: earliest and latest time a relation was seen, in ms since 1970 (NaN when unknown).
pub const TIMES: u32 = 1;
/// `u32`s: band, limit, nodes, edges, column edges, transformations, runs, removed edges, inferred edges, nodes
/// beyond the drawn levels up, and down.
pub const TOTALS: u32 = 2;
/// `f32`s: height of a node's header and of one column row.
pub const METRICS: u32 = 3;
/// Pairs of `u32`: kind (string), how many of it.
pub const KIND_COUNTS: u32 = 4;
/// Pairs: level (`i32`), how many on it (`u32`).
pub const LEVEL_COUNTS: u32 = 5;
/// 16 bytes each: ids of the breadcrumbs, zeros where a crumb is no entity.
pub const CRUMB_IDS: u32 = 6;
/// Pairs of `u32`: label (string), band.
pub const CRUMBS: u32 = 7;

/// 16 bytes each, n of them.
pub const NODE_IDS: u32 = 16;
/// Four `f32` each: left, top, width, height.
pub const NODE_BOXES: u32 = 17;
/// `u32`: kind (string).
pub const NODE_KINDS: u32 = 18;
/// `u32`: bits of `node_flag`.
pub const NODE_FLAGS: u32 = 19;
/// `i32`: distance from the focus, negative upstream.
pub const NODE_LEVELS: u32 = 20;
/// Pairs of `u32`: neighbours not shown, up and down.
pub const NODE_HIDDEN: u32 = 21;
/// Four `u32` each: name, qualified name, system, detail (strings).
pub const NODE_TEXTS: u32 = 22;
/// `u32`: how many columns the entity has, shown or not.
pub const NODE_COLUMN_COUNTS: u32 = 23;
/// `u32`, n + 1: where each node's rows begin in the column sections; the last is their number.
pub const NODE_COLUMN_STARTS: u32 = 24;

/// 16 bytes each.
pub const COLUMN_IDS: u32 = 32;
/// Three `u32` each: name, type (strings), bits of `column_flag`.
pub const COLUMNS: u32 = 33;
/// Three `u32` each: from, to (rows of the column sections), bits of `edge_flag`.
pub const COLUMN_EDGES: u32 = 34;

/// Five `u32` each: from, to (nodes), kind (string), bits of `edge_flag`, steps bridged.
pub const EDGES: u32 = 48;
/// `u32`, one more than edges: where each edge's points begin; the last is their number.
pub const ROUTE_STARTS: u32 = 49;
/// Pairs of `f32`: the points that the edge's curve passes through.
pub const ROUTE_POINTS: u32 = 50;

/// Seven `u32` each: node, parent node or NONE, side (0 up, 1 down), members, page, page size, filter (string).
pub const GROUPS: u32 = 64;

/// `u32`: the end of each string in the bytes.
pub const STRING_ENDS: u32 = 80;
/// UTF-8.
pub const STRING_BYTES: u32 = 81;
