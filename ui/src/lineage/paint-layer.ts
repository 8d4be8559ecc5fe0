// One layer of the graph, all of it or the traced path: lines, what is on them, nodes. The same at once or bit by bit.

import { detailAt, type EdgePaint, paintArrows, paintBadges, paintColumnEdges, paintLegs } from "./paint-edges";
import { type NodePaint, paintNodes } from "./paint-nodes";
import type { Box, Scene } from "./scene";
import type { Trace } from "./trace";

/** What everything is painted with. */
export interface Brush {
  edges: Pick<EdgePaint, "look">;
  nodes: Pick<NodePaint, "look" | "shapes" | "text">;
}

export interface Layer {
  brush: Brush;
  view: Box;
  /** CSS pixels per world unit. */
  scale: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

export function edgePaint({ brush, view, scale }: Layer, trace: Trace | null): EdgePaint {
  return {
    ...brush.edges,
    scale,
    detail: detailAt(scale),
    lit: trace !== null,
    view,
    mask: trace?.edges ?? null,
    wanted: 1,
  };
}

export function nodePaint({ brush, scale, ratio }: Layer, trace: Trace | null): NodePaint {
  return {
    ...brush.nodes,
    scale,
    pixels: scale * ratio,
    detail: detailAt(scale),
    mask: trace?.nodes ?? null,
    wanted: 1,
  };
}

/** Where columns are what it is about, their edges come first. */
const columnsFirst = (scene: Scene, paint: EdgePaint) =>
  scene.frame.band === "field" && paint.detail !== "far" && !paint.lit;

export function paintLines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  legs: ArrayLike<number>,
  from: number,
  to: number,
  paint: EdgePaint,
): void {
  context.globalAlpha = columnsFirst(scene, paint) ? 0.4 : paint.detail === "far" && !paint.lit ? 0.6 : 1;
  paintLegs(context, scene, legs, from, to, paint);
  context.globalAlpha = 1;
}

/** Column edges, arrowheads and badges, after all lines and before the nodes. */
export function paintTrimmings(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nodes: readonly number[],
  legs: ArrayLike<number>,
  paint: EdgePaint,
): void {
  if (columnsFirst(scene, paint)) paintColumnEdges(context, scene, nodes, paint);
  if (paint.detail !== "near") return;
  paintArrows(context, scene, edgesInto(scene, nodes), paint);
  const shown = new Set<number>();
  for (let at = 0; at < legs.length; at += 1) shown.add(scene.legEdge[legs[at] as number] as number);
  paintBadges(context, scene, shown, paint);
}

export function paintLayer(
  context: CanvasRenderingContext2D,
  scene: Scene,
  layer: Layer,
  nodes: readonly number[],
  legs: readonly number[],
  trace: Trace | null,
): void {
  const edges = edgePaint(layer, trace);
  paintLines(context, scene, legs, 0, legs.length, edges);
  paintTrimmings(context, scene, nodes, legs, edges);
  paintNodes(context, scene, nodes, 0, nodes.length, nodePaint(layer, trace));
}

/** Edges whose target is among `nodes`, for the arrowheads in view. */
function edgesInto(scene: Scene, nodes: readonly number[]): number[] {
  const found: number[] = [];
  for (const node of nodes) {
    const { starts, edges } = scene.in;
    for (let at = starts[node] as number; at < (starts[node + 1] as number); at += 1) found.push(edges[at] as number);
  }
  return found;
}
