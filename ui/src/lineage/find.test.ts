import { expect, test } from "vitest";
import { findNodes } from "./find";
import { viewOf } from "./testing/frames";
import { story } from "./testing/story";

const frame = viewOf(story());
const names = (text: string) => findNodes(frame, text).map((node) => frame.name(node));

test("names that start so come first, then from left to right", () => {
  const found = names("churn");
  expect(found.slice(0, 2).every((name) => name.startsWith("churn"))).toBe(true);
  expect(found).toContain("customer_churn_features_v3");
});

test("every word has to match, in the name, the qualified name or a column", () => {
  expect(names("STG tickets")).toEqual(["stg_support_tickets"]);
  expect(names("sentiment_30d")).toEqual(["customer_churn_features_v3"]);
  expect(names("postgres raw_orders")).toEqual(["raw_orders"]);
});

test("nothing wanted, nothing found", () => {
  expect(names("  ")).toEqual([]);
  expect(names("zzzz")).toEqual([]);
});
