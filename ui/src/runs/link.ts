// What a link into the table of runs says, and what it asks Rust for.

import type { RunsArgs } from "../api/client";
import { list, type Query, word } from "../shared/links";

export interface RunsState {
  filter: string;
  /** Only what is a part of this experiment or job. */
  of: string | null;
  columns: string[];
  group: string | null;
  /** Chosen to be compared. */
  ids: string[];
}

export const readRuns = (query: Query): RunsState => ({
  filter: word(query.filter),
  of: word(query.of) || null,
  columns: list(query.columns),
  group: word(query.group) || null,
  ids: [...new Set(list(query.ids))],
});

export const argsOf = (state: RunsState, limit: number): RunsArgs => ({
  filter: state.filter,
  ids: [],
  kinds: [],
  of: state.of,
  sort: [],
  columns: state.columns,
  group_by: state.group,
  offset: 0,
  limit,
});
