// Moving through the graph by keyboard: left and right follow edges, up and down stay in the column.

import type { Scene } from "./scene";

export type Step = "left" | "right" | "above" | "below" | "first" | "last";

/** The node that `step` leads to from `node`; the same node when there is none. */
export function stepFrom(scene: Scene, node: number, step: Step): number {
  switch (step) {
    case "left":
      return nearest(scene, node, scene.neighbours(node, "up"));
    case "right":
      return nearest(scene, node, scene.neighbours(node, "down"));
    case "above":
    case "below":
      return beside(scene, node, step);
    case "first":
      return corner(scene, node, -1);
    case "last":
      return corner(scene, node, 1);
  }
}

function middle(scene: Scene, node: number): number {
  const box = scene.box(node);
  return box.y + Math.min(box.height, scene.frame.headerHeight) / 2;
}

function nearest(scene: Scene, node: number, among: number[]): number {
  const y = middle(scene, node);
  let best = node;
  let distance = Number.POSITIVE_INFINITY;
  for (const other of among) {
    const away = Math.abs(middle(scene, other) - y);
    if (away < distance) {
      distance = away;
      best = other;
    }
  }
  return best;
}

/** The next node up or down among those that overlap it from left to right. */
function beside(scene: Scene, node: number, step: "above" | "below"): number {
  const box = scene.box(node);
  const area =
    step === "above"
      ? { x: box.x, y: scene.bounds.y, width: box.width, height: box.y - scene.bounds.y }
      : { x: box.x, y: box.y, width: box.width, height: scene.bounds.y + scene.bounds.height - box.y };
  let best = node;
  let distance = Number.POSITIVE_INFINITY;
  for (const other of scene.nodesIn(area)) {
    const y = scene.box(other).y;
    const away = step === "above" ? box.y - y : y - box.y;
    if (other !== node && away > 0 && away < distance) {
      distance = away;
      best = other;
    }
  }
  return best;
}

/** The leftmost node from the top, or the rightmost from the bottom. */
function corner(scene: Scene, node: number, sign: 1 | -1): number {
  const { boxes, nodeCount } = scene.frame;
  let best = node;
  for (let other = 0; other < nodeCount; other += 1) {
    const dx = ((boxes[other * 4] as number) - (boxes[best * 4] as number)) * sign;
    const dy = ((boxes[other * 4 + 1] as number) - (boxes[best * 4 + 1] as number)) * sign;
    if (dx > 0 || (dx === 0 && dy > 0)) best = other;
  }
  return best;
}
