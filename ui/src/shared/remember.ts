/** Reads and writes small preferences of this window. Anything unreadable counts as never saved. */
export function recall<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`catena.${key}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`catena.${key}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage only costs the preference.
  }
}
