import { expect, test } from "vitest";
import { fileNameOf, hexOf } from "./save";

test("bytes as digits", () => {
  expect(hexOf(Uint8Array.from([0, 255, 16, 7]))).toBe("00ff1007");
  expect(hexOf(new Uint8Array())).toBe("");
});

test("file names that every system takes", () => {
  expect(fileNameOf('a/b:c*"d"?', "csv")).toBe("a_b_c_d_-lineage.csv");
  expect(fileNameOf("...", "png")).toBe("lineage-lineage.png");
});
