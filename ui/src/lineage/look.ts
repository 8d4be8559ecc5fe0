// The canvas's colours and fonts, read from the same tokens as the rest of the window.

import type { Family } from "../shared/kinds";

export interface Look {
  fontText: string;
  fontCode: string;
  background: string;
  node: string;
  raised: string;
  hover: string;
  selected: string;
  border: string;
  borderStrong: string;
  text: string;
  quiet: string;
  faint: string;
  accent: string;
  focus: string;
  match: string;
  warn: string;
  warnFill: string;
  edge: string;
  lit: string;
  /** How much of the dimmed shows through. */
  dim: number;
  families: Record<Family, { ink: string; fill: string }>;
}

const FAMILIES: Family[] = ["data", "model", "prompt", "run", "output", "agent", "vocabulary", "other"];

export function readLook(element: Element = document.documentElement): Look {
  const style = getComputedStyle(element);
  const token = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const families = Object.fromEntries(
    FAMILIES.map((family) => [
      family,
      { ink: token(`--family-${family}`, "#62626d"), fill: token(`--family-${family}-bg`, "#ededf0") },
    ]),
  ) as Look["families"];
  return {
    fontText: token("--font-text", "system-ui, sans-serif"),
    fontCode: token("--font-code", "ui-monospace, monospace"),
    background: token("--canvas-bg", "#fbfbfc"),
    node: token("--canvas-node", "#ffffff"),
    raised: token("--bg-raised", "#ffffff"),
    hover: token("--bg-hover", "#f1f1f4"),
    selected: token("--bg-selected", "#e9ecfc"),
    border: token("--border", "#e3e3e8"),
    borderStrong: token("--border-strong", "#c9c9d1"),
    text: token("--text", "#1b1b20"),
    quiet: token("--text-quiet", "#5d5d68"),
    faint: token("--text-faint", "#6f6f7b"),
    accent: token("--accent", "#4254cf"),
    focus: token("--focus", "#4a5de0"),
    match: token("--match", "#fdf0b8"),
    warn: token("--warn", "#8f5b00"),
    warnFill: token("--warn-bg", "#fdf3dc"),
    edge: token("--canvas-edge", "#a9a9b5"),
    lit: token("--canvas-edge-lit", "#4254cf"),
    dim: Number(token("--canvas-dim", "0.28")) || 0.28,
    families,
  };
}
