import { screen, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { AnswerView, CitationView } from "../api/client";
import { openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";
import { pieces } from "./characters";
import { asMarkdown } from "./RestsOn";

const source = {
  entity: { id: "c1", kind: "chunk" as const, name: "hours-1" },
  title: "handbook.md",
  text: "🕘 On Mondays the library opens at nine. On Sundays it is closed.",
  characters: 65,
  rank: 1,
  score: 0.82,
  reranking_score: null,
  cited: true,
  stale_since: null,
  made_from: [{ id: "d1", kind: "document" as const, name: "handbook.md" }],
};
const citation: CitationView = {
  answer_span: { start: 0, end: 12 },
  mark: { start: 13, end: 16 },
  source_index: 0,
  source: source.entity,
  called: null,
  source_span: { start: 2, end: 38 },
  quote: null,
  pages: null,
  state: "exact",
  basis: "mark",
  share: 1,
};
const answer: AnswerView = {
  output: { id: "o1", kind: "output", name: "chat" },
  question: "When?",
  text: "Nine o'clock [1].",
  sources: [
    source,
    { ...source, entity: { id: "c2", kind: "chunk", name: "hours-2" }, text: null, cited: false, made_from: [] },
  ],
  citations: [citation],
  context: {
    trace: null,
    models: [],
    prompts: [],
    parameters: null,
    variables: null,
    latency_ms: null,
    input_tokens: null,
    output_tokens: null,
    cost: null,
    scores: [],
  },
};

function openAnswer(view: AnswerView = answer) {
  const world = makeWorld();
  const entity = world.entities.find((one) => one.kind === "output") ?? world.entities[0];
  if (!entity) throw new Error("the world is empty");
  entity.kind = "output";
  world.answers.answer = () => view;
  return openDesk(`/entity/${entity.id}`, world);
}
const rests = () => screen.findByRole("region", { name: "What it rests on" });

describe("what an answer rests on", () => {
  test("a citation leads to its source with the words marked", async () => {
    const { user } = openAnswer();
    const region = await rests();
    expect(region.querySelector("mark")).toHaveTextContent(/^On Mondays the library opens at nine$/);
    await user.click(within(region).getByRole("button", { name: /Nine o'clock/ }));
    expect(within(region).getByRole("button", { name: /Nine o'clock/ })).toHaveAttribute("aria-pressed", "true");
    expect(within(region).getByText("cited")).toBeInTheDocument();
    expect(within(region).getByText("retrieved")).toBeInTheDocument();
    expect(within(region).getByText("Its text is not in the catalog.")).toBeInTheDocument();
  });

  test("what nobody cited is called a suggestion, and a missing source is said to be", async () => {
    openAnswer({ ...answer, citations: [{ ...citation, basis: "suggested", state: "approximate" }] });
    expect(await screen.findByText(/These are suggestions/)).toBeInTheDocument();
  });

  test("a source that is not known is named", async () => {
    openAnswer({
      ...answer,
      citations: [
        { ...citation, source_index: null, source: null, called: "source 7", source_span: null, state: "missing" },
      ],
    });
    expect(await screen.findByText(/source 7 is not known to this catalog/)).toBeInTheDocument();
  });

  test("spans count characters, whatever JavaScript counts", () => {
    expect(pieces("🕘a🕘b", { start: 1, end: 3 })).toEqual(["🕘", "a🕘", "b"]);
    expect(pieces("ab", { start: 1, end: 9 })).toEqual(["a", "b", ""]);
    expect(asMarkdown(answer)).toBe("Nine o'clock [1].\n\nSources:\n1. handbook.md");
  });
});
