// A frame made ready to be drawn and walked: who is next to whom, and what lies where.

import Flatbush from "flatbush";
import { EDGE_STRIDE, type Frame } from "./frame";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Edges by the node at one of their ends, as one array per direction. */
export interface Adjacency {
  starts: Uint32Array;
  edges: Uint32Array;
}

/** How far a curve's handles reach out of its ends: to the middle, so that it leaves and arrives level. */
export function handle(x0: number, x1: number): number {
  return (x1 - x0) / 2;
}

export class Scene {
  readonly bounds: Box;
  /** Edges that leave each node. */
  readonly out: Adjacency;
  /** Edges that arrive at each node. */
  readonly in: Adjacency;
  /** The edge and first route point of each leg, the stretch between two points of a route. */
  readonly legEdge: Uint32Array;
  readonly legPoint: Uint32Array;
  readonly legCount: number;
  private readonly nodeTree: Flatbush | null;
  private readonly legTree: Flatbush | null;
  private readonly nodeDensity: Density;
  private readonly legDensity: Density;

  constructor(readonly frame: Frame) {
    this.bounds = boundsOf(frame);
    this.out = adjacency(frame, 0);
    this.in = adjacency(frame, 1);
    const legs = frame.routePoints.length / 2 - countRoutes(frame);
    this.legCount = legs;
    this.legEdge = new Uint32Array(legs);
    this.legPoint = new Uint32Array(legs);
    this.nodeDensity = new Density(this.bounds);
    this.legDensity = new Density(this.bounds);
    this.nodeTree = frame.nodeCount > 0 ? this.indexNodes() : null;
    this.legTree = legs > 0 ? this.indexLegs() : null;
  }

  private indexNodes(): Flatbush {
    const { boxes, nodeCount } = this.frame;
    const tree = new Flatbush(nodeCount, 16, Float32Array);
    for (let node = 0; node < nodeCount; node += 1) {
      const x = boxes[node * 4] as number;
      const y = boxes[node * 4 + 1] as number;
      const width = boxes[node * 4 + 2] as number;
      const height = boxes[node * 4 + 3] as number;
      tree.add(x, y, x + width, y + height);
      this.nodeDensity.add(x + width / 2, y + height / 2);
    }
    tree.finish();
    return tree;
  }

