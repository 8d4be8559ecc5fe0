import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { called, openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";
import type { LineageArgs } from "./api";
import { largeId, lineageAnswers } from "./testing/answers";
import { installCanvas } from "./testing/context";
import { storyId } from "./testing/story";

const focus = storyId(12);
const world = () => makeWorld({ answers: lineageAnswers() });
const graph = () => screen.findByRole("application", { name: /Lineage of/ });
const asked = (made: ReturnType<typeof world>) => called(made, "lineage_view") as LineageArgs[];

beforeEach(() => {
  installCanvas();
  vi.stubGlobal("Path2D", undefined);
});

describe("lineage screen", () => {
  test("opens one level up and one down, and says what lies beyond", async () => {
    const { world: made } = openDesk(`/lineage?focus=${focus}`, world());
    expect(await graph()).toHaveAccessibleName("Lineage of customer_churn_features_v3: 8 nodes, 8 edges");
    expect(asked(made)[0]).toMatchObject({ focus: [focus], up: 1, down: 1, band: "asset" });
    expect(screen.getByRole("button", { name: /One level more up, \d+ nodes beyond/ })).toBeEnabled();
  });

  test("more levels, another band and a toggle are asked for and stay in the link", async () => {
    const { world: made, user } = openDesk(`/lineage?focus=${focus}`, world());
    await graph();
    await user.click(screen.getByRole("button", { name: /One level more up/ }));
    await waitFor(() => expect(asked(made).at(-1)).toMatchObject({ up: 2, down: 1 }));
    await user.click(screen.getByRole("radio", { name: "Columns" }));
    await waitFor(() => expect(asked(made).at(-1)).toMatchObject({ up: 2, band: "field" }));
    await user.click(screen.getByRole("button", { name: "Show" }));
    await user.click(await screen.findByRole("checkbox", { name: /Hide transformations/ }));
    await waitFor(() => expect(asked(made).at(-1)).toMatchObject({ hide_transformations: true }));
  });

  test("a toggle that does nothing here says why", async () => {
    const { user } = openDesk(`/lineage?focus=${focus}`, world());
    await graph();
    await user.click(screen.getByRole("button", { name: "Show" }));
    const toggle = await screen.findByRole("checkbox", { name: /Hide runs.*There are no runs in this lineage/ });
    expect(toggle).toBeDisabled();
  });

  test("finds in the graph: counts, goes on and back, closes", async () => {
    const { user } = openDesk(`/lineage?focus=${focus}&up=9&down=9`, world());
    (await graph()).focus();
    await user.keyboard("{Control>}f{/Control}");
    const field = await screen.findByRole("textbox", { name: "Find in the graph" });
    await user.type(field, "churn");
    const search = field.closest("[role=search]") as HTMLElement;
    expect(search).toHaveTextContent("1 / 8");
    await user.keyboard("{Enter}{Enter}");
    expect(search).toHaveTextContent("3 / 8");
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    expect(search).toHaveTextContent("2 / 8");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("textbox", { name: "Find in the graph" })).toBeNull();
    expect(await graph()).toHaveFocus();
  });

  test("an edge says who said so, and an inferred one takes a verdict", async () => {
    const { world: made, user } = openDesk(`/lineage?focus=${storyId(21)}`, world());
    const canvas = await graph();
    canvas.focus();
    await user.keyboard("{ArrowRight}e");
    expect(await screen.findByRole("complementary", { name: "Who says so" })).toBeInTheDocument();
    for (let turn = 0; turn < 8 && screen.queryByRole("button", { name: "Accept" }) === null; turn += 1) {
      await user.keyboard("e");
      await screen.findByText(/declared|same columns/);
    }
    await user.click(await screen.findByRole("button", { name: "Accept" }));
    await waitFor(() =>
      expect(called(made, "evidence_verdict")).toEqual([expect.objectContaining({ verdict: "accepted" })]),
    );
  });

  test("the table has the same rows as the graph", async () => {
    openDesk(`/lineage?focus=${focus}&as=table`, world());
    const grid = await screen.findByRole("grid", { name: "Lineage" });
    expect(grid).toHaveAttribute("aria-rowcount", "9");
    expect(within(grid).getAllByText("customer_churn_features_v3").length).toBeGreaterThan(0);
  });

  test("too much asks for a filter first, and can be forced", async () => {
    const { world: made, user } = openDesk(`/lineage?focus=${largeId(5200)}`, world());
    expect(await screen.findByRole("heading", { name: /5,200 nodes/ })).toBeInTheDocument();
    await user.click(screen.getByRole("checkbox", { name: /Run/ }));
    await user.click(screen.getByRole("button", { name: /Show at most/ }));
    await waitFor(() => expect(asked(made).at(-1)?.kinds).not.toContain("run"));
    await user.click(await screen.findByRole("button", { name: "Show all of it" }));
    await waitFor(() => expect(asked(made).at(-1)).toMatchObject({ force: true }));
  });

  test("without a place to start it says how to find one", async () => {
    openDesk("/lineage", world());
    expect(await screen.findByText("Where does it come from?")).toBeInTheDocument();
  });
});
