// Mouse, pinch and keyboard on the canvas.

import { MAX_SCALE, pan, zoomAt } from "./camera";
import type { LineageCanvas, Point } from "./canvas";
import { NodeFlag } from "./frame";
import type { Hit } from "./hit";
import { type Step, stepFrom } from "./navigate";

/** Pixels that a press may move and still be a click. */
const CLICK_SLACK = 4;
/** Wheel pixels past the end of a band until it is crossed, and how long they count. */
const CROSS_PIXELS = 420;
const CROSS_MS = 900;
/** After a crossing the wheel's run-out doesn't start the next one. */
const SETTLE_MS = 700;

const STEPS: Record<string, Step> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "above",
  ArrowDown: "below",
  Home: "first",
  End: "last",
};

export class Gestures {
  private readonly abort = new AbortController();
  private readonly pointers = new Map<number, Point>();
  private press: { at: Point; moved: boolean; hit: Hit } | null = null;
  private pinch: { distance: number; middle: Point } | null = null;
  private pushed = { towards: "in" as "in" | "out", pixels: 0, at: 0 };
  private pushReset = 0;
  private crossedAt = Number.NEGATIVE_INFINITY;
  private edgeTurn = -1;
  private lastHover = "";

  constructor(private readonly graph: LineageCanvas) {
    const { element } = graph;
    const { signal } = this.abort;
    const on = <K extends keyof HTMLElementEventMap>(name: K, run: (event: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(name, run, { signal, passive: false });
    on("wheel", (event) => this.wheel(event));
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", () => this.leave());
    on("dblclick", (event) => this.doubleClick(event));
    on("auxclick", (event) => {
      const hit = this.graph.hit(point(event));
      if (event.button === 1 && "node" in hit) this.graph.events.open(hit.node, true);
    });
    on("contextmenu", (event) => {
      event.preventDefault();
      const hit = this.graph.hit(point(event));
      const node = "node" in hit ? hit.node : null;
      if (node !== null) this.choose(node);
      this.graph.events.menu(node, point(event));
    });
    on("keydown", (event) => {
      if (this.key(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    });
    on("focus", () => this.focused(true));
    on("blur", () => this.focused(false));
  }

  destroy(): void {
    this.abort.abort();
    window.clearTimeout(this.pushReset);
  }

  private focused(focused: boolean): void {
    this.graph.attention.focused = focused;
    this.graph.invalidate();
  }

  // Zoom by a person: the only one that crosses bands

  private wheel(event: WheelEvent): void {
    if (!this.graph.wheelZooms && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 240 : 1;
    if (event.shiftKey && !event.ctrlKey) {
      const delta = (event.deltaX || event.deltaY) * unit;
      this.graph.moveTo(pan(this.graph.camera, -delta, 0));
      return;
    }
    const pixels = event.deltaY * unit;
    // A pinch arrives as a wheel with Ctrl and much smaller steps.
    this.zoom(
      Math.exp(-pixels * (event.ctrlKey && Math.abs(pixels) < 50 ? 0.01 : 0.0018)),
      point(event),
      Math.abs(pixels),
    );
  }

  zoom(factor: number, at: Point, pixels: number): void {
    const { graph } = this;
    const before = graph.camera.scale;
    const target = Math.min(Math.max(before * factor, graph.smallest), MAX_SCALE);
    const towards = factor > 1 ? "in" : "out";
    if (Math.abs(target / before - 1) > 0.001) {
      this.release();
      graph.moveTo(zoomAt(graph.camera, at.x, at.y, factor, graph.smallest));
      this.hover(at);
      return;
    }
    this.pushPast(towards, at, pixels);
  }

  private pushPast(towards: "in" | "out", at: Point, pixels: number): void {
    const { graph } = this;
    if ((graph.band === "system" && towards === "out") || (graph.band === "field" && towards === "in")) return;
    const now = performance.now();
    if (now - this.crossedAt < SETTLE_MS) return;
    if (this.pushed.towards !== towards || now - this.pushed.at > CROSS_MS)
      this.pushed = { towards, pixels: 0, at: now };
    this.pushed.pixels += pixels;
    this.pushed.at = now;
    window.clearTimeout(this.pushReset);
    this.pushReset = window.setTimeout(() => this.release(), CROSS_MS);
    const share = Math.min(this.pushed.pixels / CROSS_PIXELS, 1);
    graph.events.push(towards, share);
    if (share < 1) return;
    this.release();
    this.crossedAt = now;
    const hit = graph.hit(at);
    graph.events.cross(towards, "node" in hit ? hit.node : graph.attention.selectedNode);
  }

  /** Lets go of a crossing that was begun. */
  release(): void {
    window.clearTimeout(this.pushReset);
    if (this.pushed.pixels === 0) return;
    this.pushed.pixels = 0;
    this.graph.events.push(null, 0);
  }

  // Pointer

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = point(event);
    this.graph.element.focus({ preventScroll: true });
    this.graph.element.setPointerCapture?.(event.pointerId);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) {
      this.press = null;
      this.pinch = this.measurePinch();
      return;
    }
    this.press = { at, moved: false, hit: this.graph.hit(at) };
  }

  private measurePinch(): { distance: number; middle: Point } {
    const [a, b] = [...this.pointers.values()] as [Point, Point];
    return { distance: Math.hypot(a.x - b.x, a.y - b.y), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
  }

  private move(event: PointerEvent): void {
    const at = point(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      this.hover(at);
      return;
    }
    this.pointers.set(event.pointerId, at);
    if (this.pinch && this.pointers.size === 2) {
      const now = this.measurePinch();
      const { middle, distance } = this.pinch;
      this.graph.moveTo(pan(this.graph.camera, now.middle.x - middle.x, now.middle.y - middle.y));
      if (distance > 0) this.zoom(now.distance / distance, now.middle, Math.abs(now.distance - distance) * 3);
      this.pinch = now;
      return;
    }
    const { press } = this;
    if (!press) return;
    if (!press.moved && Math.hypot(at.x - press.at.x, at.y - press.at.y) < CLICK_SLACK) return;
    if (!press.moved) {
      press.moved = true;
      this.unhover();
      this.graph.element.style.cursor = "grabbing";
    }
    this.graph.moveTo(pan(this.graph.camera, at.x - before.x, at.y - before.y));
  }

  private up(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    this.pinch = null;
    const { press } = this;
    this.press = null;
    this.graph.element.style.cursor = "";
    if (press && !press.moved) this.click(press.hit, press.at, event);
    this.hover(point(event));
  }

  private cancel(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    this.press = null;
    this.pinch = null;
  }

  private click(hit: Hit, at: Point, event: { ctrlKey: boolean; metaKey: boolean }): void {
    const { graph } = this;
    switch (hit.what) {
      case "caret":
        graph.events.caret(hit.caret);
        break;
      case "toggle":
        graph.events.toggleColumns(hit.node);
        break;
      case "column":
        this.chooseColumn(hit.column);
        break;
      case "node":
        if (event.ctrlKey || event.metaKey) graph.events.open(hit.node, true);
        else if (this.isGroup(hit.node)) graph.events.group(hit.node, at);
        else this.choose(hit.node);
        break;
      case "edge":
        graph.selectEdge(hit.edge);
        graph.events.edge(hit.edge, at);
        break;
      case "nothing":
        this.clear();
    }
  }

  private isGroup(node: number): boolean {
    return ((this.graph.scene?.frame.flags[node] ?? 0) & NodeFlag.group) !== 0;
  }

  /** Selects a node, traces its paths and says so. */
  choose(node: number): void {
    this.edgeTurn = -1;
    this.graph.select(node);
    this.graph.events.edge(null, { x: 0, y: 0 });
    this.graph.events.select(node);
  }

  private chooseColumn(column: number): void {
    const next = this.graph.chosenColumn === column ? null : column;
    this.graph.pinColumn(next);
    this.graph.events.column(next);
  }

  private clear(): void {
    this.graph.select(null);
    this.graph.pinColumn(null);
    this.graph.events.select(null);
    this.graph.events.edge(null, { x: 0, y: 0 });
    this.graph.events.column(null);
  }

  private doubleClick(event: MouseEvent): void {
    const hit = this.graph.hit(point(event));
    if (hit.what === "node" && !this.isGroup(hit.node)) this.graph.events.open(hit.node, false);
  }

  private hover(at: Point): void {
    const { graph } = this;
    const hit = graph.hit(at);
    const key = JSON.stringify(hit);
    if (key === this.lastHover) return;
    this.lastHover = key;
    const { attention } = graph;
    attention.hoverNode = "node" in hit ? hit.node : null;
    attention.hoverEdge = hit.what === "edge" ? hit.edge : null;
    attention.hoverCaret = hit.what === "caret" ? hit.caret : null;
    graph.hoverColumn(hit.what === "column" ? hit.column : null);
    graph.element.style.cursor = hit.what === "nothing" ? "" : "pointer";
    graph.events.hover(hit, at);
    graph.invalidate();
  }

  private unhover(): void {
    this.lastHover = "";
    Object.assign(this.graph.attention, { hoverNode: null, hoverEdge: null, hoverCaret: null });
    this.graph.hoverColumn(null);
    this.graph.events.hover({ what: "nothing" }, { x: 0, y: 0 });
    this.graph.invalidate();
  }

  private leave(): void {
    if (!this.press) this.unhover();
  }

  // Keyboard

  /** True when the key did something here. */
  key(event: KeyboardEvent): boolean {
    const { graph } = this;
    if (!graph.scene || graph.scene.frame.nodeCount === 0) return false;
    const step = STEPS[event.key];
    if (step) return this.arrow(event, step);
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const middle = { x: graph.size.width / 2, y: graph.size.height / 2 };
    const node = graph.attention.selectedNode;
    switch (event.key) {
      case "+":
      case "=":
        this.zoom(1.25, middle, 120);
        return true;
      case "-":
      case "_":
        this.zoom(1 / 1.25, middle, 120);
        return true;
      case "0":
        graph.fit();
        return true;
      case "Escape":
        return this.escape();
      case "ContextMenu":
        return this.menu(node);
      case "F10":
        return event.shiftKey && this.menu(node);
    }
    return node !== null && this.nodeKey(event, node);
  }

  private arrow(event: KeyboardEvent, step: Step): boolean {
    const { graph } = this;
    const { selectedNode } = graph.attention;
    const side = step === "left" ? "up" : step === "right" ? "down" : null;
    if (event.ctrlKey || event.metaKey) {
      const far = 90;
      const dx = step === "left" ? far : step === "right" ? -far : 0;
      const dy = step === "above" ? far : step === "below" ? -far : 0;
      graph.moveTo(pan(graph.camera, dx, dy));
      return true;
    }
    if (event.altKey) return this.stepColumn(step);
    if (event.shiftKey && side && selectedNode !== null) {
      graph.events.caret({ node: selectedNode, side, action: "open" });
      return true;
    }
    this.stepTo(step);
    return true;
  }

  private stepTo(step: Step): void {
    const { graph } = this;
    const { scene } = graph;
    if (!scene) return;
    const { selectedNode } = graph.attention;
    const start = selectedNode ?? this.firstChoice();
    const next = selectedNode === null && step !== "first" && step !== "last" ? start : stepFrom(scene, start, step);
    this.choose(next);
    graph.reveal(next);
  }

  /** The focus, or the first node, when nothing is selected yet. */
  private firstChoice(): number {
    const flags = this.graph.scene?.frame.flags ?? new Uint32Array();
    const focus = flags.findIndex((flag) => (flag & NodeFlag.focus) !== 0);
    return Math.max(focus, 0);
  }

  private stepColumn(step: Step): boolean {
    const { graph } = this;
    const node = graph.attention.selectedNode;
    const frame = graph.scene?.frame;
    if (!frame || node === null || (step !== "above" && step !== "below")) return false;
    if (!((frame.flags[node] as number) & NodeFlag.open)) {
      if ((frame.columnCounts[node] as number) > 0) graph.events.toggleColumns(node);
      return true;
    }
    const first = frame.columnStarts[node] as number;
    const last = (frame.columnStarts[node + 1] as number) - 1;
    if (last < first) return true;
    const now = graph.chosenColumn;
    const inside = now !== null && now >= first && now <= last;
    const next = inside
      ? Math.min(Math.max(now + (step === "below" ? 1 : -1), first), last)
      : step === "below"
        ? first
        : last;
    graph.pinColumn(next);
    graph.events.column(next);
    return true;
  }

  private nodeKey(event: KeyboardEvent, node: number): boolean {
    const { graph } = this;
    const box = graph.screenBox(node);
    const at = box ? { x: box.x + box.width / 2, y: box.y + box.height } : { x: 0, y: 0 };
    switch (event.key) {
      case "Enter":
        if (this.isGroup(node)) graph.events.group(node, at);
        else graph.events.open(node, event.shiftKey);
        return true;
      case " ":
        graph.events.inspect(node);
        return true;
      case "c":
        graph.events.toggleColumns(node);
        return true;
      case "z":
        graph.zoomToSelection();
        return true;
      case "[":
        graph.events.caret({ node, side: "up", action: "open-all" });
        return true;
      case "]":
        graph.events.caret({ node, side: "down", action: "open-all" });
        return true;
      case "{":
        graph.events.caret({ node, side: "up", action: "close" });
        return true;
      case "}":
        graph.events.caret({ node, side: "down", action: "close" });
        return true;
      case "e":
        return this.nextEdge(node);
    }
    return false;
  }

  /** Goes round the edges of a node, so that who said so can be read without a mouse. */
  private nextEdge(node: number): boolean {
    const { graph } = this;
    const { scene } = graph;
    if (!scene) return false;
    const edges: number[] = [];
    for (const { starts, edges: list } of [scene.in, scene.out]) {
      for (let at = starts[node] as number; at < (starts[node + 1] as number); at += 1) edges.push(list[at] as number);
    }
    if (edges.length === 0) return true;
    this.edgeTurn = (this.edgeTurn + 1) % edges.length;
    const edge = edges[this.edgeTurn] as number;
    graph.selectEdge(edge);
    graph.events.edge(edge, graph.edgeAnchor(edge));
    return true;
  }

  private menu(node: number | null): boolean {
    const box = node === null ? null : this.graph.screenBox(node);
    const at = box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 80, y: 80 };
    this.graph.events.menu(node, at);
    return true;
  }

  /** One step back: the edge, then the column, then the selection. */
  private escape(): boolean {
    const { graph } = this;
    const { attention } = graph;
    if (attention.selectedEdge !== null) {
      graph.selectEdge(null);
      graph.events.edge(null, { x: 0, y: 0 });
    } else if (graph.chosenColumn !== null) {
      graph.pinColumn(null);
      graph.events.column(null);
    } else if (attention.selectedNode !== null) this.clear();
    else return false;
    return true;
  }
}

function point(event: MouseEvent): Point {
  return { x: event.offsetX, y: event.offsetY };
}
