import type { EntityView, FieldValue, Json } from "../api/client";

/** Fields with a place of their own on the page; all others are listed. */
export const ownPlace = ["name", "description", "owners", "tags"];

export const fieldOf = (view: EntityView, key: string): FieldValue | undefined =>
  view.fields.find((field) => field.key === key);

/** The fields to list, with each of a group of properties on a line of its own. */
export const listed = (fields: FieldValue[]): FieldValue[] =>
  fields
    .filter((field) => !ownPlace.includes(field.key))
    .flatMap((field) =>
      field.value !== null && typeof field.value === "object" && !Array.isArray(field.value)
        ? Object.entries(field.value).map(([key, value]) => ({ ...field, key, value: value ?? null }))
        : [field],
    );

export const wordsOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" && value ? [value] : [];
