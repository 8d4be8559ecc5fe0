// PROVISIONAL: written by hand until the generated client replaces it. Shapes follow the Rust use cases.
import { invoke } from "@tauri-apps/api/core";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Kind =
  | "dataset" | "column" | "document" | "chunk" | "model" | "model_version" | "prompt" | "prompt_version" | "experiment"
  | "run" | "trace" | "output" | "job" | "pipeline" | "agent" | "service" | "tool" | "connection" | "dashboard" | "person"
  | "team" | "test" | "logged_model" | "metric" | "taxonomy" | "term";
export type Known = "inferred" | "detected" | "synced" | "declared";
export type Origin = "window" | "command_line" | "import" | "receiver" | "connector" | "mcp" | "hub";

export type Named = { id: string; kind: Kind; name: string };
export type Recent = { path: string; name: string; opened_at: string };
export type CatalogInfo = {
  path: string | null;
  name: string;
  entity_count: number;
  relation_count: number;
  size_bytes: number;
  index_waiting: number;
  read_only: string | null;
  ended_uncleanly: boolean;
  recent: Array<Recent>;
  has_sample: boolean;
  version: string;
};
export type PathArgs = { path: string };
export type Problem = { where: string; what: string };
export type CheckReply = { holds: boolean; problems: Array<Problem> };
export type SearchArgs = {
  text: string;
  kinds?: Array<Kind>;
  tags?: Array<string>;
  owners?: Array<string>;
  systems?: Array<string>;
  limit?: number;
  offset?: number;
};
export type Matched = { field: string; text: string; ranges: Array<[number, number]> };
export type Hit = {
  id: string;
  kind: Kind;
  name: string;
  qualified_names: Array<string>;
  why: string;
  matched: Matched | null;
  parent: Named | null;
  description: string | null;
  tags: Array<string>;
};
export type ValueCount = { value: string; count: number };
export type FacetCount = { field: string; values: Array<ValueCount> };
export type SearchReply = { total: number; took_ms: number; hits: Array<Hit>; facets: Array<FacetCount> };
export type SavedView = { name: string; link: string };
export type SavedViewName = { name: string };
export type EntityArgs = { id: string };
export type NameView = { namespace: string; name: string; text: string; source: string };
export type OtherClaim = { source: string; value: Json; at: string };
export type FieldValue = {
  key: string;
  value: Json;
  known: Known;
  source: string;
  at: string;
  edited: boolean;
  others: Array<OtherClaim>;
};
export type FacetValue = { name: string; about: Named | null; source: string; at: string; value: Json };
export type SchemaColumn = {
  id: string;
  name: string;
  depth: number;
  data_type: string | null;
  description: string | null;
  tags: Array<string>;
  position: number | null;
};
export type EvidenceView = {
  source: string;
  method: string;
  confidence: number;
  first_at: string;
  at: string;
  withdrawn: boolean;
  detail: Json;
};
export type RelationDirection = "out" | "in";
export type EntityRelation = {
  id: string;
  kind: string;
  direction: RelationDirection;
  other: Named;
  removed: boolean;
  inferred: boolean;
  evidence: Array<EvidenceView>;
};
export type MetricView = {
  key: string;
  count: number;
  last: number | null;
  last_text: string;
  points: Array<[number, number | null]>;
};
export type Counts = { upstream: number; downstream: number; relations: number; parts: number };
export type Member = { id: string; name: string; by: string };
export type EntityView = {
  id: string;
  kind: Kind;
  name: string;
  parent: Named | null;
  qualified_names: Array<NameView>;
  members: Array<Member>;
  fields: Array<FieldValue>;
  facets: Array<FacetValue>;
  schema: Array<SchemaColumn>;
  parts: Array<Named>;
  metrics: Array<MetricView>;
  relations: Array<EntityRelation>;
  counts: Counts;
};
export type EntityPeek = {
  id: string;
  kind: Kind;
  name: string;
  parent: Named | null;
  qualified_names: Array<NameView>;
  fields: Array<FieldValue>;
  counts: Counts;
};
export type PartsArgs = { id: string; offset: number; limit: number };
export type Parts = { total: number; rows: Array<Named> };
export type HistoryArgs = { id: string | null; limit: number; before: number | null };
export type ChangeView = {
  subject: string;
  subject_name: string;
  field: string;
  source: string;
  before: Json;
  after: Json;
};
export type OperationView = {
  seq: number;
  id: string;
  title: string;
  actor: string;
  on_behalf_of: string | null;
  origin: Origin;
  cause: string | null;
  at: string;
  undone_by: string | null;
  undoes: string | null;
  change_count: number;
  changes: Array<ChangeView>;
};
export type FieldEdit = { field: string; value: Json };
export type EditArgs = { entity: string; changes: Array<FieldEdit>; dry_run?: boolean };
export type MergeArgs = { into: string; entities: Array<string> };
export type SplitArgs = { entity: string };
export type Operated = { operation: string | null; title: string };
export type OnLater = "refuse" | "keep" | "overwrite";
export type UndoArgs = { operation: string; later?: OnLater; dry_run?: boolean };
export type UndoPlan = {
  title: string;
  change_count: number;
  changes: Array<ChangeView>;
  collisions: Array<ChangeView>;
};
export type ImportKind = "openlineage" | "dbt" | "mlflow";
export type ImportArgs = { kind: ImportKind; from: string };
export type Rejection = { where: string; why: string };
export type ImportReport = {
  created: number;
  changed: number;
  same: number;
  rejected: Array<Rejection>;
  notes?: Array<Rejection>;
};
export type JobState = "running" | "done" | "failed" | "cancelled";
export type Job = {
  id: string;
  title: string;
  state: JobState;
  done: number;
  total: number | null;
  unit: string;
  rate: number | null;
  seconds_left: number | null;
  started_at: string;
  ended_at: string | null;
  report: ImportReport | null;
  error: string | null;
};
export type JobArgs = { job: string };
export type JobStarted = { job: string };
type Done = Record<string, never>;

