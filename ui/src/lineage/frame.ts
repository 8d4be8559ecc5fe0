// Reads the binary lineage view that `crates/app/src/lineage/frame.rs` writes; its layout is documented there.
// The arrays are views of the one buffer that came from Rust; texts are decoded when they are first asked for.

const MAGIC = 0x31464c43; // "CLF1"
const VERSION = 1;
export const NONE = 0xffffffff;

export const NodeFlag = {
  focus: 1,
  group: 1 << 1,
  open: 1 << 2,
  transformation: 1 << 3,
  run: 1 << 4,
  cycle: 1 << 5,
  removed: 1 << 6,
  expandedUp: 1 << 7,
  expandedDown: 1 << 8,
} as const;

export const ColumnFlag = { key: 1, traced: 1 << 1 } as const;

export const EdgeFlag = {
  inferred: 1,
  removed: 1 << 1,
  cycle: 1 << 2,
  accepted: 1 << 3,
  traced: 1 << 4,
  /** Closes a cycle: drawn against the flow. */
  against: 1 << 5,
} as const;

/** Beyond this many, nodes outside the view are not counted: it stands for as many or more. */
export const MOST_BEYOND = 20_000;

/** Fields of one edge in `Frame.edges`. */
export const EDGE_STRIDE = 5;
/** Fields of one column in `Frame.columns`. */
export const COLUMN_STRIDE = 3;

export type Band = "system" | "asset" | "field";
const BANDS: readonly Band[] = ["system", "asset", "field"];

export interface Crumb {
  id: string | null;
  label: string;
  band: Band;
}

export interface Group {
  node: number;
  parent: number | null;
  side: "up" | "down";
  members: number;
  page: number;
  pageSize: number;
  filter: string;
}

export interface Totals {
  limit: number;
  nodes: number;
  edges: number;
  columnEdges: number;
  transformations: number;
  runs: number;
  removedEdges: number;
  inferredEdges: number;
  beyondUp: number;
  beyondDown: number;
  firstSeen: number | null;
  lastSeen: number | null;
  kinds: { kind: string; count: number }[];
  levels: { level: number; count: number }[];
}

/** The answer when there is more than can be drawn without asking first. */
export interface TooLarge {
  reply: "too-large";
  band: Band;
  totals: Totals;
}

export interface Frame {
  reply: "view";
  band: Band;
  totals: Totals;
  headerHeight: number;
  rowHeight: number;
  crumbs: Crumb[];
  nodeCount: number;
  /** Left, top, width, height. */
  boxes: Float32Array;
  kinds: Uint32Array;
  flags: Uint32Array;
  levels: Int32Array;
  /** Up, down. */
  hidden: Uint32Array;
  /** Name, qualified name, system, detail. */
  texts: Uint32Array;
  columnCounts: Uint32Array;
  columnStarts: Uint32Array;
  /** Name, type, flags. */
  columns: Uint32Array;
  /** From row, to row, flags. */
  columnEdges: Uint32Array;
  edgeCount: number;
  /** From, to, kind, flags, bridged. */
  edges: Uint32Array;
  routeStarts: Uint32Array;
  routePoints: Float32Array;
  groups: Group[];
  text(index: number): string;
  id(node: number): string;
  columnId(column: number): string;
  name(node: number): string;
  qualifiedName(node: number): string;
  system(node: number): string;
  detail(node: number): string;
  kind(node: number): string;
  nodeOf(id: string): number | undefined;
}

export class FrameError extends Error {
  constructor(what: string) {
    super(`The lineage view that came from Catena can't be read: ${what}. Reload it; if it happens again, report it.`);
    this.name = "FrameError";
  }
}

const Tag = {
  times: 1,
  totals: 2,
  metrics: 3,
  kindCounts: 4,
  levelCounts: 5,
  crumbIds: 6,
  crumbs: 7,
  nodeIds: 16,
  nodeBoxes: 17,
  nodeKinds: 18,
  nodeFlags: 19,
  nodeLevels: 20,
  nodeHidden: 21,
  nodeTexts: 22,
  nodeColumnCounts: 23,
  nodeColumnStarts: 24,
  columnIds: 32,
  columns: 33,
  columnEdges: 34,
  edges: 48,
  routeStarts: 49,
  routePoints: 50,
  groups: 64,
  stringEnds: 80,
  stringBytes: 81,
} as const;

