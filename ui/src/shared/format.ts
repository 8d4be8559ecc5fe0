const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const units = ["B", "kB", "MB", "GB", "TB"];

const precise = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

/** Any number as a person reads it; six decimals are enough on screen. */
export const number = (value: number): string => precise.format(value);
export const count = (value: number): string => whole.format(value);

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function duration(ms: number): string {
  if (ms < 1) return "under 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const steps: [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [604_800, 86_400, "day"],
  [2_629_800, 604_800, "week"],
  [31_557_600, 2_629_800, "month"],
];
const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

export function relative(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const past = Math.abs(seconds);
  if (past < 10) return "just now";
  for (const [limit, size, unit] of steps) {
    if (past < limit) return relativeFormat.format(Math.round(seconds / size), unit);
  }
  return relativeFormat.format(Math.round(seconds / 31_557_600), "year");
}

const exactFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});
export const exact = (at: number): string => exactFormat.format(at);

/** The last part of a path, as a person would call the file. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).pop() ?? path;
