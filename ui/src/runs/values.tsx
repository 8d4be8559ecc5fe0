// How the values of runs are written.

import type { Json } from "../api/client";
import { duration, exact, number } from "../shared/format";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";

const titles: Record<string, string> = {
  name: "Name",
  kind: "Kind",
  system: "System",
  experiment: "Experiment",
  job: "Job",
  status: "Status",
  start_time: "Started",
  end_time: "Ended",
  duration_ms: "Took",
  user: "By",
  spans: "Steps",
  errors: "Errors",
  input_tokens: "Tokens in",
  output_tokens: "Tokens out",
  cost: "Cost",
};
export type Section = "attributes" | "metrics" | "params" | "tags";
export function sectionOf(key: string): Section {
  const prefix = key.slice(0, key.indexOf("."));
  return prefix === "metrics" || prefix === "params" || prefix === "tags" ? prefix : "attributes";
}
/** A column without the part that its section says. */
export const titleOf = (key: string): string =>
  sectionOf(key) === "attributes" ? (titles[key] ?? key) : key.slice(key.indexOf(".") + 1);

const isTime = (key: string): boolean => key === "start_time" || key === "end_time";

/** Numbers that are told as text: parameters are. */
export function numeric(value: Json | undefined): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || value.trim() === "") return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** As long as it needs to be: very small and very large ones with an exponent. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(3).replace(/\.?0+e/, "e");
  return size >= 1000 ? number(Number(value.toFixed(1))) : number(Number(value.toPrecision(5)));
}

export function textOf(key: string, value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "number") {
    if (isTime(key)) return exact(value);
    if (key === "duration_ms") return duration(value);
    return figure(value);
  }
  return String(value);
}

const states: Record<string, string> = {
  FINISHED: "good",
  OK: "good",
  RUNNING: "running",
  SCHEDULED: "running",
  FAILED: "bad",
  ERROR: "bad",
  KILLED: "warn",
};

export function Value({ of, value }: { of: string; value: Json | undefined }) {
  if (value === null || value === undefined) return null;
  if (isTime(of) && typeof value === "number") return <Time at={value} />;
  const text = textOf(of, value);
  if (of === "status") {
    return (
      <>
        <span className="dot" data-state={states[text]} />
        <span className="runs-status">{text.charAt(0) + text.slice(1).toLowerCase()}</span>
      </>
    );
  }
  return (
    <span className="ellipsis" title={typeof value === "number" ? String(value) : text}>
      <SafeText>{text.length > 200 ? `${text.slice(0, 200)}…` : text}</SafeText>
    </span>
  );
}

/** A change with its sign. */
export function deltaText(key: string, delta: number): string {
  if (delta === 0) return "±0";
  const size = Math.abs(delta);
  const text = key === "duration_ms" || isTime(key) ? duration(size) : figure(size);
  return `${delta > 0 ? "+" : "−"}${text}`;
}
