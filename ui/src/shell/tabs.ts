import { createMemoryHistory } from "@tanstack/react-router";
import { dropPlace, onPlaces, type Place, placeOf, setPlace } from "../shared/place";
import { recall, remember } from "../shared/remember";
import { createStore, useStore } from "../shared/store";
import { type AppRouter, makeRouter } from "./routes";

/*
 * Each tab is a browser of its own: one router over one in-memory history, so that back and forward never leave it and
 * the screen behind keeps its state. What is saved between starts is only the links.
 */
export interface Tab {
  id: number;
  router: AppRouter;
}
interface Tabs {
  all: Tab[];
  active: number;
}

let nextId = 1;
/** The open catalog, or undefined while that isn't known. */
let catalog: string | null | undefined;
let firstRoute: string | undefined;
const home = "/search";

function makeTab(route: string): Tab {
  const tab = { id: nextId++, router: makeRouter(createMemoryHistory({ initialEntries: [route] })) };
  tab.router.history.subscribe(save);
  return tab;
}

interface Saved {
  /** The catalog that the routes are of. */
  catalog?: string | null;
  routes: string[];
  places?: (Place | null)[];
  active: number;
}

function restored(): Tabs {
  const saved = recall<Saved>("tabs", { routes: [home], active: 0 });
  catalog = saved.catalog;
  const routes = saved.routes.filter((route) => typeof route === "string" && route.startsWith("/")).slice(0, 20);
  const all = (routes.length > 0 ? routes : [home]).map(makeTab);
  // A tab behind the others has not said its name yet; until it does, it keeps the last one.
  all.forEach((tab, index) => {
    const place = saved.places?.[index];
    if (place) setPlace(tab.id, place);
  });
  return { all, active: (all[saved.active] ?? (all[0] as Tab)).id };
}

let tabs: ReturnType<typeof createStore<Tabs>> | null = null;

/** Tabs are made on first use, so that a test can set the saved links before. */
export function tabStore() {
  if (!tabs) {
    tabs = createStore(restored(), save);
    onPlaces(save);
  }
  return tabs;
}

function save(): void {
  if (!tabs) return;
  const { all, active } = tabs.get();
  remember("tabs", {
    catalog,
    routes: all.map((tab) => tab.router.history.location.href),
    places: all.map((tab) => placeOf(tab.id) ?? null),
    active: all.findIndex((tab) => tab.id === active),
  });
}

export const useTabs = (): Tabs => useStore(tabStore());
export const activeTab = (): Tab => {
  const { all, active } = tabStore().get();
  return all.find((tab) => tab.id === active) ?? (all[0] as Tab);
};
export const activeRoute = (): string => activeTab().router.history.location.href;

export function openRoute(route: string, { newTab = false }: { newTab?: boolean } = {}): void {
  if (newTab) {
    const tab = makeTab(route);
    tabStore().set(({ all, active }) => {
      const at = all.findIndex((one) => one.id === active) + 1;
      return { all: [...all.slice(0, at), tab, ...all.slice(at)], active: tab.id };
    });
  } else if (route !== activeRoute()) {
    activeTab().router.history.push(route);
  }
}

export const showTab = (id: number): void => tabStore().set((now) => ({ ...now, active: id }));

export function showNeighbour(step: number): void {
  const { all, active } = tabStore().get();
  const at = all.findIndex((tab) => tab.id === active);
  const next = all[(at + step + all.length) % all.length];
  if (next) showTab(next.id);
}

export function closeTab(id: number): void {
  const { all, active } = tabStore().get();
  const at = all.findIndex((tab) => tab.id === id);
  if (at < 0) return;
  const rest = all.filter((tab) => tab.id !== id);
  if (rest.length === 0) rest.push(makeTab(home));
  const next = active === id ? ((rest[at] ?? rest[at - 1] ?? rest[0]) as Tab).id : active;
  tabStore().set({ all: rest, active: next });
  dropPlace(id);
}

export function moveTab(id: number, before: number): void {
  tabStore().set((now) => {
    const moved = now.all.find((tab) => tab.id === id);
    if (!moved || id === before) return now;
    const right = now.all.findIndex((t) => t.id === id) < now.all.findIndex((t) => t.id === before);
    const rest = now.all.filter((tab) => tab.id !== id);
    rest.splice(rest.findIndex((tab) => tab.id === before) + (right ? 1 : 0), 0, moved);
    return { ...now, all: rest };
  });
}

export function moveActiveTab(step: number): void {
  const { all, active } = tabStore().get();
  const other = all[all.findIndex((tab) => tab.id === active) + step];
  if (other) moveTab(active, other.id);
}

export const back = (): void => activeTab().router.history.back();
export const forward = (): void => activeTab().router.history.forward();

/** After another catalog opens, the old links mean nothing: one fresh tab. */
export function freshTabs(route: string = home): void {
  const { all } = tabStore().get();
  const tab = makeTab(route);
  tabStore().set({ all: [tab], active: tab.id });
  for (const old of all) dropPlace(old.id);
}

/** Where the catalog that is about to open starts. */
export const startAt = (route: string | undefined): void => {
  firstRoute = route;
};

/** Says which catalog is open, however it came to be; tabs of another one are closed. */
export function belongTo(path: string | null): void {
  tabStore();
  if (catalog !== undefined && catalog !== path) freshTabs(firstRoute);
  else if (firstRoute) openRoute(firstRoute);
  firstRoute = undefined;
  if (catalog === path) return;
  catalog = path;
  save();
}
