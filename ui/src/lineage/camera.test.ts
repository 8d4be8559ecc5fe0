import { expect, test } from "vitest";
import { between, confine, MAX_SCALE, reveal, whole, zoomAt } from "./camera";

const size = { width: 800, height: 600 };

test("zooming keeps what is under the pointer there", () => {
  const before = { x: 100, y: -50, scale: 0.5 };
  const after = zoomAt(before, 300, 200, 1.7, 0.01);
  expect(after.x + 300 / after.scale).toBeCloseTo(before.x + 300 / before.scale);
  expect(after.y + 200 / after.scale).toBeCloseTo(before.y + 200 / before.scale);
});

test("zooming stops at its ends", () => {
  expect(zoomAt({ x: 0, y: 0, scale: 1 }, 0, 0, 100, 0.1).scale).toBe(MAX_SCALE);
  expect(zoomAt({ x: 0, y: 0, scale: 1 }, 0, 0, 0.001, 0.1).scale).toBe(0.1);
});

test("all of it fits, in the middle, and never larger than life", () => {
  const camera = whole({ x: 0, y: 0, width: 4000, height: 100 }, size);
  expect(4000 * camera.scale).toBeLessThan(800);
  expect(camera.x + 400 / camera.scale).toBeCloseTo(2000);
  expect(whole({ x: 0, y: 0, width: 10, height: 10 }, size).scale).toBe(1);
});

test("revealing moves only as far as needed", () => {
  const camera = { x: 0, y: 0, scale: 1 };
  expect(reveal(camera, { x: 100, y: 100, width: 50, height: 50 }, size)).toEqual(camera);
  expect(reveal(camera, { x: 900, y: 100, width: 50, height: 50 }, size)).toMatchObject({ x: 190, y: 0 });
});

test("the drawing can't be lost", () => {
  const bounds = { x: 0, y: 0, width: 1000, height: 1000 };
  const camera = confine({ x: 1e6, y: -1e6, scale: 1 }, bounds, size);
  expect(camera.x).toBeLessThan(1000);
  expect(camera.y).toBeGreaterThan(-600);
});

test("a flight starts and ends where it should", () => {
  const from = { x: 0, y: 0, scale: 1 };
  const to = { x: 500, y: 40, scale: 0.25 };
  expect(between(from, to, 0)).toEqual(from);
  const end = between(from, to, 1);
  expect(end.x).toBeCloseTo(500);
  expect(end.scale).toBeCloseTo(0.25);
});
