// What lies on the paths through a node or a column, up and down, found in the frame itself.

import { EDGE_STRIDE, type Frame } from "./frame";
import type { Scene } from "./scene";

/** One byte per node and edge: 1 where the path goes. */
export interface Trace {
  root: number;
  nodes: Uint8Array;
  edges: Uint8Array;
  nodeCount: number;
  edgeCount: number;
}

/** Everything upstream and downstream of `root` in the frame. */
export function tracePath(scene: Scene, root: number): Trace {
  const trace: Trace = {
    root,
    nodes: new Uint8Array(scene.frame.nodeCount),
    edges: new Uint8Array(scene.frame.edgeCount),
    nodeCount: 0,
    edgeCount: 0,
  };
  walk(scene, trace, "up");
  walk(scene, trace, "down");
  for (const node of trace.nodes) trace.nodeCount += node;
  for (const edge of trace.edges) trace.edgeCount += edge;
  return trace;
}

function walk(scene: Scene, trace: Trace, side: "up" | "down"): void {
  const { starts, edges } = side === "up" ? scene.in : scene.out;
  const ends = scene.frame.edges;
  const other = side === "up" ? 0 : 1;
  const seen = new Uint8Array(scene.frame.nodeCount);
  const queue = [trace.root];
  seen[trace.root] = 1;
  trace.nodes[trace.root] = 1;
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (let at = starts[node] as number; at < (starts[node + 1] as number); at += 1) {
      const edge = edges[at] as number;
      trace.edges[edge] = 1;
      const next = ends[edge * EDGE_STRIDE + other] as number;
      if (seen[next]) continue;
      seen[next] = 1;
      trace.nodes[next] = 1;
      queue.push(next);
    }
  }
}

/** The rows and column edges on a column's path. */
export interface ColumnPath {
  root: number;
  columns: Set<number>;
  /** Indexes into `Frame.columnEdges`, by edge. */
  edges: number[];
}

export class ColumnPaths {
  private readonly up = new Map<number, number[]>();
  private readonly down = new Map<number, number[]>();

  constructor(private readonly frame: Frame) {
    const { columnEdges } = frame;
    for (let edge = 0; edge * 3 < columnEdges.length; edge += 1) {
      push(this.down, columnEdges[edge * 3] as number, edge);
      push(this.up, columnEdges[edge * 3 + 1] as number, edge);
    }
  }

  of(root: number): ColumnPath {
    const path: ColumnPath = { root, columns: new Set([root]), edges: [] };
    const edges = new Set<number>();
    for (const [next, end] of [
      [this.up, 0],
      [this.down, 1],
    ] as const) {
      const seen = new Set([root]);
      const queue = [root];
      for (let column = queue.pop(); column !== undefined; column = queue.pop()) {
        for (const edge of next.get(column) ?? []) {
          edges.add(edge);
          const other = this.frame.columnEdges[edge * 3 + end] as number;
          if (seen.has(other)) continue;
          seen.add(other);
          path.columns.add(other);
          queue.push(other);
        }
      }
    }
    path.edges = [...edges];
    return path;
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
