// Bitmaps of the drawing by zoom and place, for views with more in them than can be drawn in one frame.
//
// They are painted a few milliseconds at a time, so that panning and zooming never wait. Where one isn't ready, the
// nearest other zoom stands in, and under everything a bitmap of the whole.

import { type Camera, type Size, visible } from "./camera";
import { type Brush, edgePaint, nodePaint, paintLines, paintTrimmings } from "./paint-layer";
import { paintNodes } from "./paint-nodes";
import type { Box, Scene } from "./scene";
import { bitmap } from "./shapes";
import type { Trace } from "./trace";

/** Everything, on the background; or only the traced path, on nothing. */
type Depth = "all" | "lit";

interface Tile {
  layer: Depth;
  area: Box;
  /** Device pixels per world unit. */
  pixels: number;
  /** Made when it is painted first. */
  canvas: HTMLCanvasElement | null;
  width: number;
  height: number;
  state: "new" | "edges" | "nodes" | "done";
  legs: number[];
  nodes: number[];
  at: number;
  used: number;
}

interface TileSet {
  /** CSS pixels per world unit. */
  scale: number;
  tiles: Map<string, Tile>;
  used: number;
}

const SIDE = 512;
/** Crossing lines beyond this many in one tile are a grey that a part of them gives too. */
const MOST_LEGS = 3_000;
const STEP = 96;
const OVERVIEW = { width: 2048, height: 2048 };

export class Tiles {
  private sets: TileSet[] = [];
  private overview: Record<Depth, Tile | null> = { all: null, lit: null };
  private wanted: Tile[] = [];
  private clock = 0;
  private trace: Trace | null = null;
  private active: TileSet | null = null;

  constructor(
    private readonly scene: Scene,
    private readonly brush: Brush,
    private readonly ratio: number,
  ) {
    this.overview.all = this.overviewTile("all");
  }

  private overviewTile(layer: Depth): Tile {
    const { bounds } = this.scene;
    const margin = Math.max(bounds.width, bounds.height, 1) * 0.01;
    const area = {
      x: bounds.x - margin,
      y: bounds.y - margin,
      width: bounds.width + 2 * margin,
      height: bounds.height + 2 * margin,
    };
    const pixels = Math.min(OVERVIEW.width / area.width, OVERVIEW.height / area.height, 0.3 * this.ratio);
    return this.tile(layer, area, pixels, area.width * pixels, area.height * pixels);
  }

  private tile(layer: Depth, area: Box, pixels: number, width: number, height: number): Tile {
    return {
      layer,
      area,
      pixels,
      canvas: null,
      width,
      height,
      state: "new",
      legs: [],
      nodes: [],
      at: 0,
      used: this.clock,
    };
  }

  setTrace(trace: Trace | null): void {
    this.trace = trace;
    this.overview.lit = trace ? this.overviewTile("lit") : null;
    for (const set of this.sets) {
      for (const [key, tile] of set.tiles) if (tile.layer === "lit") set.tiles.delete(key);
    }
    this.wanted = [];
  }

  /** The set to draw from: of about this zoom while it changes, of exactly this one once it is steady. */
  private choose(scale: number, steady: boolean): TileSet {
    // Enlarging blurs, but costs nothing; reducing needs ever more tiles to fill the screen.
    const enlarge = steady ? 1.001 : 2.6;
    const reduce = steady ? 1.001 : 1.7;
    const fits = (set: TileSet) => scale <= set.scale * enlarge && set.scale <= scale * reduce;
    const apart = (set: TileSet) => Math.max(set.scale / scale, scale / set.scale);
    let best = this.active && fits(this.active) ? this.active : null;
    if (!best) {
      for (const set of this.sets) if (fits(set) && (!best || apart(set) < apart(best))) best = set;
    }
    if (!best) {
      best = { scale, tiles: new Map(), used: this.clock };
      this.sets.push(best);
    }
    best.used = this.clock;
    this.active = best;
    return best;
  }

  /** Draws what is ready and remembers what isn't. The context is in device pixels. */
  draw(context: CanvasRenderingContext2D, camera: Camera, size: Size, steady: boolean): void {
    this.clock += 1;
    const set = this.choose(camera.scale, steady);
    this.wanted = [];
    this.drawLayer(context, "all", set, camera, size);
    if (this.trace) {
      context.globalAlpha = 1 - this.brush.edges.look.dim;
      context.fillStyle = this.brush.edges.look.background;
      context.fillRect(0, 0, size.width * this.ratio, size.height * this.ratio);
      context.globalAlpha = 1;
      this.drawLayer(context, "lit", set, camera, size);
    }
    for (const layer of ["all", "lit"] as const) {
      const whole = this.overview[layer];
      if (whole && whole.state !== "done") this.wanted.unshift(whole);
    }
    this.forget();
  }

