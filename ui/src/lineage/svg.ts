// The lineage as a drawing that scales, edges included.

import { COLUMN_STRIDE, NodeFlag } from "./frame";
import type { Look } from "./look";
import { secondLine } from "./paint-cards";
import { EdgeStyle, edgeStyle } from "./paint-edges";
import { Card, lookOf } from "./paint-nodes";
import { handle, type Scene } from "./scene";
import type { Shapes } from "./shapes";
import { type FittedText, printable } from "./text";

const MARGIN = 24;

export function escapeXml(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const round = (value: number) => Math.round(value * 10) / 10;

export function svgOf(scene: Scene, look: Look, shapes: Shapes, text: FittedText): string {
  const { bounds, frame } = scene;
  const parts: string[] = [];
  for (let edge = 0; edge < frame.edgeCount; edge += 1) parts.push(edgeOf(scene, edge, look));
  for (let node = 0; node < frame.nodeCount; node += 1) parts.push(nodeOf(scene, node, look, shapes, text));
  const x = Math.floor(bounds.x - MARGIN);
  const y = Math.floor(bounds.y - MARGIN);
  const width = Math.ceil(bounds.width + 2 * MARGIN);
  const height = Math.ceil(bounds.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${width} ${height}" width="${width}" height="${height}">`,
    `<defs><marker id="a" viewBox="0 0 7 8" refX="7" refY="4" markerWidth="7" markerHeight="8" markerUnits="userSpaceOnUse" orient="0"><path d="M0 0 7 4 0 8Z" fill="context-stroke"/></marker></defs>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${look.background}"/>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

/** The path of an edge's curve. */
export function pathOf(scene: Scene, edge: number): string {
  const { routeStarts, routePoints } = scene.frame;
  const x = (point: number) => routePoints[point * 2] as number;
  const y = (point: number) => routePoints[point * 2 + 1] as number;
  const first = routeStarts[edge] as number;
  const last = (routeStarts[edge + 1] as number) - 1;
  let path = `M${round(x(first))} ${round(y(first))}`;
  for (let point = first; point < last; point += 1) {
    const reach = handle(x(point), x(point + 1));
    path += `C${round(x(point) + reach)} ${round(y(point))} ${round(x(point + 1) - reach)} ${round(y(point + 1))} ${round(x(point + 1))} ${round(y(point + 1))}`;
  }
  return path;
}

function edgeOf(scene: Scene, edge: number, look: Look): string {
  const style = edgeStyle(scene.edgeFlags(edge));
  const color = style === EdgeStyle.cycle ? look.warn : look.edge;
  const dash =
    style === EdgeStyle.inferred
      ? ' stroke-dasharray="5 4"'
      : style === EdgeStyle.removed
        ? ' stroke-dasharray="1.5 4"'
        : "";
  return `<path d="${pathOf(scene, edge)}" fill="none" stroke="${color}" stroke-width="1.35"${dash} marker-end="url(#a)"/>`;
}

function nodeOf(scene: Scene, node: number, look: Look, shapes: Shapes, text: FittedText): string {
  const { frame } = scene;
  const { x, y, width, height } = scene.box(node);
  const flag = frame.flags[node] as number;
  const kind = frame.kind(node);
  const { family, label } = lookOf(kind);
  const { ink, fill } = look.families[family];
  const focus = (flag & NodeFlag.focus) !== 0;
  const stroke = focus ? look.accent : flag & NodeFlag.cycle ? look.warn : look.borderStrong;
  const middle = y + Math.min(frame.headerHeight, height) / 2;
  const nameFont = `600 12px ${look.fontCode}`;
  const quietFont = `400 11px ${look.fontText}`;
  const room = width - Card.textX - Card.right;
  const words = secondLine(label, (frame.columnCounts[node] as number) > 0, frame.system(node), frame.detail(node));
  const parts = [
    `<g><title>${escapeXml(frame.qualifiedName(node) || frame.name(node))}</title>`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6" fill="${focus ? look.selected : look.node}" stroke="${stroke}"/>`,
    `<rect x="${round(x + 10)}" y="${round(middle - 14)}" width="28" height="28" rx="5" fill="${fill}"/>`,
    `<g transform="translate(${round(x + 16)} ${round(middle - 8)}) scale(${16 / 24})" fill="none" stroke="${ink}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes.get(kind)?.markup ?? ""}</g>`,
    textAt(x + Card.textX, middle - 4, text.fit(frame.name(node), room, nameFont), nameFont, look.text),
    textAt(x + Card.textX, middle + 13, text.fit(words, room, quietFont), quietFont, look.quiet),
  ];
  if (flag & NodeFlag.open) {
    const font = `400 11px ${look.fontCode}`;
    for (
      let column = frame.columnStarts[node] as number;
      column < (frame.columnStarts[node + 1] as number);
      column += 1
    ) {
      const name = frame.text(frame.columns[column * COLUMN_STRIDE] as number);
      parts.push(textAt(x + 22, scene.columnY(node, column) + 4, text.fit(name, width - 36, font), font, look.text));
    }
  }
  parts.push("</g>");
  return parts.join("");
}

function textAt(x: number, y: number, words: string, font: string, color: string): string {
  const [, weight, size, family] = /^(\d+) (\S+) (.*)$/.exec(font) ?? ["", "400", "12px", "sans-serif"];
  return `<text x="${round(x)}" y="${round(y)}" font-family="${escapeXml(family as string)}" font-size="${size}" font-weight="${weight}" fill="${color}">${escapeXml(words)}</text>`;
}
