// Writes the binary lineage view as Rust does, for tests, the bench and pages without Rust behind them.
import type { Totals } from "../frame";

export interface ColumnInput {
  id: string;
  name: string;
  type: string;
  flags?: number;
}

export interface NodeInput {
  id: string;
  kind: string;
  name: string;
  qualifiedName?: string;
  system?: string;
  detail?: string;
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
  flags?: number;
  hiddenUp?: number;
  hiddenDown?: number;
  columnCount?: number;
  columns?: ColumnInput[];
  group?: {
    parent: number | null;
    side: "up" | "down";
    members: number;
    page: number;
    pageSize: number;
    filter: string;
  };
}

export interface EdgeInput {
  from: number;
  to: number;
  kind: string;
  flags?: number;
  bridged?: number;
  route: readonly (readonly [number, number])[];
}

export interface FrameInput {
  band: "system" | "asset" | "field";
  headerHeight: number;
  rowHeight: number;
  nodes: NodeInput[];
  edges: EdgeInput[];
  /** From node and row, to node and row. */
  columnEdges?: { from: [number, number]; to: [number, number]; flags?: number }[];
  crumbs?: { id: string | null; label: string; band: "system" | "asset" | "field" }[];
  totals: Totals;
}

const BANDS = { system: 0, asset: 1, field: 2 } as const;

class Writer {
  private readonly sections: { tag: number; bytes: Uint8Array }[] = [];
  private readonly index = new Map<string, number>([["", 0]]);
  private readonly texts: Uint8Array[] = [new Uint8Array()];
  private readonly encoder = new TextEncoder();

  text(value: string): number {
    const known = this.index.get(value);
    if (known !== undefined) return known;
    this.index.set(value, this.texts.length);
    this.texts.push(this.encoder.encode(value));
    return this.texts.length - 1;
  }

  u32(tag: number, values: Iterable<number>): void {
    this.push(tag, Uint32Array.from(values));
  }

  i32(tag: number, values: Iterable<number>): void {
    this.push(tag, Int32Array.from(values));
  }

  f32(tag: number, values: Iterable<number>): void {
    this.push(tag, Float32Array.from(values));
  }

  f64(tag: number, values: Iterable<number>): void {
    this.push(tag, Float64Array.from(values));
  }

  ids(tag: number, ids: (string | null)[]): void {
    const bytes = new Uint8Array(ids.length * 16);
    ids.forEach((id, at) => {
      const hex = (id ?? "").replaceAll("-", "").padStart(32, "0");
      for (let byte = 0; byte < 16; byte += 1)
        bytes[at * 16 + byte] = Number.parseInt(hex.slice(byte * 2, byte * 2 + 2), 16);
    });
    this.push(tag, bytes);
  }

