import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CatalogInfo } from "../api/client";
import { pickCatalog, pickNewCatalog } from "../shared/files";
import { call, errorText, refresh, useRead } from "../shared/query";
import { select } from "../shared/selection";
import { toast } from "../shared/toasts";
import { openRoute, startAt } from "./tabs";

export const useCatalog = (): CatalogInfo | undefined => useRead("catalog_info", undefined).data;

/** Opening, making and switching catalogs, with the dialogs of the system. */
export function useCatalogActs() {
  const queries = useQueryClient();
  return useMemo(() => {
    const enter = async (what: string, run: () => Promise<CatalogInfo | null>, route?: string): Promise<void> => {
      try {
        const info = await run();
        if (!info) return;
        select(null);
        startAt(route);
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== "catalog_info" });
        await refresh(queries, ["*"]);
        if (info.read_only) toast({ text: `${info.name} is read-only: ${info.read_only}` });
        if (info.ended_uncleanly) {
          toast({
            text: `${info.name} was not closed cleanly last time. Nothing that was saved is lost.`,
            action: { label: "Check it", run: () => openRoute("/connections") },
          });
        }
      } catch (error) {
        toast({ text: `${what}: ${errorText(error)}`, look: "bad" });
      }
    };
    const picked = async <T>(path: Promise<string | null>, then: (path: string) => Promise<T>): Promise<T | null> => {
      const chosen = await path;
      return chosen === null ? null : then(chosen);
    };
    return {
      openPath: (path: string) => enter("The catalog could not be opened", () => call("catalog_open", { path })),
      open: () =>
        enter("The catalog could not be opened", () => picked(pickCatalog(), (path) => call("catalog_open", { path }))),
      /** Makes a catalog and goes to `route` in it. */
      create: (route?: string) =>
        enter(
          "The catalog could not be created",
          () => picked(pickNewCatalog(), (path) => call("catalog_create", { path })),
          route,
        ),
      sample: () => enter("The sample could not be opened", () => call("sample_open", undefined)),
    };
  }, [queries]);
}
