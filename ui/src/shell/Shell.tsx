import { RouterProvider } from "@tanstack/react-router";
import { Activity, useEffect } from "react";
import { escapeOnce, isTyping, keysOf } from "../shared/keys";
import { openLink } from "../shared/links";
import { modalOpen } from "../shared/modal";
import { ErrorPanel } from "../shared/Panel";
import { TabContext, usePlaces } from "../shared/place";
import { useRead } from "../shared/query";
import { closeInspector, hasSelection, peek, select } from "../shared/selection";
import { useStore } from "../shared/store";
import { Toasts } from "../shared/toasts";
import { CollisionDialog } from "./CollisionDialog";
import { useCatalogActs } from "./catalog";
import { type Command, once, useCommands } from "./commands";
import { setWindowTitle, showWindow, useDesktop } from "./desktop";
import { Inspector } from "./Inspector";
import { JobsTray } from "./JobsTray";
import { overlay } from "./overlays";
import { Palette } from "./Palette";
import { Rail, useActivePath } from "./Rail";
import { Shortcuts } from "./Shortcuts";
import { StatusLine } from "./StatusLine";
import { TabStrip } from "./TabStrip";
import { TopBar } from "./TopBar";
import { back, belongTo, useTabs } from "./tabs";
import { Welcome } from "./Welcome";
import "./shell.css";

export function Shell() {
  const commands = useCommands();
  const over = useStore(overlay);
  useKeys(commands);
  useDesktop(commands);
  return (
    <div className="shell">
      <TopBar />
      <Rail />
      <main className="main">
        <TabStrip />
        <Screens />
      </main>
      <Inspector />
      <StatusLine />
      <JobsTray />
      {over?.kind === "palette" && <Palette text={over.text} commands={commands} />}
      {over?.kind === "shortcuts" && <Shortcuts commands={commands} />}
      <CollisionDialog />
      <Toasts />
    </div>
  );
}

function Screens() {
  const { all, active } = useTabs();
  const path = useActivePath();
  const { data: info, error, refetch } = useRead("catalog_info", undefined);
  const place = usePlaces().get(active);
  const acts = useCatalogActs();
  useEffect(() => {
    setWindowTitle([place?.title, info?.path ? info.name : null, "Catena"].filter(Boolean).join(" - "));
  }, [place?.title, info]);
  useEffect(() => {
    if (info) belongTo(info.path);
  }, [info]);
  useEffect(() => {
    if (info || error) showWindow();
  }, [info, error]);
  if (error) return <ErrorPanel what="The catalog could not be read" error={error} onRetry={() => void refetch()} />;
  if (!info) return null;
  if (info.path === null) return <Welcome info={info} onImport={() => void acts.create("/connections")} />;
  if (info.entity_count === 0 && path === "/search") {
    return <Welcome info={info} onImport={() => openLink("/connections")} />;
  }
  return all.map((tab) => (
    <Activity key={tab.id} mode={tab.id === active ? "visible" : "hidden"}>
      <div className="screen" role="tabpanel">
        <TabContext value={tab.id}>
          <RouterProvider router={tab.router} />
        </TabContext>
      </div>
    </Activity>
  ));
}

/** Esc: what a screen wants to take back first, then the inspector, the selection, and at last the place. */
function goBackOneStep(): void {
  if (escapeOnce() || closeInspector()) return;
  if (hasSelection()) select(null);
  else back();
}

function useKeys(commands: Command[]): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || overlay.get() || modalOpen()) return;
      const keys = keysOf(event);
      const typing = isTyping(event.target);
      if (keys === "escape") {
        if (typing) (event.target as HTMLElement).blur();
        else goBackOneStep();
        event.preventDefault();
        return;
      }
      // While typing, the field's own undo, letters and arrows win; only shortcuts that no field knows go through.
      if (typing && (!keys.startsWith("mod+") || /^mod\+(shift\+)?(z|c|v|x|a|left|right)$/.test(keys))) return;
      if (keys === "space" && !(event.target instanceof HTMLButtonElement)) {
        peek();
        event.preventDefault();
        return;
      }
      const command = commands.find((one) => one.keys === keys);
      if (!command) return;
      event.preventDefault();
      once(command);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [commands]);
}
