import { writeQuery } from "./links";

/** Where the lineage of an entity is shown, or null while there is no such screen. */
export const lineageRoute = (id: string): string | null => `/lineage${writeQuery({ focus: id })}`;
