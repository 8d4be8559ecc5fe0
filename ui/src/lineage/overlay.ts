// What is drawn over the graph for the person who is looking: hover, selection, matches, a column's path.

import { NodeFlag } from "./frame";
import type { Look } from "./look";
import { columnLeg, detailAt, leg, middleOf, paintArrows } from "./paint-edges";
import { type Caret, caretsOf, paintCaret } from "./paint-nodes";
import type { Box, Scene } from "./scene";
import type { FittedText } from "./text";
import type { ColumnPath } from "./trace";

export interface Attention {
  hoverNode: number | null;
  hoverEdge: number | null;
  hoverCaret: Caret | null;
  hoverColumn: number | null;
  selectedNode: number | null;
  selectedEdge: number | null;
  columnPath: ColumnPath | null;
  matches: readonly number[];
  match: number;
  /** Nodes on the traced path; the others' carets wait until they are pointed at. */
  traced: Uint8Array | null;
  /** The keyboard is in the graph. */
  focused: boolean;
}

/** Marks on matches from afar; more would be one blot. */
const MOST_MARKS = 3000;
const MOST_LIT = 600;

export class Overlay {
  constructor(
    private readonly scene: Scene,
    private readonly look: Look,
    private readonly text: FittedText,
  ) {}

  /** The context is in world units. */
  paint(context: CanvasRenderingContext2D, attention: Attention, scale: number, view: Box): void {
    this.paintMatches(context, attention, scale);
    this.paintHoverEdges(context, attention, scale, view);
    if (attention.selectedEdge !== null) this.paintEdges(context, [attention.selectedEdge], scale, view, 3);
    if (attention.columnPath) this.paintColumnPath(context, attention.columnPath, scale, view);
    this.paintFocusFromAfar(context, scale);
    if (attention.hoverNode !== null) this.ring(context, attention.hoverNode, scale, this.look.borderStrong, 1.5, 0);
    if (attention.selectedNode !== null) {
      this.ring(context, attention.selectedNode, scale, this.look.focus, attention.focused ? 2.5 : 1.75, 2.5);
    }
    if (detailAt(scale) === "near") this.paintCarets(context, attention, view);
  }

  private ring(
    context: CanvasRenderingContext2D,
    node: number,
    scale: number,
    color: string,
    width: number,
    gap: number,
  ) {
    const box = this.scene.box(node);
    const space = gap / scale;
    const smallest = 8 / scale;
    const w = Math.max(box.width, smallest) + 2 * space;
    const h = Math.max(box.height, smallest) + 2 * space;
    context.beginPath();
    context.roundRect(
      box.x + box.width / 2 - w / 2,
      box.y + box.height / 2 - h / 2,
      w,
      h,
      scale < 0.25 ? 2 / scale : 7,
    );
    context.strokeStyle = color;
    context.lineWidth = width / scale;
    context.stroke();
  }

  /** Far out the focus would be one rectangle among thousands. */
  private paintFocusFromAfar(context: CanvasRenderingContext2D, scale: number): void {
    if (detailAt(scale) !== "far") return;
    const { flags, nodeCount } = this.scene.frame;
    let shown = 0;
    for (let node = 0; node < nodeCount && shown < 20; node += 1) {
      if (!((flags[node] as number) & NodeFlag.focus)) continue;
      this.ring(context, node, scale, this.look.accent, 2, 3);
      shown += 1;
    }
  }

  private paintMatches(context: CanvasRenderingContext2D, { matches, match }: Attention, scale: number): void {
    if (matches.length === 0) return;
    for (let at = 0; at < Math.min(matches.length, MOST_MARKS); at += 1) {
      if (at !== match) this.ring(context, matches[at] as number, scale, this.look.warn, 1.5, 1);
    }
    const current = matches[match];
    if (current !== undefined) this.ring(context, current, scale, this.look.warn, 3.5, 3);
  }

  private paintHoverEdges(context: CanvasRenderingContext2D, attention: Attention, scale: number, view: Box): void {
    if (attention.hoverEdge !== null) this.paintEdges(context, [attention.hoverEdge], scale, view, 2.25);
    const node = attention.hoverNode;
    if (node === null) return;
    const edges: number[] = [];
    for (const { starts, edges: list } of [this.scene.in, this.scene.out]) {
      const end = Math.min(starts[node + 1] as number, (starts[node] as number) + MOST_LIT);
      for (let at = starts[node] as number; at < end; at += 1) edges.push(list[at] as number);
    }
    this.paintEdges(context, edges, scale, view, edges.length > 100 ? 1 : 1.75);
  }

