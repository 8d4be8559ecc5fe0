import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { called, openDesk } from "../shared/testing/render";
import { emptyWorld, makeWorld } from "../shared/testing/world";
import { activeRoute } from "../shell/tabs";

const grid = () => screen.findByRole("grid", { name: "Changes" });

describe("changes", () => {
  test("lists every operation with who and through what", async () => {
    openDesk("/changes");
    const table = await grid();
    const row = within(table)
      .getByText(/^Owner of departure_delay_classifier/)
      .closest('[role="row"]') as HTMLElement;
    expect(row).toHaveTextContent("catalog-agent");
    expect(row).toHaveTextContent("an agent");
  });

  test("a chosen operation shows its changes and is in the link; Esc closes it", async () => {
    const { user } = openDesk("/changes");
    await user.click(within(await grid()).getByText("Import of 1,204 OpenLineage events"));
    const detail = await screen.findByRole("region", { name: "Operation" });
    expect(detail).toHaveTextContent("336,201");
    expect(detail).toHaveTextContent("336,776");
    expect(activeRoute()).toBe("/changes?operation=op-5");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("region", { name: "Operation" })).toBeNull());
  });

  test("undo makes a new operation and marks the old one", async () => {
    const { user, world } = openDesk("/changes?operation=op-8");
    const detail = await screen.findByRole("region", { name: "Operation" });
    await user.click(within(detail).getByRole("button", { name: "Undo" }));
    expect(await within(await grid()).findByText("Undo: Described fct_departures")).toBeInTheDocument();
    expect(called(world, "undo")).toEqual([{ operation: "op-8" }]);
    await waitFor(() => expect(detail).toHaveTextContent("undone"));
  });

  test("an undo that would overwrite later edits shows them and asks", async () => {
    const world = makeWorld();
    world.answers.undo = (({ later }: { later?: string }) => {
      if (!later) throw { trouble: "refused", message: "some of its changes were changed again later" };
      return { operation: "op-9", title: "Undo" };
    }) as (args: never) => unknown;
    const { user } = openDesk("/changes?operation=op-8", world);
    const detail = await screen.findByRole("region", { name: "Operation" });
    await user.click(within(detail).getByRole("button", { name: "Undo" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog).toHaveTextContent("1 value was changed again since.");
    await user.click(within(dialog).getByRole("button", { name: "Undo the rest" }));
    await waitFor(() => expect(called(world, "undo").at(-1)).toEqual({ operation: "op-8", later: "keep" }));
  });

  test("the operations of one import are one row, and are undone as one after a single question", async () => {
    const world = makeWorld();
    const last = world.operations.find((one) => one.title.startsWith("Import of dbt project"));
    if (!last) throw new Error("the world has no import");
    last.import = { id: "import-1", operations: 3, change_count: 2_640, undone_by: null };
    const parts = [3, 2, 1].map((seq) => ({ ...last, id: `part-${seq}`, seq, change_count: 880 }));
    const answered = world.answers.history;
    world.answers.history = ((args: { import?: string; before: number | null; limit: number }) =>
      args.import === "import-1"
        ? parts
        : (answered?.(args as never) ??
          world.operations.filter((one) => args.before === null || one.seq < args.before))) as (args: never) => unknown;
    const { user } = openDesk("/changes", world);
    const row = within(await grid())
      .getByText(last.title)
      .closest('[role="row"]') as HTMLElement;
    expect(row).toHaveTextContent("3 operations");
    expect(row).toHaveTextContent("2,640");
    await user.click(within(row).getByText(last.title));
    const detail = await screen.findByRole("region", { name: "Operation" });
    expect(await within(detail).findAllByRole("listitem")).toHaveLength(3);
    await user.click(within(detail).getByRole("button", { name: "Undo import" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/2,640 changes in 3 operations will be taken back/)).toBeInTheDocument();
    expect(called(world, "undo")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Undo import" }));
    await waitFor(() => expect(called(world, "undo")).toEqual([{ operation: "import-1", later: "refuse" }]));
    await waitFor(() => expect(detail).toHaveTextContent("undone"));
  });

  test("an empty history teaches", async () => {
    openDesk("/changes", emptyWorld());
    expect(await screen.findByText("Nothing has changed yet")).toBeInTheDocument();
  });

  test("a history that can't be read says why", async () => {
    const world = makeWorld();
    world.answers.history = () => {
      throw { trouble: "failed", message: "the disk answered with an error at row 7" };
    };
    openDesk("/changes", world);
    expect(await screen.findByText("the disk answered with an error at row 7")).toBeInTheDocument();
  });
});
