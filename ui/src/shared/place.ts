import { createContext, useContext, useEffect } from "react";
import { createStore, useStore } from "./store";

export interface Crumb {
  label: string;
  route?: string;
}
/** Where a tab is, in words: what its strip and the breadcrumb show. */
export interface Place {
  title: string;
  /** The kind whose icon stands for the place, or the screen's own icon name. */
  kind?: string;
  crumbs: Crumb[];
}

const places = createStore<ReadonlyMap<number, Place>>(new Map());
export const onPlaces = places.subscribe;
export const TabContext = createContext(0);
export const usePlaces = (): ReadonlyMap<number, Place> => useStore(places);
export const placeOf = (tab: number): Place | undefined => places.get().get(tab);
export const setPlace = (tab: number, place: Place): void => places.set((now) => new Map(now).set(tab, place));
export const dropPlace = (tab: number): void =>
  places.set((now) => new Map([...now].filter(([known]) => known !== tab)));

/** A screen says where it is. */
export function usePlace(title: string, crumbs: Crumb[] = [], kind?: string): void {
  const tab = useContext(TabContext);
  const key = JSON.stringify([title, crumbs, kind]);
  useEffect(() => {
    const [title, crumbs, kind] = JSON.parse(key) as [string, Crumb[], string | null];
    setPlace(tab, { title, crumbs, ...(kind ? { kind } : {}) });
  }, [tab, key]);
}
