import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Operation } from "../api/client";
import { act, errorText, useRead } from "./query";
import { toast } from "./toasts";

/** The newest operation that can still be undone: not undone yet, and not itself an undo. */
export function lastUndoable(operations: readonly Operation[]): Operation | null {
  const undos = new Set(operations.map((operation) => operation.undone_by).filter(Boolean));
  return operations.find((operation) => !operation.undone_by && !undos.has(operation.id)) ?? null;
}

const recent = { id: null, limit: 30, before: null };
export function useLastOperation(): Operation | null {
  const { data } = useRead("history", recent);
  return data ? lastUndoable(data) : null;
}

/** Undo and redo, said in a toast that takes them back again. */
export function useUndo() {
  const queries = useQueryClient();
  return useMemo(() => {
    const redo = async (): Promise<void> => {
      try {
        const done = await act(queries, "redo", undefined);
        toast({ text: done ? "Done again" : "Nothing to redo" });
      } catch (error) {
        toast({ text: `Redo failed: ${errorText(error)}`, look: "bad" });
      }
    };
    const undo = async (operation: { id: string; title: string }): Promise<void> => {
      try {
        await act(queries, "undo", { operation: operation.id });
        toast({ text: `Undone: ${operation.title}`, action: { label: "Redo", run: () => void redo() } });
      } catch (error) {
        toast({ text: `Undo failed: ${errorText(error)}`, look: "bad" });
      }
    };
    return { undo, redo };
  }, [queries]);
}
