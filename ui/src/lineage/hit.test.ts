import { describe, expect, test } from "vitest";
import { NodeFlag } from "./frame";
import { edgeAt, hitTest } from "./hit";
import { caretsOf } from "./paint-nodes";
import { diamond, sceneOf } from "./testing/frames";
import { storyId } from "./testing/story";

const withColumns = () =>
  sceneOf(
    [
      [0, 0],
      [300, 0],
    ],
    [[0, 1]],
    (nodes) => {
      const [first] = nodes;
      if (!first) return;
      first.columns = ["id", "name"].map((name, at) => ({ id: storyId(0, at + 1), name, type: "text" }));
      first.height = 92;
      first.flags = NodeFlag.open;
      first.hiddenUp = 7;
    },
  );

describe("hit test", () => {
  test("a node, an edge, nothing", () => {
    const scene = sceneOf(...diamond);
    expect(hitTest(scene, 50, 120, 1, [])).toEqual({ what: "node", node: 0 });
    expect(hitTest(scene, 550, 126, 1, [])).toEqual({ what: "edge", edge: 4 });
    expect(hitTest(scene, 550, 300, 1, [])).toEqual({ what: "nothing" });
  });

  test("an edge is as near as it looks, at every zoom", () => {
    const scene = sceneOf(...diamond);
    expect(hitTest(scene, 550, 131, 1, []).what).toBe("edge");
    expect(hitTest(scene, 550, 134, 1, []).what).toBe("nothing");
    expect(hitTest(scene, 550, 134, 0.4, []).what).toBe("edge");
  });

  test("follows the curve, not the straight line", () => {
    const scene = sceneOf(...diamond);
    // Edge 0 runs from (100, 126) to (200, 26) and leaves level.
    expect(edgeAt(scene, 113, 123, 3)).toBe(0);
    expect(edgeAt(scene, 120, 106, 3)).toBeNull();
  });

  test("columns, the toggle and carets are only there when they can be seen", () => {
    const scene = withColumns();
    expect(hitTest(scene, 50, 60, 1, [])).toEqual({ what: "column", node: 0, column: 0 });
    expect(hitTest(scene, 50, 80, 1, [])).toEqual({ what: "column", node: 0, column: 1 });
    expect(hitTest(scene, 80, 36, 1, []).what).toBe("toggle");
    expect(hitTest(scene, 50, 60, 0.4, [])).toEqual({ what: "node", node: 0 });
  });

  test("the second caret is there for the node that is pointed at", () => {
    const scene = withColumns();
    expect(caretsOf(scene, 0, false).map((caret) => caret.action)).toEqual(["open"]);
    const [one, all] = caretsOf(scene, 0, true);
    expect(one).toMatchObject({ action: "open", side: "up", text: "7" });
    expect(all?.action).toBe("open-all");
    const middle = { x: (all?.x ?? 0) + 8, y: (all?.y ?? 0) + 8 };
    expect(hitTest(scene, middle.x, middle.y, 1, [])).toMatchObject({ what: "nothing" });
    expect(hitTest(scene, middle.x, middle.y, 1, [0])).toMatchObject({ what: "caret", caret: { action: "open-all" } });
  });
});
