import { emit } from "@tauri-apps/api/event";
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { called, idOf, openDesk } from "../shared/testing/render";
import { emptyWorld, makeWorld } from "../shared/testing/world";
import { activeRoute } from "./tabs";

const first = () => {
  const world = emptyWorld();
  world.info = { ...world.info, path: null };
  return world;
};

/** The field of the palette; a screen behind it may have choices of its own. */
const palette = () => screen.findByRole("combobox", { name: "Search or run a command" });

describe("first launch", () => {
  test("offers the sample, an import, and a catalog of one's own", async () => {
    const { user, world } = openDesk("/search", first());
    await user.click(await screen.findByRole("button", { name: /Open the sample/ }));
    await waitFor(() => expect(called(world, "sample_open")).toHaveLength(1));
    expect(await screen.findByRole("listbox", { name: "Results" })).toBeInTheDocument();
  });

  test("an empty catalog leads to the import", async () => {
    const { user } = openDesk("/search", emptyWorld());
    await user.click(await screen.findByRole("button", { name: /^Import/ }));
    expect(await screen.findByRole("heading", { level: 1, name: "Connections" })).toBeInTheDocument();
  });

  test("a catalog that can't be opened says why", async () => {
    const world = first();
    world.answers.catalog_open = () => {
      throw { trouble: "failed", message: "flights.catena is not a catalog" };
    };
    const { user } = openDesk("/search", world, () => "/data/flights.catena");
    await user.click(await screen.findByRole("button", { name: /Open a catalog/ }));
    expect(
      await screen.findByText("The catalog could not be opened: flights.catena is not a catalog"),
    ).toBeInTheDocument();
  });
});

describe("palette", () => {
  test("lists first what the result page lists first, and Enter opens it", async () => {
    const { user, world } = openDesk("/changes");
    await screen.findByRole("grid");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await palette(), "departure_delay_cl");
    const list = screen.getByRole("listbox", { name: "Matches" });
    await waitFor(() => expect(within(list).getAllByRole("option")[0]).toHaveTextContent("departure_delay_classifier"));
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "departure_delay_classifier" })).toBeInTheDocument();
    expect(activeRoute()).toBe(`/entity/${idOf(world, "departure_delay_classifier")}`);
  });

  test("runs commands, and takes a pasted link", async () => {
    const { user, world } = openDesk("/changes");
    await screen.findByRole("grid");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await palette(), ">connec{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "Connections" })).toBeInTheDocument();
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await palette(), `catena://entity/${idOf(world, "raw.flights")}{Enter}`);
    expect(await screen.findByRole("heading", { level: 1, name: "raw.flights" })).toBeInTheDocument();
  });
});

