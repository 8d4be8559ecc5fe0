import { describe, expect, test } from "vitest";
import { decode, smoothed } from "./charts/series";
import { looksOf } from "./colours";
import { withoutBrush, withRange } from "./link";

describe("runs", () => {
  test("a run keeps its colour while others come and go, and no two alike are shown", () => {
    const known = new Map<string, number>();
    const ids = Array.from({ length: 40 }, (_, at) => `run-${at}`);
    const before = looksOf(ids, known);
    const looks = new Set([...before.values()].map((look) => `${look.colour}/${look.pattern}`));
    expect(looks.size).toBe(40);
    const after = looksOf(ids.slice(20), known);
    for (const [id, look] of after) expect(look).toEqual(before.get(id));
  });

  test("brushing again replaces what brushing wrote", () => {
    const once = withRange("status = 'FINISHED'", "metrics.loss", 0.1, 0.5);
    expect(once).toBe("status = 'FINISHED' AND metrics.loss >= 0.1 AND metrics.loss <= 0.5");
    expect(withRange(once, "metrics.loss", 0.2, 0.3)).toContain("metrics.loss >= 0.2 AND metrics.loss <= 0.3");
    expect(withoutBrush(once, "metrics.loss")).toBe("status = 'FINISHED'");
  });

  test("series are read as Rust writes them, and smoothing starts at the first value", () => {
    const head = JSON.stringify([{ run: "a", metric: "loss", count: 2, not_finite: 0, points: 2 }]);
    const length = Math.ceil((head.length + 4) / 8) * 8 - 4;
    const bytes = new ArrayBuffer(4 + length + 64);
    new DataView(bytes).setUint32(0, length, true);
    new Uint8Array(bytes, 4).set(new TextEncoder().encode(head.padEnd(length)));
    new Float64Array(bytes, 4 + length).set([0, 1, 5, 3, 5, 3, 5, 3]);
    const [one] = decode(bytes);
    expect([...(one?.mean ?? [])]).toEqual([5, 3]);
    expect(smoothed(one?.mean ?? new Float64Array(), 0.9)[0]).toBeCloseTo(5);
  });
});
