import { useQueryClient } from "@tanstack/react-query";
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWindow } from "@tauri-apps/api/window";
import { useEffect, useRef } from "react";
import { routeOf, setOpener } from "../shared/links";
import { modalOpen } from "../shared/modal";
import { act, errorText, followEvents } from "../shared/query";
import { toast } from "../shared/toasts";
import { type Command, once } from "./commands";
import { openRoute } from "./tabs";

/** What the desktop was asked to open, and what came of it. Catalog files it opens by itself. */
type Opened = { type: "link"; link: string } | { type: "failed"; message: string };

function receive(opened: Opened | null): void {
  if (opened?.type === "failed") toast({ text: opened.message, look: "bad" });
  const route = opened?.type === "link" ? routeOf(opened.link) : null;
  if (route) openRoute(route);
}

/** Follows the desktop: what changed, jobs, links and files to open, and what was chosen in the menu. */
export function useDesktop(commands: Command[]): void {
  const queries = useQueryClient();
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    setOpener(openRoute);
    const stops = [
      followEvents(queries),
      listen<Opened>("catena://open", ({ payload }) => {
        // It also waits to be asked for; asking takes it, so that it isn't opened again.
        void invoke("opened_with").catch(() => {});
        receive(payload);
      }),
      // Dropped on the window, wherever: what each is, is told by its content.
      listen<{ paths: string[] }>("tauri://drag-drop", ({ payload }) => {
        for (const from of payload.paths) {
          act(queries, "import_start", { kind: "files", from }).then(
            ({ job }) => openRoute(`/connections?job=${encodeURIComponent(job)}`),
            (problem) => toast({ text: `The import did not start: ${errorText(problem)}`, look: "bad" }),
          );
        }
      }),
      listen<string>("catena://menu", ({ payload }) => {
        const command = latest.current.find((one) => one.menu === payload);
        // The desktop's menu has its keys too, and sees them before the page does.
        if (command && !modalOpen()) once(command);
      }),
    ];
    void invoke<Opened | null>("opened_with").then(receive, () => {});
    return () => {
      for (const stop of stops) void stop.then((off) => off());
    };
  }, [queries]);
}

/** The window comes up hidden and is shown once there is something to see. */
export const showWindow = (): void => void invoke("window_ready").catch(() => {});

export function setWindowTitle(title: string): void {
  document.title = title;
  void getCurrentWindow()
    .setTitle(title)
    .catch(() => {});
}
