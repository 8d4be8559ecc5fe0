// What part of the world is on screen. Pure arithmetic: the canvas owns the clock and the events.

import type { Box } from "./scene";

/** `x` and `y` are the world point in the top left corner; `scale` is CSS pixels per world unit. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const MAX_SCALE = 2;

/** The furthest out that still shows something: a little beyond all of it. */
export function minScale(bounds: Box, size: Size): number {
  return Math.min(fitScale(bounds, size) * 0.7, 0.3);
}

function fitScale(bounds: Box, size: Size): number {
  const width = Math.max(size.width - 2 * MARGIN, 50);
  const height = Math.max(size.height - 2 * MARGIN, 50);
  return Math.min(width / Math.max(bounds.width, 1), height / Math.max(bounds.height, 1));
}

const MARGIN = 48;

/** All of `bounds`, centred, never larger than life. */
export function whole(bounds: Box, size: Size, largest = 1): Camera {
  const scale = Math.min(fitScale(bounds, size), largest);
  return {
    scale,
    x: bounds.x + bounds.width / 2 - size.width / scale / 2,
    y: bounds.y + bounds.height / 2 - size.height / scale / 2,
  };
}

/** Zooms by `factor` with the world point under (`px`, `py`) staying there. */
export function zoomAt(camera: Camera, px: number, py: number, factor: number, smallest: number): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, smallest), MAX_SCALE);
  const worldX = camera.x + px / camera.scale;
  const worldY = camera.y + py / camera.scale;
  return { scale, x: worldX - px / scale, y: worldY - py / scale };
}

export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { scale: camera.scale, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Keeps a strip of the drawing on screen, so that nobody gets lost in the empty. */
export function confine(camera: Camera, bounds: Box, size: Size): Camera {
  const width = size.width / camera.scale;
  const height = size.height / camera.scale;
  const keepX = Math.min(width, bounds.width) * 0.25;
  const keepY = Math.min(height, bounds.height) * 0.25;
  return {
    scale: camera.scale,
    x: Math.min(Math.max(camera.x, bounds.x + keepX - width), bounds.x + bounds.width - keepX),
    y: Math.min(Math.max(camera.y, bounds.y + keepY - height), bounds.y + bounds.height - keepY),
  };
}

/** Moves as little as needed for `box` to be on screen with room around it. */
export function reveal(camera: Camera, box: Box, size: Size): Camera {
  const room = 40 / camera.scale;
  const width = size.width / camera.scale;
  const height = size.height / camera.scale;
  return {
    scale: camera.scale,
    x: nudge(camera.x, width, box.x - room, box.width + 2 * room),
    y: nudge(camera.y, height, box.y - room, box.height + 2 * room),
  };
}

function nudge(at: number, length: number, want: number, wantLength: number): number {
  if (wantLength > length) return want;
  if (want < at) return want;
  if (want + wantLength > at + length) return want + wantLength - length;
  return at;
}

/** `box` in the middle, at the present scale or at one where its text can be read. */
export function centre(camera: Camera, box: Box, size: Size, readable = 0.7): Camera {
  const scale = Math.max(camera.scale, readable);
  return {
    scale,
    x: box.x + box.width / 2 - size.width / scale / 2,
    y: box.y + box.height / 2 - size.height / scale / 2,
  };
}

export function between(from: Camera, to: Camera, t: number): Camera {
  const eased = 1 - (1 - t) ** 3;
  // Zooming by equal ratios looks even; positions follow the point that both cameras share.
  const scale = from.scale * (to.scale / from.scale) ** eased;
  const share = from.scale === to.scale ? eased : (1 / scale - 1 / from.scale) / (1 / to.scale - 1 / from.scale);
  return { scale, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

export function visible(camera: Camera, size: Size, margin = 0): Box {
  return {
    x: camera.x - margin / camera.scale,
    y: camera.y - margin / camera.scale,
    width: (size.width + 2 * margin) / camera.scale,
    height: (size.height + 2 * margin) / camera.scale,
  };
}
