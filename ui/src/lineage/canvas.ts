// The lineage graph on a canvas: what is drawn and when. Knows nothing of React; gestures.ts turns input into calls.

import { between, type Camera, centre, confine, minScale, reveal, type Size, visible, whole, zoomAt } from "./camera";
import { type Band, type Frame, NodeFlag } from "./frame";
import { Gestures } from "./gestures";
import { type Hit, hitTest } from "./hit";
import { shiftBetween } from "./keep-place";
import { type Look, readLook } from "./look";
import { Minimap } from "./minimap";
import { Motion } from "./motion";
import { type Attention, Overlay } from "./overlay";
import { detailAt } from "./paint-edges";
import { type Brush, paintLayer } from "./paint-layer";
import type { Caret } from "./paint-nodes";
import { type Box, Scene } from "./scene";
import { bitmap, type Shape, Shapes } from "./shapes";
import { FittedText } from "./text";
import { Tiles } from "./tiles";
import { ColumnPaths, type Trace, tracePath } from "./trace";

export interface Point {
  x: number;
  y: number;
}

/** What a person did. Points are in CSS pixels of the canvas. */
export interface CanvasEvents {
  select(node: number | null): void;
  open(node: number, newTab: boolean): void;
  inspect(node: number): void;
  caret(caret: Pick<Caret, "node" | "side" | "action">): void;
  toggleColumns(node: number): void;
  column(column: number | null): void;
  edge(edge: number | null, at: Point): void;
  group(node: number, at: Point): void;
  menu(node: number | null, at: Point): void;
  /** Zoomed past the end of a band, `towards` the next. */
  cross(towards: "in" | "out", node: number | null): void;
  /** How far, from 0 to 1, towards crossing. */
  push(towards: "in" | "out" | null, share: number): void;
  hover(hit: Hit, at: Point): void;
  moved(scale: number): void;
}

/** What can be drawn in one frame, nodes and legs, by detail; beyond it bitmaps take over. */
const DIRECT = { far: [500, 500], mid: [150, 300], near: [80, 180] } as const;
const REST_MS = 160;

/** Nothing pointed at, selected or looked for. */
const UNATTENDED = {
  hoverNode: null,
  hoverEdge: null,
  hoverCaret: null,
  hoverColumn: null,
  selectedNode: null,
  selectedEdge: null,
  columnPath: null,
  matches: [],
  match: -1,
} satisfies Partial<Attention>;

export class LineageCanvas {
  scene: Scene | null = null;
  camera: Camera = { x: 0, y: 0, scale: 1 };
  size: Size = { width: 1, height: 1 };
  trace: Trace | null = null;
  readonly attention: Attention = { ...UNATTENDED, traced: null, focused: false };
  private readonly context: CanvasRenderingContext2D;
  private readonly text: FittedText;
  private readonly gestures: Gestures;
  private readonly minimap: Minimap | null;
  private readonly observer: ResizeObserver | null;
  private look: Look;
  private shapes = new Shapes(new Map());
  private overlay: Overlay | null = null;
  private tiles: Tiles | null = null;
  private paths: ColumnPaths | null = null;
  private pinnedColumn: number | null = null;
  private motion: Motion | null = null;
  private flight: { from: Camera; to: Camera; start: number } | null = null;
  private ratio = 1;
  private dirty = false;
  private request = 0;
  private movedAt = 0;
  /** The zoom and since when it has been so: panning keeps it, so exact bitmaps are worth painting. */
  private zoomed = { scale: 1, at: 0 };
  private tiled = false;
  private fitted = false;
  /** Counts what was drawn, for the bench and the tests. */
  readonly drawn = { frames: 0, tiled: 0, ms: 0 };

