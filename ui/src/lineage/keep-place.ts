// Which way the world moved from one frame to the next, as seen from what was on screen.

import type { Point } from "./canvas";
import type { Box, Scene } from "./scene";

/** So many nodes from the middle are tried; where none of them is left, the view is another one. */
const TRIED = 50;

/** How far `anchor`, or else the node nearest to the middle of `view`, moved; null when the frames share none of them. */
export function shiftBetween(before: Scene, after: Scene, anchor: string | null, view: Box): Point | null {
  const x = view.x + view.width / 2;
  const y = view.y + view.height / 2;
  const near = before.nodesIn(view).map((node) => ({ node, box: before.box(node) }));
  near.sort((a, b) => Math.hypot(a.box.x - x, a.box.y - y) - Math.hypot(b.box.x - x, b.box.y - y));
  const candidates = near.slice(0, TRIED).map(({ node }) => before.frame.id(node));
  for (const id of anchor === null ? candidates : [anchor, ...candidates]) {
    const old = before.frame.nodeOf(id);
    const now = after.frame.nodeOf(id);
    if (old === undefined || now === undefined) continue;
    const from = before.box(old);
    const to = after.box(now);
    return { x: to.x - from.x, y: to.y - from.y };
  }
  return null;
}
