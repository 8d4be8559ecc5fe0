import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { CompareReply, RunsArgs, RunsReply } from "../api/client";
import { openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";

const of = { id: "e1", kind: "experiment" as const, name: "delays" };
const column = (key: string, numeric = true) => ({ key, present: 2, numeric, differs: true, min: 0.3, max: 0.5 });
const reply: RunsReply = {
  total: 3,
  matching: 2,
  columns: [column("status", false), column("metrics.rmse"), column("params.model", false)],
  shown: ["status", "metrics.rmse"],
  runs: [
    { id: "r1", kind: "run", name: "forest", of, values: ["FINISHED", 0.31] },
    { id: "r2", kind: "run", name: "line", of, values: ["FAILED", null] },
  ],
  groups: [],
  unknown: [],
  took_millis: 1,
};
const compared: CompareReply = {
  runs: [
    { id: "r1", kind: "run", name: "forest", of },
    { id: "r2", kind: "run", name: "line", of },
  ],
  baseline: 0,
  rows: [
    { section: "params", key: "model", values: ["forest", "linear"], differs: true, deltas: [null, null] },
    { section: "params", key: "seed", values: ["7", "7"], differs: false, deltas: [null, 0] },
    { section: "metrics", key: "rmse", values: [0.5, 0.25], differs: true, deltas: [null, -0.25] },
  ],
};

function openRuns(route = "/runs", answer: (args: RunsArgs) => RunsReply = () => reply) {
  const world = makeWorld();
  world.answers.runs = answer;
  world.answers.runs_compare = () => compared;
  return openDesk(route, world);
}

describe("runs", () => {
  test("a table of what was run, filtered by an expression that the link keeps", async () => {
    const asked: string[] = [];
    const { user } = openRuns("/runs", (args) => {
      asked.push(args.filter);
      return reply;
    });
    const table = await screen.findByRole("grid", { name: "Runs" });
    expect(within(table).getByText("forest")).toBeInTheDocument();
    expect(within(table).getByText("Failed")).toBeInTheDocument();
    await user.type(screen.getByRole("searchbox", { name: "Filter runs" }), "metrics.rmse < 0.4{Enter}");
    await waitFor(() => expect(asked.at(-1)).toBe("metrics.rmse < 0.4"));
    expect(screen.getByText("2 of 3 runs")).toBeInTheDocument();
  });

  test("an expression that is wrong is said to be, and the table stays", async () => {
    const { user } = openRuns("/runs", ({ filter }) => {
      if (filter) throw { trouble: "bad_request", message: "filter: at the end, expected a value" };
      return reply;
    });
    await screen.findByRole("grid", { name: "Runs" });
    await user.type(screen.getByRole("searchbox", { name: "Filter runs" }), "metrics.rmse <{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("expected a value");
  });

  test("two are ticked and compared, measured against the first", async () => {
    const { user } = openRuns();
    await screen.findByRole("grid", { name: "Runs" });
    expect(screen.getByRole("button", { name: "Compare" })).toBeDisabled();
    await user.click(screen.getByRole("checkbox", { name: "Compare forest" }));
    await user.click(screen.getByRole("checkbox", { name: "Compare line" }));
    await user.click(screen.getByRole("button", { name: "Compare 2" }));
    expect(await screen.findByText("−0.25")).toBeInTheDocument();
    expect(screen.getByText("differs")).toBeInTheDocument();
    expect(screen.queryByText("seed")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Also what is the same" }));
    expect(screen.getByText("seed")).toBeInTheDocument();
  });

  test("groups show means with their intervals", async () => {
    openRuns("/runs?group=params.model", () => ({
      ...reply,
      groups: [
        {
          value: "forest",
          runs: 2,
          totals: [{ column: "metrics.rmse", count: 2, mean: 0.4, min: 0.3, max: 0.5, interval: [0.3, 0.5] }],
        },
      ],
    }));
    const table = await screen.findByRole("grid", { name: "Runs by model" });
    expect(within(table).getByText(/± 0\.1/)).toBeInTheDocument();
  });

  test("a catalog without runs says where they come from", async () => {
    openRuns("/runs", () => ({ ...reply, total: 0, matching: 0, runs: [] }));
    expect(await screen.findByText("No runs yet")).toBeInTheDocument();
  });
});
