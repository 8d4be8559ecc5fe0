// Draws nodes: rectangles from afar, names in between, whole cards close by.

import { kindLook } from "../shared/kinds";
import { type Frame, NodeFlag } from "./frame";
import type { Look } from "./look";
import { paintCards } from "./paint-cards";
import type { Detail } from "./paint-edges";
import type { Scene } from "./scene";
import type { Shapes } from "./shapes";
import type { FittedText } from "./text";

export interface NodePaint {
  look: Look;
  shapes: Shapes;
  text: FittedText;
  scale: number;
  /** Device pixels per world unit. */
  pixels: number;
  detail: Detail;
  mask: Uint8Array | null;
  wanted: 0 | 1;
}

/** Where on a card its parts are; the hit test uses the same numbers. */
export const Card = {
  radius: 6,
  icon: { x: 10, size: 28 },
  textX: 47,
  right: 10,
  toggle: { width: 62, height: 16 },
  caret: { width: 30, height: 16, gap: 3, all: 20 },
} as const;

type LookOfKind = { family: keyof Look["families"]; label: string };
const looks = new Map<string, LookOfKind>();

/** Family and label by kind; asked for every node that is drawn. */
export function lookOf(kind: string): LookOfKind {
  let look = looks.get(kind);
  if (!look) {
    look = kind === "group" ? { family: "other", label: "Group" } : kindLook(kind);
    looks.set(kind, look);
  }
  return look;
}

export function paintNodes(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nodes: ArrayLike<number>,
  from: number,
  to: number,
  paint: NodePaint,
): void {
  if (paint.detail === "far") {
    paintFar(context, scene.frame, nodes, from, to, paint);
    return;
  }
  const shown: number[] = [];
  for (let at = from; at < to; at += 1) {
    const node = nodes[at] as number;
    if (!paint.mask || paint.mask[node] === paint.wanted) shown.push(node);
  }
  if (paint.detail === "near") paintCards(context, scene, shown, paint);
  else for (const node of shown) paintMid(context, scene.frame, node, paint);
}

function paintFar(
  context: CanvasRenderingContext2D,
  frame: Frame,
  nodes: ArrayLike<number>,
  from: number,
  to: number,
  paint: NodePaint,
): void {
  const { boxes, kinds } = frame;
  const pixel = 1 / paint.pixels;
  const byKind = new Map<number, number[]>();
  for (let at = from; at < to; at += 1) {
    const node = nodes[at] as number;
    if (paint.mask && paint.mask[node] !== paint.wanted) continue;
    const kind = kinds[node] as number;
    const list = byKind.get(kind);
    if (list) list.push(node);
    else byKind.set(kind, [node]);
  }
  for (const [kind, list] of byKind) {
    const { ink } = paint.look.families[lookOf(frame.text(kind)).family];
    context.fillStyle = ink;
    for (const node of list) {
      context.fillRect(
        boxes[node * 4] as number,
        boxes[node * 4 + 1] as number,
        Math.max(boxes[node * 4 + 2] as number, 2 * pixel),
        Math.max(boxes[node * 4 + 3] as number, 1.5 * pixel),
      );
    }
  }
}

