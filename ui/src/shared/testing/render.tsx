import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Shell } from "../../shell/Shell";
import { belongTo, freshTabs } from "../../shell/tabs";
import { makeQueryClient } from "../query";
import { closeInspector, select } from "../selection";
import { mockDesktop } from "./desktop";
import { makeWorld, type World } from "./world";

export interface Desk {
  world: World;
  user: ReturnType<typeof userEvent.setup>;
}

/** The whole window at a place, over a world in memory. */
export function openDesk(route: string, world: World = makeWorld(), pick?: () => string | null): Desk {
  mockDesktop(world, pick);
  belongTo(world.info.path);
  freshTabs(route);
  select(null);
  closeInspector(true);
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <Shell />
    </QueryClientProvider>,
  );
  return { world, user: userEvent.setup() };
}

export const mainView = () => within(screen.getByRole("main"));
export const called = (world: World, name: string): unknown[] =>
  world.calls.filter((call) => call.name === name).map((call) => call.args);
export const idOf = (world: World, name: string): string => {
  const found = world.entities.find((one) => one.name === name);
  if (!found) throw new Error(`the world has no ${name}`);
  return found.id;
};
