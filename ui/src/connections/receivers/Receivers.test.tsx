import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { called, type Desk, openDesk } from "../../shared/testing/render";
import { makeWorld } from "../../shared/testing/world";
import { letter, receiverAnswers } from "./testing/answers";

function desk(answers = receiverAnswers()): Desk {
  const world = makeWorld();
  Object.assign(world.answers, answers);
  return openDesk("/connections", world);
}

const section = () => screen.findByRole("region", { name: "Receivers" });
const card = async () => within(await section()).findByRole("region", { name: "OpenLineage" });
const onOff = async () => within(await card()).findByRole("switch");

describe("receivers", () => {
  test("is off until switched on, then shows its address and what to paste", async () => {
    const { user, world } = desk();
    expect(await onOff()).not.toBeChecked();
    expect(called(world, "receiver_token")).toEqual([]);
    await user.click(await onOff());
    expect(await within(await card()).findByText("http://127.0.0.1:5000")).toBeInTheDocument();
    expect(called(world, "receiver_start")).toEqual([{ protocol: "openlineage", port: 5000 }]);
    expect(await onOff()).toBeChecked();
    expect(within(await card()).getByText(/Nothing has come in yet/)).toBeInTheDocument();
    await user.click(within(await card()).getByRole("tab", { name: "dbt" }));
    expect(within(await card()).getByText(/OPENLINEAGE_API_KEY=•/)).toBeInTheDocument();
  });

  test("the keyboard switches it too, on a port of one's own", async () => {
    const { user, world } = desk();
    const port = within(await card()).getByRole("textbox", { name: "Port" });
    await user.clear(port);
    await user.type(port, "80");
    expect(within(await card()).getByText(/1024 to 65535/)).toBeInTheDocument();
    expect(await onOff()).toBeDisabled();
    await user.clear(port);
    await user.type(port, "6123");
    (await onOff()).focus();
    await user.keyboard(" ");
    await waitFor(() => expect(called(world, "receiver_start")).toEqual([{ protocol: "openlineage", port: 6123 }]));
    expect(await within(await card()).findByText("http://127.0.0.1:6123")).toBeInTheDocument();
    await user.click(await onOff());
    await waitFor(async () => expect(await onOff()).not.toBeChecked());
    expect(called(world, "receiver_stop")).toEqual([{ protocol: "openlineage" }]);
  });

  test("a taken port is named and another is offered", async () => {
    const { user } = desk(receiverAnswers({ taken: 5000 }));
    await user.click(await onOff());
    expect(await within(await card()).findByRole("alert")).toHaveTextContent("Port 5000 is taken");
    await user.click(within(await card()).getByRole("button", { name: "Use 5001" }));
    expect(await within(await card()).findByText("http://127.0.0.1:5001")).toBeInTheDocument();
  });

  test("the token is hidden until asked for, and filled in where a snippet is copied", async () => {
    const { user } = desk();
    const copied = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(await onOff());
    const token = await within(await section()).findByRole("region", { name: "Token" });
    expect(token).not.toHaveTextContent("5f0c");
    await user.click(within(token).getByRole("button", { name: "Show the token" }));
    expect(token).toHaveTextContent("5f0c5f0c");
    await user.click(within(token).getByRole("button", { name: "Hide the token" }));
    expect(token).not.toHaveTextContent("5f0c");
    await user.click(within(await card()).getByRole("button", { name: "Copy" }));
    await waitFor(() => expect(copied).toHaveBeenCalledWith(expect.stringContaining("5f0c5f0c")));
    expect(await section()).not.toHaveTextContent("5f0c");
  });

  test("replacing the token asks first", async () => {
    const { user, world } = desk();
    await user.click(await onOff());
    const token = await within(await section()).findByRole("region", { name: "Token" });
    await user.click(within(token).getByRole("button", { name: "Replace the token" }));
    await user.click(within(token).getByRole("button", { name: "Keep" }));
    expect(called(world, "receiver_token_renew")).toEqual([]);
    await user.click(within(token).getByRole("button", { name: "Replace the token" }));
    await user.click(within(token).getByRole("button", { name: "Replace" }));
    await waitFor(() => expect(called(world, "receiver_token_renew")).toHaveLength(1));
    await user.click(within(token).getByRole("button", { name: "Show the token" }));
    await waitFor(() => expect(token).toHaveTextContent("a1b2a1b2"));
  });

  test("what was set aside is shown with its reason, replayed and discarded", async () => {
    const letters = [
      letter(),
      letter({ id: 2, where: "event 9", why: "still no run", times: 1 }),
      letter({ id: 3, where: "event 12", why: "far too long", whole: false }),
    ];
    const { user, world } = desk(receiverAnswers({ letters }));
    await user.click(await within(await card()).findByRole("button", { name: "3 records set aside" }));
    const list = await within(await card()).findByRole("list", { name: /Set aside/ });
    const items = () => within(list).getAllByRole("listitem");
    expect(items()[0]).toHaveTextContent("event 4: $.eventTime: it is missing");
    expect(items()[0]).toHaveTextContent("sent 3 times");
    const act = (row: number, name: string) =>
      user.click(within(items()[row] as HTMLElement).getByRole("button", { name }));
    expect(within(items()[2] as HTMLElement).getByRole("button", { name: "Replay" })).toBeDisabled();
    await act(0, "Show what was sent");
    expect(items()[0]).toHaveTextContent('{"eventType":"COMPLETE"}');
    await act(0, "Replay");
    await waitFor(() => expect(items()).toHaveLength(2));
    await act(0, "Replay");
    expect(await screen.findByText(/still can't be taken: still no run/)).toBeInTheDocument();
    await act(0, "Discard");
    await waitFor(() => expect(items()).toHaveLength(1));
    expect(called(world, "dead_letter_replay")).toEqual([{ ids: [1] }, { ids: [2] }]);
    expect(called(world, "dead_letter_discard")).toEqual([{ ids: [2] }]);
  });

  test("the rate, the counts and the last problem are shown", async () => {
    const rate = Array(60).fill(0);
    rate[58] = 1240;
    const answers = receiverAnswers();
    const view = (answers.receivers as () => { receivers: Record<string, unknown>[] })();
    Object.assign(view.receivers[0] as object, {
      address: "http://127.0.0.1:5000",
      seen: {
        accepted: 91_220,
        rejected: 2,
        refused: 7,
        last_at: new Date().toISOString(),
        problem: "the token is missing or wrong",
        problem_at: new Date().toISOString(),
        rate,
      },
    });
    desk({ ...answers, receivers: () => view });
    expect(await within(await card()).findByText("1,240")).toBeInTheDocument();
    expect(await card()).toHaveTextContent("91,220 taken, 2 set aside, 7 turned away");
    expect(await card()).toHaveTextContent("the token is missing or wrong");
    expect(within(await card()).getByRole("img", { name: /last 60 seconds/ })).toBeInTheDocument();
  });

  test("a request that was turned away later does not hide why records were set aside", async () => {
    const now = new Date().toISOString();
    const answers = receiverAnswers({ letters: [letter({ why: "the span has no trace" })] });
    const view = (answers.receivers as () => { receivers: Record<string, unknown>[] })();
    Object.assign(view.receivers[0] as object, {
      address: "http://127.0.0.1:5000",
      seen: {
        accepted: 0,
        rejected: 4,
        refused: 1,
        last_at: null,
        problem: "the token is missing or wrong",
        problem_at: now,
        rate: Array(60).fill(0),
      },
    });
    desk({ ...answers, receivers: () => view });
    expect(await within(await card()).findByText("the span has no trace")).toBeInTheDocument();
    expect(await card()).toHaveTextContent("the token is missing or wrong");
    expect(await card()).toHaveTextContent("0 taken, 4 set aside, 1 turned away");
    expect(await card()).not.toHaveTextContent("Nothing has come in yet");
  });

  test("an error can be tried again", async () => {
    let fails = true;
    const answers = receiverAnswers();
    const { user } = desk({
      ...answers,
      receivers: (args) => {
        if (fails) throw { trouble: "failed", message: "the disk is gone" };
        return answers.receivers?.(args);
      },
    });
    expect(await within(await section()).findByRole("alert")).toHaveTextContent("the disk is gone");
    fails = false;
    await user.click(within(await section()).getByRole("button", { name: "Try again" }));
    expect(await onOff()).not.toBeChecked();
  });
});
