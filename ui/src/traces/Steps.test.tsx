import { screen, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";
import { trace } from "./testing/seed";

function openTrace(found: string[] = []) {
  const world = makeWorld();
  const entity = world.entities.find((one) => one.kind === "trace") ?? world.entities[0];
  if (!entity) throw new Error("the world is empty");
  entity.kind = "trace";
  world.answers.trace = () => trace;
  world.answers.trace_find = () => ({ ids: found });
  world.answers.trace_span = () => ({
    id: "04",
    parent: "02",
    name: "look up",
    kind: "retrieval",
    status: "error",
    attributes: { "db.system": "chroma" },
    events: [],
    resource: {},
  });
  return openDesk(`/entity/${entity.id}?tab=steps`, world);
}
const tree = () => screen.findByRole("tree", { name: "Steps" });
const steps = async () => within(await tree()).getAllByRole("treeitem").length;

describe("steps of a trace", () => {
  test("a tree that opens and closes by mouse and by keys", async () => {
    const { user } = openTrace();
    expect(await steps()).toBe(5);
    await user.click(screen.getByRole("treeitem", { name: /search/ }));
    await user.keyboard("{ArrowLeft}");
    expect(await steps()).toBe(3);
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(screen.getByRole("treeitem", { name: /embed/ })).toHaveAttribute("aria-selected", "true");
  });

  test("a step is shown whole beside the tree", async () => {
    const { user } = openTrace();
    await tree();
    await user.click(screen.getByRole("treeitem", { name: /look up/ }));
    const step = await screen.findByRole("complementary", { name: "Step" });
    expect(await within(step).findByText("chroma")).toBeInTheDocument();
    await user.click(within(step).getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("complementary", { name: "Step" })).toBeNull();
  });

  test("errors and what is found are gone through one by one", async () => {
    const { user } = openTrace(["05"]);
    await tree();
    await user.click(screen.getByRole("button", { name: /1 error/ }));
    expect(screen.getByRole("treeitem", { name: /look up/ })).toHaveAttribute("aria-selected", "true");
    await user.type(screen.getByRole("textbox", { name: "Find in the steps" }), "emb{Enter}");
    expect(await screen.findByText(/\/ 2$/)).toBeInTheDocument();
    await user.keyboard("{Enter}");
    expect(screen.getByRole("treeitem", { name: /answer/ })).toHaveAttribute("aria-selected", "true");
  });
});
