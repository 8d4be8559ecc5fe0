import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { called, openDesk } from "../shared/testing/render";
import { emptyWorld, makeWorld } from "../shared/testing/world";

const source = (name: string) => screen.findByRole("region", { name });

describe("connections", () => {
  test("imports a file that the system's dialog picked, and shows the job", async () => {
    const { user, world } = openDesk("/connections", emptyWorld(), () => "/data/events.ndjson");
    await user.click(within(await source("OpenLineage")).getByRole("button", { name: "File of events" }));
    await waitFor(() =>
      expect(called(world, "import_start")).toEqual([{ kind: "openlineage", from: "/data/events.ndjson" }]),
    );
    expect(await within(screen.getByRole("main")).findByText(/events.ndjson/)).toBeInTheDocument();
    expect(screen.getByRole("progressbar")).toBeInTheDocument();
  });

  test("imports that the log tells of are listed, though this session made none", async () => {
    const { user } = openDesk("/connections", makeWorld({ jobs: [] }));
    const past = await screen.findByRole("region", { name: "Earlier imports" });
    expect(screen.queryByText("No imports yet")).not.toBeInTheDocument();
    const first = within(past).getAllByRole("button")[0] as HTMLElement;
    const title = first.textContent as string;
    await user.click(first);
    expect(await screen.findByRole("heading", { name: "Changes" })).toBeInTheDocument();
    expect(screen.getAllByText(title).length).toBeGreaterThan(0);
  });

  test("a cancelled dialog starts nothing", async () => {
    const { user, world } = openDesk("/connections", emptyWorld(), () => null);
    await user.click(within(await source("dbt")).getByRole("button", { name: "Target folder" }));
    expect(called(world, "import_start")).toEqual([]);
  });

  test("a server needs a real address", async () => {
    const { user, world } = openDesk("/connections");
    await user.click(within(await source("MLflow")).getByRole("button", { name: "Server" }));
    const box = await screen.findByRole("dialog", { name: "MLflow server" });
    await user.type(within(box).getByRole("textbox"), "tracking.internal");
    expect(within(box).getByRole("button", { name: "Import" })).toBeDisabled();
    await user.clear(within(box).getByRole("textbox"));
    await user.type(within(box).getByRole("textbox"), "http://127.0.0.1:5000{Enter}");
    await waitFor(() =>
      expect(called(world, "import_start")).toEqual([{ kind: "mlflow", from: "http://127.0.0.1:5000" }]),
    );
  });

  test.each([
    ["OpenLineage", "openlineage", "http://127.0.0.1:5000"],
    ["dbt", "dbt", "http://127.0.0.1:8080"],
  ])("%s is read from a server too", async (name, kind, address) => {
    const { user, world } = openDesk("/connections");
    await user.click(within(await source(name)).getByRole("button", { name: "Server" }));
    const box = await screen.findByRole("dialog", { name: `${name} server` });
    expect(within(box).getByPlaceholderText(address)).toBeInTheDocument();
    await user.type(within(box).getByRole("textbox"), `${address}{Enter}`);
    await waitFor(() => expect(called(world, "import_start")).toEqual([{ kind, from: address }]));
  });

  test("an import is undone from its report, after a question that says how much", async () => {
    const world = makeWorld();
    const job = world.jobs.find((one) => one.id === "job-2");
    if (job?.report) job.report.import = "import-7";
    world.answers.undo_plan = (() => ({
      title: "Import",
      operations: 2,
      change_count: 1_300,
      changes: [],
      collision_count: 0,
      collisions: [],
    })) as (args: never) => unknown;
    world.answers.undo = (() => ({ operation: "op-99", title: "Undo: Import" })) as (args: never) => unknown;
    const { user } = openDesk("/connections?job=job-2", world);
    const report = await screen.findByRole("region", { name: "Report" });
    await user.click(within(report).getByRole("button", { name: "Undo import" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/1,300 changes in 2 operations/)).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Undo import" }));
    await waitFor(() => expect(called(world, "undo")).toEqual([{ operation: "import-7", later: "refuse" }]));
  });

  test("the report of an import that was taken back says so, and offers it no more", async () => {
    const world = makeWorld();
    const job = world.jobs.find((one) => one.id === "job-2");
    const whole = world.operations.find((one) => one.origin === "import");
    if (!job?.report || !whole) throw new Error("the world has no import");
    Object.assign(job.report, { import: "import-7", rejected: [] });
    job.state = "done";
    whole.import = { id: "import-7", operations: 2, change_count: 1_300, undone_by: null };
    const { user } = openDesk("/connections?job=job-2", world);
    const report = await screen.findByRole("region", { name: "Report" });
    expect(within(report).getByText("Everything was stored")).toBeInTheDocument();
    await user.click(within(report).getByRole("button", { name: "Undo import" }));
    const dialog = await screen.findByRole("dialog");
    await within(dialog).findByText(/1,300 changes in 2 operations/);
    await user.click(within(dialog).getByRole("button", { name: "Undo import" }));
    expect(await within(report).findByText("Taken back")).toBeInTheDocument();
    expect(within(report).queryByText("Everything was stored")).toBeNull();
    expect(within(report).queryByRole("button", { name: "Undo import" })).toBeNull();
  });

  test("the report counts what was stored and says why the rest was not", async () => {
    openDesk("/connections?job=job-2");
    const report = await screen.findByRole("region", { name: "Report" });
    expect(report).toHaveTextContent("412created");
    expect(report).toHaveTextContent("4rejected");
    expect(within(report).getByText(/eventTime is a number/)).toBeInTheDocument();
  });

  test("a running import is cancelled", async () => {
    const { user, world } = openDesk("/connections");
    await user.click((await screen.findAllByRole("button", { name: "Cancel" }))[0] as HTMLElement);
    await waitFor(() => expect(called(world, "job_cancel")).toEqual([{ job: "job-3" }]));
    expect(await screen.findByText(/^Cancelled/)).toBeInTheDocument();
  });

  test("the check names the rows that do not agree", async () => {
    const world = makeWorld();
    world.answers.check = () => ({ holds: false, problems: [{ where: "claim 88", what: "differs from the log" }] });
    const { user } = openDesk("/connections", world);
    await user.click(await screen.findByRole("button", { name: "Check" }));
    expect(await screen.findByText("claim 88")).toBeInTheDocument();
    expect(screen.getByText("differs from the log")).toBeInTheDocument();
  });

  test("restore asks first, then replaces", async () => {
    const { user, world } = openDesk("/connections", makeWorld(), () => "/backups/monday.catena");
    await user.click(await screen.findByRole("button", { name: "Restore" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(called(world, "restore")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(called(world, "restore")).toEqual([{ path: "/backups/monday.catena" }]));
  });

  test("a read-only catalog takes no import", async () => {
    const world = makeWorld();
    world.info.read_only = "another window is writing to it";
    openDesk("/connections", world);
    const button = within(await source("dbt")).getByRole("button", { name: "Target folder" });
    await waitFor(() => expect(button).toBeDisabled());
  });
});
