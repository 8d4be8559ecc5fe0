import type { KeyboardEvent, MouseEvent } from "react";
import { entityRoute, openLink } from "./links";
import { recall, remember } from "./remember";
import { createStore, useStore } from "./store";

/** What is selected anywhere in the window; the inspector shows it. */
export interface Selected {
  id: string;
  kind: string;
  name: string;
}
interface Inspector {
  open: boolean;
  pinned: boolean;
}

const selected = createStore<Selected | null>(null);
const pinned = recall("inspector.pinned", false);
const inspector = createStore<Inspector>({ open: pinned, pinned }, (now) => remember("inspector.pinned", now.pinned));

export const useSelected = (): Selected | null => useStore(selected);
export const useInspector = (): Inspector => useStore(inspector);

export const select = (entity: Selected | null): void => selected.set(entity);
export const hasSelection = (): boolean => selected.get() !== null;

/** Space: shows the inspector for the selection, and hides it again unless it is pinned. */
export function peek(entity?: Selected): void {
  const before = selected.get();
  const { open, pinned } = inspector.get();
  if (entity) selected.set(entity);
  const again = open && (!entity || before?.id === entity.id);
  inspector.set({ open: pinned || !again, pinned });
}
export const toggleInspector = (): void => inspector.set(({ open }) => ({ open: !open, pinned: false }));
export const pinInspector = (pin: boolean): void => inspector.set({ open: true, pinned: pin });
/** True when there was an inspector to close. */
export function closeInspector(force = false): boolean {
  const { open, pinned } = inspector.get();
  if (!open || (pinned && !force)) return false;
  inspector.set({ open: false, pinned: false });
  return true;
}

export const openEntity = (id: string, newTab = false): void => openLink(entityRoute(id), { newTab });

/**
 * The three acts on an entity, the same everywhere: a click selects, Space peeks, Enter or a double click opens, and a
 * middle click or Ctrl/Cmd click opens a tab.
 */
export function acts(entity: Selected) {
  return {
    onClick: (event: MouseEvent) => {
      select(entity);
      if (event.ctrlKey || event.metaKey) openEntity(entity.id, true);
    },
    onDoubleClick: () => openEntity(entity.id),
    onMouseDown: (event: MouseEvent) => {
      // Without this a middle click scrolls instead.
      if (event.button === 1) event.preventDefault();
    },
    onAuxClick: (event: MouseEvent) => {
      if (event.button !== 1) return;
      event.preventDefault();
      openEntity(entity.id, true);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === " ") {
        event.preventDefault();
        peek(entity);
      } else if (event.key === "Enter") {
        event.preventDefault();
        openEntity(entity.id, event.ctrlKey || event.metaKey);
      }
    },
  };
}
