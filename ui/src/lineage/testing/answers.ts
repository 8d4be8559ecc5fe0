// Answers of the lineage's use cases over the story, for pages and tests without Rust.

import type { LineageArgs, LineageEdge, LineageGroup, LineageTable } from "../api";
import { decodeFrame } from "../frame";
import { Scene } from "../scene";
import { encodeFrame, encodeTooLarge } from "./encode";
import { largeFrame } from "./large";
import { story, storyId, storyNodes } from "./story";

/** Asking about this id gives a lineage of as many nodes as its last part says. */
export const largeId = (nodes: number): string => `00000000-0000-4000-8000-${String(nodes).padStart(12, "0")}`;

const keyOf = (id: string | undefined): string | undefined =>
  storyNodes.find((_, place) => id !== undefined && storyId(place) === id)?.key;

function view(args: LineageArgs): ArrayBuffer {
  const focus = args.focus[0] ?? "";
  if (focus.startsWith("00000000-0000-4000-8000-")) {
    const input = largeFrame(Number(focus.slice(-12)));
    if (!args.force && input.nodes.length > 5000) return encodeTooLarge(input);
    return encodeFrame(input);
  }
  const open =
    args.band === "field" ? storyNodes.map((node) => node.key) : args.columns.flatMap((id) => keyOf(id) ?? []);
  const input = story({
    focus: keyOf(focus) ?? "features",
    up: args.up,
    down: args.down,
    more: args.expanded.flatMap(({ id, side, levels }) => {
      const key = keyOf(id);
      return key ? [{ key, side, levels }] : [];
    }),
    open,
  });
  for (const { id, side } of args.expanded) {
    const node = input.nodes.find((one) => one.id === id);
    if (node) node.flags = (node.flags ?? 0) | (side === "up" ? 1 << 7 : 1 << 8);
  }
  return encodeFrame({ ...input, band: args.band });
}

function table(args: LineageArgs): LineageTable {
  const frame = decodeFrame(view(args));
  if (frame.reply !== "view") return { rows: [] };
  const scene = new Scene(frame);
  const names = (node: number, side: "up" | "down") => scene.neighbours(node, side).map((other) => frame.name(other));
  return {
    rows: Array.from({ length: frame.nodeCount }, (_, node) => ({
      level: frame.levels[node] as number,
      id: frame.id(node),
      kind: frame.kind(node),
      name: frame.name(node),
      qualified_name: frame.qualifiedName(node),
      system: frame.system(node),
      upstream: names(node, "up"),
      downstream: names(node, "down"),
      hidden_up: frame.hidden[node * 2] as number,
      hidden_down: frame.hidden[node * 2 + 1] as number,
      columns: frame.columnCounts[node] as number,
      cycle: ((frame.flags[node] as number) & 32) !== 0,
      removed: ((frame.flags[node] as number) & 64) !== 0,
    })),
  };
}

function edge({ from, to }: { from: string; to: string }): LineageEdge {
  const inferred = keyOf(from) === "scores" && keyOf(to) === "agent";
  const bridged = keyOf(from) === "features" && keyOf(to) === "scores";
  const job = { id: storyId(14), kind: "job" as const, name: "train_churn_model" };
  return {
    between: [],
    stands_for: 1,
    through: bridged ? [job] : [],
    relations: [
      {
        relation: { from: to, kind: "derives_from", to: from },
        inferred,
        verdict: null,
        removed: false,
        evidence: inferred
          ? [
              {
                source: "name matching",
                method: "same_columns",
                matched_by: null,
                confidence: 0.64,
                first_seen: Date.UTC(2026, 10, 20),
                last_seen: Date.UTC(2026, 10, 24),
                job: null,
                run: null,
                sql: null,
              },
            ]
          : [
              {
                source: "dbt manifest",
                method: "declared",
                matched_by: null,
                confidence: 1,
                first_seen: Date.UTC(2026, 2, 3),
                last_seen: Date.UTC(2026, 10, 24, 9),
                job: null,
                run: null,
                sql: null,
              },
              {
                source: "openlineage: airflow",
                method: "sql_parsed",
                matched_by: null,
                confidence: 0.92,
                first_seen: Date.UTC(2026, 5, 9),
                last_seen: Date.UTC(2026, 10, 24, 11),
                job,
                run: null,
                sql: "select c.customer_id, sum(o.order_amount) as lifetime_value\nfrom int_orders_with_amounts o\njoin stg_customers c using (customer_id)\ngroup by 1",
              },
            ],
      },
    ],
  };
}

function group({ page, filter }: { page: number; filter: string }): LineageGroup {
  const all = Array.from({ length: 214 }, (_, at) => ({
    id: storyId(at, 901),
    kind: "dataset",
    name: `churn_scores_week_${String(at + 1).padStart(3, "0")}`,
    qualified_name: `s3://shop-exports/churn/week=${at + 1}`,
  }));
  const matching = all.filter((one) => one.name.includes(filter.toLowerCase()));
  return {
    members: all.length,
    matching: matching.length,
    page_size: 50,
    rows: matching.slice(page * 50, page * 50 + 50),
  };
}

export const lineageAnswers = (): Record<string, (args: never) => unknown> => ({
  lineage_view: view,
  lineage_table: table,
  lineage_edge: edge,
  lineage_group: group,
});
