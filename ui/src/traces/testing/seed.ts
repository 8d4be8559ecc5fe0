import type { TraceView } from "../../api/client";

/** ask > (search > (embed, look up), answer) */
export const trace: TraceView = {
  trace: { id: "t", kind: "trace", name: "ask" },
  start: 1_760_000_000_000,
  duration: 100,
  names: ["ask", "search", "embed", "look up", "answer"],
  ids: ["01", "02", "03", "04", "05"],
  name: [0, 1, 2, 3, 4],
  depth: [0, 1, 2, 2, 1],
  below: [4, 2, 0, 0, 0],
  kind: ["workflow", "task", "embedding", "retrieval", "llm"],
  status: ["ok", "ok", "ok", "error", "ok"],
  at: [0, 5, 6, 20, 50],
  took: [100, 40, 10, 20, 50],
  own: [10, 10, 10, 20, 50],
  slow_path: [true, false, false, false, true],
  input_tokens: [null, null, 5, null, 40],
  output_tokens: [null, null, null, null, 12],
  cost: [null, null, null, null, 0.002],
  total_input_tokens: 45,
  total_output_tokens: 12,
  total_cost: 0.002,
  errors: 1,
  orphans: 0,
};
