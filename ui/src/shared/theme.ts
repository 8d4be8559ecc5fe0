import { recall, remember } from "./remember";
import { createStore, useStore } from "./store";

export type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const dark = window.matchMedia?.("(prefers-color-scheme: dark)");
const choice = createStore<ThemeChoice>(recall<ThemeChoice>("theme", "system"), (value) => {
  remember("theme", value);
  apply();
});
const theme = createStore<Theme>(resolve());

function resolve(): Theme {
  const chosen = choice.get();
  return chosen === "system" ? (dark?.matches ? "dark" : "light") : chosen;
}

function apply(): void {
  const next = resolve();
  document.documentElement.dataset.theme = next;
  theme.set(next);
}

/** Writes the theme on <html> before the first paint and follows the system from then on. */
export function startTheme(): void {
  apply();
  dark?.addEventListener?.("change", apply);
}

export const setTheme = choice.set;
export const useThemeChoice = (): ThemeChoice => useStore(choice);
/** The theme in force; a canvas redraws when it changes. */
export const useTheme = (): Theme => useStore(theme);
/** The resolved value of a token in `tokens.css`, for drawing on a canvas: `token("--family-data")`. */
export const token = (name: `--${string}`): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
