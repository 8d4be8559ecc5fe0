// Draws edges in batches of one style, so that a thousand curves are a few strokes.

import { EDGE_STRIDE, EdgeFlag } from "./frame";
import type { Look } from "./look";
import { type Box, handle, type Scene } from "./scene";

export type Detail = "far" | "mid" | "near";

/** How much is drawn at a scale. */
export function detailAt(scale: number): Detail {
  return scale < 0.25 ? "far" : scale < 0.6 ? "mid" : "near";
}

export const EdgeStyle = { plain: 0, inferred: 1, removed: 2, cycle: 3 } as const;
type EdgeStyleCode = (typeof EdgeStyle)[keyof typeof EdgeStyle];
const STYLES: EdgeStyleCode[] = [0, 1, 2, 3];

export function edgeStyle(flags: number): EdgeStyleCode {
  if (flags & EdgeFlag.cycle) return EdgeStyle.cycle;
  if (flags & EdgeFlag.removed) return EdgeStyle.removed;
  if (flags & EdgeFlag.inferred && !(flags & EdgeFlag.accepted)) return EdgeStyle.inferred;
  return EdgeStyle.plain;
}

export interface EdgePaint {
  look: Look;
  /** CSS pixels per world unit. */
  scale: number;
  detail: Detail;
  /** Drawn as on the traced path. */
  lit: boolean;
  /** The part of the world that is drawn. */
  view: Box;
  /** Only edges whose byte here is `wanted`. */
  mask: Uint8Array | null;
  wanted: 0 | 1;
}

/** A long stroke of many crossing lines costs more than its parts. */
const BATCH = 32;
/** Lit lines are wider, unless there are so many that it would show as one blot anyway. */
const MOST_WIDE = 300;

function setStyle(context: CanvasRenderingContext2D, style: EdgeStyleCode, paint: EdgePaint, count: number): void {
  const { look, scale, lit, detail } = paint;
  const pixel = 1 / scale;
  context.strokeStyle = lit ? look.lit : style === EdgeStyle.cycle ? look.warn : look.edge;
  // Lines of one pixel take a path of their own in software renderers that is several times as fast.
  context.lineWidth = lit && count <= MOST_WIDE ? 2 * pixel : pixel;
  if (style === EdgeStyle.inferred && detail !== "far") context.setLineDash([5 * pixel, 4 * pixel]);
  else if (style === EdgeStyle.removed && detail !== "far") context.setLineDash([1.5 * pixel, 4 * pixel]);
  else context.setLineDash([]);
}

/** Draws `legs[from..to]`; the context is already in world units. */
export function paintLegs(
  context: CanvasRenderingContext2D,
  scene: Scene,
  legs: ArrayLike<number>,
  from: number,
  to: number,
  paint: EdgePaint,
): void {
  const buckets: number[][] = [[], [], [], []];
  const { edges } = scene.frame;
  for (let at = from; at < to; at += 1) {
    const leg = legs[at] as number;
    const edge = scene.legEdge[leg] as number;
    if (paint.mask && paint.mask[edge] !== paint.wanted) continue;
    (buckets[edgeStyle(edges[edge * EDGE_STRIDE + 3] as number)] as number[]).push(leg);
  }
  context.lineCap = "butt";
  for (const style of STYLES) {
    const bucket = buckets[style] as number[];
    if (bucket.length === 0) continue;
    setStyle(context, style, paint, bucket.length);
    for (let at = 0; at < bucket.length; at += BATCH) strokeBatch(context, scene, bucket, at, paint);
  }
  context.setLineDash([]);
}

function strokeBatch(context: CanvasRenderingContext2D, scene: Scene, legs: number[], from: number, paint: EdgePaint) {
  const end = Math.min(from + BATCH, legs.length);
  const points = scene.frame.routePoints;
  const flat = paint.detail === "far" ? 24 / paint.scale : 1.5 / paint.scale;
  context.beginPath();
  for (let at = from; at < end; at += 1) {
    const point = (scene.legPoint[legs[at] as number] as number) * 2;
    leg(
      context,
      points[point] as number,
      points[point + 1] as number,
      points[point + 2] as number,
      points[point + 3] as number,
      flat,
      paint.view,
    );
  }
  context.stroke();
}

