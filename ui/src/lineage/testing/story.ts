// A lineage as a team would have it: raw tables to dbt models to features, to training runs, to a model and its answers.

import { ColumnFlag, EdgeFlag, NodeFlag } from "../frame";
import type { ColumnInput, FrameInput, NodeInput } from "./encode";
import { layout } from "./layout";

interface StoryNode {
  key: string;
  kind: string;
  name: string;
  system: string;
  detail: string;
  qualified: string;
  columns: [name: string, type: string, key?: boolean][];
}

const dataset = (
  key: string,
  name: string,
  system: string,
  detail: string,
  columns: StoryNode["columns"],
): StoryNode => ({
  key,
  kind: "dataset",
  name,
  system,
  detail,
  qualified: `${system === "postgres" ? "postgres://shop-db:5432/shop." : system === "s3" ? "s3://shop-landing/" : "duckdb://warehouse/"}${detail}.${name}`,
  columns,
});
const thing = (key: string, kind: string, name: string, system: string, detail = ""): StoryNode => ({
  key,
  kind,
  name,
  system,
  detail,
  qualified: `${system}://shop/${name}`,
  columns: [],
});

export const storyNodes: StoryNode[] = [
  dataset("raw_orders", "raw_orders", "postgres", "public", [
    ["id", "bigint", true],
    ["customer_id", "bigint"],
    ["ordered_at", "timestamptz"],
    ["status", "text"],
    ["store_id", "bigint"],
  ]),
  dataset("raw_items", "raw_order_items", "postgres", "public", [
    ["id", "bigint", true],
    ["order_id", "bigint"],
    ["sku", "text"],
    ["quantity", "integer"],
    ["unit_price", "numeric(12,2)"],
  ]),
  dataset("raw_customers", "raw_customers", "postgres", "public", [
    ["id", "bigint", true],
    ["email", "text"],
    ["first_name", "text"],
    ["signed_up_at", "timestamptz"],
  ]),
  dataset("raw_tickets", "support_tickets_2024_2026.parquet", "s3", "support", [
    ["ticket_id", "varchar", true],
    ["customer_id", "bigint"],
    ["body", "varchar"],
    ["opened_at", "timestamp"],
  ]),
  dataset("raw_web", "web_events", "s3", "events/date=*", [
    ["event_id", "varchar", true],
    ["session_id", "varchar"],
    ["customer_id", "bigint"],
    ["name", "varchar"],
    ["at", "timestamp"],
  ]),
  dataset("stg_orders", "stg_orders", "dbt", "staging", [
    ["order_id", "bigint", true],
    ["customer_id", "bigint"],
    ["ordered_on", "date"],
    ["is_cancelled", "boolean"],
  ]),
  dataset("stg_items", "stg_order_items", "dbt", "staging", [
    ["order_id", "bigint", true],
    ["sku", "text"],
    ["amount", "numeric(14,2)"],
  ]),
  dataset("stg_customers", "stg_customers", "dbt", "staging", [
    ["customer_id", "bigint", true],
    ["signed_up_on", "date"],
  ]),
  dataset("stg_tickets", "stg_support_tickets", "dbt", "staging", [
    ["ticket_id", "varchar", true],
    ["customer_id", "bigint"],
    ["sentiment", "double"],
  ]),
  dataset("stg_sessions", "stg_web_sessions", "dbt", "staging", [
    ["session_id", "varchar", true],
    ["customer_id", "bigint"],
    ["pages", "integer"],
  ]),
  dataset("int_orders", "int_orders_with_amounts", "dbt", "intermediate", [
    ["order_id", "bigint", true],
    ["customer_id", "bigint"],
    ["ordered_on", "date"],
    ["order_amount", "numeric(14,2)"],
  ]),
  dataset("dim_customers", "dim_customers", "dbt", "marts", [
    ["customer_id", "bigint", true],
    ["signed_up_on", "date"],
    ["lifetime_value", "numeric(14,2)"],
    ["orders_90d", "integer"],
    ["last_ordered_on", "date"],
  ]),
  dataset("features", "customer_churn_features_v3", "dbt", "features", [
    ["customer_id", "bigint", true],
    ["lifetime_value", "double"],
    ["orders_90d", "integer"],
    ["days_since_order", "integer"],
    ["sentiment_30d", "double"],
    ["sessions_30d", "integer"],
    ["churned", "boolean"],
  ]),
  dataset("fct_revenue", "fct_daily_revenue", "dbt", "marts", [
    ["day", "date", true],
    ["revenue", "numeric(16,2)"],
    ["orders", "integer"],
  ]),
  thing("train_job", "job", "train_churn_model", "airflow", "daily 04:00"),
  thing("run_a", "run", "churn-xgb-2026-11-23", "mlflow", "finished · auc 0.912"),
  thing("run_b", "run", "churn-xgb-2026-11-24", "mlflow", "finished · auc 0.918"),
  thing("logged", "logged_model", "churn-classifier-candidate", "mlflow"),
  thing("v11", "model_version", "churn-classifier v11", "mlflow", "archived"),
  thing("v12", "model_version", "churn-classifier v12", "mlflow", "@champion"),
  thing("service", "service", "churn-scoring-api", "kserve", "prod"),
  dataset("scores", "customer_churn_scores", "dbt", "marts", [
    ["customer_id", "bigint", true],
    ["churn_risk", "double"],
    ["scored_at", "timestamp"],
  ]),
  thing("prompt", "prompt_version", "retention-offer v7", "langfuse", "production"),
  thing("agent", "agent", "retention-assistant", "langgraph", "prod"),
  thing("answer", "output", "Why is Acme at risk of leaving?", "langfuse", "2 h ago"),
  thing("dashboard", "dashboard", "Revenue overview", "superset"),
  thing("board", "dashboard", "Churn risk by segment", "superset"),
  dataset("old_export", "legacy_churn_export", "postgres", "archive", []),
];

