import { createStore } from "../shared/store";

/** What lies over the window; one at a time. */
export type Overlay = { kind: "palette"; text: string } | { kind: "shortcuts" } | null;

export const overlay = createStore<Overlay>(null);
export const openPalette = (text = ""): void => overlay.set({ kind: "palette", text });
export const openShortcuts = (): void => overlay.set({ kind: "shortcuts" });
export const closeOverlay = (): void => overlay.set(null);
export const tray = createStore(false);
