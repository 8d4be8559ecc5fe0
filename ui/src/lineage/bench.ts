// Measures frame times while panning and zooming: `bench.html?nodes=50000`, and `&peer=react-flow` for React Flow, `&peer=nothing` for a frame's own cost.
// The page's title names the phase that is measured; at last it is "done" and the result is JSON in #result. Built by bench.config.ts only, never shipped.

import "../shared/tokens.css";
import { LineageCanvas } from "./canvas";
import { decodeFrame } from "./frame";
import { encodeFrame, type FrameInput } from "./testing/encode";
import { largeFrame } from "./testing/large";

interface Phase {
  name: string;
  frames: number;
  median: number;
  p95: number;
  worst: number;
  /** Of the frames' time, what drawing took; only our own view tells. */
  draw?: { median: number; p95: number; worst: number };
}

const FRAMES = 180;

/** The times of all frames of all phases. */
const every: number[] = [];

/** Time between animation frames while `act` is called in each. */
async function measure(name: string, act: (frame: number) => void): Promise<Phase> {
  const times: number[] = [];
  const draws: number[] = [];
  document.title = name;
  let before = await nextFrame();
  for (let frame = 0; frame < FRAMES; frame += 1) {
    act(frame);
    const now = await nextFrame();
    times.push(now - before);
    if (own) draws.push(own.drawn.ms);
    before = now;
  }
  every.push(...times);
  return { name, frames: FRAMES, ...spread(times), ...(own ? { draw: spread(draws) } : {}) };
}

function spread(values: number[]): { median: number; p95: number; worst: number } {
  values.sort((a, b) => a - b);
  const at = (share: number) => Math.round((values[Math.floor((values.length - 1) * share)] as number) * 10) / 10;
  return { median: at(0.5), p95: at(0.95), worst: at(1) };
}

let own: LineageCanvas | null = null;

const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As a person does it: wheel turns over the middle, and drags to and fro. */
class Hand {
  constructor(private readonly target: Element) {}

  private get middle(): { x: number; y: number } {
    const box = this.target.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  }

  wheel(deltaY: number): void {
    const { x, y } = this.middle;
    const init = { bubbles: true, cancelable: true, clientX: x, clientY: y, deltaY };
    this.target.dispatchEvent(new WheelEvent("wheel", init));
  }

  press(): void {
    this.send("down", this.middle.x, this.middle.y, 1);
  }

  drag(dx: number, dy: number): void {
    this.send("move", this.middle.x + dx, this.middle.y + dy, 1);
  }

  release(dx: number, dy: number): void {
    this.send("up", this.middle.x + dx, this.middle.y + dy, 0);
  }

  private send(what: "down" | "move" | "up", x: number, y: number, buttons: number): void {
    const init = { bubbles: true, cancelable: true, clientX: x, clientY: y, button: 0, buttons, view: window };
    this.target.dispatchEvent(new PointerEvent(`pointer${what}`, { ...init, pointerId: 1, isPrimary: true }));
    const mouseTarget = what === "down" ? this.target : window;
    mouseTarget.dispatchEvent(new MouseEvent(`mouse${what}`, init));
  }
}

async function pan(name: string, hand: Hand): Promise<Phase> {
  hand.press();
  const place = (frame: number): [number, number] => {
    const t = (frame / FRAMES) * 4 * Math.PI;
    return [Math.sin(t) * 320, Math.cos(t) * 240 - 240];
  };
  const phase = await measure(name, (frame) => hand.drag(...place(frame)));
  hand.release(...place(FRAMES));
  return phase;
}

/** Turns the wheel until the view is at `target` and then to and fro there. */
const zoomTo = (name: string, hand: Hand, scale: () => number, target: number) =>
  measure(name, () => hand.wheel(scale() < target ? -40 : 40));

async function script(hand: Hand, scale: () => number): Promise<Phase[]> {
  const phases: Phase[] = [];
  const all = scale();
  phases.push(await pan("pan, all of it", hand));
  phases.push(await measure("zoom in and out around all of it", (frame) => hand.wheel(frame % 60 < 30 ? -60 : 60)));
  phases.push(await zoomTo("zoom in", hand, scale, 0.2));
  phases.push(await pan("pan, part of it", hand));
  phases.push(await zoomTo("zoom in further", hand, scale, 0.8));
  phases.push(await pan("pan, close", hand));
  phases.push(await zoomTo("zoom out", hand, scale, all));
  return phases;
}

interface View {
  target: Element;
  scale: () => number;
  facts: Record<string, number>;
}

function ownView(stage: HTMLElement, input: FrameInput): View {
  const canvas = document.createElement("canvas");
  stage.append(canvas);
  const none = () => {};
  const graph = new LineageCanvas(
    canvas,
    null,
    {
      select: none,
      open: none,
      inspect: none,
      caret: none,
      toggleColumns: none,
      column: none,
      edge: none,
      group: none,
      menu: none,
      cross: none,
      push: none,
      hover: none,
      moved: none,
    },
    () => false,
  );
  own = graph;
  const bytes = encodeFrame(input);
  const start = performance.now();
  const frame = decodeFrame(bytes);
  const decoded = performance.now();
  if (frame.reply !== "view") throw new Error("the bench's frame is too large");
  graph.setFrame(frame, null);
  graph.draw();
  const drawn = performance.now();
  const facts = { bytes: bytes.byteLength, decodeMs: decoded - start, firstDrawMs: drawn - decoded };
  Object.assign(window, { graph });
  return { target: canvas, scale: () => graph.camera.scale, facts };
}

/** Next to nothing, drawn as often: what a frame costs here before anybody draws a graph. */
function emptyView(stage: HTMLElement): View {
  const canvas = document.createElement("canvas");
  stage.append(canvas);
  canvas.width = window.innerWidth;
  canvas.height = window.innerHeight;
  const pen = canvas.getContext("2d");
  let turn = 0;
  const draw = () => {
    turn += 1;
    pen?.clearRect(0, 0, canvas.width, canvas.height);
    pen?.fillRect(turn % 100, 10, 20, 20);
  };
  for (const what of ["wheel", "pointermove"]) canvas.addEventListener(what, draw);
  window.addEventListener("mousemove", draw);
  return { target: canvas, scale: () => 0.5, facts: { firstDrawMs: 0 } };
}

async function run(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const nodes = Number(query.get("nodes") ?? 50_000);
  const peer = query.get("peer");
  document.documentElement.dataset.theme = "light";
  const stage = document.getElementById("stage");
  if (!stage) return;
  const input = largeFrame(nodes);
  const view = async (): Promise<View> => {
    if (peer === "react-flow") return (await import("./bench-peer")).reactFlow(stage, input);
    return peer === "nothing" ? emptyView(stage) : ownView(stage, input);
  };
  const { target, scale, facts } = await view();
  if (own) own.fit(false);
  await pause(2500);
  if (query.has("hold")) return;
  const phases = await script(new Hand(target), scale);
  const worst = (pick: (phase: Phase) => number) => Math.max(...phases.map(pick));
  const result = {
    view: peer ?? "catena",
    nodes,
    edges: input.edges.length,
    window: [window.innerWidth, window.innerHeight, window.devicePixelRatio],
    ...facts,
    ...spread(every),
    worstMedian: worst((phase) => phase.median),
    worstP95: worst((phase) => phase.p95),
    phases,
  };
  const output = document.getElementById("result");
  if (output && !query.has("silent")) output.textContent = JSON.stringify(result);
  document.title = "done";
}

run().catch((error: unknown) => {
  const output = document.getElementById("result");
  if (output) output.textContent = JSON.stringify({ error: String(error) });
  document.title = "done";
});