describe("window", () => {
  test("Esc goes back one step at a time", async () => {
    const { user } = openDesk("/search?text=fct_departures");
    const list = await screen.findByRole("listbox", { name: "Results" });
    list.focus();
    await user.keyboard("{ArrowDown}{ArrowUp} ");
    await screen.findByRole("complementary", { name: "Inspector" });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary", { name: "Inspector" })).toBeNull());
    await user.keyboard("{Enter}");
    await screen.findByRole("heading", { level: 1, name: "fct_departures" });
    await user.keyboard("{Escape}");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(activeRoute()).toBe("/search?text=fct_departures"));
  });

  test("tabs keep their own history and state", async () => {
    const { user } = openDesk("/search?text=depart");
    await screen.findByRole("listbox", { name: "Results" });
    await user.keyboard("{Control>}t{/Control}");
    await waitFor(() => expect(activeRoute()).toBe("/search"));
    await user.click(screen.getByRole("button", { name: "Changes" }));
    await screen.findByRole("grid", { name: "Changes" });
    await user.click(screen.getByRole("button", { name: "Back" }));
    await waitFor(() => expect(activeRoute()).toBe("/search"));
    await user.click(screen.getByRole("tab", { name: /Search: depart/ }));
    expect(activeRoute()).toBe("/search?text=depart");
  });

  test("Ctrl+Z takes back the last operation that is not undone", async () => {
    const { user, world } = openDesk("/changes");
    await screen.findByRole("grid", { name: "Changes" });
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(called(world, "undo")).toEqual([{ operation: "op-8" }]));
    await screen.findByTitle(/^Undo “Tagged fct_departures/);
    // A press right after the first would be taken for the menu's echo of it; people are slower than this test.
    const later = performance.now() + 1_000;
    const clock = vi.spyOn(performance, "now").mockReturnValue(later);
    await user.keyboard("{Control>}z{/Control}");
    clock.mockRestore();
    await waitFor(() => expect(called(world, "undo").at(-1)).toEqual({ operation: "op-7" }));
  });

  test("under a question the window's shortcuts rest, and Enter answers with its main button", async () => {
    const world = makeWorld();
    const whole = world.operations.find((one) => one.origin === "import");
    if (!whole) throw new Error("the world has no import");
    whole.import = { id: "import-1", operations: 3, change_count: 2_640, undone_by: null };
    const { user } = openDesk(`/changes?operation=${whole.id}`, world);
    const detail = await screen.findByRole("region", { name: "Operation" });
    await user.click(within(detail).getByRole("button", { name: "Undo import" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/2,640 changes in 3 operations/)).toBeInTheDocument();
    await user.keyboard("{Control>}z{/Control}{Control>}{Shift>}z{/Shift}{/Control}{Control>}1{/Control}");
    await user.keyboard("{Control>}k{/Control}{Control>}t{/Control}");
    await emit("catena://menu", "redo");
    expect(called(world, "undo")).toEqual([]);
    expect(called(world, "redo")).toEqual([]);
    expect(screen.queryByRole("combobox")).toBeNull();
    expect(activeRoute()).toBe(`/changes?operation=${whole.id}`);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(called(world, "undo")).toEqual([{ operation: "import-1", later: "refuse" }]));
  });

  test("Esc closes a question and does nothing else", async () => {
    const world = makeWorld();
    const whole = world.operations.find((one) => one.origin === "import");
    if (!whole) throw new Error("the world has no import");
    whole.import = { id: "import-1", operations: 3, change_count: 2_640, undone_by: null };
    const { user } = openDesk(`/changes?operation=${whole.id}`, world);
    const detail = await screen.findByRole("region", { name: "Operation" });
    await user.click(within(detail).getByRole("button", { name: "Undo import" }));
    await screen.findByRole("dialog");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByRole("region", { name: "Operation" })).toBeInTheDocument();
    expect(called(world, "undo")).toEqual([]);
  });

  test("Ctrl+Z leaves alone what was brought by others, and says where to find it", async () => {
    const world = makeWorld({ jobs: [] });
    world.operations = world.operations.filter((one) => one.origin === "import");
    for (const [index, one] of world.operations.entries()) {
      one.import = { id: `import-${index}`, operations: 1, change_count: 9, undone_by: null };
    }
    const { user } = openDesk("/search", world);
    await user.click(await screen.findByRole("listbox", { name: "Results" }));
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_000);
    await user.keyboard("{Control>}z{/Control}");
    clock.mockRestore();
    expect(await screen.findByText("Nothing of your own to undo")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(called(world, "undo_plan")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Show changes" }));
    expect(await screen.findByRole("grid", { name: "Changes" })).toBeInTheDocument();
  });

  test("Ctrl+Z offers an import that was made in this session, and asks", async () => {
    const world = makeWorld();
    world.operations = world.operations.filter((one) => one.origin === "import");
    const [whole] = world.operations;
    const job = world.jobs.find((one) => one.report);
    if (!whole || !job?.report) throw new Error("the world has no import");
    whole.import = { id: "import-1", operations: 2, change_count: 9, undone_by: null };
    job.report.import = "import-1";
    const { user } = openDesk("/search", world);
    await screen.findByTitle(/^Undo “Import of/);
    await user.click(await screen.findByRole("listbox", { name: "Results" }));
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 20_000);
    await user.keyboard("{Control>}z{/Control}");
    clock.mockRestore();
    expect(await screen.findByRole("dialog")).toHaveTextContent(`Undo: ${whole.title}`);
    expect(called(world, "undo")).toEqual([]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("what another window changed shows up, and only that is read again", async () => {
    const { world } = openDesk("/search?text=raw.flights");
    await screen.findByRole("listbox", { name: "Results" });
    const flights = world.entities.find((one) => one.name === "raw.flights");
    if (flights) flights.name = "raw.flights_2013";
    const views = called(world, "jobs").length;
    await emit("catena://event", { invalidates: ["entities"] });
    await waitFor(() => expect(screen.getByRole("listbox", { name: "Results" })).toHaveTextContent("_2013"));
    expect(called(world, "jobs")).toHaveLength(views);
  });

  test("progress of a job reaches the status line", async () => {
    const world = makeWorld({ jobs: [] });
    openDesk("/changes", world);
    await screen.findByText("No jobs");
    const { jobs } = makeWorld();
    await emit("catena://event", { job: { ...jobs[0], done: 30_000, total: 120_000 } });
    expect(await screen.findByText(/25 %/)).toBeInTheDocument();
  });

  test("does what was chosen in the menu of the desktop, once", async () => {
    const { world } = openDesk("/search");
    await screen.findByRole("listbox", { name: "Results" });
    await emit("catena://menu", "check");
    await emit("catena://menu", "check");
    expect(await screen.findByText("The log, the tables and the chain agree.")).toBeInTheDocument();
    expect(called(world, "check")).toHaveLength(1);
    expect(activeRoute()).toBe("/connections");
  });

  test("opens a link that the desktop hands over, and says what could not be opened", async () => {
    const { world } = openDesk("/search");
    await screen.findByRole("listbox", { name: "Results" });
    await emit("catena://open", { type: "link", link: `catena://entity/${idOf(world, "raw.flights")}` });
    expect(await screen.findByRole("heading", { level: 1, name: "raw.flights" })).toBeInTheDocument();
    await emit("catena://open", { type: "failed", message: "notes.catena is not a catalog" });
    expect(await screen.findByText("notes.catena is not a catalog")).toBeInTheDocument();
  });

  test("tabs of another catalog are closed when one is opened from outside", async () => {
    const { world } = openDesk("/changes?operation=op-5");
    await screen.findByRole("grid", { name: "Changes" });
    world.info = { ...world.info, path: "/data/other.catena", name: "other" };
    await emit("catena://event", { invalidates: ["*"] });
    expect(await screen.findByRole("listbox", { name: "Results" })).toBeInTheDocument();
    expect(activeRoute()).toBe("/search");
  });

  test("? lists the shortcuts", async () => {
    const { user } = openDesk("/changes");
    await screen.findByRole("grid", { name: "Changes" });
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Shortcuts" })).toHaveTextContent("Go back one step");
  });
});