  private paintEdges(
    context: CanvasRenderingContext2D,
    edges: number[],
    scale: number,
    view: Box,
    width: number,
  ): void {
    const { routeStarts, routePoints } = this.scene.frame;
    context.strokeStyle = this.look.lit;
    context.lineWidth = width / scale;
    context.beginPath();
    for (const edge of edges) {
      const last = (routeStarts[edge + 1] as number) - 1;
      for (let point = routeStarts[edge] as number; point < last; point += 1) {
        leg(
          context,
          routePoints[point * 2] as number,
          routePoints[point * 2 + 1] as number,
          routePoints[point * 2 + 2] as number,
          routePoints[point * 2 + 3] as number,
          1 / scale,
          view,
        );
      }
    }
    context.stroke();
    if (scale < 0.45) return;
    const paint = { look: this.look, scale, detail: "near" as const, lit: true, view, mask: null, wanted: 1 as const };
    paintArrows(context, this.scene, edges, paint);
  }

  /** Drawn over everything and from what is already there, so that nothing moves. */
  private paintColumnPath(context: CanvasRenderingContext2D, path: ColumnPath, scale: number, view: Box): void {
    const { scene, look } = this;
    const { frame } = scene;
    context.strokeStyle = look.lit;
    context.lineWidth = Math.max(1.75 / scale, 1.25);
    context.beginPath();
    for (const edge of path.edges) {
      const from = frame.columnEdges[edge * 3] as number;
      const to = frame.columnEdges[edge * 3 + 1] as number;
      const source = scene.nodeOfColumn(from);
      const target = scene.nodeOfColumn(to);
      columnLeg(context, scene, { from, to, source, target }, 1 / scale, view);
    }
    context.stroke();
    if (scale < 0.25) {
      for (const column of path.columns) this.ring(context, scene.nodeOfColumn(column), scale, look.lit, 1.5, 1);
      return;
    }
    const closed = new Map<number, number[]>();
    for (const column of path.columns) {
      const node = scene.nodeOfColumn(column);
      if ((frame.flags[node] as number) & NodeFlag.open) this.rowMark(context, node, column, column === path.root);
      else closed.set(node, [...(closed.get(node) ?? []), column]);
    }
    for (const [node, columns] of closed) this.closedMark(context, node, columns);
  }

  private rowMark(context: CanvasRenderingContext2D, node: number, column: number, root: boolean): void {
    const { scene, look } = this;
    const box = scene.box(node);
    const height = scene.frame.rowHeight;
    context.beginPath();
    context.roundRect(box.x + 2, scene.columnY(node, column) - height / 2 + 1, box.width - 4, height - 2, 4);
    context.globalAlpha = root ? 0.22 : 0.12;
    context.fillStyle = look.lit;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = look.lit;
    context.lineWidth = root ? 1.5 : 1;
    context.stroke();
  }

  /** A closed card says in its second line which of its columns are on the path. */
  private closedMark(context: CanvasRenderingContext2D, node: number, columns: number[]): void {
    const { scene, look, text } = this;
    const { frame } = scene;
    const box = scene.box(node);
    const font = `400 11px ${look.fontCode}`;
    const first = columns[0] as number;
    const name = frame.text(frame.columns[first * 3] as number);
    const words = columns.length === 1 ? name : `${name} + ${columns.length - 1}`;
    const y = box.y + frame.headerHeight / 2 + 2;
    const width = box.width - 54;
    context.beginPath();
    context.roundRect(box.x + 44, y, width, 17, 4);
    context.fillStyle = look.selected;
    context.fill();
    context.strokeStyle = look.lit;
    context.lineWidth = 1;
    context.stroke();
    context.font = font;
    context.fillStyle = look.text;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(text.fit(words, width - 12, font), box.x + 50, y + 9);
  }

  private paintCarets(context: CanvasRenderingContext2D, attention: Attention, view: Box): void {
    const nodes = this.scene.nodesIn({ x: view.x - 60, y: view.y, width: view.width + 120, height: view.height });
    for (const node of nodes) {
      const both = node === attention.hoverNode || node === attention.selectedNode;
      if (attention.traced && attention.traced[node] === 0 && !both) continue;
      for (const caret of caretsOf(this.scene, node, both)) {
        const over = attention.hoverCaret;
        const hover = over?.node === node && over.side === caret.side && over.action === caret.action;
        paintCaret(context, caret, this.look, hover);
      }
    }
  }

  /** Where a panel about an edge points to. */
  anchorOf(edge: number): [number, number] {
    return middleOf(this.scene, edge);
  }
}