/**
 * One stretch of a route, or the part of it in `view`. Nearly level ones are a line, since a curve would look the same
 * and cost more.
 */
export function leg(path: CanvasPath, x0: number, y0: number, x1: number, y1: number, flat: number, view: Box): void {
  if (x0 === x1 || Math.abs(y1 - y0) <= flat) {
    path.moveTo(x0, y0);
    path.lineTo(x1, y1);
    return;
  }
  const reach = handle(x0, x1);
  const top = view.y;
  const bottom = view.y + view.height;
  if (Math.min(y0, y1) >= top && Math.max(y0, y1) <= bottom) {
    path.moveTo(x0, y0);
    path.bezierCurveTo(x0 + reach, y0, x1 - reach, y1, x1, y1);
    return;
  }
  // Both handles are level, so the curve only ever goes up or only down, as 3t² - 2t³: where it enters the view and
  // leaves it can be told at once. Long curves cost by their length, seen or not.
  const a = whenAt((top - y0) / (y1 - y0));
  const b = whenAt((bottom - y0) / (y1 - y0));
  part(path, x0, y0, x0 + reach, x1 - reach, x1, y1, Math.min(a, b), Math.max(a, b), view);
}

/** The t at which 3t² - 2t³ is `share`. */
function whenAt(share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  return 0.5 - Math.sin(Math.asin(1 - 2 * share) / 3);
}

/** The curve from `t0` to `t1`, unless that passes the view by. */
function part(
  path: CanvasPath,
  x0: number,
  y0: number,
  h0: number,
  h1: number,
  x1: number,
  y1: number,
  t0: number,
  t1: number,
  view: Box,
): void {
  if (t1 <= t0) return;
  const x = (t: number) => {
    const s = 1 - t;
    return s * s * s * x0 + 3 * s * s * t * h0 + 3 * s * t * t * h1 + t * t * t * x1;
  };
  const y = (t: number) => y0 + (y1 - y0) * t * t * (3 - 2 * t);
  const dx = (t: number) => 3 * ((1 - t) * (1 - t) * (h0 - x0) + 2 * (1 - t) * t * (h1 - h0) + t * t * (x1 - h1));
  const dy = (t: number) => 6 * (y1 - y0) * t * (1 - t);
  const third = (t1 - t0) / 3;
  const [ax, ay, bx, by] = [x(t0), y(t0), x(t1), y(t1)];
  const cx = ax + dx(t0) * third;
  const ex = bx - dx(t1) * third;
  if (Math.max(ax, bx, cx, ex) < view.x || Math.min(ax, bx, cx, ex) > view.x + view.width) return;
  path.moveTo(ax, ay);
  path.bezierCurveTo(cx, ay + dy(t0) * third, ex, by - dy(t1) * third, bx, by);
}

/** Arrowheads at the targets of `edges`. */
export function paintArrows(
  context: CanvasRenderingContext2D,
  scene: Scene,
  edges: Iterable<number>,
  paint: EdgePaint,
) {
  const { routeStarts, routePoints } = scene.frame;
  const size = 6.5;
  const buckets: number[][] = [[], [], [], []];
  for (const edge of edges) {
    if (paint.mask && paint.mask[edge] !== paint.wanted) continue;
    (buckets[edgeStyle(scene.edgeFlags(edge))] as number[]).push(edge);
  }
  for (const style of STYLES) {
    const bucket = buckets[style] as number[];
    if (bucket.length === 0) continue;
    context.fillStyle = paint.lit ? paint.look.lit : style === EdgeStyle.cycle ? paint.look.warn : paint.look.edge;
    context.beginPath();
    for (const edge of bucket) {
      const last = ((routeStarts[edge + 1] as number) - 1) * 2;
      const x = routePoints[last] as number;
      const y = routePoints[last + 1] as number;
      // An edge that closes a cycle comes from the right.
      const back = x < (routePoints[last - 2] as number) ? -size : size;
      context.moveTo(x, y);
      context.lineTo(x - back, y - size * 0.55);
      context.lineTo(x - back, y + size * 0.55);
      context.closePath();
    }
    context.fill();
  }
}

