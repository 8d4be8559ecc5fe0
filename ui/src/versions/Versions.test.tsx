import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { AliasPlan, VersionRow, VersionsCompared, VersionsView } from "../api/client";
import { called, openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";

const version = (number: string, more: Partial<VersionRow> = {}): VersionRow => ({
  version: { id: `v${number}`, kind: "prompt_version", name: `support v${number}` },
  number,
  aliases: [],
  lifecycle: null,
  description: null,
  made_at: "2026-03-01T10:00:00Z",
  made_by: [],
  text: `Answer in ${number} words.`,
  uses: [],
  ...more,
});
const answer = { id: "o1", kind: "output" as const, name: "An answer" };

function openVersions(view?: Partial<VersionsView>) {
  const world = makeWorld();
  const entity = world.entities.find((one) => one.kind === "prompt") ?? world.entities[0];
  if (!entity) throw new Error("the world is empty");
  entity.kind = "prompt";
  world.answers.versions = (): VersionsView => ({
    whole: { id: entity.id, kind: "prompt", name: "support" },
    versions: [
      version("3"),
      version("2", { aliases: ["production"], uses: [{ kind: "output", count: 1, some: [answer] }] }),
      version("1"),
    ],
    count: 3,
    ...view,
  });
  world.answers.versions_compare = (): VersionsCompared => ({
    versions: [version("1").version, version("3").version],
    rows: [
      { section: "text", key: "text", values: ["a", "b"], differs: true, deltas: [null, null] },
      { section: "metrics", key: "f1", values: [0.5, 0.75], differs: true, deltas: [null, 0.25] },
      { section: "params", key: "depth", values: ["3", "3"], differs: false, deltas: [null, null] },
    ],
  });
  world.answers.alias_plan = (): AliasPlan => ({
    from: [version("2").version],
    to: version("1").version,
    touches: [{ kind: "output", count: 1, some: [answer] }],
  });
  world.answers.alias_move = () => ({ operation: null, title: "Point production of support at support v1" });
  return openDesk(`/entity/${entity.id}?tab=versions`, world);
}
const line = () => screen.findByRole("list", { name: "Versions of support" });

describe("versions", () => {
  test("stand in a line with their aliases and what uses them", async () => {
    openVersions();
    const rows = within(await line()).getAllByRole("listitem");
    expect(rows.map((row) => within(row).getByText(/support v/).textContent)).toEqual([
      "support v3",
      "support v2",
      "support v1",
    ]);
    expect(within(rows[1] as HTMLElement).getByText("production")).toBeInTheDocument();
    expect(within(rows[1] as HTMLElement).getByText(/used by 1 /)).toBeInTheDocument();
  });

  test("two of them are compared word by word and number by number", async () => {
    const { user } = openVersions();
    await line();
    await user.click(screen.getByRole("checkbox", { name: "Compare support v3" }));
    await user.click(screen.getByRole("checkbox", { name: "Compare support v1" }));
    const compared = await screen.findByRole("region", { name: "Versions side by side" });
    expect(compared.querySelector("del")).toHaveTextContent("1");
    expect(compared.querySelector("ins")).toHaveTextContent("3");
    expect(within(compared).getByText("+0.25")).toBeInTheDocument();
    expect(within(compared).queryByText("depth")).toBeNull();
    await user.click(within(compared).getByRole("button", { name: "Also what is the same" }));
    expect(within(compared).getByText("depth")).toBeInTheDocument();
  });

  test("an alias is moved after what it touches was shown", async () => {
    const { user, world } = openVersions();
    await line();
    await user.click(screen.getByRole("button", { name: "Point an alias at support v1" }));
    await user.click(await screen.findByRole("menuitem", { name: /Point production here/ }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/What may get the other version: 1 /)).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Point it here" }));
    await waitFor(() => expect(called(world, "alias_move")).toEqual([{ alias: "production", to: "v1" }]));
  });

  test("a prompt without versions says where they come from", async () => {
    openVersions({ versions: [], count: 0 });
    expect(await screen.findByText("No versions yet")).toBeInTheDocument();
  });
});
