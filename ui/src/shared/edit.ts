import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { EntityView, Json } from "../api/client";
import { act, errorText, keyOf } from "./query";
import { toast } from "./toasts";
import { useUndo } from "./undo";

export interface Edit {
  field: string;
  value: Json;
}

/** The entity as it will be after the edit, so that the screen needn't wait. */
export function withEdits(view: EntityView, changes: Edit[], at: string): EntityView {
  const fields = [...view.fields];
  let name = view.name;
  for (const { field, value } of changes) {
    if (field === "name") name = String(value);
    const index = fields.findIndex((one) => one.key === field);
    const before = fields[index];
    const after = { key: field, value, known: "declared" as const, source: "you", at, edited: true, others: [] };
    if (before) fields[index] = { ...before, value, edited: true, at };
    else if (field !== "name") fields.push(after);
  }
  return { ...view, name, fields };
}

/** Edits an entity at once on screen, then in the catalog; a refusal puts the old value back and says why. */
export function useEdit(entity: string): (title: string, changes: Edit[]) => Promise<void> {
  const queries = useQueryClient();
  const { undo } = useUndo();
  return useCallback(
    async (title, changes) => {
      const key = keyOf("entity", { id: entity });
      await queries.cancelQueries({ queryKey: key });
      const before = queries.getQueryData<EntityView>(key);
      if (before) queries.setQueryData(key, withEdits(before, changes, new Date().toISOString()));
      try {
        const { operation } = await act(queries, "edit", { entity, changes });
        if (operation)
          toast({
            text: title,
            action: { label: "Undo", run: () => void undo({ id: operation, title }) },
            offers: operation,
          });
      } catch (error) {
        if (before) queries.setQueryData(key, before);
        toast({ text: `Not saved: ${errorText(error)}`, look: "bad" });
      }
    },
    [entity, queries, undo],
  );
}