const storyEdges: [from: string, to: string, kind: string, flags?: number, bridged?: number][] = [
  ["raw_orders", "stg_orders", "derives_from"],
  ["raw_items", "stg_items", "derives_from"],
  ["raw_customers", "stg_customers", "derives_from"],
  ["raw_tickets", "stg_tickets", "derives_from"],
  ["raw_web", "stg_sessions", "derives_from"],
  ["stg_orders", "int_orders", "derives_from"],
  ["stg_items", "int_orders", "derives_from"],
  ["int_orders", "dim_customers", "derives_from"],
  ["stg_customers", "dim_customers", "derives_from"],
  ["dim_customers", "features", "derives_from"],
  ["stg_tickets", "features", "derives_from"],
  ["stg_sessions", "features", "derives_from"],
  ["int_orders", "fct_revenue", "derives_from"],
  ["fct_revenue", "dashboard", "depends_on"],
  ["features", "train_job", "reads"],
  ["train_job", "run_a", "run_of"],
  ["train_job", "run_b", "run_of"],
  ["run_b", "logged", "produced_by"],
  ["run_a", "v11", "produced_by"],
  ["logged", "v12", "produced_by"],
  ["v12", "service", "served_by"],
  ["features", "scores", "derives_from", 0, 2],
  ["service", "scores", "writes"],
  ["scores", "board", "depends_on"],
  ["scores", "agent", "reads", EdgeFlag.inferred],
  ["prompt", "agent", "uses_prompt"],
  ["agent", "answer", "produced_by"],
  ["scores", "dim_customers", "writes", EdgeFlag.cycle | EdgeFlag.against],
  ["features", "old_export", "derives_from", EdgeFlag.removed],
];

const storyColumns: [from: string, column: string, to: string, column: string][] = [
  ["raw_orders", "id", "stg_orders", "order_id"],
  ["raw_orders", "customer_id", "stg_orders", "customer_id"],
  ["raw_orders", "ordered_at", "stg_orders", "ordered_on"],
  ["raw_orders", "status", "stg_orders", "is_cancelled"],
  ["raw_items", "order_id", "stg_items", "order_id"],
  ["raw_items", "quantity", "stg_items", "amount"],
  ["raw_items", "unit_price", "stg_items", "amount"],
  ["stg_items", "amount", "int_orders", "order_amount"],
  ["stg_orders", "order_id", "int_orders", "order_id"],
  ["stg_orders", "customer_id", "int_orders", "customer_id"],
  ["stg_orders", "ordered_on", "int_orders", "ordered_on"],
  ["int_orders", "order_amount", "dim_customers", "lifetime_value"],
  ["int_orders", "ordered_on", "dim_customers", "orders_90d"],
  ["int_orders", "ordered_on", "dim_customers", "last_ordered_on"],
  ["int_orders", "order_amount", "fct_revenue", "revenue"],
  ["dim_customers", "lifetime_value", "features", "lifetime_value"],
  ["dim_customers", "orders_90d", "features", "orders_90d"],
  ["dim_customers", "last_ordered_on", "features", "days_since_order"],
  ["stg_tickets", "sentiment", "features", "sentiment_30d"],
  ["stg_sessions", "session_id", "features", "sessions_30d"],
];

