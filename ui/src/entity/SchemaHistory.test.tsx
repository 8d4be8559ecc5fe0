import { render, screen, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { SchemaVersion } from "../api/client";
import { SchemaHistory } from "./SchemaHistory";

const version = (over: Partial<SchemaVersion>): SchemaVersion => ({
  source: "file:csv",
  version: "1.0.0",
  at: "2026-11-25T07:00:00Z",
  changes: [],
  rating: null,
  ...over,
});

describe("the history of a schema", () => {
  test("tells each version's changes and what they do to readers", () => {
    render(
      <SchemaHistory
        versions={[
          version({
            version: "2.0.0",
            rating: "breaking",
            changes: [
              {
                path: "price",
                difference: "removed",
                what: "column",
                before: "number",
                after: null,
                rating: "breaking",
              },
              {
                path: "amount",
                difference: "added",
                what: "column",
                before: null,
                after: "number",
                rating: "compatible",
              },
            ],
          }),
          version({}),
        ]}
      />,
    );
    const history = within(screen.getByRole("region", { name: "Schema history" }));
    expect(history.getByText("2.0.0")).toBeInTheDocument();
    expect(history.getByText("breaking")).toBeInTheDocument();
    expect(history.getByText("price").closest("li")).toHaveTextContent("removed number");
    expect(history.getByText("amount").closest("li")).toHaveTextContent("added number");
    expect(history.getByText("first seen")).toBeInTheDocument();
  });
});
