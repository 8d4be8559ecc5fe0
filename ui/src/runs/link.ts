// What a link into the table of runs says, and what it asks Rust for.

import type { RunSort, RunsArgs } from "../api/client";
import { list, type Query, word } from "../shared/links";

export const modes = ["first10", "first20", "all", "unfinished", "chosen"] as const;
export type Mode = (typeof modes)[number];
export const axes = ["step", "time", "relative"] as const;
export type Axis = (typeof axes)[number];
export const chartKinds = ["lines", "scatter", "parallel"] as const;
export type ChartKind = (typeof chartKinds)[number];

export interface RunsState {
  filter: string;
  of: string | null;
  sort: RunSort[];
  columns: string[];
  group: string | null;
  mode: Mode;
  /** Chosen by hand. */
  ids: string[];
  chart: ChartKind;
  axis: Axis;
  logX: boolean;
  logY: boolean;
  smooth: number;
  outliers: boolean;
  x: string | null;
  y: string | null;
  dimensions: string[];
}

const oneOf = <T extends string>(value: unknown, all: readonly T[], otherwise: T): T =>
  all.find((one) => one === word(value)) ?? otherwise;

export function readRuns(query: Query): RunsState {
  const smooth = Number(word(query.smooth));
  return {
    filter: word(query.filter),
    of: word(query.of) || null,
    sort: list(query.sort).map((text) =>
      text.startsWith("-") ? { column: text.slice(1), descending: true } : { column: text, descending: false },
    ),
    columns: list(query.columns),
    group: word(query.group) || null,
    mode: oneOf(query.mode, modes, "first10"),
    ids: [...new Set(list(query.ids))],
    chart: oneOf(query.chart, chartKinds, "lines"),
    axis: oneOf(query.axis, axes, "step"),
    logX: word(query.logx) === "1",
    logY: word(query.logy) === "1",
    smooth: smooth > 0 && smooth < 1 ? smooth : 0,
    outliers: word(query.outliers) !== "hide",
    x: word(query.x) || null,
    y: word(query.y) || null,
    dimensions: list(query.dims),
  };
}

export const writeSort = (sort: RunSort[]): string[] =>
  sort.map((one) => (one.descending ? `-${one.column}` : one.column));

/** Rows are fetched so many at a time; what is drawn comes out of the first of them. */
export const pageSize = 200;
/** The most runs whose histories are drawn. */
export const mostDrawn = 200;
/** The most points of a scatter plot and lines of parallel coordinates. */
export const mostPoints = 2_000;

export const argsOf = (state: RunsState, offset = 0): RunsArgs => ({
  filter: state.filter,
  ids: [],
  kinds: [],
  of: state.of,
  sort: state.sort,
  columns: state.columns,
  group_by: null,
  offset,
  limit: pageSize,
});

const ended = "NOT status IN ('FINISHED', 'FAILED', 'KILLED', 'OK', 'ERROR')";

/** Which runs the charts show. */
export function drawnArgs(state: RunsState, columns: string[], most: number): RunsArgs {
  const base: RunsArgs = { ...argsOf(state), columns: columns.length > 0 ? columns : ["status"], limit: most };
  switch (state.mode) {
    case "first10":
      return { ...base, limit: 10 };
    case "first20":
      return { ...base, limit: 20 };
    case "all":
      return base;
    case "unfinished":
      return { ...base, filter: both(state.filter, ended) };
    case "chosen":
      // Chosen by hand is chosen, whatever the filter lets through; nobody chosen is nobody shown.
      return { ...base, filter: state.ids.length > 0 ? "" : "kind IN ('none')", of: null, ids: state.ids };
  }
}

const joins = /\bor\b/i;
export const both = (filter: string, test: string): string => {
  const held = filter.trim();
  return held ? `${joins.test(held) ? `(${held})` : held} AND ${test}` : test;
};

/** A column as an expression names it. */
export function named(key: string): string {
  const dot = key.indexOf(".");
  const [prefix, rest] = dot < 0 ? ["", key] : [key.slice(0, dot + 1), key.slice(dot + 1)];
  return /^[\w./-]+$/.test(rest) ? key : `${prefix}${quoted(rest)}`;
}

export function quoted(text: string): string {
  const mark = ["'", '"', "`"].find((one) => !text.includes(one)) ?? "'";
  return mark + text.replaceAll(mark, "") + mark;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const figure = (value: number): string => String(Number(value.toPrecision(6)));
const numberText = "-?[\\d.]+(?:e[+-]?\\d+)?";

/** The filter without what brushing this column wrote into it. */
export function withoutBrush(filter: string, key: string): string {
  const name = escaped(named(key));
  const range = `${name} >= ${numberText} AND ${name} <= ${numberText}`;
  const among = `${name} IN \\([^)]*\\)`;
  const clause = new RegExp(`(?:\\s+AND\\s+)?(?:${range}|${among})`, "gi");
  return filter
    .replace(clause, "")
    .replace(/^\s*AND\s+/i, "")
    .trim();
}

export const withRange = (filter: string, key: string, low: number, high: number): string =>
  both(withoutBrush(filter, key), `${named(key)} >= ${figure(low)} AND ${named(key)} <= ${figure(high)}`);

export const withValues = (filter: string, key: string, values: string[]): string =>
  both(withoutBrush(filter, key), `${named(key)} IN (${values.map(quoted).join(", ")})`);
