import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { FacetValue, Json } from "../api/client";
import { makeWorld } from "../shared/testing/world";
import { Answer } from "./Answer";

const facet = (name: string, value: Json): FacetValue =>
  ({
    name,
    value,
    about: null,
    source: "otlp",
    at: "2026-11-24T12:00:00Z",
    title: null,
    description: null,
    fields: [],
    problems: [],
  }) as FacetValue;
const said = (role: string, content: string): Json => ({ messages: [{ role, parts: [{ type: "text", content }] }] });

function show(facets: FacetValue[]): void {
  const [view] = makeWorld().entities;
  if (!view) throw new Error("the world is empty");
  render(<Answer view={{ ...view, kind: "output", facets }} />);
}

test("shows what was asked and answered in order, as text whatever it holds", () => {
  show([
    facet("gen_ai.input.0179002", said("user", "<img src=x onerror=alert(1)> When does it open?")),
    facet("gen_ai.input.0179001", said("system", "You are at the desk.")),
    facet("gen_ai.output", { messages: [{ role: "assistant", content: "At **nine** <script>alert(2)</script>" }] }),
    facet("gen_ai.request", { model: "gpt-4o-mini" }),
    facet("gen_ai.response", { usage: { input_tokens: 1021, output_tokens: 9 }, latency_ms: 63.98 }),
  ]);
  const asked = screen.getByRole("region", { name: "Asked" });
  expect(asked).toHaveTextContent(/You are at the desk\..*<img src=x onerror=alert\(1\)> When does it open\?/);
  const answered = screen.getByRole("region", { name: "Answered" });
  expect(answered).toHaveTextContent("<script>alert(2)</script>");
  expect(within(answered).getByText("nine").closest("strong")).not.toBeNull();
  expect(document.querySelector("img, script")).toBeNull();
  expect(screen.getByText("gpt-4o-mini, 1,021 tokens in, 9 tokens out, 64 ms")).toBeInTheDocument();
});

test("a long text is folded, and copied whole", async () => {
  const text = `${"word ".repeat(600)}the end`;
  show([facet("gen_ai.output", said("assistant", text))]);
  const user = userEvent.setup();
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  const answered = screen.getByRole("region", { name: "Answered" });
  expect(answered).not.toHaveTextContent("the end");
  await user.click(within(answered).getByRole("button", { name: "Copy what was answered" }));
  expect(copied).toHaveBeenCalledWith(text);
  await user.click(within(answered).getByRole("button", { name: "Show all" }));
  expect(answered).toHaveTextContent("the end");
});
