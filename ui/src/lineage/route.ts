import { writeQuery } from "../shared/links";
import { defaults, type LineageState, writeLink } from "./link";

/** The route of a lineage view. */
export const lineageLink = (state: LineageState): string => `/lineage${writeQuery(writeLink(state))}`;

/** The lineage of one entity, as it opens first. */
export const lineageOf = (id: string): string => lineageLink({ ...defaults, focus: [id] });