function paintMid(context: CanvasRenderingContext2D, frame: Frame, node: number, paint: NodePaint): void {
  const { look, scale } = paint;
  const { boxes, flags } = frame;
  const x = boxes[node * 4] as number;
  const y = boxes[node * 4 + 1] as number;
  const width = boxes[node * 4 + 2] as number;
  const height = boxes[node * 4 + 3] as number;
  const flag = flags[node] as number;
  const { ink } = look.families[lookOf(frame.kind(node)).family];
  context.fillStyle = flag & NodeFlag.focus ? look.selected : look.node;
  context.fillRect(x, y, width, height);
  context.strokeStyle = flag & NodeFlag.focus ? look.accent : flag & NodeFlag.cycle ? look.warn : look.borderStrong;
  context.lineWidth = (flag & NodeFlag.focus ? 2 : 1) / scale;
  context.strokeRect(x, y, width, height);
  context.fillStyle = ink;
  context.fillRect(x, y, 4 / scale, height);
  const size = Math.min(11, (frame.headerHeight * scale * 0.72) | 0) / scale;
  context.font = `600 ${size}px ${look.fontCode}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = flag & NodeFlag.removed ? look.faint : look.text;
  const room = width * scale - 16;
  const name = paint.text.fit(frame.name(node), room * (11 / (size * scale)), `600 11px ${look.fontCode}`);
  context.fillText(name, x + 9 / scale, y + Math.min(height, frame.headerHeight) / 2);
}

export type CaretAction = "open" | "open-all" | "close";
export interface Caret {
  node: number;
  side: "up" | "down";
  action: CaretAction;
  x: number;
  y: number;
  width: number;
  height: number;
  text: string;
}

/** The carets of a node: one opens a level, the second everything; where a side was opened, one closes it again. */
export function caretsOf(scene: Scene, node: number, both: boolean): Caret[] {
  const { frame } = scene;
  const flag = frame.flags[node] as number;
  if (flag & NodeFlag.group) return [];
  const box = scene.box(node);
  const { height, gap, all } = Card.caret;
  const y = box.y + Math.min(frame.headerHeight, box.height) - height / 2 - 4;
  const carets: Caret[] = [];
  for (const side of ["up", "down"] as const) {
    const hidden = frame.hidden[node * 2 + (side === "up" ? 0 : 1)] as number;
    const expanded = (flag & (side === "up" ? NodeFlag.expandedUp : NodeFlag.expandedDown)) !== 0;
    const place = (offset: number, width: number) =>
      side === "up" ? box.x - 6 - offset - width + 12 : box.x + box.width - 6 + offset;
    let offset = 0;
    const add = (action: CaretAction, text: string, width: number) => {
      carets.push({ node, side, action, x: place(offset, width), y, width, height, text });
      offset += width + gap;
    };
    if (hidden > 0) add("open", short(hidden), Math.max(Card.caret.width, 21 + 6.5 * short(hidden).length));
    if (hidden > 0 && both) add("open-all", "", all);
    if (expanded && (hidden === 0 || both)) add("close", "", all);
  }
  return carets;
}

function short(count: number): string {
  return count < 1000 ? `${count}` : `${Math.floor(count / 100) / 10}k`;
}

export function paintCaret(context: CanvasRenderingContext2D, caret: Caret, look: Look, hover: boolean): void {
  const { x, y, width, height } = caret;
  context.beginPath();
  context.roundRect(x, y, width, height, height / 2);
  context.fillStyle = hover ? look.accent : look.raised;
  context.strokeStyle = hover ? look.accent : look.borderStrong;
  context.lineWidth = 1;
  context.fill();
  context.stroke();
  const ink = hover ? "#ffffff" : look.quiet;
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.5;
  const outward = caret.side === "up" ? -1 : 1;
  const middle = y + height / 2;
  const chevron = (at: number) => {
    context.moveTo(at - 1.5 * outward, middle - 3);
    context.lineTo(at + 1.5 * outward, middle);
    context.lineTo(at - 1.5 * outward, middle + 3);
  };
  context.beginPath();
  if (caret.action === "close") {
    context.moveTo(x + width / 2 - 3.5, middle);
    context.lineTo(x + width / 2 + 3.5, middle);
  } else if (caret.action === "open-all") {
    chevron(x + width / 2 - 2.5);
    chevron(x + width / 2 + 2.5);
  } else {
    chevron(caret.side === "up" ? x + 8 : x + width - 8);
  }
  context.stroke();
  if (caret.text === "") return;
  context.font = `600 10px ${look.fontText}`;
  context.textBaseline = "middle";
  context.textAlign = caret.side === "up" ? "right" : "left";
  context.fillText(caret.text, caret.side === "up" ? x + width - 7 : x + 7, middle + 0.5);
  context.textAlign = "left";
}
