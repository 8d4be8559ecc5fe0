// Whole cards, as they are drawn close by: all bodies, then all names, then all second lines, since changing the font for
// each text would cost more than drawing it.

import { COLUMN_STRIDE, ColumnFlag, type Frame, NodeFlag } from "./frame";
import { Card, lookOf, type NodePaint } from "./paint-nodes";
import type { Scene } from "./scene";

export function paintCards(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nodes: readonly number[],
  paint: NodePaint,
): void {
  for (const node of nodes) paintBody(context, scene, node, paint);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  paintNames(context, scene, nodes, paint);
  paintSecondLines(context, scene, nodes, paint);
  for (const node of nodes) {
    if ((scene.frame.flags[node] as number) & NodeFlag.open) paintColumns(context, scene, node, paint);
  }
}

function paintBody(context: CanvasRenderingContext2D, scene: Scene, node: number, paint: NodePaint): void {
  const { frame } = scene;
  const { look, shapes } = paint;
  const { x, y, width, height } = scene.box(node);
  const flag = frame.flags[node] as number;
  const kind = frame.kind(node);
  const { family } = lookOf(kind);
  const { ink, fill } = look.families[family];
  const group = (flag & NodeFlag.group) !== 0;
  const header = Math.min(frame.headerHeight, height);

  if (group) {
    for (const offset of [6, 3]) {
      context.beginPath();
      context.roundRect(x + offset, y + offset, width, height, Card.radius);
      context.fillStyle = look.node;
      context.fill();
      context.strokeStyle = look.border;
      context.lineWidth = 1;
      context.stroke();
    }
  }
  context.beginPath();
  context.roundRect(x, y, width, height, Card.radius);
  context.fillStyle = flag & NodeFlag.focus ? look.selected : look.node;
  context.fill();
  context.strokeStyle = flag & NodeFlag.focus ? look.accent : flag & NodeFlag.cycle ? look.warn : look.borderStrong;
  context.lineWidth = flag & NodeFlag.focus ? 1.75 : 1;
  if (flag & NodeFlag.removed) context.setLineDash([2, 3]);
  context.stroke();
  context.setLineDash([]);

  const icon = Card.icon.size;
  const iconY = y + (header - icon) / 2;
  context.beginPath();
  context.roundRect(x + Card.icon.x, iconY, icon, icon, 5);
  context.fillStyle = fill;
  context.fill();
  shapes.draw(context, kind, ink, x + Card.icon.x + 6, iconY + 6, 16, paint.pixels);
}

function paintNames(context: CanvasRenderingContext2D, scene: Scene, nodes: readonly number[], paint: NodePaint): void {
  const { frame } = scene;
  const { look, text } = paint;
  const font = `600 12px ${look.fontCode}`;
  context.font = font;
  for (const node of nodes) {
    const { x, y, width, height } = scene.box(node);
    const flag = frame.flags[node] as number;
    const line = y + Math.min(frame.headerHeight, height) / 2 - 4;
    const mark = flag & NodeFlag.cycle ? 16 : 0;
    context.fillStyle = flag & NodeFlag.removed ? look.faint : look.text;
    context.fillText(text.fit(frame.name(node), width - Card.textX - Card.right - mark, font), x + Card.textX, line);
    if (mark === 0) continue;
    context.fillStyle = look.warn;
    context.fillText("↻", x + width - Card.right - 10, line);
  }
}

function paintSecondLines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nodes: readonly number[],
  paint: NodePaint,
): void {
  const { frame } = scene;
  const { look, text } = paint;
  const font = `400 11px ${look.fontText}`;
  context.font = font;
  for (const node of nodes) {
    const { x, y, width, height } = scene.box(node);
    const flag = frame.flags[node] as number;
    const line = y + Math.min(frame.headerHeight, height) / 2 + 13;
    const columns = frame.columnCounts[node] as number;
    const toggle = columns > 0 ? Card.toggle.width : 0;
    const { label } = lookOf(frame.kind(node));
    const words =
      flag & NodeFlag.group
        ? frame.detail(node) || "Search or page through"
        : secondLine(label, columns > 0, frame.system(node), frame.detail(node));
    const shown = flag & NodeFlag.removed ? `No longer seen · ${words}` : words;
    context.fillStyle = look.quiet;
    context.fillText(text.fit(shown, width - Card.textX - Card.right - toggle, font), x + Card.textX, line);
    if (columns > 0) paintToggle(context, frame, node, x + width - Card.right, line, paint);
  }
}

/** The kind in words, unless the icon and the columns say it and the room is needed. */
export function secondLine(label: string, columns: boolean, system: string, detail: string): string {
  const parts = [system, detail].filter((part) => part !== "");
  return (columns && parts.length > 0 ? parts : [label, ...parts]).join(" · ");
}

function paintToggle(
  context: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  right: number,
  y: number,
  paint: NodePaint,
) {
  const open = ((frame.flags[node] as number) & NodeFlag.open) !== 0;
  const columns = frame.columnCounts[node] as number;
  context.textAlign = "right";
  context.fillStyle = open ? paint.look.accent : paint.look.quiet;
  context.fillText(columns === 1 ? "1 col" : `${columns} cols`, right - 12, y);
  context.textAlign = "left";
  context.strokeStyle = open ? paint.look.accent : paint.look.quiet;
  context.lineWidth = 1.4;
  context.beginPath();
  const top = open ? y - 2 : y - 6;
  const tip = open ? y - 6 : y - 2;
  context.moveTo(right - 7, top);
  context.lineTo(right - 3.5, tip);
  context.lineTo(right, top);
  context.stroke();
}

function paintColumns(context: CanvasRenderingContext2D, scene: Scene, node: number, paint: NodePaint): void {
  const { frame } = scene;
  const { look, text } = paint;
  const { x, y, width } = scene.box(node);
  const start = frame.columnStarts[node] as number;
  const end = frame.columnStarts[node + 1] as number;
  context.strokeStyle = look.border;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, y + frame.headerHeight);
  context.lineTo(x + width, y + frame.headerHeight);
  context.stroke();
  context.textBaseline = "middle";
  const nameFont = `400 11px ${look.fontCode}`;
  const typeFont = `400 10px ${look.fontText}`;
  for (let column = start; column < end; column += 1) {
    const middle = scene.columnY(node, column);
    const field = (offset: number) => frame.columns[column * COLUMN_STRIDE + offset] as number;
    const type = text.fit(frame.text(field(1)), width * 0.38, typeFont);
    const typeWidth = type === "" ? 0 : text.measure(type, typeFont) + 10;
    const key = (field(2) & ColumnFlag.key) !== 0;
    context.font = nameFont;
    context.fillStyle = look.text;
    context.fillText(text.fit(frame.text(field(0)), width - 36 - typeWidth, nameFont), x + 22, middle + 0.5);
    context.fillStyle = key ? look.warn : look.borderStrong;
    context.beginPath();
    if (key) {
      context.moveTo(x + 12, middle - 4);
      context.lineTo(x + 16, middle);
      context.lineTo(x + 12, middle + 4);
      context.lineTo(x + 8, middle);
    } else {
      context.arc(x + 12, middle, 2, 0, 2 * Math.PI);
    }
    context.fill();
    if (type !== "") {
      context.font = typeFont;
      context.fillStyle = look.faint;
      context.textAlign = "right";
      context.fillText(type, x + width - 10, middle + 0.5);
      context.textAlign = "left";
    }
  }
}
