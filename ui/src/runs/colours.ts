// A run has one colour everywhere, and keeps it while one filters.

import { token } from "../shared/theme";

/** How many colours there are; behind them the line's pattern changes, so that colour is never alone. */
export const colourCount = 14;
export const patterns: number[][] = [[], [6, 3], [2, 3]];
const slots = colourCount * patterns.length;

export interface RunLook {
  colour: number;
  pattern: number;
}

const given = new Map<string, number>();

/** FNV-1a: the same everywhere and in every session. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/**
 * Looks for the runs that are shown together. A run's own colour comes from its id; one that would look like another
 * that is shown takes the next free one, and keeps it from then on.
 */
export function looksOf(ids: readonly string[], known: Map<string, number> = given): Map<string, RunLook> {
  const taken = new Set<number>();
  const looks = new Map<string, RunLook>();
  const put = (id: string, slot: number): void => {
    known.set(id, slot);
    taken.add(slot);
    looks.set(id, { colour: slot % colourCount, pattern: Math.floor(slot / colourCount) });
  };
  const waiting: string[] = [];
  for (const id of ids) {
    const slot = known.get(id);
    if (slot === undefined || taken.has(slot)) waiting.push(id);
    else put(id, slot);
  }
  for (const id of waiting) {
    const own = hashOf(id) % colourCount;
    let slot = own;
    for (let step = 0; step < slots && taken.has(slot); step += 1) {
      const lap = Math.floor(step / colourCount);
      slot = lap * colourCount + ((own + step) % colourCount);
    }
    put(id, slot);
  }
  return looks;
}

export const colourVar = (look: RunLook | undefined): string =>
  look ? `var(--run-${look.colour})` : "var(--border-strong)";
/** The same for a canvas, resolved. */
export const colourNow = (look: RunLook | undefined): string =>
  look ? token(`--run-${look.colour}`) : token("--border-strong");
