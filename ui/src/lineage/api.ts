// What the lineage asks of Rust. The shapes follow `crates/app/src/lineage/view.rs`.

import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { invoke } from "@tauri-apps/api/core";
import { decodeFrame, type Frame, type TooLarge } from "./frame";

export type Side = "up" | "down";
export type Direction = Side | "both";
export type ViewBand = "system" | "asset" | "field";
export interface Expanded {
  id: string;
  side: Side;
  levels: number;
}
export interface Hidden {
  id: string;
  with: Side;
}
export interface OpenGroup {
  id: string;
  page: number;
  filter: string;
}
export interface Place {
  id: string;
  x: number;
  y: number;
}

export interface LineageArgs {
  focus: string[];
  direction: Direction;
  up: number;
  down: number;
  expanded: Expanded[];
  hidden: Hidden[];
  kinds: string[];
  hide_transformations: boolean;
  hide_runs: boolean;
  show_removed: boolean;
  since: number | null;
  until: number | null;
  band: ViewBand;
  columns: string[];
  column_trace: string | null;
  group_over: number;
  open_groups: OpenGroup[];
  force: boolean;
  anchor: Place | null;
  previous: Place[];
}

export interface LineageRow {
  level: number;
  id: string;
  kind: string;
  name: string;
  qualified_name: string;
  system: string;
  upstream: string[];
  downstream: string[];
  hidden_up: number;
  hidden_down: number;
  columns: number;
  cycle: boolean;
  removed: boolean;
}
export interface LineageTable {
  rows: LineageRow[];
}

export interface Named {
  id: string;
  kind: string;
  name: string;
}
export type Verdict = "accepted" | "rejected";
export interface RelationKey {
  from: string;
  kind: string;
  to: string;
}
export interface EvidenceRow {
  source: string;
  method: string;
  confidence: number;
  first_seen: number | null;
  last_seen: number | null;
  job: Named | null;
  run: Named | null;
  sql: string | null;
}
export interface EdgeRelation {
  relation: RelationKey;
  inferred: boolean;
  verdict: Verdict | null;
  removed: boolean;
  evidence: EvidenceRow[];
}
export interface LineageEdge {
  relations: EdgeRelation[];
  through: Named[];
}

export interface GroupMember {
  id: string;
  kind: string;
  name: string;
  qualified_name: string;
}
export interface LineageGroup {
  matching: number;
  members: number;
  page_size: number;
  rows: GroupMember[];
}

const call = <T>(name: string, args: object): Promise<T> => invoke<T>("use_case", { name, args });

export const lineageTable = (args: LineageArgs): Promise<LineageTable> => call("lineage_table", args);
export const evidenceVerdict = (args: { relation: RelationKey; verdict: Verdict | null }): Promise<unknown> =>
  call("evidence_verdict", args);

export async function lineageView(args: LineageArgs): Promise<Frame | TooLarge> {
  return decodeFrame(await call<ArrayBuffer>("lineage_view", args));
}

// The keys have the form of shared/query.ts, topic first, so that what Rust reports as changed is asked for again.

/** Frames of large views are megabytes: they are kept for going back, but not for long. */
const KEPT_MS = 60_000;

/** `place` says where things are on screen; it is asked for at the last moment and is no part of what is asked. */
export function useLineageView(
  args: LineageArgs | null,
  place: () => Pick<LineageArgs, "anchor" | "previous">,
): UseQueryResult<Frame | TooLarge, Error> {
  return useQuery({
    queryKey: ["relations", "lineage_view", args],
    queryFn: () => lineageView({ ...(args as LineageArgs), ...place() }),
    enabled: args !== null,
    structuralSharing: false,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
}

export function useLineageTable(args: LineageArgs | null): UseQueryResult<LineageTable, Error> {
  return useQuery({
    queryKey: ["relations", "lineage_table", args],
    queryFn: () => lineageTable(args as LineageArgs),
    enabled: args !== null,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
}

export function useLineageEdge(ends: { from: string; to: string } | null): UseQueryResult<LineageEdge, Error> {
  return useQuery({
    queryKey: ["relations", "lineage_edge", ends],
    queryFn: () => call<LineageEdge>("lineage_edge", ends ?? {}),
    enabled: ends !== null,
  });
}

export function useLineageGroup(
  view: LineageArgs,
  group: string,
  page: number,
  filter: string,
): UseQueryResult<LineageGroup, Error> {
  return useQuery({
    queryKey: ["relations", "lineage_group", { view, group, page, filter }],
    queryFn: () => call<LineageGroup>("lineage_group", { view, group, page, filter }),
    placeholderData: keepPreviousData,
  });
}
