import { createStore, useStore } from "../shared/store";

/** The run under the pointer, in the table or in any chart: all of them show it. */
const hovered = createStore<string | null>(null);
export const hoverRun = (id: string | null): void => hovered.set(id);
export const hoveredRun = hovered.get;
export const onHover = hovered.subscribe;
export const useHovered = (): string | null => useStore(hovered);
export const useIsHovered = (id: string): boolean => useStore(hovered, (now) => now === id);
