import { useMemo } from "react";
import { count } from "../shared/format";
import { EDGE_STRIDE, EdgeFlag, type Frame } from "./frame";
import { lookOf } from "./paint-nodes";

/** What the colours and lines in this graph mean; only those that are in it. */
export function Legend({ frame }: { frame: Frame }) {
  const families = useMemo(() => {
    const counts = new Map<string, { label: string; count: number }>();
    for (let node = 0; node < frame.nodeCount; node += 1) {
      const { family, label } = lookOf(frame.kind(node));
      if (frame.kind(node) === "group") continue;
      const known = counts.get(family);
      if (known) known.count += 1;
      else counts.set(family, { label: NAMES[family] ?? label, count: 1 });
    }
    return [...counts].sort((a, b) => b[1].count - a[1].count);
  }, [frame]);
  const flags = useMemo(() => {
    let all = 0;
    for (let edge = 0; edge < frame.edgeCount; edge += 1) all |= frame.edges[edge * EDGE_STRIDE + 3] as number;
    return all;
  }, [frame]);
  if (families.length === 0) return null;
  return (
    <ul className="lineage-legend" aria-label="Legend">
      {families.map(([family, { label, count: many }]) => (
        <li key={family} data-family={family}>
          <span className="lineage-swatch" />
          {label} <span className="number">{count(many)}</span>
        </li>
      ))}
      {(flags & EdgeFlag.inferred) !== 0 && <Line look="inferred" text="Inferred" />}
      {(flags & EdgeFlag.removed) !== 0 && <Line look="removed" text="No longer seen" />}
      {(flags & EdgeFlag.cycle) !== 0 && <Line look="cycle" text="Cycle" />}
    </ul>
  );
}

const NAMES: Record<string, string> = {
  data: "Data",
  model: "Models",
  prompt: "Prompts",
  run: "Jobs and runs",
  output: "Outputs",
  agent: "Agents and services",
  vocabulary: "Vocabulary",
  other: "Other",
};

function Line({ look, text }: { look: string; text: string }) {
  return (
    <li>
      <svg width="18" height="6" aria-hidden>
        <title>{text}</title>
        <line x1="0" y1="3" x2="18" y2="3" className={`lineage-line ${look}`} />
      </svg>
      {text}
    </li>
  );
}
