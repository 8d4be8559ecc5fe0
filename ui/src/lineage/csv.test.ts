import { expect, test } from "vitest";
import { csvField, csvOf } from "./csv";

test("quotes what would break a row and disarms formulas", () => {
  expect(csvField('say "hi", please')).toBe('"say ""hi"", please"');
  expect(csvField("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
  expect(csvField(-2)).toBe("-2");
});

test("one row for each node, with its level", () => {
  const row = {
    level: -1,
    id: "1",
    kind: "dataset",
    name: "raw_orders",
    qualified_name: "postgres://h:5432/shop.raw_orders",
    system: "postgres",
    upstream: [],
    downstream: ["stg_orders", "audit"],
    hidden_up: 0,
    hidden_down: 3,
    columns: 5,
    cycle: false,
    removed: false,
  };
  expect(csvOf([row]).split("\r\n")).toEqual([
    "level,kind,name,qualified_name,system,upstream,downstream,hidden_up,hidden_down",
    "-1,dataset,raw_orders,postgres://h:5432/shop.raw_orders,postgres,,stg_orders; audit,0,3",
    "",
  ]);
});
