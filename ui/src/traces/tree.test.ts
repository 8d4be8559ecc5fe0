import { describe, expect, test } from "vitest";
import { trace } from "./testing/seed";
import { cause, closedAtFirst, named, opened, visible } from "./tree";

describe("the tree of steps", () => {
  test("a closed step hides all below it", () => {
    expect(visible(trace, new Set())).toEqual([0, 1, 2, 3, 4]);
    expect(visible(trace, new Set([1]))).toEqual([0, 1, 4]);
    expect(visible(trace, new Set([0, 1]))).toEqual([0]);
  });

  test("knows what caused a step, and opens the way to it", () => {
    expect([0, 1, 2, 3, 4].map((at) => cause(trace, at))).toEqual([-1, 0, 1, 1, 0]);
    expect([...opened(trace, new Set([0, 1]), 3)]).toEqual([]);
    const closed = new Set([1]);
    expect(opened(trace, closed, 4)).toBe(closed);
  });

  test("a long trace starts with its first levels", () => {
    expect(closedAtFirst(trace).size).toBe(0);
    const deep = { ...trace, depth: [0, 1, 2, 3, 1], below: [4, 2, 1, 0, 0] };
    expect([...closedAtFirst(deep, 3)]).toEqual([2]);
  });

  test("finds by name whatever the case", () => {
    expect(named(trace, "S")).toEqual([0, 1, 4]);
    expect(named(trace, " ")).toEqual([]);
  });
});
