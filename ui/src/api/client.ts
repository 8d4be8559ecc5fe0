// PROVISIONAL: written by hand until the generated client replaces it. Shapes follow the Rust use cases.
import { invoke } from "@tauri-apps/api/core";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** ISO 8601 in UTC. */
export type Instant = string;
export type Known = "declared" | "detected" | "inferred" | "synced";

export interface CatalogInfo {
  path: string | null;
  name: string;
  entity_count: number;
  relation_count: number;
  size_bytes: number;
  read_only: string | null;
  recent: { path: string; name: string; opened_at: Instant }[];
  version: string;
}
export interface CheckReply {
  holds: boolean;
  problems: { where: string; what: string }[];
}
export interface SearchArgs {
  text: string;
  kinds?: string[];
  tags?: string[];
  owners?: string[];
  systems?: string[];
  limit?: number;
  offset?: number;
}
export interface Hit {
  id: string;
  kind: string;
  name: string;
  qualified_names: string[];
  why: string;
  matched: { field: string; text: string; ranges: [number, number][] } | null;
  parent: string | null;
  description: string | null;
  tags: string[];
}
export interface FacetCount {
  field: string;
  values: { value: string; count: number }[];
}
export interface SearchReply {
  total: number;
  took_ms: number;
  hits: Hit[];
  facets: FacetCount[];
}
export interface SavedView {
  name: string;
  link: string;
}
export interface QualifiedName {
  namespace: string;
  name: string;
  source: string;
}
export interface FieldValue {
  key: string;
  value: Json;
  known: Known;
  source: string;
  at: Instant;
  edited: boolean;
  others: { source: string; value: Json; at: Instant }[];
}
export interface FacetValue {
  name: string;
  source: string;
  at: Instant;
  value: Json;
}
export interface SchemaColumn {
  id: string;
  name: string;
  data_type: string;
  description: string | null;
  tags: string[];
  position: number;
}
export interface Evidence {
  source: string;
  method: string;
  confidence: number | null;
  at: Instant;
  detail: string | null;
}
export interface RelationView {
  id: string;
  kind: string;
  direction: "out" | "in";
  other: { id: string; kind: string; name: string };
  evidence: Evidence[];
}
export interface EntityView {
  id: string;
  kind: string;
  name: string;
  qualified_names: QualifiedName[];
  members: string[];
  fields: FieldValue[];
  facets: FacetValue[];
  schema: SchemaColumn[];
  relations: RelationView[];
  counts: { upstream: number; downstream: number; relations: number; operations: number };
}
export interface EntityPeek {
  id: string;
  kind: string;
  name: string;
  qualified_names: QualifiedName[];
  fields: FieldValue[];
  columns: number;
  counts: { upstream: number; downstream: number; relations: number; operations: number };
}
export interface Change {
  subject: string;
  subject_name: string;
  field: string;
  source: string;
  before: Json;
  after: Json;
}
export interface Operation {
  seq: number;
  id: string;
  title: string;
  actor: string;
  on_behalf_of: string | null;
  origin: string;
  cause: string | null;
  at: Instant;
  undone_by: string | null;
  changes: Change[];
}
export type ImportKind = "openlineage" | "dbt" | "mlflow";
export interface ImportReport {
  created: number;
  changed: number;
  same: number;
  rejected: { where: string; why: string }[];
}
export interface Job {
  id: string;
  title: string;
  state: "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number | null;
  unit: string;
  rate: number | null;
  seconds_left: number | null;
  started_at: Instant;
  ended_at: Instant | null;
  report: ImportReport | null;
  error: string | null;
}

interface UseCase {
  provides: readonly string[];
  invalidates: readonly string[];
}
const reads = (...provides: string[]): UseCase => ({ provides, invalidates: [] });
const writes = (...invalidates: string[]): UseCase => ({ provides: [], invalidates });

export const useCases = {
  catalog_info: reads("catalog"),
  catalog_open: writes("*"),
  catalog_create: writes("*"),
  sample_open: writes("*"),
  backup: writes(),
  restore: writes("*"),
  check: writes(),
  search: reads("entities"),
  saved_views: reads("views"),
  saved_view_put: writes("views"),
  saved_view_delete: writes("views"),
  entity: reads("entities", "relations", "operations"),
  entity_peek: reads("entities", "relations"),
  history: reads("operations"),
  edit: writes("entities", "operations", "catalog"),
  undo: writes("entities", "relations", "operations", "catalog"),
  redo: writes("entities", "relations", "operations", "catalog"),
  merge: writes("entities", "relations", "operations", "catalog"),
  split: writes("entities", "relations", "operations", "catalog"),
  import_start: writes("jobs"),
  jobs: reads("jobs"),
  job_cancel: writes("jobs"),
} as const satisfies Record<string, UseCase>;

export type UseCaseName = keyof typeof useCases;

const call = <T>(name: UseCaseName, args: object = {}): Promise<T> => invoke<T>("use_case", { name, args });

export const catalog_info = (): Promise<CatalogInfo> => call("catalog_info");
export const catalog_open = (args: { path: string }): Promise<CatalogInfo> => call("catalog_open", args);
export const catalog_create = (args: { path: string }): Promise<CatalogInfo> => call("catalog_create", args);
export const sample_open = (): Promise<CatalogInfo> => call("sample_open");
export const backup = (args: { path: string }): Promise<null> => call("backup", args);
export const restore = (args: { path: string }): Promise<CatalogInfo> => call("restore", args);
export const check = (): Promise<CheckReply> => call("check");
export const search = (args: SearchArgs): Promise<SearchReply> => call("search", args);
export const saved_views = (): Promise<SavedView[]> => call("saved_views");
export const saved_view_put = (args: SavedView): Promise<null> => call("saved_view_put", args);
export const saved_view_delete = (args: { name: string }): Promise<null> => call("saved_view_delete", args);
export const entity = (args: { id: string }): Promise<EntityView> => call("entity", args);
export const entity_peek = (args: { id: string }): Promise<EntityPeek> => call("entity_peek", args);
export const history = (args: { id: string | null; limit: number; before: number | null }): Promise<Operation[]> =>
  call("history", args);
export const edit = (args: {
  entity: string;
  changes: { field: string; value: Json }[];
}): Promise<{ operation: string }> => call("edit", args);
export const undo = (args: { operation: string }): Promise<{ operation: string }> => call("undo", args);
export const redo = (): Promise<{ operation: string } | null> => call("redo");
export const merge = (args: { into: string; entities: string[] }): Promise<{ operation: string }> =>
  call("merge", args);
export const split = (args: { entity: string }): Promise<{ operation: string }> => call("split", args);
export const import_start = (args: { kind: ImportKind; from: string }): Promise<{ job: string }> =>
  call("import_start", args);
export const jobs = (): Promise<Job[]> => call("jobs");
export const job_cancel = (args: { job: string }): Promise<null> => call("job_cancel", args);