export const storyId = (place: number, part = 0): string =>
  `019aa000-${part.toString(16).padStart(4, "0")}-7000-8000-${(place + 1).toString(16).padStart(12, "0")}`;

export interface StoryOptions {
  focus?: string;
  open?: readonly string[];
  group?: boolean;
  /** Leaves out everything further up or down. */
  up?: number;
  down?: number;
  /** Shows these too, and what is this many levels beyond them. */
  more?: readonly { key: string; side: "up" | "down"; levels: number }[];
}

export function story({
  focus = "features",
  open = [],
  group = true,
  up = 99,
  down = 99,
  more = [],
}: StoryOptions = {}): FrameInput {
  const keep = within(focus, up, down, more);
  const chosen = storyNodes.filter((node) => keep.has(node.key));
  const place = new Map(chosen.map((node, at) => [node.key, at]));
  const edges = storyEdges.filter(([from, to]) => place.has(from) && place.has(to));
  const levels = levelsFrom(focus);
  const sizes = chosen.map((node) => ({
    width: 220,
    height: 52 + (open.includes(node.key) ? node.columns.length * 20 : 0),
  }));
  const ends = edges.map(([from, to]) => [place.get(from) as number, place.get(to) as number] as const);
  const folded = group && keep.has("scores");
  if (folded) {
    sizes.push({ width: 220, height: 52 });
    ends.push([place.get("scores") as number, chosen.length]);
  }
  const turned = new Set(edges.flatMap(([, , , flags], edge) => ((flags ?? 0) & EdgeFlag.against ? [edge] : [])));
  const placed = layout(sizes, ends, 8, turned);
  const nodes: NodeInput[] = chosen.map((node, at) => ({
    id: storyId(storyNodes.indexOf(node)),
    kind: node.kind,
    name: node.name,
    qualifiedName: node.qualified,
    system: node.system,
    detail: node.detail,
    level: levels.get(node.key) ?? 0,
    ...(placed.boxes[at] as { x: number; y: number }),
    ...(sizes[at] as { width: number; height: number }),
    flags: flagsOf(node, focus, open),
    hiddenUp: hiddenNeighbours(node.key, keep, "up"),
    hiddenDown: hiddenNeighbours(node.key, keep, "down"),
    columnCount: node.columns.length,
    columns: node.columns.map(
      ([name, type, key], column): ColumnInput => ({
        id: storyId(storyNodes.indexOf(node), column + 1),
        name,
        type,
        flags: key ? ColumnFlag.key : 0,
      }),
    ),
  }));
  if (folded)
    nodes.push(
      groupNode(chosen.length, placed.boxes[chosen.length] as { x: number; y: number }, place.get("scores") as number),
    );
  const row = (key: string, column: string): [number, number] | null => {
    const at = place.get(key);
    const found = storyNodes.find((node) => node.key === key)?.columns.findIndex(([name]) => name === column) ?? -1;
    return at === undefined || found < 0 ? null : [at, found];
  };
  const beyond = (side: "up" | "down") =>
    [...within(focus, side === "up" ? 99 : 0, side === "down" ? 99 : 0)].filter((key) => !keep.has(key)).length;
  return {
    band: "asset",
    headerHeight: 52,
    rowHeight: 20,
    nodes,
    edges: ends.map(([from, to], edge) => ({
      from,
      to,
      kind: edges[edge]?.[2] ?? "depends_on",
      flags: edges[edge]?.[3] ?? 0,
      bridged: edges[edge]?.[4] ?? 0,
      route: placed.routes[edge] as [number, number][],
    })),
    columnEdges: storyColumns.flatMap(([from, a, to, b]) => {
      const start = row(from, a);
      const end = row(to, b);
      return start && end ? [{ from: start, to: end }] : [];
    }),
    crumbs: [
      { id: null, label: "warehouse", band: "system" },
      { id: null, label: "features", band: "system" },
      {
        id: storyId(storyNodes.findIndex((node) => node.key === focus)),
        label: storyNodes.find((node) => node.key === focus)?.name ?? "",
        band: "asset",
      },
    ],
    totals: { ...totalsOf(nodes, edges.length), beyondUp: beyond("up"), beyondDown: beyond("down") },
  };
}

