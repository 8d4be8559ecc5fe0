// Moving from one frame to the next: what was on screen glides to its new place, what is new comes out of a neighbour.

import { EDGE_STRIDE } from "./frame";
import type { Scene } from "./scene";

export const MOTION_MS = 140;
/** Larger views jump: each frame of the motion would touch everything. */
const MOST_NODES = 4000;

export class Motion {
  private readonly start: number;
  private readonly finalBoxes: Float32Array;
  private readonly finalPoints: Float32Array;
  /** Where each node comes from, as an offset from where it goes. */
  private readonly dx: Float32Array;
  private readonly dy: Float32Array;

  private constructor(
    private readonly scene: Scene,
    before: (node: number) => { x: number; y: number } | undefined,
    now: number,
  ) {
    const { frame } = scene;
    this.start = now;
    this.finalBoxes = frame.boxes;
    this.finalPoints = frame.routePoints;
    this.dx = new Float32Array(frame.nodeCount);
    this.dy = new Float32Array(frame.nodeCount);
    for (let node = 0; node < frame.nodeCount; node += 1) {
      const place = before(node) ?? this.neighbourBefore(node, before);
      if (!place) continue;
      this.dx[node] = place.x - (this.finalBoxes[node * 4] as number);
      this.dy[node] = place.y - (this.finalBoxes[node * 4 + 1] as number);
    }
    frame.boxes = this.finalBoxes.slice();
    frame.routePoints = this.finalPoints.slice();
    this.step(now);
  }

  /** Null when nothing moves or there is too much to move. */
  static between(before: Scene, after: Scene, now: number): Motion | null {
    if (after.frame.nodeCount > MOST_NODES || after.frame.routePoints.length > MOST_NODES * 20) return null;
    let common = 0;
    const motion = new Motion(
      after,
      (node) => {
        const old = before.frame.nodeOf(after.frame.id(node));
        if (old === undefined) return undefined;
        common += 1;
        return before.box(old);
      },
      now,
    );
    if (common > 0 && motion.moves()) return motion;
    motion.finish();
    return null;
  }

  private neighbourBefore(node: number, before: (node: number) => { x: number; y: number } | undefined) {
    for (const side of ["up", "down"] as const) {
      for (const other of this.scene.neighbours(node, side)) {
        const place = before(other);
        if (place) return place;
      }
    }
    return undefined;
  }

  private moves(): boolean {
    return this.dx.some((value) => Math.abs(value) > 0.5) || this.dy.some((value) => Math.abs(value) > 0.5);
  }

  /** Puts everything where it is at `now`; false when it has arrived. */
  step(now: number): boolean {
    const t = (now - this.start) / MOTION_MS;
    if (t >= 1) {
      this.finish();
      return false;
    }
    const left = (1 - Math.max(t, 0)) ** 3;
    const { frame } = this.scene;
    for (let node = 0; node < frame.nodeCount; node += 1) {
      frame.boxes[node * 4] = (this.finalBoxes[node * 4] as number) + (this.dx[node] as number) * left;
      frame.boxes[node * 4 + 1] = (this.finalBoxes[node * 4 + 1] as number) + (this.dy[node] as number) * left;
    }
    for (let edge = 0; edge < frame.edgeCount; edge += 1) this.moveRoute(edge, left);
    return true;
  }

  private moveRoute(edge: number, left: number): void {
    const { frame } = this.scene;
    const from = frame.edges[edge * EDGE_STRIDE] as number;
    const to = frame.edges[edge * EDGE_STRIDE + 1] as number;
    const first = frame.routeStarts[edge] as number;
    const last = (frame.routeStarts[edge + 1] as number) - 1;
    for (let point = first; point <= last; point += 1) {
      const along = last === first ? 0 : (point - first) / (last - first);
      const dx = (this.dx[from] as number) * (1 - along) + (this.dx[to] as number) * along;
      const dy = (this.dy[from] as number) * (1 - along) + (this.dy[to] as number) * along;
      frame.routePoints[point * 2] = (this.finalPoints[point * 2] as number) + dx * left;
      frame.routePoints[point * 2 + 1] = (this.finalPoints[point * 2 + 1] as number) + dy * left;
    }
  }

  finish(): void {
    this.scene.frame.boxes = this.finalBoxes;
    this.scene.frame.routePoints = this.finalPoints;
  }
}
