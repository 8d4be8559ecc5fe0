import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CanvasEvents, LineageCanvas } from "./canvas";
import { NodeFlag } from "./frame";
import { readLook } from "./look";
import { pngScale } from "./png";
import { Shapes } from "./shapes";
import { svgOf } from "./svg";
import { installCanvas, recordedOf } from "./testing/context";
import { diamond, frameOf, viewOf } from "./testing/frames";
import { largeFrame } from "./testing/large";
import { story, storyId } from "./testing/story";
import { FittedText } from "./text";

const events = () =>
  ({
    select: vi.fn(),
    open: vi.fn(),
    inspect: vi.fn(),
    caret: vi.fn(),
    toggleColumns: vi.fn(),
    column: vi.fn(),
    edge: vi.fn(),
    group: vi.fn(),
    menu: vi.fn(),
    cross: vi.fn(),
    push: vi.fn(),
    hover: vi.fn(),
    moved: vi.fn(),
  }) satisfies CanvasEvents;

let graph: LineageCanvas;
let said: ReturnType<typeof events>;

beforeEach(() => {
  installCanvas();
  said = events();
  graph = new LineageCanvas(document.createElement("canvas"), null, said, () => true);
});
afterEach(() => graph.destroy());

const show = (frame = frameOf(...diamond)) => {
  graph.setFrame(frame, null);
  graph.draw();
};
const key = (name: string, more: KeyboardEventInit = {}) =>
  graph.element.dispatchEvent(new KeyboardEvent("keydown", { key: name, cancelable: true, ...more }));
const wheel = (deltaY: number) => graph.element.dispatchEvent(new WheelEvent("wheel", { deltaY, cancelable: true }));

