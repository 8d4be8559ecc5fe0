// Lays the graph of FILE (written by `layout_bench --write`) out with elkjs and prints one JSON line per setting:
// {"tool","setting","nodes","edges","ms","positions"}. `positions` names the file with the boxes and routes, for
// `layout_bench --count FILE POSITIONS`. Settings are chosen by name after FILE; all of them without.
// elkjs is looked up from the current directory: `npm i elkjs@0.12.1` in some folder, and run this there.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const ELK = require("elkjs");

const layered = { "elk.algorithm": "layered", "elk.direction": "RIGHT" };
const fast = {
  ...layered,
  "elk.layered.layering.strategy": "LONGEST_PATH",
  "elk.layered.nodePlacement.strategy": "SIMPLE",
  "elk.layered.thoroughness": "1",
};
const SETTINGS = {
  default: layered,
  "default-brandes-koepf-thorough": {
    ...layered,
    "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
    "elk.layered.thoroughness": "40",
  },
  fast,
  "longest-path": { ...layered, "elk.layered.layering.strategy": "LONGEST_PATH" },
  "longest-path-source": { ...layered, "elk.layered.layering.strategy": "LONGEST_PATH_SOURCE" },
  "median-sweep": { ...fast, "elk.layered.crossingMinimization.strategy": "MEDIAN_LAYER_SWEEP" },
  "network-simplex-thorough": {
    ...layered,
    "elk.layered.nodePlacement.strategy": "SIMPLE",
    "elk.layered.thoroughness": "40",
  },
  "longest-path-thorough": { ...fast, "elk.layered.thoroughness": "40" },
  promoted: {
    ...fast,
    "elk.layered.layering.nodePromotion.strategy": "NIKOLOV",
    "elk.layered.thoroughness": "10",
  },
  "greedy-switch-always": {
    ...layered,
    "elk.layered.nodePlacement.strategy": "SIMPLE",
    "elk.layered.crossingMinimization.greedySwitch.activationThreshold": "0",
    "elk.layered.crossingMinimization.greedySwitch.type": "TWO_SIDED",
  },
};

const [file, ...chosen] = process.argv.slice(2);
if (!file) {
  console.error(`usage: node elk_peer.mjs FILE [${Object.keys(SETTINGS).join("|")} ...]`);
  process.exit(2);
}
const lines = readFileSync(file, "utf8").trimEnd().split("\n");
const [nodes, edges] = lines[0].split(" ").map(Number);
const children = lines.slice(1, 1 + nodes).map((line, i) => {
  const [width, height] = line.split(" ").map(Number);
  return { id: `n${i}`, width, height };
});
const links = lines.slice(1 + nodes, 1 + nodes + edges).map((line, i) => {
  const [from, to] = line.split(" ");
  return { id: `e${i}`, sources: [`n${from}`], targets: [`n${to}`] };
});

const elk = new ELK();
for (const setting of chosen.length > 0 ? chosen : Object.keys(SETTINGS)) {
  const layoutOptions = SETTINGS[setting];
  if (!layoutOptions) {
    console.error(`no setting named ${setting}; known: ${Object.keys(SETTINGS).join(", ")}`);
    process.exit(2);
  }
  const graph = {
    id: "root",
    layoutOptions,
    children: children.map((c) => ({ ...c })),
    edges: links.map((l) => ({ ...l })),
  };
  const start = performance.now();
  let laid;
  try {
    laid = await elk.layout(graph);
  } catch (error) {
    console.log(JSON.stringify({ tool: "elkjs", setting, nodes, edges, error: String(error).slice(0, 200) }));
    continue;
  }
  const ms = performance.now() - start;
  const out = [];
  for (const c of laid.children) out.push(`${c.x} ${c.y} ${c.width} ${c.height}`);
  for (const e of laid.edges) {
    const points = [];
    for (const s of e.sections ?? []) points.push(s.startPoint, ...(s.bendPoints ?? []), s.endPoint);
    out.push([points.length, ...points.flatMap((p) => [p.x, p.y])].join(" "));
  }
  const positions = `${file}.elk-${setting}`;
  writeFileSync(positions, out.join("\n") + "\n");
  console.log(JSON.stringify({ tool: "elkjs", setting, nodes, edges, ms: Math.round(ms * 10) / 10, positions }));
}
