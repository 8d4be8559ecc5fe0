import {
  Copy,
  FilePlus2,
  FlaskConical,
  FolderOpen,
  Keyboard,
  type LucideIcon,
  PanelRight,
  Plus,
  Redo2,
  Search,
  SunMoon,
  Undo2,
  X,
} from "lucide-react";
import { useMemo } from "react";
import { copyText } from "../shared/clipboard";
import { deepLink, openLink } from "../shared/links";
import { toggleInspector } from "../shared/selection";
import { setTheme } from "../shared/theme";
import { toast } from "../shared/toasts";
import { useLastOperation, useUndo } from "../shared/undo";
import { useCatalogActs } from "./catalog";
import { openPalette, openShortcuts } from "./overlays";
import { screens } from "./screens";
import { activeRoute, activeTab, back, closeTab, forward, moveActiveTab, openRoute, showNeighbour } from "./tabs";

export interface Command {
  id: string;
  label: string;
  group: "Go to" | "View" | "Edit" | "Catalog";
  icon?: LucideIcon;
  keys?: string;
  /** Left out of the palette: there it would make no sense. */
  quiet?: boolean;
  run(): void;
}

/** Everything that can be done from anywhere: the palette, the shortcuts and their list all come from here. */
export function useCommands(): Command[] {
  const catalog = useCatalogActs();
  const { undo, redo } = useUndo();
  const last = useLastOperation();
  return useMemo<Command[]>(
    () => [
      {
        id: "palette",
        label: "Search or run a command",
        group: "Go to",
        keys: "mod+k",
        quiet: true,
        run: () => openPalette(),
      },
      ...screens.map(
        (screen): Command => ({
          id: screen.route,
          label: screen.label,
          group: "Go to",
          icon: screen.icon,
          keys: screen.keys,
          run: () => openLink(screen.route),
        }),
      ),
      {
        id: "slash",
        label: "Search anything",
        group: "Go to",
        icon: Search,
        keys: "/",
        quiet: true,
        run: () => openPalette(),
      },
      { id: "back", label: "Back", group: "View", keys: "alt+left", quiet: true, run: back },
      { id: "forward", label: "Forward", group: "View", keys: "alt+right", quiet: true, run: forward },
      {
        id: "tab",
        label: "New tab",
        group: "View",
        icon: Plus,
        keys: "mod+t",
        run: () => openRoute("/search", { newTab: true }),
      },
      { id: "close", label: "Close tab", group: "View", icon: X, keys: "mod+w", run: () => closeTab(activeTab().id) },
      { id: "next", label: "Next tab", group: "View", keys: "mod+pagedown", quiet: true, run: () => showNeighbour(1) },
      {
        id: "previous",
        label: "Previous tab",
        group: "View",
        keys: "mod+pageup",
        quiet: true,
        run: () => showNeighbour(-1),
      },
      {
        id: "move-right",
        label: "Move tab right",
        group: "View",
        keys: "mod+shift+pagedown",
        quiet: true,
        run: () => moveActiveTab(1),
      },
      {
        id: "move-left",
        label: "Move tab left",
        group: "View",
        keys: "mod+shift+pageup",
        quiet: true,
        run: () => moveActiveTab(-1),
      },
      {
        id: "inspector",
        label: "Show or hide the inspector",
        group: "View",
        icon: PanelRight,
        keys: "mod+i",
        run: toggleInspector,
      },
      {
        id: "theme",
        label: "Switch between light and dark",
        group: "View",
        icon: SunMoon,
        keys: "mod+shift+l",
        run: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
      },
      { id: "shortcuts", label: "Shortcuts", group: "View", icon: Keyboard, keys: "?", run: openShortcuts },
      {
        id: "link",
        label: "Copy link to this view",
        group: "Edit",
        icon: Copy,
        keys: "mod+shift+c",
        run: () => void copyText(deepLink(activeRoute()), "Link copied"),
      },
      {
        id: "undo",
        label: last ? `Undo: ${last.title}` : "Undo",
        group: "Edit",
        icon: Undo2,
        keys: "mod+z",
        run: () => (last ? void undo(last) : toast({ text: "Nothing to undo" })),
      },
      { id: "redo", label: "Redo", group: "Edit", icon: Redo2, keys: "mod+shift+z", run: () => void redo() },
      {
        id: "open",
        label: "Open catalog",
        group: "Catalog",
        icon: FolderOpen,
        keys: "mod+o",
        run: () => void catalog.open(),
      },
      { id: "new", label: "New catalog", group: "Catalog", icon: FilePlus2, run: () => void catalog.create() },
      {
        id: "sample",
        label: "Open the sample",
        group: "Catalog",
        icon: FlaskConical,
        run: () => void catalog.sample(),
      },
    ],
    [catalog, undo, redo, last],
  );
}
