/** Where the lineage of an entity is shown, or null while there is no such screen. */
export const lineageRoute = (_id: string): string | null => null;
