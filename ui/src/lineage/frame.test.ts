import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeFrame, EDGE_STRIDE, type Frame } from "./frame";
import { encodeFrame, encodeTooLarge } from "./testing/encode";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "../../../tests/fixtures/lineage", name));
const bytesOf = (name: string): ArrayBuffer => {
  const file = fixture(name);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
};
const small = (): ArrayBuffer => bytesOf("frame-small.bin");

/** Everything in a frame, in the form of `testing/encode.ts`. */
function plain(frame: Frame) {
  return {
    band: frame.band,
    headerHeight: frame.headerHeight,
    rowHeight: frame.rowHeight,
    totals: frame.totals,
    crumbs: frame.crumbs,
    nodes: Array.from({ length: frame.nodeCount }, (_, node) => {
      const group = frame.groups.find((one) => one.node === node);
      return {
        id: frame.id(node),
        kind: frame.kind(node),
        name: frame.name(node),
        qualifiedName: frame.qualifiedName(node),
        system: frame.system(node),
        detail: frame.detail(node),
        level: frame.levels[node] as number,
        x: frame.boxes[node * 4] as number,
        y: frame.boxes[node * 4 + 1] as number,
        width: frame.boxes[node * 4 + 2] as number,
        height: frame.boxes[node * 4 + 3] as number,
        flags: frame.flags[node] as number,
        hiddenUp: frame.hidden[node * 2] as number,
        hiddenDown: frame.hidden[node * 2 + 1] as number,
        columnCount: frame.columnCounts[node] as number,
        columns: columnsOf(frame, node),
        ...(group
          ? {
              group: {
                parent: group.parent,
                side: group.side,
                members: group.members,
                page: group.page,
                pageSize: group.pageSize,
                filter: group.filter,
              },
            }
          : {}),
      };
    }),
    edges: Array.from({ length: frame.edgeCount }, (_, edge) => {
      const field = (at: number) => frame.edges[edge * EDGE_STRIDE + at] as number;
      const route: [number, number][] = [];
      for (let at = frame.routeStarts[edge] as number; at < (frame.routeStarts[edge + 1] as number); at += 1) {
        route.push([frame.routePoints[at * 2] as number, frame.routePoints[at * 2 + 1] as number]);
      }
      return { from: field(0), to: field(1), kind: frame.text(field(2)), flags: field(3), bridged: field(4), route };
    }),
    columnEdges: Array.from({ length: frame.columnEdges.length / 3 }, (_, edge) => ({
      from: placeOf(frame, frame.columnEdges[edge * 3] as number),
      to: placeOf(frame, frame.columnEdges[edge * 3 + 1] as number),
      flags: frame.columnEdges[edge * 3 + 2] as number,
    })),
  };
}

function columnsOf(frame: Frame, node: number) {
  const columns = [];
  for (let at = frame.columnStarts[node] as number; at < (frame.columnStarts[node + 1] as number); at += 1) {
    const field = (offset: number) => frame.columns[at * 3 + offset] as number;
    columns.push({ id: frame.columnId(at), name: frame.text(field(0)), type: frame.text(field(1)), flags: field(2) });
  }
  return columns;
}

function placeOf(frame: Frame, column: number): [number, number] {
  let node = 0;
  while ((frame.columnStarts[node + 1] as number) <= column) node += 1;
  return [node, column - (frame.columnStarts[node] as number)];
}

const view = (buffer: ArrayBuffer): Frame => {
  const frame = decodeFrame(buffer);
  if (frame.reply !== "view") throw new Error(frame.reply);
  return frame;
};

describe("lineage frame", () => {
  test("reads what Rust wrote", () => {
    const expected: unknown = JSON.parse(fixture("frame-small.json").toString());
    expect(plain(view(small()))).toEqual(expected);
  });

  test("what the tests write is what Rust writes, byte for byte", () => {
    const again = new Uint8Array(encodeFrame(plain(view(small()))));
    expect(again).toEqual(new Uint8Array(small()));
  });

  test("reads that there is too much to draw", () => {
    const answer = decodeFrame(bytesOf("frame-too-large.bin"));
    expect(answer.reply).toBe("too-large");
    expect(answer.totals.kinds[0]).toEqual({ kind: "model", count: 214 });
    expect(answer.totals.levels).toContainEqual({ level: 1, count: 215 });
    expect(new Uint8Array(encodeTooLarge(answer))).toEqual(new Uint8Array(bytesOf("frame-too-large.bin")));
  });

  test("finds a node by its id", () => {
    const frame = view(small());
    expect(frame.nodeOf(frame.id(2))).toBe(2);
    expect(frame.nodeOf("00000000-0000-0000-0000-000000000000")).toBeUndefined();
  });

  test("says how much is missing when it is cut off anywhere", () => {
    const whole = small();
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => decodeFrame(whole.slice(0, length))).toThrow(/can't be read/);
    }
  });

  test("refuses another format and another version", () => {
    const other = small();
    new DataView(other).setUint32(0, 1, true);
    expect(() => decodeFrame(other)).toThrow("it doesn't begin as one");
    const newer = small();
    new DataView(newer).setUint16(4, 2, true);
    expect(() => decodeFrame(newer)).toThrow("it is of version 2, this window reads 1");
  });

  test("never reads outside of itself, whatever number is changed", () => {
    const whole = small();
    for (let at = 16; at + 4 <= whole.byteLength; at += 4) {
      for (const value of [0xffffffff, 0x7fffffff, whole.byteLength]) {
        const damaged = whole.slice(0);
        new DataView(damaged).setUint32(at, value, true);
        try {
          const frame = decodeFrame(damaged);
          if (frame.reply === "view") plain(frame);
        } catch (error) {
          expect(String(error)).toMatch(/^FrameError/);
        }
      }
    }
  });

  test("a section that it doesn't know is passed over", () => {
    const whole = small();
    const head = new DataView(whole);
    const count = head.getUint32(12, true);
    // The breadcrumbs' section under a tag that nobody has: they are then missing, which is said.
    for (let at = 16; at < 16 + count * 16; at += 16)
      if (head.getUint32(at, true) === 7) head.setUint32(at, 4242, true);
    expect(() => decodeFrame(whole)).toThrow("section 7 is missing");
  });
});
