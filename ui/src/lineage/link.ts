// The state of a lineage view as the part of its link after `?`, and back. What is left out is the default.

import type { Kind } from "../api/client";
import { list, type Query, word } from "../shared/links";
import type { Direction, Expanded, Hidden, LineageArgs, OpenGroup, Side, ViewBand } from "./api";

export interface LineageState {
  focus: string[];
  direction: Direction;
  up: number;
  down: number;
  expanded: Expanded[];
  hidden: Hidden[];
  kinds: string[];
  hideTransformations: boolean;
  hideRuns: boolean;
  showRemoved: boolean;
  since: number | null;
  until: number | null;
  band: ViewBand;
  columns: string[];
  columnTrace: string | null;
  openGroups: OpenGroup[];
  force: boolean;
  as: "graph" | "table";
  /** The node that is selected and traced. */
  at: string | null;
}

/** As many levels as there are. */
export const ALL_LEVELS = 100;
/** Neighbours of one node beyond this many are folded. */
export const GROUP_OVER = 30;

export const defaults: LineageState = {
  focus: [],
  direction: "both",
  up: 1,
  down: 1,
  expanded: [],
  hidden: [],
  kinds: [],
  hideTransformations: false,
  hideRuns: false,
  showRemoved: false,
  since: null,
  until: null,
  band: "asset",
  columns: [],
  columnTrace: null,
  openGroups: [],
  force: false,
  as: "graph",
  at: null,
};

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ids = (value: unknown): string[] => [...new Set(list(value).filter((id) => ID.test(id)))];
const id = (value: unknown): string | null => ids(value)[0] ?? null;
const side = (text: string | undefined): Side | null => (text === "up" || text === "down" ? text : null);

function whole(value: unknown, otherwise: number): number {
  const text = word(value);
  return /^\d{1,3}$/.test(text) ? Math.min(Number(text), ALL_LEVELS) : otherwise;
}

function day(value: unknown): number | null {
  const at = Date.parse(word(value));
  return Number.isNaN(at) ? null : at;
}

function oneOf<T extends string>(value: unknown, known: readonly T[], otherwise: T): T {
  return known.find((one) => one === word(value)) ?? otherwise;
}

/** Reads a link; what isn't understood is left out, since links are typed and cut by people. */
export function readLink(query: Query): LineageState {
  const hide = list(query.hide);
  return {
    focus: ids(query.focus),
    direction: oneOf(query.direction, ["up", "down", "both"], "both"),
    up: whole(query.up, defaults.up),
    down: whole(query.down, defaults.down),
    expanded: list(query.more).flatMap((text): Expanded[] => {
      const [node = "", way, levels = ""] = text.split(".");
      const to = side(way);
      return ID.test(node) && to && /^\d{1,3}$/.test(levels) ? [{ id: node, side: to, levels: whole(levels, 1) }] : [];
    }),
    hidden: list(query.without).flatMap((text): Hidden[] => {
      const [node = "", way] = text.split(".");
      const to = side(way);
      return ID.test(node) && to ? [{ id: node, with: to }] : [];
    }),
    kinds: list(query.kind).filter((kind) => /^[a-z_]{1,40}$/.test(kind)),
    hideTransformations: hide.includes("transformations"),
    hideRuns: hide.includes("runs"),
    showRemoved: word(query.removed) === "1",
    since: day(query.since),
    until: day(query.until),
    band: oneOf(query.band, ["system", "asset", "field"], "asset"),
    columns: ids(query.columns),
    columnTrace: id(query.column),
    openGroups: list(query.group).flatMap((text): OpenGroup[] => {
      const [node = "", page = "", ...filter] = text.split(".");
      return ID.test(node) && /^\d{1,6}$/.test(page)
        ? [{ id: node, page: Number(page), filter: filter.join(".") }]
        : [];
    }),
    force: word(query.force) === "1",
    as: oneOf(query.as, ["graph", "table"], "graph"),
    at: id(query.at),
  };
}

/** All values of a link's query, empty where they are the default, so that setting them clears what was there. */
export function writeLink(state: LineageState): Record<string, unknown> {
  const unless = <T>(value: T, otherwise: T) => (value === otherwise ? "" : value);
  return {
    focus: state.focus,
    direction: unless(state.direction, "both"),
    up: unless(state.up, defaults.up),
    down: unless(state.down, defaults.down),
    more: state.expanded.map((one) => `${one.id}.${one.side}.${one.levels}`),
    without: state.hidden.map((one) => `${one.id}.${one.with}`),
    kind: state.kinds,
    hide: [state.hideTransformations && "transformations", state.hideRuns && "runs"].filter(Boolean),
    removed: state.showRemoved ? "1" : "",
    since: state.since === null ? "" : isoDay(state.since),
    until: state.until === null ? "" : isoDay(state.until),
    band: unless(state.band, "asset"),
    columns: state.columns,
    column: state.columnTrace ?? "",
    group: state.openGroups.map((one) => `${one.id}.${one.page}${one.filter ? `.${one.filter}` : ""}`),
    force: state.force ? "1" : "",
    as: unless(state.as, "graph"),
    at: state.at ?? "",
  };
}

/** A day as `2026-11-24`; a moment within it in full. */
export function isoDay(at: number): string {
  const text = new Date(at).toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text;
}

export function argsOf(state: LineageState): LineageArgs {
  return {
    focus: state.focus,
    direction: state.direction,
    up: state.direction === "down" ? 0 : state.up,
    down: state.direction === "up" ? 0 : state.down,
    expanded: state.expanded,
    hidden: state.hidden,
    // Rust says which kind it doesn't know, when a link names one of a later version.
    kinds: state.kinds as Kind[],
    hide_transformations: state.hideTransformations,
    hide_runs: state.hideRuns,
    show_removed: state.showRemoved,
    since: state.since,
    until: state.until,
    band: state.band,
    columns: state.columns,
    column_trace: state.columnTrace,
    group_over: GROUP_OVER,
    open_groups: state.openGroups,
    force: state.force,
    anchor: null,
    previous: [],
  };
}

/** What a caret does to the state: a side opens one level further, all the way, or closes. */
export function expand(state: LineageState, node: string, to: Side, how: "open" | "open-all" | "close"): Expanded[] {
  const rest = state.expanded.filter((one) => one.id !== node || one.side !== to);
  if (how === "close") return rest;
  const before = state.expanded.find((one) => one.id === node && one.side === to)?.levels ?? 0;
  const levels = how === "open-all" ? ALL_LEVELS : Math.min(before + 1, ALL_LEVELS);
  return [...rest, { id: node, side: to, levels }];
}
