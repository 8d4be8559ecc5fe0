import type { EntityView, FieldValue, Json, RelationView } from "../api/client";

/** Fields with a place of their own on the page; all others are listed. */
export const ownPlace = ["name", "description", "owners", "tags"];

export const fieldOf = (view: EntityView, key: string): FieldValue | undefined =>
  view.fields.find((field) => field.key === key);

export const wordsOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" && value ? [value] : [];

/*
 * A relation is stored as a sentence: "the job reads the dataset". Data flows along some sentences and against others.
 */
const against = new Set([
  "reads",
  "derives_from",
  "trained_on",
  "evaluated_on",
  "uses_prompt",
  "retrieved",
  "cites",
  "uses",
  "depends_on",
]);
const along = new Set(["writes", "produces", "produced", "feeds", "generates", "trains"]);

/** Whether the other end lies upstream or downstream of this entity, or neither. */
export function sideOf(relation: RelationView): "upstream" | "downstream" | null {
  const kind = relation.kind.toLowerCase().replace(/[\s-]+/g, "_");
  if (!against.has(kind) && !along.has(kind)) return null;
  const flowsOut = along.has(kind) === (relation.direction === "out");
  return flowsOut ? "downstream" : "upstream";
}

export const relationWords = (kind: string): string => kind.replace(/_/g, " ");