  private indexLegs(): Flatbush {
    const { routeStarts, routePoints, edgeCount } = this.frame;
    const tree = new Flatbush(this.legCount, 16, Float32Array);
    let leg = 0;
    for (let edge = 0; edge < edgeCount; edge += 1) {
      const last = (routeStarts[edge + 1] as number) - 1;
      for (let point = routeStarts[edge] as number; point < last; point += 1) {
        this.legEdge[leg] = edge;
        this.legPoint[leg] = point;
        leg += 1;
        const x0 = routePoints[point * 2] as number;
        const y0 = routePoints[point * 2 + 1] as number;
        const x1 = routePoints[point * 2 + 2] as number;
        const y1 = routePoints[point * 2 + 3] as number;
        tree.add(Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1));
        this.legDensity.add((x0 + x1) / 2, (y0 + y1) / 2);
      }
    }
    tree.finish();
    return tree;
  }

  nodesIn(area: Box): number[] {
    return this.nodeTree ? this.nodeTree.search(area.x, area.y, area.x + area.width, area.y + area.height) : [];
  }

  /** The legs in an area, or of a crowded one every `step`th. */
  legsIn(area: Box, step = 1): number[] {
    if (!this.legTree) return [];
    const chosen = step === 1 ? undefined : (leg: number) => leg % step === 0;
    return this.legTree.search(area.x, area.y, area.x + area.width, area.y + area.height, chosen);
  }

  /** About how much lies in an area, without looking at each thing. */
  estimate(area: Box): { nodes: number; legs: number } {
    return { nodes: this.nodeDensity.sum(area), legs: this.legDensity.sum(area) };
  }

  box(node: number): Box {
    const { boxes } = this.frame;
    return {
      x: boxes[node * 4] as number,
      y: boxes[node * 4 + 1] as number,
      width: boxes[node * 4 + 2] as number,
      height: boxes[node * 4 + 3] as number,
    };
  }

  from(edge: number): number {
    return this.frame.edges[edge * EDGE_STRIDE] as number;
  }

  to(edge: number): number {
    return this.frame.edges[edge * EDGE_STRIDE + 1] as number;
  }

  edgeFlags(edge: number): number {
    return this.frame.edges[edge * EDGE_STRIDE + 3] as number;
  }

  bridged(edge: number): number {
    return this.frame.edges[edge * EDGE_STRIDE + 4] as number;
  }

  /** The nodes that `node`'s edges on one side lead to, from top to bottom. */
  neighbours(node: number, side: "up" | "down"): number[] {
    const { starts, edges } = side === "up" ? this.in : this.out;
    const found = new Set<number>();
    for (let at = starts[node] as number; at < (starts[node + 1] as number); at += 1) {
      const edge = edges[at] as number;
      found.add(side === "up" ? this.from(edge) : this.to(edge));
    }
    found.delete(node);
    const { boxes } = this.frame;
    return [...found].sort((a, b) => (boxes[a * 4 + 1] as number) - (boxes[b * 4 + 1] as number) || a - b);
  }

  /** Where a column row's middle line is. Rows of a closed node are drawn at its header. */
  columnY(node: number, column: number): number {
    const { boxes, columnStarts, flags, headerHeight, rowHeight } = this.frame;
    const top = boxes[node * 4 + 1] as number;
    if (((flags[node] as number) & 4) === 0) return top + headerHeight / 2;
    return top + headerHeight + (column - (columnStarts[node] as number) + 0.5) * rowHeight;
  }

  /** The node that a column row belongs to. */
  nodeOfColumn(column: number): number {
    const { columnStarts, nodeCount } = this.frame;
    let low = 0;
    let high = nodeCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((columnStarts[middle + 1] as number) <= column) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function boundsOf(frame: Frame): Box {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  const { boxes, routePoints } = frame;
  for (let at = 0; at < boxes.length; at += 4) {
    const x = boxes[at] as number;
    const y = boxes[at + 1] as number;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + (boxes[at + 2] as number));
    bottom = Math.max(bottom, y + (boxes[at + 3] as number));
  }
  for (let at = 0; at < routePoints.length; at += 2) {
    const x = routePoints[at] as number;
    const y = routePoints[at + 1] as number;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  if (!(left <= right)) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function countRoutes(frame: Frame): number {
  let routes = 0;
  for (let edge = 0; edge < frame.edgeCount; edge += 1) {
    if ((frame.routeStarts[edge + 1] as number) > (frame.routeStarts[edge] as number)) routes += 1;
  }
  return routes;
}

function adjacency(frame: Frame, end: 0 | 1): Adjacency {
  const { edges, edgeCount, nodeCount } = frame;
  const starts = new Uint32Array(nodeCount + 1);
  for (let edge = 0; edge < edgeCount; edge += 1) {
    const node = edges[edge * EDGE_STRIDE + end] as number;
    starts[node + 1] = (starts[node + 1] as number) + 1;
  }
  for (let node = 0; node < nodeCount; node += 1) {
    starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number);
  }
  const next = starts.slice(0, nodeCount);
  const list = new Uint32Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge += 1) {
    const node = edges[edge * EDGE_STRIDE + end] as number;
    list[next[node] as number] = edge;
    next[node] = (next[node] as number) + 1;
  }
  return { starts, edges: list };
}

const CELLS = 64;

/** Counts on a coarse grid. */
class Density {
  private readonly cells = new Uint32Array(CELLS * CELLS);

  constructor(private readonly bounds: Box) {}

  private column(x: number): number {
    return clamp(((x - this.bounds.x) / (this.bounds.width || 1)) * CELLS);
  }

  private row(y: number): number {
    return clamp(((y - this.bounds.y) / (this.bounds.height || 1)) * CELLS);
  }

  add(x: number, y: number): void {
    const cell = this.row(y) * CELLS + this.column(x);
    this.cells[cell] = (this.cells[cell] as number) + 1;
  }

  sum(area: Box): number {
    const { bounds } = this;
    if (area.x > bounds.x + bounds.width || area.x + area.width < bounds.x) return 0;
    if (area.y > bounds.y + bounds.height || area.y + area.height < bounds.y) return 0;
    // Cells that are only partly in the area count by that part.
    const share = (from: number, length: number, cell: number, start: number, whole: number) => {
      const size = (whole || 1) / CELLS;
      const low = start + cell * size;
      return Math.max(0, Math.min(from + length, low + size) - Math.max(from, low)) / size;
    };
    let total = 0;
    const right = this.column(area.x + area.width);
    const bottom = this.row(area.y + area.height);
    for (let row = this.row(area.y); row <= bottom; row += 1) {
      const high = share(area.y, area.height, row, bounds.y, bounds.height);
      for (let column = this.column(area.x); column <= right; column += 1) {
        const wide = share(area.x, area.width, column, bounds.x, bounds.width);
        total += (this.cells[row * CELLS + column] as number) * high * wide;
      }
    }
    return total;
  }
}

function clamp(cell: number): number {
  return Math.min(Math.max(Math.floor(cell), 0), CELLS - 1);
}
