import { describe, expect, test } from "vitest";
import { Scene } from "./scene";
import { diamond, sceneOf, viewOf } from "./testing/frames";
import { story } from "./testing/story";
import { ColumnPaths, tracePath } from "./trace";

const marked = (bytes: Uint8Array) => [...bytes.keys()].filter((at) => bytes[at] === 1);

describe("trace", () => {
  test("goes up and down from a node, and not sideways", () => {
    const trace = tracePath(sceneOf(...diamond), 1);
    expect(marked(trace.nodes)).toEqual([0, 1, 3, 4]);
    expect(marked(trace.edges)).toEqual([0, 2, 4]);
    expect(trace).toMatchObject({ nodeCount: 4, edgeCount: 3 });
  });

  test("ends on a cycle", () => {
    const [places, edges] = diamond;
    const trace = tracePath(sceneOf(places, [...edges, [4, 0]]), 1);
    expect(marked(trace.nodes)).toEqual([0, 1, 2, 3, 4]);
  });

  test("follows a column both ways through several tables", () => {
    const frame = viewOf(story({ focus: "int_orders" }));
    const scene = new Scene(frame);
    const column = (table: string, name: string) => {
      for (let row = 0; row * 3 < frame.columns.length; row += 1) {
        if (frame.name(scene.nodeOfColumn(row)) === table && frame.text(frame.columns[row * 3] as number) === name)
          return row;
      }
      throw new Error(`no ${table}.${name}`);
    };
    const path = new ColumnPaths(frame).of(column("int_orders_with_amounts", "order_amount"));
    expect(path.columns).toContain(column("raw_order_items", "unit_price"));
    expect(path.columns).toContain(column("customer_churn_features_v3", "lifetime_value"));
    expect(path.columns).toContain(column("fct_daily_revenue", "revenue"));
    expect(path.columns).not.toContain(column("customer_churn_features_v3", "orders_90d"));
    expect(path.edges).toHaveLength(6);
  });
});
