import { describe, expect, test } from "vitest";
import { Scene } from "./scene";
import { diamond, frameOf, sceneOf, viewOf } from "./testing/frames";
import { largeFrame } from "./testing/large";

describe("scene", () => {
  test("neighbours come from top to bottom, each once", () => {
    const [places, edges] = diamond;
    const scene = sceneOf(places, [...edges, [0, 2], [0, 0]]);
    expect(scene.neighbours(0, "down")).toEqual([1, 2]);
    expect(scene.neighbours(3, "up")).toEqual([1, 2]);
    expect(scene.neighbours(5, "up")).toEqual([]);
  });

  test("finds exactly the nodes in an area", () => {
    const scene = new Scene(viewOf(largeFrame(2000)));
    const areas = [
      { x: 0, y: 0, width: 900, height: 700 },
      { x: 1500, y: -4000, width: 50, height: 9000 },
      { x: 1e7, y: 0, width: 10, height: 10 },
    ];
    for (const area of areas) {
      const expected = Array.from({ length: 2000 }, (_, node) => node).filter((node) => {
        const box = scene.box(node);
        return (
          box.x <= area.x + area.width &&
          box.x + box.width >= area.x &&
          box.y <= area.y + area.height &&
          box.y + box.height >= area.y
        );
      });
      expect(scene.nodesIn(area).sort((a, b) => a - b)).toEqual(expected);
    }
  });

  test("every leg lies in its edge's route, and crowded areas give a part of them", () => {
    const scene = new Scene(viewOf(largeFrame(500)));
    const all = scene.legsIn(scene.bounds);
    expect(all.length).toBe(scene.legCount);
    for (const leg of all) {
      const edge = scene.legEdge[leg] as number;
      const point = scene.legPoint[leg] as number;
      expect(point).toBeGreaterThanOrEqual(scene.frame.routeStarts[edge] as number);
      expect(point + 1).toBeLessThan(scene.frame.routeStarts[edge + 1] as number);
    }
    expect(scene.legsIn(scene.bounds, 4).length).toBeCloseTo(all.length / 4, -1);
  });

  test("estimates all of it right and an empty part as nothing", () => {
    const scene = new Scene(viewOf(largeFrame(2000)));
    expect(scene.estimate(scene.bounds).nodes).toBeCloseTo(2000, 0);
    expect(scene.estimate({ x: -1e6, y: 0, width: 10, height: 10 })).toEqual({ nodes: 0, legs: 0 });
    const half = { ...scene.bounds, height: scene.bounds.height / 2 };
    const found = scene.nodesIn(half).length;
    expect(Math.abs(scene.estimate(half).nodes - found) / found).toBeLessThan(0.1);
  });

  test("an empty frame has nowhere to look", () => {
    const scene = new Scene(frameOf([], []));
    expect(scene.nodesIn({ x: 0, y: 0, width: 1, height: 1 })).toEqual([]);
    expect(scene.bounds).toEqual({ x: 0, y: 0, width: 0, height: 0 });
  });
});