function groupNode(place: number, at: { x: number; y: number }, parent: number): NodeInput {
  return {
    id: storyId(place, 900),
    kind: "group",
    name: "214 weekly exports",
    detail: "datasets",
    level: 6,
    ...at,
    width: 220,
    height: 52,
    group: { parent, side: "down", members: 214, page: 0, pageSize: 50, filter: "" },
  };
}

function flagsOf(node: StoryNode, focus: string, open: readonly string[]): number {
  let flags = 0;
  if (node.key === focus) flags |= NodeFlag.focus;
  if (open.includes(node.key)) flags |= NodeFlag.open;
  if (node.kind === "job") flags |= NodeFlag.transformation;
  if (node.kind === "run") flags |= NodeFlag.run;
  if (node.key === "old_export") flags |= NodeFlag.removed;
  if (node.key === "scores" || node.key === "dim_customers") flags |= NodeFlag.cycle;
  return flags;
}

function within(focus: string, up: number, down: number, more: StoryOptions["more"] = []): Set<string> {
  const keep = new Set([focus]);
  const grow = (start: string, side: "up" | "down", levels: number) => {
    let front = [start];
    for (let level = 0; level < levels && front.length > 0; level += 1) {
      front = storyEdges.flatMap(([from, to]) => {
        const [here, there] = side === "up" ? [to, from] : [from, to];
        return front.includes(here) ? [there] : [];
      });
      front = front.filter((key) => !keep.has(key));
      for (const key of front) keep.add(key);
    }
  };
  grow(focus, "up", up);
  grow(focus, "down", down);
  for (const { key, side, levels } of more) if (keep.has(key)) grow(key, side, levels);
  return keep;
}

function hiddenNeighbours(key: string, keep: Set<string>, side: "up" | "down"): number {
  return storyEdges.filter(([from, to]) =>
    side === "up" ? to === key && !keep.has(from) : from === key && !keep.has(to),
  ).length;
}

function levelsFrom(focus: string): Map<string, number> {
  const levels = new Map([[focus, 0]]);
  for (const sign of [-1, 1]) {
    let front = [focus];
    for (let level = sign; front.length > 0; level += sign) {
      const next: string[] = [];
      for (const [from, to] of storyEdges) {
        const [here, there] = sign > 0 ? [from, to] : [to, from];
        if (front.includes(here) && !levels.has(there)) {
          levels.set(there, level);
          next.push(there);
        }
      }
      front = next;
    }
  }
  return levels;
}

export function totalsOf(nodes: readonly NodeInput[], edges: number): FrameInput["totals"] {
  const kinds = new Map<string, number>();
  const levels = new Map<number, number>();
  for (const node of nodes) {
    kinds.set(node.kind, (kinds.get(node.kind) ?? 0) + 1);
    levels.set(node.level, (levels.get(node.level) ?? 0) + 1);
  }
  return {
    limit: 5000,
    nodes: nodes.length,
    edges,
    columnEdges: storyColumns.length,
    transformations: nodes.filter((node) => node.kind === "job").length,
    runs: nodes.filter((node) => node.kind === "run").length,
    removedEdges: 1,
    inferredEdges: 1,
    beyondUp: 3,
    beyondDown: 12,
    firstSeen: Date.UTC(2026, 2, 3),
    lastSeen: Date.UTC(2026, 10, 24),
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count),
    levels: [...levels].map(([level, count]) => ({ level, count })).sort((a, b) => a.level - b.level),
  };
}