  constructor(
    readonly element: HTMLCanvasElement,
    minimap: HTMLCanvasElement | null,
    readonly events: CanvasEvents,
    private readonly still: () => boolean,
    /** Whether the wheel alone zooms, or only a pinch or Ctrl with it, where the page around wants to scroll. */
    readonly wheelZooms = true,
  ) {
    // Kept in memory, not on the graphics card: without a real one (virtual machines, remote desktops) drawing through
    // it is many times slower, and with one a picture of this size is handed over in less than a millisecond.
    const context = element.getContext("2d", {
      alpha: false,
      willReadFrequently: !location.search.includes("maingpu"),
    });
    const measuring = bitmap(1, 1).getContext("2d");
    if (!context || !measuring)
      throw new Error("This window can't draw: its canvas has no 2D context. Restart Catena.");
    this.context = context;
    this.text = new FittedText(measuring);
    this.look = readLook(element);
    this.minimap = minimap ? new Minimap(minimap, this) : null;
    this.gestures = new Gestures(this);
    this.observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.resize());
    this.observer?.observe(element);
    this.resize();
  }

  destroy(): void {
    cancelAnimationFrame(this.request);
    this.request = -1;
    this.observer?.disconnect();
    this.gestures.destroy();
    this.minimap?.destroy();
    this.tiles?.dispose();
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.element;
    const ratio = window.devicePixelRatio || 1;
    if (clientWidth === this.size.width && clientHeight === this.size.height && ratio === this.ratio) return;
    const centreX = this.camera.x + this.size.width / this.camera.scale / 2;
    const centreY = this.camera.y + this.size.height / this.camera.scale / 2;
    const wasUsable = this.size.width > 1;
    this.size = { width: Math.max(clientWidth, 1), height: Math.max(clientHeight, 1) };
    this.element.width = Math.round(this.size.width * ratio);
    this.element.height = Math.round(this.size.height * ratio);
    if (ratio !== this.ratio) {
      this.ratio = ratio;
      this.rebuildTiles();
    }
    if (this.fitted && !wasUsable) this.home();
    else {
      this.camera.x = centreX - this.size.width / this.camera.scale / 2;
      this.camera.y = centreY - this.size.height / this.camera.scale / 2;
    }
    this.draw();
  }

  /** Reads the tokens again, after the theme changed. */
  restyle(): void {
    this.look = readLook(this.element);
    this.rebuild();
    this.minimap?.rebuild();
  }

  setShapes(shapes: ReadonlyMap<string, Shape>): void {
    this.shapes = new Shapes(shapes);
    this.rebuild();
  }

  /** Fonts arrive after the first paint; what was measured with their stand-ins is measured again. */
  refreshText(): void {
    this.rebuild();
  }

  get currentLook(): Look {
    return this.look;
  }

  private rebuild(): void {
    if (this.scene) this.overlay = new Overlay(this.scene, this.look, this.text);
    this.rebuildTiles();
    this.invalidate();
  }

  private rebuildTiles(): void {
    this.tiles?.dispose();
    this.tiles = null;
  }

  /** What the export draws with. */
  get palette(): Brush {
    return this.brush();
  }

  private brush(): Brush {
    return { edges: { look: this.look }, nodes: { look: this.look, shapes: this.shapes, text: this.text } };
  }

  /**
   * Shows another frame. What both have in common keeps its place on screen, `anchor` above all; only a first frame, or
   * one that shares nothing, is fitted.
   */
  setFrame(frame: Frame, anchor: string | null): void {
    const before = this.scene;
    this.motion?.finish();
    this.motion = null;
    this.gestures.release();
    const selected = this.idOf(this.attention.selectedNode);
    const pinned = before && this.pinnedColumn !== null ? before.frame.columnId(this.pinnedColumn) : null;
    const scene = new Scene(frame);
    this.scene = scene;
    this.paths = null;
    this.clearAttention();
    this.rebuild();
    this.minimap?.rebuild();
    const held = before ? this.hold(before, scene, anchor) : false;
    if (!held) this.home();
    else if (before && !this.still()) this.motion = Motion.between(before, scene, performance.now());
    const again = selected === null ? undefined : frame.nodeOf(selected);
    if (again !== undefined && !((frame.flags[again] as number) & 2)) {
      this.attention.selectedNode = again;
      if (this.trace) this.setTrace(tracePath(scene, again));
    } else this.setTrace(null);
    if (pinned !== null) this.pinColumn(this.columnOf(pinned));
    this.invalidate();
  }

  /** Moves the camera so that a node of both frames stays where it was on screen. */
  private hold(before: Scene, after: Scene, anchor: string | null): boolean {
    const shift = shiftBetween(before, after, anchor, visible(this.camera, this.size));
    if (!shift) return false;
    this.camera = { ...this.camera, x: this.camera.x + shift.x, y: this.camera.y + shift.y };
    return true;
  }

  private clearAttention(): void {
    Object.assign(this.attention, UNATTENDED);
    this.pinnedColumn = null;
  }

  private idOf(node: number | null): string | null {
    return this.scene && node !== null ? this.scene.frame.id(node) : null;
  }

  private columnOf(id: string): number | null {
    const frame = this.scene?.frame;
    if (!frame) return null;
    for (let column = 0; column * 3 < frame.columns.length; column += 1)
      if (frame.columnId(column) === id) return column;
    return null;
  }

  // What is selected and traced

  /** Selects a node and traces its paths; null clears both. */
  select(node: number | null, trace = true): void {
    if (!this.scene) return;
    this.attention.selectedNode = node;
    this.attention.selectedEdge = null;
    this.setTrace(node === null || !trace ? null : tracePath(this.scene, node));
    this.invalidate();
  }

  selectEdge(edge: number | null): void {
    this.attention.selectedEdge = edge;
    this.invalidate();
  }

  private setTrace(trace: Trace | null): void {
    this.trace = trace;
    this.attention.traced = trace?.nodes ?? null;
    this.tiles?.setTrace(trace);
  }

  /** A column's path shows while it is hovered, and stays when it is chosen. */
  hoverColumn(column: number | null): void {
    if (this.attention.hoverColumn === column) return;
    this.attention.hoverColumn = column;
    this.showColumnPath(column ?? this.pinnedColumn);
  }

  pinColumn(column: number | null): void {
    this.pinnedColumn = column;
    this.showColumnPath(column);
  }

  get chosenColumn(): number | null {
    return this.pinnedColumn;
  }

  private showColumnPath(column: number | null): void {
    if (!this.scene) return;
    if (column !== null) this.paths ??= new ColumnPaths(this.scene.frame);
    this.attention.columnPath = column === null || !this.paths ? null : this.paths.of(column);
    this.invalidate();
  }

  setMatches(matches: readonly number[], match: number): void {
    this.attention.matches = matches;
    this.attention.match = match;
    const node = matches[match];
    if (node !== undefined) this.show(node);
    this.invalidate();
  }

  // Where the camera is. None of these crosses a band: only a person's own zoom does.

  fit(animated = true): void {
    this.fitted = true;
    if (!this.scene) return;
    this.fly(whole(this.scene.bounds, this.size), animated);
  }

  /** Where a view opens: all of it when that can be read, else at the focus. */
  private home(): void {
    this.fitted = true;
    if (!this.scene) return;
    const { bounds, frame } = this.scene;
    const all = whole(bounds, this.size);
    const focus = frame.flags.findIndex((flag) => (flag & NodeFlag.focus) !== 0);
    const first =
      all.scale < 0.42 && focus >= 0 ? centre({ ...all, scale: 0.8 }, this.scene.box(focus), this.size) : all;
    this.fly(first, false);
  }

  /** Brings a node into the middle, at a scale where it can be read. */
  show(node: number): void {
    if (!this.scene) return;
    const box = this.scene.box(node);
    const view = visible(this.camera, this.size, -60);
    const inside =
      box.x >= view.x && box.y >= view.y && box.x + box.width <= view.x + view.width && box.y < view.y + view.height;
    if (inside && this.camera.scale >= 0.5) return;
    this.fly(centre(this.camera, box, this.size));
  }

  /** As little motion as needed to see a node. */
  reveal(node: number): void {
    if (this.scene) this.fly(reveal(this.camera, this.scene.box(node), this.size));
  }

  zoomToSelection(): void {
    if (!this.scene) return;
    const node = this.attention.selectedNode;
    if (node === null) this.fit();
    else this.fly(centre({ ...this.camera, scale: 1 }, this.scene.box(node), this.size, 1));
  }

  zoomBy(factor: number, at: Point = { x: this.size.width / 2, y: this.size.height / 2 }): void {
    this.moveTo(zoomAt(this.camera, at.x, at.y, factor, this.smallest));
  }

  get smallest(): number {
    return this.scene ? minScale(this.scene.bounds, this.size) : 0.3;
  }

  get band(): Band {
    return this.scene?.frame.band ?? "asset";
  }

  moveTo(camera: Camera): void {
    this.flight = null;
    this.camera = this.scene ? confine(camera, this.scene.bounds, this.size) : camera;
    this.movedAt = performance.now();
    this.invalidate();
  }

  private fly(to: Camera, animated = true): void {
    if (!animated || this.still()) {
      this.flight = null;
      this.camera = to;
    } else this.flight = { from: this.camera, to, start: performance.now() };
    this.movedAt = performance.now();
    this.invalidate();
  }

  /** Nodes on screen, so that the next layout keeps them near; the ones nearest to the middle first. */
  placesOnScreen(most: number): { id: string; x: number; y: number }[] {
    if (!this.scene) return [];
    const { scene } = this;
    const view = visible(this.camera, this.size);
    const x = view.x + view.width / 2;
    const y = view.y + view.height / 2;
    const places = scene.nodesIn(view).map((node) => ({ node, ...scene.box(node) }));
    places.sort((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y));
    return places.slice(0, most).map((place) => ({ id: scene.frame.id(place.node), x: place.x, y: place.y }));
  }

  // Between the screen and the world

  toWorld(at: Point): Point {
    return { x: this.camera.x + at.x / this.camera.scale, y: this.camera.y + at.y / this.camera.scale };
  }

  toScreen(x: number, y: number): Point {
    return { x: (x - this.camera.x) * this.camera.scale, y: (y - this.camera.y) * this.camera.scale };
  }

  screenBox(node: number): Box | null {
    if (!this.scene) return null;
    const box = this.scene.box(node);
    const { scale } = this.camera;
    return { ...this.toScreen(box.x, box.y), width: box.width * scale, height: box.height * scale };
  }

  hit(at: Point): Hit {
    if (!this.scene) return { what: "nothing" };
    const world = this.toWorld(at);
    const shown = [this.attention.hoverNode, this.attention.selectedNode].filter((node) => node !== null);
    return hitTest(this.scene, world.x, world.y, this.camera.scale, shown);
  }

  /** Moves an edge out from under what covers the right `width` pixels. */
  keepClear(edge: number, width: number): void {
    const over = this.edgeAnchor(edge).x - (this.size.width - width - 40);
    if (over > 0) this.fly({ ...this.camera, x: this.camera.x + over / this.camera.scale });
  }

  edgeAnchor(edge: number): Point {
    const [x, y] = this.overlay?.anchorOf(edge) ?? [0, 0];
    return this.toScreen(x, y);
  }

  // Drawing

  invalidate(): void {
    if (this.dirty || this.request === -1) return;
    this.dirty = true;
    this.request = requestAnimationFrame(() => this.draw());
  }

  /** Draws now; asks for another frame while anything moves or is still being painted. */
  draw(): void {
    if (this.request === -1) return;
    this.dirty = false;
    const now = performance.now();
    const moving = this.advance(now);
    const resting = !moving && now - this.movedAt > REST_MS;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.drawn.frames += 1;
    if (!this.scene || !this.overlay) {
      this.context.fillStyle = this.look.background;
      this.context.fillRect(0, 0, this.element.width, this.element.height);
      return;
    }
    const view = visible(this.camera, this.size, 16);
    const parts = this.inView(this.scene, view);
    this.tiled = parts === null;
    const busy = parts
      ? this.drawDirect(this.scene, view, parts.nodes, parts.legs)
      : this.drawTiles(this.scene, moving);
    this.toWorldUnits();
    this.overlay.paint(this.context, this.attention, this.camera.scale, visible(this.camera, this.size));
    this.minimap?.draw();
    this.events.moved(this.camera.scale);
    this.drawn.ms = performance.now() - now;
    if (moving || busy || (this.tiled && !resting)) this.invalidate();
  }

  private advance(now: number): boolean {
    if (this.flight) {
      const t = Math.min((now - this.flight.start) / 140, 1);
      this.camera = between(this.flight.from, this.flight.to, t);
      this.movedAt = now;
      if (t === 1) this.flight = null;
    }
    if (this.motion && !this.motion.step(now)) this.motion = null;
    return this.flight !== null || this.motion !== null;
  }

  /**
   * What to draw at once, or null when there is too much of it. Counting is left out where an estimate shows that it is
   * far too much; there is some slack, so that it doesn't change back and forth.
   */
  private inView(scene: Scene, view: Box): { nodes: number[]; legs: number[] } | null {
    const [mostNodes, mostLegs] = DIRECT[detailAt(this.camera.scale)];
    const slack = this.tiled ? 0.85 : 1;
    const about = scene.estimate(view);
    if (about.nodes > mostNodes * 2 || about.legs > mostLegs * 2) return null;
    const nodes = scene.nodesIn(view);
    if (nodes.length > mostNodes * slack) return null;
    const legs = scene.legsIn(view);
    return legs.length > mostLegs * slack ? null : { nodes: nodes.sort((a, b) => a - b), legs };
  }

  private toWorldUnits(): void {
    const factor = this.camera.scale * this.ratio;
    this.context.setTransform(factor, 0, 0, factor, -this.camera.x * factor, -this.camera.y * factor);
  }

  private drawTiles(scene: Scene, moving: boolean): boolean {
    if (!this.tiles) {
      this.tiles = new Tiles(scene, this.brush(), this.ratio);
      this.tiles.setTrace(this.trace);
    }
    this.drawn.tiled += 1;
    this.context.fillStyle = this.look.background;
    this.context.fillRect(0, 0, this.element.width, this.element.height);
    const now = performance.now();
    if (this.camera.scale !== this.zoomed.scale) this.zoomed = { scale: this.camera.scale, at: now };
    this.tiles.draw(this.context, this.camera, this.size, !moving && now - this.zoomed.at > REST_MS);
    return this.tiles.work(!moving && now - this.movedAt > REST_MS ? 16 : 4);
  }

  private drawDirect(scene: Scene, view: Box, nodes: number[], legs: number[]): boolean {
    const { context } = this;
    context.fillStyle = this.look.background;
    context.fillRect(0, 0, this.element.width, this.element.height);
    this.toWorldUnits();
    const layer = { brush: this.brush(), view, scale: this.camera.scale, ratio: this.ratio };
    paintLayer(context, scene, layer, nodes, legs, null);
    if (this.trace) {
      // Veiling what was drawn keeps cards opaque; drawing them see-through would show the edges behind them.
      context.globalAlpha = 1 - this.look.dim;
      context.fillStyle = this.look.background;
      context.fillRect(view.x, view.y, view.width, view.height);
      context.globalAlpha = 1;
      paintLayer(context, scene, layer, nodes, legs, this.trace);
    }
    return false;
  }
}
