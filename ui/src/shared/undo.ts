import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { OnLater, OperationView } from "../api/client";
import { act, errorText, troubleOf, useRead } from "./query";
import { createStore } from "./store";
import { dropOffers, toast } from "./toasts";

const isUndo = (operation: OperationView): boolean => operation.undoes !== null && operation.title.startsWith("Undo: ");

/** The operation that took it back; of an import, all of it. */
export const undoneBy = (operation: OperationView): string | null =>
  operation.import ? operation.import.undone_by : operation.undone_by;

/**
 * The newest edit made in the window, or import that it ran, that can still be undone: not undone yet, and not itself
 * an undo. What others brought, as the imports of a sample, isn't one's own to take back with a key; it is in Changes.
 */
const lastUndoable = (operations: readonly OperationView[], imports: ReadonlySet<string>): OperationView | null =>
  operations.find(
    (operation) =>
      (operation.origin === "window" || (operation.import !== undefined && imports.has(operation.import.id))) &&
      !undoneBy(operation) &&
      !isUndo(operation),
  ) ?? null;

/** The latest of the log, whole imports as one. */
export const recent = { id: null, limit: 100, before: null, folded: true };
export function useLastOperation(): OperationView | null {
  const { data } = useRead("history", recent);
  // Jobs are those of this session.
  const { data: jobs } = useRead("jobs", undefined);
  if (!data) return null;
  return lastUndoable(data, new Set(jobs?.flatMap(({ report }) => report?.import ?? [])));
}

/**
 * An undo that waits for a person, because something it would change was changed again later, or because it takes a
 * whole import back.
 */
export interface Undoing {
  id: string;
  title: string;
  /** The import that is taken back as one. */
  import?: { id: string };
}
export const collision = createStore<Undoing | null>(null);

/** The undo that Redo takes back. */
let lastUndo: string | null = null;

/** Undo and redo, said in a toast that takes them back again. */
export function useUndo() {
  const queries = useQueryClient();
  return useMemo(() => {
    const redo = async (): Promise<void> => {
      try {
        const { operation, title } = await act(queries, "redo", undefined);
        if (operation && lastUndo) dropOffers(lastUndo);
        toast({ text: operation ? `Done again: ${title.replace(/^(Redo|Undo): /, "")}` : "Nothing to redo" });
      } catch (error) {
        toast({ text: `Redo failed: ${errorText(error)}`, look: "bad" });
      }
    };
    const undo = async (operation: Undoing, later?: OnLater): Promise<void> => {
      if (operation.import && !later) {
        collision.set({ id: operation.import.id, title: operation.title, import: operation.import });
        return;
      }
      try {
        const done = await act(queries, "undo", { operation: operation.id, ...(later ? { later } : {}) });
        dropOffers(operation.id);
        lastUndo = done.operation;
        toast({
          text: `Undone: ${operation.title}`,
          action: { label: "Redo", run: () => void redo() },
          ...(done.operation ? { offers: done.operation } : {}),
        });
      } catch (error) {
        if (troubleOf(error) === "refused" && !later) collision.set({ id: operation.id, title: operation.title });
        else toast({ text: `Undo failed: ${errorText(error)}`, look: "bad" });
      }
    };
    return { undo, redo };
  }, [queries]);
}
