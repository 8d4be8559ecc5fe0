import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { called, idOf, openDesk } from "../shared/testing/render";
import { makeWorld } from "../shared/testing/world";
import { activeRoute } from "../shell/tabs";

const results = () => screen.findByRole("listbox", { name: "Results" });

describe("search", () => {
  test("the link says what is searched, and the results say why they are there", async () => {
    openDesk("/search?text=depart&kinds=dataset");
    const list = await results();
    const first = within(list).getAllByRole("option")[0] as HTMLElement;
    expect(first).toHaveTextContent("fct_departures");
    expect(first.querySelector("mark")).toHaveTextContent("depart");
    expect(screen.getByRole("button", { name: /Datasets/ })).toHaveAttribute("aria-pressed", "true");
    expect(within(list).queryByText("departure_delay_classifier")).toBeNull();
  });

  test("typing searches and keeps the text in the link", async () => {
    const { user, world } = openDesk("/search");
    await results();
    await user.type(screen.getByRole("searchbox", { name: "Search" }), "wind_speed");
    const list = await results();
    await waitFor(() => expect(within(list).getAllByRole("option")[0]).toHaveTextContent("wind_speed_mph"));
    expect(list).toHaveTextContent("has this column");
    expect(activeRoute()).toBe("/search?text=wind_speed");
    expect(called(world, "search").at(-1)).toMatchObject({ text: "wind_speed" });
  });

  test("a facet narrows and can be cleared", async () => {
    const { user } = openDesk("/search?text=depart");
    await results();
    await user.click(await screen.findByRole("button", { name: /Model versions 7/ }));
    await waitFor(() => expect(activeRoute()).toContain("kinds=model_version"));
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("7 results"));
    await user.click(within(screen.getByRole("group", { name: "Filters" })).getByRole("button", { name: "Clear" }));
    await waitFor(() => expect(activeRoute()).toBe("/search?text=depart"));
  });

  test("click selects, Space peeks, Enter opens", async () => {
    const { user, world } = openDesk("/search?text=fct_departures");
    const list = await results();
    await user.click(within(list).getAllByRole("option")[0] as HTMLElement);
    expect(screen.queryByRole("complementary", { name: "Inspector" })).toBeNull();
    list.focus();
    await user.keyboard(" ");
    const inspector = await screen.findByRole("complementary", { name: "Inspector" });
    expect(inspector).toHaveTextContent("fct_departures");
    await user.keyboard("{Enter}");
    await screen.findByRole("heading", { level: 1, name: "fct_departures" });
    expect(activeRoute()).toBe(`/entity/${idOf(world, "fct_departures")}`);
  });

  test("a middle click opens a tab beside the search", async () => {
    const { user } = openDesk("/search?text=fct_departures");
    const list = await results();
    await user.pointer({ keys: "[MouseMiddle]", target: within(list).getAllByRole("option")[0] as HTMLElement });
    await waitFor(() => expect(screen.getAllByRole("tab", { selected: false })[0]).toHaveTextContent("Search: fct"));
    expect(activeRoute()).toContain("/entity/");
  });

  test("nothing found says so and offers a way out", async () => {
    const { user } = openDesk("/search?text=fct_departures&kinds=agent");
    expect(await screen.findByText("Nothing found for “fct_departures”")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await results()).toHaveTextContent("fct_departures");
  });

  test("a search that fails says why and can be tried again", async () => {
    let broken = true;
    const world = makeWorld();
    world.answers.search = (args: never) => {
      if (broken) throw { trouble: "failed", message: "The search index is being rebuilt." };
      return { total: 0, took_ms: 1, hits: [], facets: [], args };
    };
    const { user } = openDesk("/search?text=x", world);
    expect(await screen.findByText("The search index is being rebuilt.")).toBeInTheDocument();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Nothing found for “x”")).toBeInTheDocument();
  });

  test("a view is saved under a name and opened again", async () => {
    const { user, world } = openDesk("/search?text=weather&kinds=dataset");
    await results();
    await user.click(screen.getByRole("button", { name: "Views" }));
    await user.type(await screen.findByRole("textbox", { name: "Name of this view" }), "Weather tables{Enter}");
    expect(await screen.findByRole("button", { name: "Weather tables" })).toBeInTheDocument();
    expect(world.views.at(-1)).toEqual({
      name: "Weather tables",
      link: "catena://search?text=weather&kinds=dataset",
    });
    await user.click(screen.getByRole("button", { name: "Models trained on weather" }));
    await waitFor(() => expect(activeRoute()).toBe("/search?text=weather&kinds=model"));
  });

  test("hostile names are text, with what hides in them made visible", async () => {
    openDesk("/search?text=invoice");
    const list = await results();
    expect(within(list).getAllByTitle(/U\+202E/)[0]).toHaveTextContent("RLO");
    expect(list).toHaveTextContent("<script>alert(1)</script>");
    expect(list.querySelector("script, b")).toBeNull();
  });
});
