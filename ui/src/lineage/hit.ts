// What is under a point of the world.

import { NodeFlag } from "./frame";
import { detailAt } from "./paint-edges";
import { Card, type Caret, caretsOf } from "./paint-nodes";
import { handle, type Scene } from "./scene";

export type Hit =
  | { what: "caret"; node: number; caret: Caret }
  | { what: "toggle"; node: number }
  | { what: "column"; node: number; column: number }
  | { what: "node"; node: number }
  | { what: "edge"; edge: number }
  | { what: "nothing" };

/** How near an edge has to be, in CSS pixels. */
const EDGE_REACH = 6;
/** Carets stand this far out of a card at most. */
const CARET_REACH = 90;

/**
 * `shown` are the nodes whose second carets are drawn: the hovered and the selected one.
 */
export function hitTest(scene: Scene, x: number, y: number, scale: number, shown: readonly number[]): Hit {
  const near = detailAt(scale) === "near";
  if (near) {
    const caret = caretAt(scene, x, y, shown);
    if (caret) return { what: "caret", node: caret.node, caret };
  }
  const slack = scale < 0.1 ? 2 / scale : 0;
  const area = { x: x - slack, y: y - slack, width: 2 * slack, height: 2 * slack };
  const node = scene.nodesIn(area).sort((a, b) => b - a)[0];
  if (node !== undefined) return near ? partOf(scene, node, x, y) : { what: "node", node };
  const edge = edgeAt(scene, x, y, EDGE_REACH / scale);
  return edge === null ? { what: "nothing" } : { what: "edge", edge };
}

function caretAt(scene: Scene, x: number, y: number, shown: readonly number[]): Caret | null {
  const around = scene.nodesIn({ x: x - CARET_REACH, y: y - 12, width: 2 * CARET_REACH, height: 24 });
  for (const node of around) {
    for (const caret of caretsOf(scene, node, shown.includes(node))) {
      if (x >= caret.x && x <= caret.x + caret.width && y >= caret.y - 2 && y <= caret.y + caret.height + 2)
        return caret;
    }
  }
  return null;
}

function partOf(scene: Scene, node: number, x: number, y: number): Hit {
  const { frame } = scene;
  const box = scene.box(node);
  const down = y - box.y;
  if (down > frame.headerHeight && (frame.flags[node] as number) & NodeFlag.open) {
    const row = Math.floor((down - frame.headerHeight) / frame.rowHeight);
    const column = (frame.columnStarts[node] as number) + row;
    if (column < (frame.columnStarts[node + 1] as number)) return { what: "column", node, column };
  }
  const inToggle =
    (frame.columnCounts[node] as number) > 0 &&
    x > box.x + box.width - Card.toggle.width - Card.right &&
    Math.abs(down - frame.headerHeight / 2 - 9) <= Card.toggle.height / 2 + 1;
  return inToggle ? { what: "toggle", node } : { what: "node", node };
}

/** The edge whose line is nearest to a point and not further than `reach`. */
export function edgeAt(scene: Scene, x: number, y: number, reach: number): number | null {
  let best: number | null = null;
  let nearest = reach;
  for (const leg of scene.legsIn({ x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach })) {
    const distance = legDistance(scene, leg, x, y);
    if (distance <= nearest) {
      nearest = distance;
      best = scene.legEdge[leg] as number;
    }
  }
  return best;
}

const PIECES = 24;

function legDistance(scene: Scene, leg: number, x: number, y: number): number {
  const points = scene.frame.routePoints;
  const at = (scene.legPoint[leg] as number) * 2;
  const x0 = points[at] as number;
  const y0 = points[at + 1] as number;
  const x1 = points[at + 2] as number;
  const y1 = points[at + 3] as number;
  const reach = handle(x0, x1);
  let least = Number.POSITIVE_INFINITY;
  let px = x0;
  let py = y0;
  for (let piece = 1; piece <= PIECES; piece += 1) {
    const t = piece / PIECES;
    const s = 1 - t;
    const a = s * s * s;
    const b = 3 * s * s * t;
    const c = 3 * s * t * t;
    const d = t * t * t;
    const qx = a * x0 + b * (x0 + reach) + c * (x1 - reach) + d * x1;
    const qy = a * y0 + b * y0 + c * y1 + d * y1;
    least = Math.min(least, segmentDistance(px, py, qx, qy, x, y));
    px = qx;
    py = qy;
  }
  return least;
}

function segmentDistance(x0: number, y0: number, x1: number, y1: number, x: number, y: number): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length, 0), 1);
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
