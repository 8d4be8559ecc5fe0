import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { called, idOf, openDesk } from "../shared/testing/render";
import { makeWorld, type World } from "../shared/testing/world";

function openMart(tab = "", world: World = makeWorld()) {
  const id = idOf(world, "fct_departures");
  return { id, ...openDesk(`/entity/${id}${tab ? `?tab=${tab}` : ""}`, world) };
}
const title = () => screen.findByRole("heading", { level: 1 });

describe("entity", () => {
  test("shows what it is, where it comes from and who says so", async () => {
    openMart();
    expect(await title()).toHaveTextContent("fct_departures");
    expect(screen.getByText("One row per departure with weather at the hour of departure.")).toBeInTheDocument();
    expect(screen.getByTitle("model.flights_analytics.fct_departures")).toBeInTheDocument();
    expect(screen.getByText("OpenLineage at airflow")).toBeInTheDocument();
    expect(screen.getAllByRole("img", { name: /^Declared/ }).length).toBeGreaterThan(0);
    const lineage = screen.getByRole("heading", { name: "Lineage" }).closest("section") as HTMLElement;
    expect(await within(lineage).findByRole("button", { name: "Open lineage" })).toBeInTheDocument();
  });

  test("a rename shows at once, is logged, and Undo takes it back", async () => {
    const { user, world, id } = openMart();
    await title();
    await user.click(screen.getByRole("button", { name: "Rename" }));
    const input = screen.getByRole("textbox", { name: "Name" });
    await user.clear(input);
    await user.type(input, "fct_departures_daily{Enter}");
    await waitFor(async () => expect(await title()).toHaveTextContent("fct_departures_daily"));
    expect(called(world, "edit")).toEqual([
      { entity: id, changes: [{ field: "name", value: "fct_departures_daily" }] },
    ]);
    const region = screen.getByRole("region", { name: "Messages" });
    await user.click(await within(region).findByRole("button", { name: "Undo" }));
    await waitFor(async () => expect(await title()).toHaveTextContent(/^fct_departures$/));
  });

  test("tags are edited as words", async () => {
    const { user, world, id } = openMart();
    await title();
    await user.click(screen.getByRole("button", { name: "Edit tags" }));
    await user.click(screen.getByRole("button", { name: "Remove mart" }));
    await user.type(screen.getByRole("textbox", { name: "Tags" }), "gold");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(called(world, "edit")).toEqual([
        { entity: id, changes: [{ field: "tags", value: ["tier-1", "pii-free", "gold"] }] },
      ]),
    );
  });

  test("a refused edit puts the old value back and says why", async () => {
    const world = makeWorld();
    world.answers.edit = () => {
      throw { trouble: "refused", message: "a name can't be longer than 4,096 letters" };
    };
    const { user } = openMart("", world);
    await title();
    await user.click(screen.getByRole("button", { name: "Edit description" }));
    const area = screen.getByRole("textbox", { name: "Description" });
    await user.clear(area);
    await user.type(area, "Something else");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Not saved: a name can't be longer than 4,096 letters")).toBeInTheDocument();
    expect(screen.getByText(/One row per departure/)).toBeInTheDocument();
  });

  test("a read-only catalog offers no edit", async () => {
    const world = makeWorld();
    world.info.read_only = "it was made by a newer Catena";
    openMart("", world);
    await title();
    await waitFor(() => expect(screen.queryByRole("button", { name: "Rename" })).toBeNull());
    expect(screen.queryByRole("button", { name: "Edit tags" })).toBeNull();
  });

  test("the schema has the columns with their docs", async () => {
    openMart("schema");
    const grid = await screen.findByRole("grid", { name: "Columns of fct_departures" });
    const row = within(grid).getByText("dep_delay_minutes").closest('[role="row"]') as HTMLElement;
    expect(row).toHaveTextContent("INTEGER");
    expect(row).toHaveTextContent("Negative when early.");
  });

  test("a chosen relation shows its evidence", async () => {
    const { user } = openMart("relations");
    const grid = await screen.findByRole("grid", { name: "Relations of fct_departures" });
    await user.click(within(grid).getByText("stg_flights"));
    const evidence = await screen.findByRole("region", { name: "Evidence" });
    expect(evidence).toHaveTextContent("dbt at flights_analytics");
    expect(evidence).toHaveTextContent("parsed SQL, 92 % sure".replace("SQL", "sql"));
  });

  test("a suggestion is rejected, listed as such, and taken back", async () => {
    const { user, world } = openMart("relations");
    const of = () => screen.findByRole("grid", { name: "Relations of fct_departures" });
    await user.click(await screen.findByRole("radio", { name: "Suggestions 1" }));
    await user.click(within(await of()).getByText("raw.airports"));
    const evidence = await screen.findByRole("region", { name: "Evidence" });
    expect(evidence).toHaveTextContent("name matched, 75 % sure");
    await user.click(within(evidence).getByRole("button", { name: "Reject" }));
    expect(called(world, "evidence_verdict")).toMatchObject([{ verdict: "rejected" }]);
    await user.click(await screen.findByRole("radio", { name: "Rejected 1" }));
    await user.click(within(await of()).getByText("raw.airports"));
    await user.click(await screen.findByRole("button", { name: "Take back" }));
    expect(await screen.findByRole("radio", { name: "Suggestions 1" })).toBeInTheDocument();
  });

  test("facets that no one knows are kept whole", async () => {
    openMart("facets");
    expect(await screen.findByText("flightsTeam_retention")).toBeInTheDocument();
    expect(screen.getByText("Regulation 261/2004")).toBeInTheDocument();
  });

  test("a known facet says what it is, what its fields mean, and what in it is not as expected", async () => {
    const { user } = openMart("facets");
    const storage = await screen.findByRole("region", { name: "Storage" });
    expect(storage).toHaveTextContent("How the dataset is stored.");
    expect(within(storage).getByText("1 thing not as expected")).toBeInTheDocument();
    expect(within(storage).getByRole("list", { name: "Not as expected" })).toHaveTextContent(
      'storageLayer: the value is not of type "string"',
    );
    await user.click(within(storage).getByText("What the fields mean"));
    expect(within(storage).getByText("The files' format.")).toBeVisible();
    const unknown = screen.getByRole("region", { name: "flightsTeam_retention" });
    expect(unknown).not.toHaveTextContent("as expected");
  });

  test("an offer to undo goes once it is undone, however it was", async () => {
    const { user } = openMart();
    await title();
    await user.click(screen.getByRole("button", { name: "Rename" }));
    const input = screen.getByRole("textbox", { name: "Name" });
    await user.clear(input);
    await user.type(input, "renamed{Enter}");
    const messages = screen.getByRole("region", { name: "Messages" });
    expect(await within(messages).findByRole("button", { name: "Undo" })).toBeInTheDocument();
    await waitFor(async () => expect(await title()).toHaveTextContent("renamed"));
    await user.keyboard("{Control>}z{/Control}");
    expect(await within(messages).findByRole("button", { name: "Redo" })).toBeInTheDocument();
    expect(within(messages).queryByRole("button", { name: "Undo" })).not.toBeInTheDocument();
  });

  test("the history tells who, through what, and from what to what", async () => {
    openMart("history");
    const card = (await screen.findByText("Described fct_departures", { selector: "article *" })).closest(
      "article",
    ) as HTMLElement;
    expect(card).toHaveTextContent("Ada Okafor through the window");
    expect(card).toHaveTextContent("Departures fact table.");
  });

  test("what is not here says so", async () => {
    openDesk("/entity/0192-gone");
    expect(await screen.findByText("This entity is not in the catalog")).toBeInTheDocument();
  });

  test("another entity is merged into this one", async () => {
    const { user, world, id } = openMart();
    await title();
    await user.click(screen.getByRole("button", { name: "More" }));
    await user.click(await screen.findByRole("menuitem", { name: /Merge another/ }));
    const dialog = await screen.findByRole("dialog");
    await user.clear(within(dialog).getByRole("searchbox"));
    await user.type(within(dialog).getByRole("searchbox"), "departures_2026");
    await user.click((await within(dialog).findAllByRole("radio"))[0] as HTMLElement);
    await user.click(within(dialog).getByRole("button", { name: "Merge" }));
    await waitFor(() => expect(called(world, "merge")).toHaveLength(1));
    expect(called(world, "merge")[0]).toMatchObject({ into: id });
  });
});