/** Where the sections are, checked against the buffer's end. */
class Sections {
  private readonly places = new Map<number, { start: number; length: number }>();

  constructor(
    private readonly buffer: ArrayBuffer,
    count: number,
  ) {
    const view = new DataView(buffer);
    if (16 + count * 16 > buffer.byteLength) throw new FrameError(`it names ${count} sections but ends before them`);
    for (let at = 16; at < 16 + count * 16; at += 16) {
      const tag = view.getUint32(at, true);
      const start = view.getUint32(at + 4, true);
      const length = view.getUint32(at + 8, true);
      if (start % 8 !== 0 || start + length > buffer.byteLength) {
        throw new FrameError(`section ${tag} lies outside of its ${buffer.byteLength} bytes`);
      }
      this.places.set(tag, { start, length });
    }
  }

  private place(tag: number, size: number, unit: number): { start: number; count: number } {
    const place = this.places.get(tag);
    if (!place) throw new FrameError(`section ${tag} is missing`);
    if (place.length % (size * unit) !== 0) throw new FrameError(`section ${tag} is ${place.length} bytes long`);
    return { start: place.start, count: place.length / size };
  }

  bytes(tag: number, unit = 1): Uint8Array {
    const { start, count } = this.place(tag, 1, unit);
    return new Uint8Array(this.buffer, start, count);
  }

  u32(tag: number, unit = 1): Uint32Array {
    const { start, count } = this.place(tag, 4, unit);
    return new Uint32Array(this.buffer, start, count);
  }

  i32(tag: number, unit = 1): Int32Array {
    const { start, count } = this.place(tag, 4, unit);
    return new Int32Array(this.buffer, start, count);
  }

  f32(tag: number, unit = 1): Float32Array {
    const { start, count } = this.place(tag, 4, unit);
    return new Float32Array(this.buffer, start, count);
  }

  f64(tag: number, unit = 1): Float64Array {
    const { start, count } = this.place(tag, 8, unit);
    return new Float64Array(this.buffer, start, count);
  }
}

type Strings = (index: number) => string;

function readStrings(sections: Sections): { count: number; text: Strings } {
  const ends = sections.u32(Tag.stringEnds);
  const bytes = sections.bytes(Tag.stringBytes);
  increasing(ends, bytes.length, "texts");
  const decoder = new TextDecoder("utf-8");
  const known: (string | undefined)[] = new Array(ends.length);
  const text = (index: number): string => {
    const cached = known[index];
    if (cached !== undefined) return cached;
    const start = index === 0 ? 0 : (ends[index - 1] as number);
    const decoded = decoder.decode(bytes.subarray(start, ends[index]));
    known[index] = decoded;
    return decoded;
  };
  return { count: ends.length, text };
}

/** Running totals that end at `last`. */
function increasing(values: Uint32Array, last: number, what: string): void {
  let previous = 0;
  for (const value of values) {
    if (value < previous) throw new FrameError(`its ${what} overlap`);
    previous = value;
  }
  if (previous !== last) throw new FrameError(`its ${what} end at ${previous}, not at ${last}`);
}

/** Every `stride`th value from `offset` is below `count`. */
function within(values: Uint32Array, stride: number, offset: number, count: number, what: string): void {
  for (let at = offset; at < values.length; at += stride) {
    if ((values[at] as number) >= count) throw new FrameError(`${what} ${values[at]} of ${count}`);
  }
}

function finite(values: Float32Array, what: string): void {
  for (const value of values) if (!Number.isFinite(value)) throw new FrameError(`a ${what} is not a number`);
}

function exactly(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new FrameError(`it has ${actual} ${what} instead of ${expected}`);
}

