// The three bands, and what lies past the end of each.

import type { LineageState } from "./link";

/** What the next band shows, in words; empty past the last. */
export const NEXT_BAND = {
  in: { system: "single assets", asset: "columns", field: "" },
  out: { system: "", asset: "systems", field: "assets" },
} as const;

/** The next band, looking at the node under the pointer. */
export function crossed(state: LineageState, towards: "in" | "out", node: string | null): Partial<LineageState> {
  if (towards === "out") return { band: state.band === "field" ? "asset" : "system" };
  if (state.band === "asset") {
    const columns = node === null || state.columns.includes(node) ? state.columns : [...state.columns, node];
    return { band: "field", columns };
  }
  return { band: "asset" };
}
