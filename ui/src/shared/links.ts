/*
 * A place in the app is a route such as `/entity/ID` or `/search?text=orders`. Copied to other people it is a deep link,
 * `catena://entity/ID`, that opens in their Catena with the same catalog.
 */
const scheme = "catena://";

export const deepLink = (route: string): string => scheme + route.replace(/^\//, "");

/** The route of a deep link, or null when the text isn't one. */
export function routeOf(link: string): string | null {
  const text = link.trim();
  if (!text.toLowerCase().startsWith(scheme)) return null;
  const route = `/${text.slice(scheme.length).replace(/^\/+/, "")}`;
  return /^\/[a-z]+/.test(route) ? route : null;
}

export type Query = Record<string, string | string[]>;

/** The part of a link after `?`: plain words, a name repeated for a list, nothing for what is empty. */
export function writeQuery(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

export function readQuery(text: string): Query {
  const values: Query = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values[name];
    values[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  return values;
}

export const list = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
export const word = (value: unknown): string => (Array.isArray(value) ? String(value[0] ?? "") : String(value ?? ""));

export const entityRoute = (id: string, tab?: string): string =>
  `/entity/${encodeURIComponent(id)}${writeQuery({ tab })}`;

export interface OpenOptions {
  newTab?: boolean;
}
type Opener = (route: string, options: OpenOptions) => void;
let opener: Opener = () => {};

/** The shell says how links open; everything else only asks. */
export const setOpener = (next: Opener): void => {
  opener = next;
};
export const openLink = (route: string, options: OpenOptions = {}): void => opener(route, options);