function readTotals(sections: Sections, text: Strings, strings: number): { band: Band; totals: Totals } {
  const values = sections.u32(Tag.totals);
  if (values.length < 11) throw new FrameError("its totals are cut off");
  const value = (at: number) => values[at] as number;
  const times = sections.f64(Tag.times);
  exactly(times.length, 2, "times");
  const time = (at: number) => (Number.isNaN(times[at]) ? null : (times[at] as number));
  const kinds = sections.u32(Tag.kindCounts, 2);
  within(kinds, 2, 0, strings, "a kind is text");
  const levels = sections.i32(Tag.levelCounts, 2);
  return {
    band: band(value(0)),
    totals: {
      limit: value(1),
      nodes: value(2),
      edges: value(3),
      columnEdges: value(4),
      transformations: value(5),
      runs: value(6),
      removedEdges: value(7),
      inferredEdges: value(8),
      beyondUp: value(9),
      beyondDown: value(10),
      firstSeen: time(0),
      lastSeen: time(1),
      kinds: pairs(kinds, (kind, count) => ({ kind: text(kind), count })),
      levels: pairs(levels, (level, count) => ({ level, count })),
    },
  };
}

function pairs<T>(values: Uint32Array | Int32Array, make: (first: number, second: number) => T): T[] {
  const made: T[] = [];
  for (let at = 0; at < values.length; at += 2) made.push(make(values[at] as number, values[at + 1] as number));
  return made;
}

function band(code: number): Band {
  const name = BANDS[code];
  if (!name) throw new FrameError(`band ${code} is unknown`);
  return name;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The id at `index` as 36 characters. */
export function uuid(bytes: Uint8Array, index: number): string {
  let text = "";
  for (let at = 0; at < 16; at += 1) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
    text += HEX[bytes[index * 16 + at] as number];
  }
  return text;
}

function readCrumbs(sections: Sections, text: Strings, strings: number): Crumb[] {
  const ids = sections.bytes(Tag.crumbIds, 16);
  const values = sections.u32(Tag.crumbs, 2);
  exactly(ids.length / 16, values.length / 2, "breadcrumb ids");
  within(values, 2, 0, strings, "a breadcrumb is text");
  return pairs(values, (label, code) => ({ label: text(label), band: band(code) })).map((crumb, index) => ({
    id: ids.subarray(index * 16, index * 16 + 16).some((byte) => byte !== 0) ? uuid(ids, index) : null,
    ...crumb,
  }));
}

function readGroups(sections: Sections, text: Strings, strings: number, nodes: number): Group[] {
  const values = sections.u32(Tag.groups, 7);
  within(values, 7, 0, nodes, "a group is node");
  within(values, 7, 6, strings, "a group's filter is text");
  const groups: Group[] = [];
  for (let at = 0; at < values.length; at += 7) {
    const value = (field: number) => values[at + field] as number;
    if (value(1) !== NONE && value(1) >= nodes)
      throw new FrameError(`a group's parent is node ${value(1)} of ${nodes}`);
    groups.push({
      node: value(0),
      parent: value(1) === NONE ? null : value(1),
      side: value(2) === 0 ? "up" : "down",
      members: value(3),
      page: value(4),
      pageSize: value(5),
      filter: text(value(6)),
    });
  }
  return groups;
}

/** Reads a frame, or says what is wrong with it. */
export function decodeFrame(buffer: ArrayBuffer): Frame | TooLarge {
  if (buffer.byteLength < 16) throw new FrameError(`it is ${buffer.byteLength} bytes long`);
  const head = new DataView(buffer);
  if (head.getUint32(0, true) !== MAGIC) throw new FrameError("it doesn't begin as one");
  const version = head.getUint16(4, true);
  if (version !== VERSION) throw new FrameError(`it is of version ${version}, this window reads ${VERSION}`);
  const length = head.getUint32(8, true);
  if (length !== buffer.byteLength) throw new FrameError(`${buffer.byteLength} of its ${length} bytes arrived`);
  const sections = new Sections(buffer, head.getUint32(12, true));
  const { count: strings, text } = readStrings(sections);
  const { band, totals } = readTotals(sections, text, strings);
  const reply = head.getUint16(6, true);
  if (reply === 1) return { reply: "too-large", band, totals };
  if (reply !== 0) throw new FrameError(`reply ${reply} is unknown`);
  return readView(sections, text, strings, band, totals);
}

