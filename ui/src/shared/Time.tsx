import { exact, relative } from "./format";
import { createStore, useStore } from "./store";

const now = createStore(Date.now());
if (typeof window !== "undefined") window.setInterval(() => now.set(Date.now()), 30_000);

/** When something happened: how long ago, with the exact time on hover. */
export function Time({ at }: { at: string | number }) {
  const current = useStore(now);
  const ms = typeof at === "number" ? at : Date.parse(at);
  if (Number.isNaN(ms)) return <span className="quiet">unknown time</span>;
  return (
    <time className="time" dateTime={new Date(ms).toISOString()} title={exact(ms)}>
      {relative(ms, Math.max(current, ms))}
    </time>
  );
}
