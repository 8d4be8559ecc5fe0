import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { ActivityPoint, ActivityView, Passages } from "../api/client";
import { idOf, openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";
import { csvOf } from "./Activity";

const nothing = {
  calls: 0,
  errors: 0,
  reads: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost: 0,
  p50_ms: null,
  p95_ms: null,
};
const point = (at: string, calls: number, errors: number): ActivityPoint => ({
  ...nothing,
  at,
  calls,
  errors,
  p50_ms: 120,
  p95_ms: 900,
  cost: 0.004,
  scores: [{ name: "=relevance", count: 1, mean: 0.75 }],
});
const agent = { id: "01937b2c-8f3e-7c1a-9d52-3b1f0c9a4e77", kind: "agent" as const, name: "librarian" };

const busy: ActivityView = {
  from: "2026-11-01T00:00:00Z",
  until: "2026-12-01T00:00:00Z",
  step_ms: 86_400_000,
  total: { ...point("", 14, 2) },
  scores: [{ name: "=relevance", count: 2, mean: 0.75 }],
  points: [point("2026-11-02T00:00:00Z", 4, 0), point("2026-11-30T00:00:00Z", 10, 2)],
  callers: [{ who: agent, calls: 12, errors: 1 }],
  callers_total: 3,
  called: [],
  called_total: 0,
  last: "2026-11-30T08:00:00Z",
};

function openActivity(view: ActivityView, query = "") {
  const world = makeWorld();
  const asked: unknown[] = [];
  const id = idOf(world, "fct_departures");
  for (const one of world.entities) {
    if (one.id === id) one.activity = { first: view.from, last: view.until, ...view.total, scores: view.scores };
  }
  world.answers.activity = (args) => {
    asked.push(args);
    return view;
  };
  return { ...openDesk(`/entity/${id}?tab=activity${query}`, world), id, asked };
}

describe("activity", () => {
  test("shows totals, charts that are read with the keyboard, and who called", async () => {
    const { user } = openActivity(busy);
    expect(await screen.findByText("2 (14 %)")).toBeInTheDocument();
    const calls = screen.getByRole("slider", { name: "Calls" });
    calls.focus();
    await user.keyboard("{Home}{ArrowRight}");
    expect(calls).toHaveAttribute("aria-valuetext", "well 4, with an error 0, 2 Nov 2026");
    await user.keyboard("{End}");
    expect(calls).toHaveAttribute("aria-valuetext", "well 8, with an error 2, 30 Nov 2026");
    const callers = screen.getByRole("heading", { name: "Called or read by" }).closest("section") as HTMLElement;
    expect(within(callers).getByText("librarian")).toBeInTheDocument();
    expect(within(callers).getByText("2 others less often.")).toBeInTheDocument();
  });

  test("another period is asked for and kept in the link; where nothing happened it says when something last did", async () => {
    const quiet = { ...busy, points: [], scores: [], total: nothing, callers: [], callers_total: 0 };
    const { user, asked, id } = openActivity(quiet);
    expect(await screen.findByText("Nothing happened in the last 30 days")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Show all time" }));
    await waitFor(() => expect(asked.at(-1)).toEqual({ id, period: "all" }));
  });

  test("the table that is exported runs nothing in a spreadsheet", async () => {
    const text = await csvOf(busy).text();
    expect(text.split("\r\n")[0]).toBe(
      "from,calls,errors,reads,p50_ms,p95_ms,input_tokens,output_tokens,cost_usd,score =relevance",
    );
    expect(text.split("\r\n")[1]).toBe("2026-11-02T00:00:00Z,4,0,0,120,900,0,0,0.004,0.75");
  });
});

describe("passages", () => {
  test("a document says which of its passages must not be retrieved, and why", async () => {
    const world = makeWorld();
    const id = idOf(world, "fct_departures");
    for (const one of world.entities) if (one.id === id) one.kind = "document";
    const passages: Passages = {
      own: null,
      versions: [{ sha256: "609ff368a3a6b8c6", first_at: "2026-11-01T00:00:00Z", last_at: "2026-11-02T00:00:00Z" }],
      withheld: null,
      chunks: 3,
      stale: 1,
      not_for_retrieval: [
        {
          chunk: { id: agent.id, kind: "chunk", name: "c7" },
          names: ["chroma://h/kb/c7"],
          state: "stale",
          since: "2026-11-02T00:00:00Z",
          why: ["its text is not in the document any more"],
          document: null,
          version: null,
          start: 1,
          end: 9,
          page: 4,
          fit: "exact",
        },
      ],
      not_for_retrieval_total: 1,
    };
    world.answers.passages = () => passages;
    openDesk(`/entity/${id}`, world);
    expect(await screen.findByText(/1 of 3 passages must not be retrieved: 1 stale/)).toBeInTheDocument();
    expect(screen.getByText("stale, was on page 4")).toBeInTheDocument();
  });
});
