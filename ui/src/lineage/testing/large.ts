// Lineages of any size with the shape of real ones: many tables, few hubs, runs of the same job side by side.

import { EdgeFlag, NodeFlag } from "../frame";
import type { FrameInput, NodeInput } from "./encode";
import { layout } from "./layout";
import { storyId, totalsOf } from "./story";

/** The same numbers for the same seed, so that a measurement can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const KINDS = [
  "dataset",
  "dataset",
  "dataset",
  "dataset",
  "job",
  "run",
  "model_version",
  "output",
  "dashboard",
] as const;
const STEMS = ["orders", "customers", "sessions", "payments", "tickets", "inventory", "features", "scores", "prompts"];

export function largeFrame(count: number, seed = 7): FrameInput {
  const random = seeded(seed);
  const layers = Math.max(6, Math.round(Math.log2(count) * 1.6));
  const layerOf = Array.from({ length: count }, () => Math.floor(random() ** 1.3 * layers));
  const byLayer: number[][] = Array.from({ length: layers }, () => []);
  layerOf.forEach((layer, node) => {
    (byLayer[layer] as number[]).push(node);
  });
  const edges: [number, number][] = [];
  for (let node = 0; node < count; node += 1) {
    const layer = layerOf[node] as number;
    if (layer === 0) continue;
    const parents = 1 + Math.floor(random() ** 2 * 4.2);
    for (let parent = 0; parent < parents; parent += 1) {
      const back = random() < 0.9 ? 1 : 1 + Math.floor(random() * Math.min(layer, 3));
      const from = byLayer[layer - Math.min(back, layer)] as number[];
      if (from.length === 0) continue;
      // Near in order, as tables of one subject are; now and then from a hub.
      const share = (byLayer[layer] as number[]).indexOf(node) / (byLayer[layer] as number[]).length;
      const at = random() < 0.04 ? random() ** 6 : Math.min(Math.max(share + (random() - 0.5) * 0.02, 0), 0.999);
      edges.push([from[Math.floor(at * from.length)] as number, node]);
    }
  }
  const sizes = Array.from({ length: count }, () => ({ width: 220, height: 52 }));
  const placed = layout(sizes, edges, count > 5000 ? 2 : 6);
  const nodes: NodeInput[] = placed.boxes.map((box, node) => {
    const kind = KINDS[Math.floor(random() * KINDS.length)] as string;
    const stem = STEMS[Math.floor(random() * STEMS.length)] as string;
    return {
      id: storyId(node),
      kind,
      name: `${kind === "dataset" ? "int_" : ""}${stem}_${kind}_${node.toString(36).padStart(5, "0")}`,
      qualifiedName: `duckdb://warehouse/marts.${stem}_${node}`,
      system: kind === "dataset" ? "dbt" : "mlflow",
      detail: kind === "dataset" ? "marts" : "",
      level: layerOf[node] as number,
      ...box,
      width: 220,
      height: 52,
      flags: node === 0 ? NodeFlag.focus : 0,
      hiddenUp: random() < 0.05 ? Math.ceil(random() * 40) : 0,
      columnCount: kind === "dataset" ? 12 : 0,
    };
  });
  return {
    band: "asset",
    headerHeight: 52,
    rowHeight: 20,
    nodes,
    edges: edges.map(([from, to], edge) => ({
      from,
      to,
      kind: "derives_from",
      flags: random() < 0.06 ? EdgeFlag.inferred : 0,
      route: placed.routes[edge] as [number, number][],
    })),
    totals: totalsOf(nodes, edges.length),
  };
}
