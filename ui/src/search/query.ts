import type { Kind, SearchArgs } from "../api/client";
import { list, type Query, word } from "../shared/links";

export const facetFields = ["kinds", "systems", "owners", "tags"] as const;
export type FacetField = (typeof facetFields)[number];
export const facetTitles: Record<FacetField, string> = {
  kinds: "Kind",
  systems: "System",
  owners: "Owner",
  tags: "Tag",
};
export const pageSize = 100;

export type Chosen = Record<FacetField, string[]>;
export const chosenIn = (query: Query): Chosen => ({
  kinds: list(query.kinds),
  systems: list(query.systems),
  owners: list(query.owners),
  tags: list(query.tags),
});

/** What a link asks of the search. */
export const argsOf = (query: Query, offset = 0): SearchArgs => ({
  text: word(query.text),
  ...chosenIn(query),
  kinds: list(query.kinds) as Kind[],
  limit: pageSize,
  offset,
});

export const toggled = (values: string[], value: string): string[] =>
  values.includes(value) ? values.filter((one) => one !== value) : [...values, value];

export const anyChosen = (chosen: Chosen): boolean => facetFields.some((field) => chosen[field].length > 0);
