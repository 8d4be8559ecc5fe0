import "./shared/tokens.css";
import "./shared/base.css";
import "./shared/controls.css";
import "./shared/parts.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./shared/query";
import { startTheme } from "./shared/theme";
import { Shell } from "./shell/Shell";

async function start(): Promise<void> {
  startTheme();
  // In a plain browser there is no Rust behind the page; development builds then bring a small world of their own.
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    const { mockDesktop, worldNamed } = await import("./shared/testing/desktop");
    mockDesktop(worldNamed(sessionStorage.getItem("catena.world")));
  }
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={makeQueryClient()}>
        <Shell />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
