import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { OnLater, OperationView } from "../api/client";
import { act, errorText, troubleOf, useRead } from "./query";
import { createStore } from "./store";
import { dropOffers, toast } from "./toasts";

const isUndo = (operation: OperationView): boolean => operation.undoes !== null && operation.title.startsWith("Undo: ");

/**
 * The newest edit made in the window that can still be undone: not undone yet, and not itself an undo. An import is
 * never undone by a key pressed once too often; Changes undoes it.
 */
export const lastUndoable = (operations: readonly OperationView[]): OperationView | null =>
  operations.find((operation) => operation.origin === "window" && !operation.undone_by && !isUndo(operation)) ?? null;

const recent = { id: null, limit: 30, before: null };
export function useLastOperation(): OperationView | null {
  const { data } = useRead("history", recent);
  return data ? lastUndoable(data) : null;
}

/** An undo that waits for a person, because something it would change was changed again later. */
export interface Undoing {
  id: string;
  title: string;
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
