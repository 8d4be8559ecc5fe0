import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { called, type Desk, openDesk } from "../../shared/testing/render";
import { makeWorld, type World } from "../../shared/testing/world";
import { connection, connectionAnswers } from "./testing/answers";

function desk(answers = connectionAnswers(), change: Partial<World> = {}): Desk {
  const world = makeWorld(change);
  Object.assign(world.answers, answers);
  return openDesk("/connections", world);
}

const section = () => screen.findByRole("region", { name: "Connected systems" });
const within_ = async (name: string) => within(await within(await section()).findByRole("region", { name }));
const open = async ({ user }: Desk) => {
  await user.click(within(await section()).getByRole("button", { name: "Connect a system" }));
  return within_("New connection");
};

describe("connected systems", () => {
  test("without any, it says what they are for", async () => {
    desk();
    expect(await within(await section()).findByText(/pulled again with one press/)).toBeInTheDocument();
  });

  test("a form of the kind's own fields adds one, and its secret is hidden and sent once", async () => {
    const at = desk();
    const form = await open(at);
    expect(form.getByRole("button", { name: "Connect" })).toBeDisabled();
    expect(await form.findByRole("textbox", { name: "Database" })).toBeInTheDocument();
    await at.user.selectOptions(form.getByRole("combobox", { name: "System" }), "PostgreSQL");
    expect(form.queryByRole("textbox", { name: "Database" })).not.toBeInTheDocument();
    await at.user.type(form.getByRole("textbox", { name: "Name" }), "shop-db");
    await at.user.type(form.getByRole("textbox", { name: "Address" }), "postgres://db/shop");
    await at.user.type(form.getByRole("textbox", { name: "User" }), "reader");
    await at.user.selectOptions(form.getByRole("combobox", { name: "TLS" }), "off");
    const password = form.getByLabelText("Password");
    expect(password).toHaveAttribute("type", "password");
    await at.user.type(password, "hunter2");
    await at.user.click(form.getByRole("checkbox", { name: /no keychain/ }));
    await at.user.click(form.getByRole("button", { name: "Connect" }));
    expect(await (await within_("shop-db")).findByText("Never pulled.")).toBeInTheDocument();
    expect(called(at.world, "connection_add")).toEqual([
      {
        name: "shop-db",
        kind: "postgres",
        address: "postgres://db/shop",
        options: { user: "reader", tls: "off" },
        secret: "hunter2",
        allow_secret_file: true,
      },
    ]);
    expect(document.body).not.toHaveTextContent("hunter2");
  });

  test("a test says what was found, or why nothing was", async () => {
    const at = desk();
    const form = await open(at);
    await at.user.type(form.getByRole("textbox", { name: "Address" }), "http://127.0.0.1:8000");
    await at.user.click(form.getByRole("button", { name: "Test" }));
    const found = await form.findByText(/2 schemas, 1,204 tables/);
    expect(found).toBeInTheDocument();
    await at.user.type(form.getByRole("textbox", { name: "Address" }), "9");
    expect(form.queryByText(/1,204 tables/)).not.toBeInTheDocument();
  });

  test("a test that fails says it in words", async () => {
    const at = desk(connectionAnswers({ connections: [connection()], test: "is PostgreSQL running there?" }));
    const card = await within_("rag-store");
    await at.user.click(card.getByRole("button", { name: "Test" }));
    expect(await card.findByRole("alert")).toHaveTextContent("is PostgreSQL running there?");
    await at.user.click(card.getByRole("button", { name: "Close the test's result" }));
    expect(card.queryByRole("alert")).not.toBeInTheDocument();
  });

  test("what can't be added is told, and nothing typed is lost", async () => {
    const at = desk(connectionAnswers({ refuses: "this session has no keychain that can be used" }));
    const form = await open(at);
    await at.user.type(form.getByRole("textbox", { name: "Name" }), "kb");
    await at.user.type(form.getByRole("textbox", { name: "Address" }), "http://h:8000{Enter}");
    expect(await form.findByRole("alert")).toHaveTextContent("no keychain");
    expect(form.getByRole("textbox", { name: "Name" })).toHaveValue("kb");
  });

  test("Escape puts the form away", async () => {
    const at = desk();
    await open(at);
    await at.user.keyboard("{Escape}");
    expect(screen.queryByRole("region", { name: "New connection" })).not.toBeInTheDocument();
  });

  test("a pull shows how far it is and can be cancelled", async () => {
    const jobs = makeWorld()
      .jobs.slice(0, 1)
      .map((job) => ({
        ...job,
        id: "job-pull",
        title: "Pull rag-store (Chroma)",
        state: "running" as const,
        done: 300,
        total: 1_000,
        unit: "events",
        ended_at: null,
        report: null,
        error: null,
      }));
    const at = desk(connectionAnswers({ connections: [connection()] }), { jobs });
    const card = await within_("rag-store");
    expect(card.getByText(/1,240 created, 3 changed, 98,011 same/)).toHaveTextContent("2 rejected");
    await at.user.click(card.getByRole("button", { name: "Pull now" }));
    expect(called(at.world, "connection_pull")).toEqual([{ name: "rag-store" }]);
    const bar = await card.findByRole("progressbar", { name: "Pulling rag-store" });
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "30"));
    expect(card.getByRole("button", { name: "Pull now" })).toBeDisabled();
    await at.user.click(card.getByRole("button", { name: "Cancel pulling rag-store" }));
    await waitFor(() => expect(called(at.world, "job_cancel")).toEqual([{ job: "job-pull" }]));
  });

  test("an error of the last pull is in words", async () => {
    const report = { created: 0, changed: 0, same: 0, rejected: 0, cancelled: false };
    desk(
      connectionAnswers({ connections: [connection({ report: { ...report, error: "it hangs or is overloaded" } })] }),
    );
    expect(await (await within_("rag-store")).findByText("it hangs or is overloaded")).toBeInTheDocument();
  });

  test("a schedule is chosen and says when it is next", async () => {
    const at = desk(connectionAnswers({ connections: [connection({ minutes: 7 })] }));
    const card = await within_("rag-store");
    const pace = card.getByRole("combobox", { name: "Pull rag-store" });
    expect(pace).toHaveDisplayValue("every 7 minutes");
    await at.user.selectOptions(pace, "every hour");
    expect(await card.findByText(/Next pull/)).toBeInTheDocument();
    await at.user.selectOptions(pace, "only when told to");
    await waitFor(() => expect(card.queryByText(/Next pull/)).not.toBeInTheDocument());
    expect(called(at.world, "connection_schedule")).toEqual([
      { name: "rag-store", minutes: 60 },
      { name: "rag-store", minutes: null },
    ]);
  });

  test("removing asks first", async () => {
    const at = desk(connectionAnswers({ connections: [connection()] }));
    const card = await within_("rag-store");
    await at.user.click(card.getByRole("button", { name: "Remove rag-store" }));
    await at.user.click(card.getByRole("button", { name: "Keep" }));
    expect(called(at.world, "connection_remove")).toEqual([]);
    await at.user.click(card.getByRole("button", { name: "Remove rag-store" }));
    await at.user.click(card.getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "rag-store" })).not.toBeInTheDocument());
    expect(called(at.world, "connection_remove")).toEqual([{ name: "rag-store" }]);
  });

  test("of very many, one is found", async () => {
    const connections = Array.from({ length: 200 }, (_, n) => connection({ name: `store-${n}` }));
    const at = desk(connectionAnswers({ connections }));
    expect(await within(await section()).findByText(/And 150 more/)).toBeInTheDocument();
    await at.user.type(within(await section()).getByRole("searchbox", { name: "Find a connection" }), "store-137");
    await waitFor(async () => expect(within(await section()).getAllByRole("heading", { level: 3 })).toHaveLength(1));
    await at.user.type(within(await section()).getByRole("searchbox", { name: "Find a connection" }), "x");
    expect(await within(await section()).findByText("None is called that.")).toBeInTheDocument();
  });

  test("an error can be tried again, and a read-only catalog offers nothing that changes it", async () => {
    let fails = true;
    const answers = connectionAnswers({ connections: [connection()] });
    const world = makeWorld();
    const { user } = desk(
      {
        ...answers,
        connections: (args) => {
          if (fails) throw { trouble: "failed", message: "the disk is gone" };
          return answers.connections?.(args);
        },
      },
      { info: { ...world.info, read_only: "it is open elsewhere" } },
    );
    expect(await within(await section()).findByRole("alert")).toHaveTextContent("the disk is gone");
    fails = false;
    await user.click(within(await section()).getByRole("button", { name: "Try again" }));
    const card = await within_("rag-store");
    expect(card.getByRole("button", { name: "Pull now" })).toBeDisabled();
    expect(card.getByRole("button", { name: "Remove rag-store" })).toBeDisabled();
    expect(card.getByRole("button", { name: "Test" })).toBeEnabled();
  });
});