interface UseCase {
  provides: readonly string[];
  invalidates: readonly string[];
}
const reads = (...provides: string[]): UseCase => ({ provides, invalidates: [] });
const writes = (...invalidates: string[]): UseCase => ({ provides: [], invalidates });
const changed = ["entities", "relations", "operations", "catalog"];

export const useCases = {
  catalog_info: reads("catalog", "entities"),
  catalog_open: writes("*"),
  catalog_create: writes("*"),
  sample_open: writes("*"),
  catalog_forget: writes("catalog"),
  backup: writes(),
  restore: writes("*"),
  check: writes(),
  search: reads("entities", "relations"),
  saved_views: reads("views"),
  saved_view_put: writes("views"),
  saved_view_delete: writes("views"),
  entity: reads("entities", "relations", "operations"),
  entity_peek: reads("entities", "relations"),
  parts: reads("entities"),
  history: reads("operations"),
  edit: writes("entities", "operations", "catalog"),
  merge: writes(...changed),
  split: writes(...changed),
  undo: writes(...changed),
  undo_plan: reads("operations"),
  redo: writes(...changed),
  import_start: writes("jobs"),
  jobs: reads("jobs"),
  job_cancel: writes("jobs"),
  job_dismiss: writes("jobs"),
} as const satisfies Record<string, UseCase>;

export type UseCaseName = keyof typeof useCases;

const call = <T>(name: UseCaseName, args: object = {}): Promise<T> => invoke<T>("use_case", { name, args });

export const catalog_info = (): Promise<CatalogInfo> => call("catalog_info");
export const catalog_open = (args: PathArgs): Promise<CatalogInfo> => call("catalog_open", args);
export const catalog_create = (args: PathArgs): Promise<CatalogInfo> => call("catalog_create", args);
export const sample_open = (): Promise<CatalogInfo> => call("sample_open");
export const catalog_forget = (args: PathArgs): Promise<Done> => call("catalog_forget", args);
export const backup = (args: PathArgs): Promise<Done> => call("backup", args);
export const restore = (args: PathArgs): Promise<CatalogInfo> => call("restore", args);
export const check = (): Promise<CheckReply> => call("check");
export const search = (args: SearchArgs): Promise<SearchReply> => call("search", args);
export const saved_views = (): Promise<Array<SavedView>> => call("saved_views");
export const saved_view_put = (args: SavedView): Promise<Done> => call("saved_view_put", args);
export const saved_view_delete = (args: SavedViewName): Promise<Done> => call("saved_view_delete", args);
export const entity = (args: EntityArgs): Promise<EntityView> => call("entity", args);
export const entity_peek = (args: EntityArgs): Promise<EntityPeek> => call("entity_peek", args);
export const parts = (args: PartsArgs): Promise<Parts> => call("parts", args);
export const history = (args: HistoryArgs): Promise<Array<OperationView>> => call("history", args);
export const edit = (args: EditArgs): Promise<Operated> => call("edit", args);
export const merge = (args: MergeArgs): Promise<Operated> => call("merge", args);
export const split = (args: SplitArgs): Promise<Operated> => call("split", args);
export const undo = (args: UndoArgs): Promise<Operated> => call("undo", args);
export const undo_plan = (args: UndoArgs): Promise<UndoPlan> => call("undo_plan", args);
export const redo = (): Promise<Operated> => call("redo");
export const import_start = (args: ImportArgs): Promise<JobStarted> => call("import_start", args);
export const jobs = (): Promise<Array<Job>> => call("jobs");
export const job_cancel = (args: JobArgs): Promise<Done> => call("job_cancel", args);
export const job_dismiss = (args: JobArgs): Promise<Done> => call("job_dismiss", args);