  private drawLayer(context: CanvasRenderingContext2D, layer: Depth, set: TileSet, camera: Camera, size: Size): void {
    const side = SIDE / (set.scale * this.ratio);
    const view = visible(camera, size);
    const { bounds } = this.scene;
    const pad = 40 / set.scale;
    const left = Math.max(Math.floor(view.x / side), Math.floor((bounds.x - pad) / side));
    const right = Math.min(
      Math.floor((view.x + view.width) / side),
      Math.floor((bounds.x + bounds.width + pad) / side),
    );
    const top = Math.max(Math.floor(view.y / side), Math.floor((bounds.y - pad) / side));
    const bottom = Math.min(
      Math.floor((view.y + view.height) / side),
      Math.floor((bounds.y + bounds.height + pad) / side),
    );
    const missing: Tile[] = [];
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) {
        const key = `${layer} ${column} ${row}`;
        let tile = set.tiles.get(key);
        if (!tile) {
          const area = { x: column * side, y: row * side, width: side, height: side };
          tile = this.tile(layer, area, set.scale * this.ratio, SIDE, SIDE);
          set.tiles.set(key, tile);
        }
        tile.used = this.clock;
        if (tile.state !== "done") {
          this.standIn(context, layer, set, tile.area, camera);
          missing.push(tile);
        } else {
          this.blit(context, tile, camera);
        }
      }
    }
    const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    const far = ({ area }: Tile) => Math.hypot(area.x + side / 2 - middle.x, area.y + side / 2 - middle.y);
    this.wanted.push(...missing.sort((a, b) => far(a) - far(b)));
  }

  /** Edges are rounded to whole pixels, so that neighbours meet without a seam. */
  private blit(context: CanvasRenderingContext2D, tile: Tile, camera: Camera): void {
    if (!tile.canvas) return;
    const factor = camera.scale * this.ratio;
    const x0 = Math.round((tile.area.x - camera.x) * factor);
    const y0 = Math.round((tile.area.y - camera.y) * factor);
    if (tile.pixels === factor) {
      context.drawImage(tile.canvas, x0, y0);
      return;
    }
    const x1 = Math.round((tile.area.x + tile.area.width - camera.x) * factor);
    const y1 = Math.round((tile.area.y + tile.area.height - camera.y) * factor);
    context.drawImage(tile.canvas, x0, y0, x1 - x0, y1 - y0);
  }

  /** What of other zooms covers `area`. The transparent layer takes one source only, or it would add up. */
  private standIn(context: CanvasRenderingContext2D, layer: Depth, active: TileSet, area: Box, camera: Camera): void {
    const factor = camera.scale * this.ratio;
    const x = Math.round((area.x - camera.x) * factor);
    const y = Math.round((area.y - camera.y) * factor);
    const right = Math.round((area.x + area.width - camera.x) * factor);
    const bottom = Math.round((area.y + area.height - camera.y) * factor);
    context.save();
    context.beginPath();
    context.rect(x, y, right - x, bottom - y);
    context.clip();
    const source = this.covering(layer, active, area, camera.scale);
    const whole = this.overview[layer];
    if (source) for (const tile of source) this.blit(context, tile, camera);
    else if (whole) this.blit(context, whole, camera);
    context.restore();
  }

  /** The finished tiles of one other zoom, the nearest, that cover all of `area`. */
  private covering(layer: Depth, active: TileSet, area: Box, scale: number): Tile[] | null {
    const apart = (set: TileSet) => Math.max(set.scale / scale, scale / set.scale);
    const others = this.sets.filter((set) => set !== active && apart(set) < 6).sort((a, b) => apart(a) - apart(b));
    for (const set of others) {
      const tiles: Tile[] = [];
      let covered = 0;
      for (const tile of set.tiles.values()) {
        if (tile.layer !== layer || tile.state !== "done") continue;
        const common = overlap(tile.area, area);
        if (common === 0) continue;
        covered += common;
        tiles.push(tile);
      }
      if (covered > area.width * area.height * 0.999) return tiles;
    }
    return null;
  }

  /** Paints for about `budget` ms; true while something is left to paint. */
  work(budget: number): boolean {
    const end = performance.now() + budget;
    while (this.wanted.length > 0) {
      const tile = this.wanted[0] as Tile;
      if (this.advance(tile, end)) this.wanted.shift();
      if (performance.now() >= end) break;
    }
    return this.wanted.length > 0;
  }

  get pending(): boolean {
    return this.wanted.length > 0;
  }

  /** One tile further; true when it is done. */
  private advance(tile: Tile, end: number): boolean {
    tile.canvas ??= bitmap(tile.width, tile.height);
    const context = tile.canvas.getContext("2d", { alpha: tile.layer === "lit", willReadFrequently: true });
    if (!context) {
      tile.state = "done";
      return true;
    }
    const scale = tile.pixels / this.ratio;
    const mask = tile.layer === "lit" ? this.trace : null;
    if (tile.state === "new") this.begin(tile, context, mask);
    context.setTransform(tile.pixels, 0, 0, tile.pixels, -tile.area.x * tile.pixels, -tile.area.y * tile.pixels);
    const layer = { brush: this.brush, view: tile.area, scale, ratio: this.ratio };
    const edges = edgePaint(layer, mask);
    while (tile.state === "edges") {
      const to = Math.min(tile.at + STEP, tile.legs.length);
      paintLines(context, this.scene, tile.legs, tile.at, to, edges);
      tile.at = to;
      if (to === tile.legs.length) {
        paintTrimmings(context, this.scene, tile.nodes, tile.legs, edges);
        tile.state = "nodes";
        tile.at = 0;
      }
      if (performance.now() >= end) return false;
    }
    const nodes = nodePaint(layer, mask);
    const step = nodes.detail === "far" ? 4 * STEP : 40;
    while (tile.state === "nodes") {
      const to = Math.min(tile.at + step, tile.nodes.length);
      paintNodes(context, this.scene, tile.nodes, tile.at, to, nodes);
      tile.at = to;
      if (to === tile.nodes.length) {
        tile.state = "done";
        tile.legs = [];
        tile.nodes = [];
        break;
      }
      if (performance.now() >= end) return false;
    }
    return tile.state === "done";
  }

  private begin(tile: Tile, context: CanvasRenderingContext2D, mask: Trace | null): void {
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (tile.layer === "all") {
      context.fillStyle = this.brush.edges.look.background;
      context.fillRect(0, 0, tile.width + 1, tile.height + 1);
    }
    const pad = 12 / tile.pixels;
    const { x, y, width, height } = tile.area;
    const area = { x: x - pad, y: y - pad, width: width + 2 * pad, height: height + 2 * pad };
    const most = this.scene.estimate(area).legs;
    tile.legs = this.scene.legsIn(area, mask ? 1 : Math.max(1, Math.floor(most / MOST_LEGS)));
    if (mask) {
      const lit = tile.legs.filter((leg) => mask.edges[this.scene.legEdge[leg] as number] === 1);
      const step = Math.max(1, Math.floor(lit.length / MOST_LEGS));
      tile.legs = step === 1 ? lit : lit.filter((_, at) => at % step === 0);
    }
    tile.nodes = this.scene.nodesIn(area).sort((a, b) => a - b);
    tile.state = "edges";
    tile.at = 0;
  }

  /** Keeps memory bounded: the zooms and tiles unused for longest go first. */
  private forget(): void {
    const all = this.sets.flatMap((set) => [...set.tiles].map(([key, tile]) => ({ set, key, tile })));
    const inUse = all.filter(({ tile }) => tile.used === this.clock).length;
    const most = Math.max(48, inUse * 2);
    if (all.length <= most) return;
    all.sort((a, b) => a.tile.used - b.tile.used);
    for (const { set, key, tile } of all.slice(0, all.length - most)) {
      // Some engines keep a canvas's memory until it is collected, unless it is made small.
      if (tile.canvas) tile.canvas.width = 0;
      set.tiles.delete(key);
    }
    this.sets = this.sets.filter((set) => set.tiles.size > 0 || set === this.active);
  }

  dispose(): void {
    for (const set of this.sets) for (const tile of set.tiles.values()) if (tile.canvas) tile.canvas.width = 0;
    for (const tile of Object.values(this.overview)) if (tile?.canvas) tile.canvas.width = 0;
    this.sets = [];
    this.wanted = [];
  }
}

/** The area that both have. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
