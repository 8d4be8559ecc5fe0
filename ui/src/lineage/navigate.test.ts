import { expect, test } from "vitest";
import { stepFrom } from "./navigate";
import { diamond, sceneOf } from "./testing/frames";

const scene = sceneOf(...diamond);

test("left and right follow edges to the nearest neighbour", () => {
  expect(stepFrom(scene, 3, "left")).toBe(1);
  expect(stepFrom(scene, 3, "right")).toBe(4);
  expect(stepFrom(scene, 2, "right")).toBe(3);
});

test("up and down stay in the column", () => {
  expect(stepFrom(scene, 1, "below")).toBe(2);
  expect(stepFrom(scene, 2, "above")).toBe(1);
  expect(stepFrom(scene, 0, "below")).toBe(5);
});

test("where nothing is, the selection stays", () => {
  expect(stepFrom(scene, 0, "left")).toBe(0);
  expect(stepFrom(scene, 4, "right")).toBe(4);
  expect(stepFrom(scene, 4, "above")).toBe(4);
});

test("home and end are the first and the last", () => {
  expect(stepFrom(scene, 3, "first")).toBe(0);
  expect(stepFrom(scene, 0, "last")).toBe(4);
});