describe("keyboard", () => {
  test("starts at the focus and follows edges", () => {
    show(frameOf(diamond[0], diamond[1], (nodes) => Object.assign(nodes[3] ?? {}, { flags: NodeFlag.focus })));
    key("ArrowRight");
    expect(said.select).toHaveBeenLastCalledWith(3);
    key("ArrowRight");
    expect(said.select).toHaveBeenLastCalledWith(4);
    key("ArrowLeft");
    key("ArrowLeft");
    expect(said.select).toHaveBeenLastCalledWith(1);
    expect(graph.trace?.nodeCount).toBe(4);
  });

  test("opens, peeks, unfolds and asks who says so", () => {
    show();
    graph.select(1);
    key("Enter");
    expect(said.open).toHaveBeenCalledWith(1, false);
    key(" ");
    expect(said.inspect).toHaveBeenCalledWith(1);
    key("ArrowLeft", { shiftKey: true });
    expect(said.caret).toHaveBeenCalledWith({ node: 1, side: "up", action: "open" });
    key("c");
    expect(said.toggleColumns).toHaveBeenCalledWith(1);
    key("e");
    expect(said.edge.mock.lastCall?.[0]).toBe(0);
    key("e");
    expect(said.edge.mock.lastCall?.[0]).toBe(2);
    key("F10", { shiftKey: true });
    expect(said.menu.mock.lastCall?.[0]).toBe(1);
  });

  test("Esc goes back one step at a time", () => {
    show();
    graph.select(1);
    graph.selectEdge(0);
    key("Escape");
    expect(graph.attention).toMatchObject({ selectedEdge: null, selectedNode: 1 });
    key("Escape");
    expect(graph.attention.selectedNode).toBeNull();
    expect(graph.trace).toBeNull();
  });

  test("keys that mean nothing here are left to the window", () => {
    show();
    const event = new KeyboardEvent("keydown", { key: "k", ctrlKey: true, cancelable: true });
    graph.element.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

describe("zoom", () => {
  test("the trace survives it", () => {
    show();
    graph.select(1);
    const { trace } = graph;
    wheel(-200);
    wheel(400);
    expect(graph.trace).toBe(trace);
  });

  test("crosses a band only when a person goes on at its end", () => {
    show();
    for (let turn = 0; turn < 40; turn += 1) wheel(-100);
    expect(said.cross).toHaveBeenCalledTimes(1);
    expect(said.cross.mock.lastCall?.[0]).toBe("in");
    expect(said.push).toHaveBeenCalled();
  });

  test("never crosses a band by itself", () => {
    show();
    graph.select(2);
    graph.zoomToSelection();
    graph.zoomBy(100);
    graph.fit();
    graph.show(4);
    graph.setMatches([0, 1, 2], 2);
    graph.zoomBy(0.0001);
    expect(said.cross).not.toHaveBeenCalled();
  });
});

describe("another frame", () => {
  test("keeps what was on screen in its place and the selection with it", () => {
    show();
    graph.select(3);
    const before = graph.screenBox(3);
    const moved = frameOf(
      diamond[0].map(([x, y]) => [x + 500, y - 70]),
      diamond[1],
    );
    graph.setFrame(moved, storyId(3));
    expect(graph.screenBox(3)).toEqual(before);
    expect(graph.attention.selectedNode).toBe(3);
    expect(graph.trace?.nodeCount).toBe(5);
  });

  test("opening columns doesn't move the other cards on screen", () => {
    show(viewOf(story()));
    const at = graph.scene?.frame.nodeOf(storyId(12)) ?? -1;
    const before = graph.screenBox(at);
    graph.setFrame(viewOf(story({ open: ["features"] })), storyId(12));
    expect(graph.screenBox(at)).toMatchObject({ x: before?.x, y: before?.y });
  });

  test("a chosen column stays chosen", () => {
    show(viewOf(story({ open: ["features"] })));
    const frame = graph.scene?.frame;
    const column = frame ? (frame.columnStarts[frame.nodeOf(storyId(12)) ?? 0] as number) + 1 : 0;
    graph.pinColumn(column);
    expect(graph.attention.columnPath?.columns.size).toBeGreaterThan(2);
    const id = frame?.columnId(column);
    graph.setFrame(viewOf(story({ open: ["features", "dim_customers"] })), null);
    expect(graph.scene?.frame.columnId(graph.chosenColumn ?? -1)).toBe(id);
  });
});

describe("drawing", () => {
  test("a few nodes are drawn at once, thousands from bitmaps", () => {
    show();
    expect(graph.drawn.tiled).toBe(0);
    graph.setFrame(viewOf(largeFrame(6000)), null);
    graph.fit(false);
    graph.draw();
    expect(graph.drawn.tiled).toBe(1);
  });

  test("draws only what is in view", () => {
    show(viewOf(largeFrame(3000)));
    graph.moveTo({ ...graph.camera, scale: 1 });
    const { calls } = recordedOf(graph.element);
    calls.length = 0;
    graph.draw();
    expect(calls.filter(({ name }) => name === "fillText").length).toBeLessThan(200);
  });
});

describe("export", () => {
  test("the drawing has every edge and every name, and text stays text", () => {
    const frame = frameOf(diamond[0], diamond[1], (nodes) => Object.assign(nodes[0] ?? {}, { name: "<b>&x" }));
    graph.setFrame(frame, null);
    const text = new FittedText({ font: "", measureText: (part) => ({ width: part.length }) as TextMetrics });
    const scene = graph.scene;
    if (!scene) throw new Error("no scene");
    const svg = svgOf(scene, readLook(), new Shapes(new Map()), text);
    const page = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(page.querySelectorAll("path[marker-end]")).toHaveLength(5);
    expect(page.querySelectorAll("g > title")).toHaveLength(6);
    expect(svg).toContain("&lt;b&gt;&amp;x");
    expect(page.querySelector("b")).toBeNull();
  });

  test("a picture stays within what a picture can be", () => {
    expect(pngScale(500, 500)).toBe(2);
    expect(pngScale(6000, 250_000) * 250_000).toBeLessThanOrEqual(16_000);
    const scale = pngScale(20_000, 20_000);
    expect(scale * scale * 4e8).toBeLessThanOrEqual(64_000_001);
  });
});