  private push(tag: number, array: ArrayBufferView): void {
    this.sections.push({ tag, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
  }

  finish(reply: number): ArrayBuffer {
    let total = 0;
    const ends = this.texts.map((text) => {
      total += text.length;
      return total;
    });
    this.u32(80, ends);
    const joined = new Uint8Array(total);
    this.texts.forEach((text, at) => {
      joined.set(text, at === 0 ? 0 : (ends[at - 1] as number));
    });
    this.push(81, joined);
    const head = 16 + this.sections.length * 16;
    let length = head;
    for (const { bytes } of this.sections) length = Math.ceil(length / 8) * 8 + bytes.length;
    const buffer = new ArrayBuffer(length);
    const view = new DataView(buffer);
    view.setUint32(0, 0x31464c43, true);
    view.setUint16(4, 1, true);
    view.setUint16(6, reply, true);
    view.setUint32(8, length, true);
    view.setUint32(12, this.sections.length, true);
    let at = head;
    this.sections.forEach(({ tag, bytes }, section) => {
      at = Math.ceil(at / 8) * 8;
      view.setUint32(16 + section * 16, tag, true);
      view.setUint32(20 + section * 16, at, true);
      view.setUint32(24 + section * 16, bytes.length, true);
      new Uint8Array(buffer, at, bytes.length).set(bytes);
      at += bytes.length;
    });
    return buffer;
  }
}

function writeTotals(writer: Writer, input: Pick<FrameInput, "band" | "totals">): void {
  const { totals } = input;
  writer.f64(1, [totals.firstSeen ?? Number.NaN, totals.lastSeen ?? Number.NaN]);
  writer.u32(2, [
    BANDS[input.band],
    totals.limit,
    totals.nodes,
    totals.edges,
    totals.columnEdges,
    totals.transformations,
    totals.runs,
    totals.removedEdges,
    totals.inferredEdges,
    totals.beyondUp,
    totals.beyondDown,
  ]);
  writer.u32(
    4,
    totals.kinds.flatMap(({ kind, count }) => [writer.text(kind), count]),
  );
  writer.i32(
    5,
    totals.levels.flatMap(({ level, count }) => [level, count]),
  );
}

export function encodeTooLarge(input: Pick<FrameInput, "band" | "totals">): ArrayBuffer {
  const writer = new Writer();
  writeTotals(writer, input);
  return writer.finish(1);
}

export function encodeFrame(input: FrameInput): ArrayBuffer {
  const writer = new Writer();
  const { nodes, edges } = input;
  const crumbs = input.crumbs ?? [];
  // The sections and the texts in them come in the order in which Rust writes them, so that the bytes are the same.
  writeTotals(writer, input);
  writer.f32(3, [input.headerHeight, input.rowHeight]);
  writer.ids(
    6,
    crumbs.map((crumb) => crumb.id),
  );
  writer.u32(
    7,
    crumbs.flatMap((crumb) => [writer.text(crumb.label), BANDS[crumb.band]]),
  );
  writer.ids(
    16,
    nodes.map((node) => node.id),
  );
  writer.f32(
    17,
    nodes.flatMap((node) => [node.x, node.y, node.width, node.height]),
  );
  writer.u32(
    18,
    nodes.map((node) => writer.text(node.kind)),
  );
  writer.u32(
    19,
    nodes.map((node) => (node.flags ?? 0) | (node.group ? 2 : 0)),
  );
  writer.i32(
    20,
    nodes.map((node) => node.level),
  );
  writer.u32(
    21,
    nodes.flatMap((node) => [node.hiddenUp ?? 0, node.hiddenDown ?? 0]),
  );
  writer.u32(
    22,
    nodes.flatMap((node) =>
      [node.name, node.qualifiedName ?? "", node.system ?? "", node.detail ?? ""].map((text) => writer.text(text)),
    ),
  );
  writer.u32(
    23,
    nodes.map((node) => node.columnCount ?? node.columns?.length ?? 0),
  );
  const starts = [0];
  for (const node of nodes) starts.push((starts.at(-1) ?? 0) + (node.columns?.length ?? 0));
  writer.u32(24, starts);
  const columns = nodes.flatMap((node) => node.columns ?? []);
  writer.ids(
    32,
    columns.map((column) => column.id),
  );
  writer.u32(
    33,
    columns.flatMap((column) => [writer.text(column.name), writer.text(column.type), column.flags ?? 0]),
  );
  writer.u32(
    34,
    (input.columnEdges ?? []).flatMap(({ from, to, flags }) => [
      (starts[from[0]] ?? 0) + from[1],
      (starts[to[0]] ?? 0) + to[1],
      flags ?? 0,
    ]),
  );
  writer.u32(
    48,
    edges.flatMap((edge) => [edge.from, edge.to, writer.text(edge.kind), edge.flags ?? 0, edge.bridged ?? 0]),
  );
  const routes = [0];
  for (const edge of edges) routes.push((routes.at(-1) ?? 0) + edge.route.length);
  writer.u32(49, routes);
  writer.f32(
    50,
    edges.flatMap((edge) => edge.route.flat()),
  );
  writer.u32(
    64,
    nodes.flatMap(({ group }, at) =>
      group
        ? [
            at,
            group.parent ?? 0xffffffff,
            group.side === "up" ? 0 : 1,
            group.members,
            group.page,
            group.pageSize,
            writer.text(group.filter),
          ]
        : [],
    ),
  );
  return writer.finish(0);
}
