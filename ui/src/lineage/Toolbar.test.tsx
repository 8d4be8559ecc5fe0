import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Totals } from "./frame";
import { MOST_BEYOND } from "./frame";
import { readLink } from "./link";
import { Toolbar } from "./Toolbar";

const nothing = () => {};

function shown(totals: Partial<Totals>, hasColumns = true) {
  const counted: Totals = {
    limit: 5000,
    nodes: 3,
    edges: 2,
    columnEdges: 0,
    transformations: 0,
    runs: 0,
    removedEdges: 0,
    inferredEdges: 0,
    beyondUp: 0,
    beyondDown: 0,
    firstSeen: null,
    lastSeen: null,
    kinds: [],
    levels: [],
    ...totals,
  };
  render(
    <Toolbar
      state={readLink({})}
      totals={counted}
      hasColumns={hasColumns}
      onChange={nothing}
      onFit={nothing}
      onFind={nothing}
      onExport={nothing}
    />,
  );
}

test("what was not counted to its end is said to be as many or more", () => {
  shown({ beyondUp: MOST_BEYOND, beyondDown: 41 });
  expect(screen.getByRole("button", { name: /^Show all 20,000\+ beyond/ })).toHaveTextContent(/20,000\+$/);
  expect(screen.getByRole("button", { name: /^Show all 41 beyond/ })).toHaveTextContent(/\+41$/);
});

test("a choice that can't be made says why", () => {
  shown({}, false);
  const columns = screen.getByRole("radio", { name: /Columns/ });
  expect(columns).toHaveAttribute("aria-disabled", "true");
  expect(columns).toHaveAccessibleDescription("No columns are known of what is shown");
});