/** Column edges are drawn only where they can be told apart. */
const MOST_COLUMN_EDGES = 1500;

/** The line from one column's row to another's, from border to border of their nodes. */
export function columnLeg(
  path: CanvasPath,
  scene: Scene,
  edge: { from: number; to: number; source: number; target: number },
  flat: number,
  view: Box,
): void {
  const start = scene.box(edge.source);
  leg(
    path,
    start.x + start.width,
    scene.columnY(edge.source, edge.from),
    scene.box(edge.target).x,
    scene.columnY(edge.target, edge.to),
    flat,
    view,
  );
}

/** Edges between the column rows of nodes in view, row to row. */
export function paintColumnEdges(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nodes: readonly number[],
  paint: EdgePaint,
): void {
  const { columnEdges } = scene.frame;
  if (columnEdges.length === 0) return;
  const seen = new Set(nodes);
  const flat = 1.5 / paint.scale;
  let drawn = 0;
  context.strokeStyle = paint.look.edge;
  context.lineWidth = 1 / paint.scale;
  context.beginPath();
  for (let at = 0; at < columnEdges.length && drawn < MOST_COLUMN_EDGES; at += 3) {
    const from = columnEdges[at] as number;
    const to = columnEdges[at + 1] as number;
    const source = scene.nodeOfColumn(from);
    const target = scene.nodeOfColumn(to);
    if (!seen.has(source) && !seen.has(target)) continue;
    columnLeg(context, scene, { from, to, source, target }, flat, paint.view);
    drawn += 1;
  }
  context.stroke();
}

/** The middle of an edge's drawn line. */
export function middleOf(scene: Scene, edge: number): [number, number] {
  const { routeStarts, routePoints } = scene.frame;
  const first = routeStarts[edge] as number;
  const last = (routeStarts[edge + 1] as number) - 1;
  const before = first + Math.floor((last - first - 1) / 2);
  const x0 = routePoints[before * 2] as number;
  const y0 = routePoints[before * 2 + 1] as number;
  const x1 = routePoints[before * 2 + 2] as number;
  const y1 = routePoints[before * 2 + 3] as number;
  return [(x0 + x1) / 2, (y0 + y1) / 2];
}

/** Badges on edges: how many hidden steps one stands for, and that it closes a cycle. */
export function paintBadges(
  context: CanvasRenderingContext2D,
  scene: Scene,
  edges: Iterable<number>,
  paint: EdgePaint,
) {
  context.font = `600 10px ${paint.look.fontText}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const edge of edges) {
    if (paint.mask && paint.mask[edge] !== paint.wanted) continue;
    const bridged = scene.bridged(edge);
    const cycle = (scene.edgeFlags(edge) & EdgeFlag.against) !== 0;
    if (bridged === 0 && !cycle) continue;
    const text = cycle ? (bridged > 0 ? `↻ ${bridged}` : "↻") : `${bridged}`;
    const [x, y] = middleOf(scene, edge);
    const width = Math.max(16, context.measureText(text).width + 9);
    context.beginPath();
    context.roundRect(x - width / 2, y - 8, width, 16, 8);
    context.fillStyle = cycle ? paint.look.warnFill : paint.look.node;
    context.strokeStyle = cycle ? paint.look.warn : paint.lit ? paint.look.lit : paint.look.borderStrong;
    context.lineWidth = 1;
    context.fill();
    context.stroke();
    context.fillStyle = cycle ? paint.look.warn : paint.look.quiet;
    context.fillText(text, x, y + 0.5);
  }
}
