import {
  Archive,
  ArchiveRestore,
  Cable,
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
  ShieldCheck,
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
  /** The item of the desktop's menu that stands for it. */
  menu?: string;
  run(): void;
}

let last: { id: string; at: number } | null = null;

/** Runs a command once, though both the menu and the page may have seen the same keys. */
export function once(command: Command): void {
  const now = performance.now();
  if (last?.id === command.id && now - last.at < 60) return;
  last = { id: command.id, at: now };
  command.run();
}

/** Everything that can be done from anywhere: the palette, the shortcuts and their list all come from here. */
export function useCommands(): Command[] {
  const catalog = useCatalogActs();
  const { undo, redo } = useUndo();
  const latest = useLastOperation();
  return useMemo<Command[]>(
    () => [
      {
        id: "palette",
        menu: "palette",
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
          menu: `go-${screen.route.slice(1)}`,
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
      { id: "back", menu: "back", label: "Back", group: "View", keys: "alt+left", quiet: true, run: back },
      { id: "forward", menu: "forward", label: "Forward", group: "View", keys: "alt+right", quiet: true, run: forward },
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
        keys: "mod+.",
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
      {
        id: "shortcuts",
        menu: "shortcuts",
        label: "Shortcuts",
        group: "View",
        icon: Keyboard,
        keys: "?",
        run: openShortcuts,
      },
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
        menu: "undo",
        label: latest ? `Undo: ${latest.title}` : "Undo",
        group: "Edit",
        icon: Undo2,
        keys: "mod+z",
        run: () =>
          latest
            ? void undo(latest)
            : toast({
                text: "Nothing of your own to undo",
                action: { label: "Show changes", run: () => openLink("/changes") },
              }),
      },
      {
        id: "redo",
        menu: "redo",
        label: "Redo",
        group: "Edit",
        icon: Redo2,
        keys: "mod+shift+z",
        run: () => void redo(),
      },
      {
        id: "open",
        menu: "open",
        label: "Open catalog",
        group: "Catalog",
        icon: FolderOpen,
        keys: "mod+o",
        run: () => void catalog.open(),
      },
      {
        id: "new",
        menu: "new",
        label: "New catalog",
        group: "Catalog",
        keys: "mod+n",
        icon: FilePlus2,
        run: () => void catalog.create(),
      },
      {
        id: "sample",
        menu: "sample",
        label: "Open the sample",
        group: "Catalog",
        icon: FlaskConical,
        run: () => void catalog.sample(),
      },
      {
        id: "import",
        menu: "import",
        label: "Import",
        group: "Catalog",
        icon: Cable,
        keys: "mod+i",
        run: () => openLink("/connections"),
      },
      {
        id: "backup",
        menu: "backup",
        label: "Back up the catalog",
        group: "Catalog",
        icon: Archive,
        keys: "mod+shift+s",
        run: () => openLink("/connections?do=backup"),
      },
      {
        id: "restore",
        menu: "restore",
        label: "Restore a backup",
        group: "Catalog",
        icon: ArchiveRestore,
        run: () => openLink("/connections?do=restore"),
      },
      {
        id: "check",
        menu: "check",
        label: "Check the catalog",
        group: "Catalog",
        icon: ShieldCheck,
        run: () => openLink("/connections?do=check"),
      },
      ...(["light", "dark", "system"] as const).map(
        (theme): Command => ({
          id: `theme-${theme}`,
          menu: `theme-${theme}`,
          label: `Theme: ${theme}`,
          group: "View",
          icon: SunMoon,
          run: () => setTheme(theme),
        }),
      ),
    ],
    [catalog, undo, redo, latest],
  );
}
