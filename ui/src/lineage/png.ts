// The whole lineage as one picture, however large, within what a picture can be.

import { type Brush, edgePaint, nodePaint, paintLines, paintTrimmings } from "./paint-layer";
import { paintNodes } from "./paint-nodes";
import type { Scene } from "./scene";
import { bitmap } from "./shapes";

const MARGIN = 24;
/** Pixels on a side, and in all; viewers refuse larger ones and memory runs out. */
export const MOST_SIDE = 16_000;
export const MOST_PIXELS = 64_000_000;
const STEP = 400;

/** Pixels per world unit at which a drawing of this size fits; 2 at most, so that text is crisp. */
export function pngScale(width: number, height: number): number {
  const bySide = MOST_SIDE / Math.max(width, height, 1);
  const byArea = Math.sqrt(MOST_PIXELS / Math.max(width * height, 1));
  return Math.min(2, bySide, byArea);
}

/** Paints in steps, so that the window stays alive; `progress` gets shares from 0 to 1. */
export async function pngOf(scene: Scene, brush: Brush, progress: (share: number) => void): Promise<Blob> {
  const { bounds, frame } = scene;
  const width = bounds.width + 2 * MARGIN;
  const height = bounds.height + 2 * MARGIN;
  const scale = pngScale(width, height);
  const canvas = bitmap(width * scale, height * scale);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context)
    throw new Error("There is not enough memory for the picture. Export SVG instead, or show fewer levels.");
  context.fillStyle = brush.edges.look.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const left = bounds.x - MARGIN;
  const top = bounds.y - MARGIN;
  context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  const layer = { brush, view: { x: left, y: top, width, height }, scale, ratio: 1 };
  const edges = edgePaint(layer, null);
  const nodes = nodePaint(layer, null);
  const legs = Array.from({ length: scene.legCount }, (_, leg) => leg);
  const all = Array.from({ length: frame.nodeCount }, (_, node) => node);
  const total = legs.length + all.length * 2;
  for (let at = 0; at < legs.length; at += STEP) {
    paintLines(context, scene, legs, at, Math.min(at + STEP, legs.length), edges);
    progress(at / total);
    await breathe();
  }
  paintTrimmings(context, scene, all, legs, edges);
  for (let at = 0; at < all.length; at += STEP) {
    paintNodes(context, scene, all, at, Math.min(at + STEP, all.length), nodes);
    progress((legs.length + at * 2) / total);
    await breathe();
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  canvas.width = 0;
  if (!blob) throw new Error("The picture could not be written. Export SVG instead, or show fewer levels.");
  return blob;
}

const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));