function readView(sections: Sections, text: Strings, strings: number, band: Band, totals: Totals): Frame {
  const metrics = sections.f32(Tag.metrics);
  exactly(metrics.length, 2, "metrics");
  finite(metrics, "height");
  const ids = sections.bytes(Tag.nodeIds, 16);
  const nodes = ids.length / 16;
  const boxes = sections.f32(Tag.nodeBoxes, 4);
  const kinds = sections.u32(Tag.nodeKinds);
  const flags = sections.u32(Tag.nodeFlags);
  const levels = sections.i32(Tag.nodeLevels);
  const hidden = sections.u32(Tag.nodeHidden, 2);
  const texts = sections.u32(Tag.nodeTexts, 4);
  const columnCounts = sections.u32(Tag.nodeColumnCounts);
  const columnStarts = sections.u32(Tag.nodeColumnStarts);
  exactly(boxes.length / 4, nodes, "boxes");
  exactly(kinds.length, nodes, "kinds");
  exactly(flags.length, nodes, "flags");
  exactly(levels.length, nodes, "levels");
  exactly(hidden.length / 2, nodes, "hidden counts");
  exactly(texts.length / 4, nodes, "names");
  exactly(columnCounts.length, nodes, "column counts");
  exactly(columnStarts.length, nodes + 1, "column starts");
  finite(boxes, "box");
  within(kinds, 1, 0, strings, "a kind is text");
  within(texts, 1, 0, strings, "a name is text");

  const columnIds = sections.bytes(Tag.columnIds, 16);
  const rows = columnIds.length / 16;
  const columns = sections.u32(Tag.columns, COLUMN_STRIDE);
  const columnEdges = sections.u32(Tag.columnEdges, 3);
  exactly(columns.length / COLUMN_STRIDE, rows, "columns");
  increasing(columnStarts, rows, "columns");
  within(columns, 3, 0, strings, "a column is text");
  within(columns, 3, 1, strings, "a column's type is text");
  within(columnEdges, 3, 0, rows, "a column edge starts at column");
  within(columnEdges, 3, 1, rows, "a column edge ends at column");

  const edges = sections.u32(Tag.edges, EDGE_STRIDE);
  const edgeCount = edges.length / EDGE_STRIDE;
  const routeStarts = sections.u32(Tag.routeStarts);
  const routePoints = sections.f32(Tag.routePoints, 2);
  within(edges, EDGE_STRIDE, 0, nodes, "an edge starts at node");
  within(edges, EDGE_STRIDE, 1, nodes, "an edge ends at node");
  within(edges, EDGE_STRIDE, 2, strings, "an edge's kind is text");
  exactly(routeStarts.length, edgeCount + 1, "routes");
  increasing(routeStarts, routePoints.length / 2, "routes");
  finite(routePoints, "route point");

  const groups = readGroups(sections, text, strings, nodes);
  let byId: Map<string, number> | undefined;
  const id = (node: number) => uuid(ids, node);
  const nodeText = (node: number, field: number) => text(texts[node * 4 + field] as number);
  return {
    reply: "view",
    band,
    totals,
    headerHeight: metrics[0] as number,
    rowHeight: metrics[1] as number,
    crumbs: readCrumbs(sections, text, strings),
    nodeCount: nodes,
    boxes,
    kinds,
    flags,
    levels,
    hidden,
    texts,
    columnCounts,
    columnStarts,
    columns,
    columnEdges,
    edgeCount,
    edges,
    routeStarts,
    routePoints,
    groups,
    text,
    id,
    columnId: (column) => uuid(columnIds, column),
    name: (node) => nodeText(node, 0),
    qualifiedName: (node) => nodeText(node, 1),
    system: (node) => nodeText(node, 2),
    detail: (node) => nodeText(node, 3),
    kind: (node) => text(kinds[node] as number),
    nodeOf: (wanted) => {
      if (!byId) {
        byId = new Map();
        for (let node = 0; node < nodes; node += 1) byId.set(id(node), node);
      }
      return byId.get(wanted);
    },
  };
}
