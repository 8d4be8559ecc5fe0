import type { TraceView } from "../api/client";

/** The steps that are in sight: all but those below a closed one. */
export function visible(trace: TraceView, closed: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  for (let at = 0; at < trace.ids.length; at += 1) {
    shown.push(at);
    if (closed.has(at)) at += trace.below[at] ?? 0;
  }
  return shown;
}

/** The step that caused this one, or -1. */
export function cause(trace: TraceView, at: number): number {
  const depth = trace.depth[at] ?? 0;
  for (let other = at - 1; other >= 0 && depth > 0; other -= 1) {
    if ((trace.depth[other] ?? 0) < depth) return other;
  }
  return -1;
}

/** What has to be open so that the step is in sight. */
export function opened(trace: TraceView, closed: ReadonlySet<number>, at: number): ReadonlySet<number> {
  const next = new Set(closed);
  for (let above = cause(trace, at); above >= 0; above = cause(trace, above)) next.delete(above);
  return next.size === closed.size ? closed : next;
}

/** Of a long trace only the first levels are open at first. */
export function closedAtFirst(trace: TraceView, most = 2_000): ReadonlySet<number> {
  if (trace.ids.length <= most) return new Set();
  const closed = new Set<number>();
  trace.below.forEach((below, at) => {
    if (below > 0 && (trace.depth[at] ?? 0) >= 2) closed.add(at);
  });
  return closed;
}

/** Steps whose name has these letters; what else is known of steps is looked through by the catalog. */
export function named(trace: TraceView, text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const fits = trace.names.map((name) => name.toLowerCase().includes(wanted));
  return trace.name.flatMap((name, at) => (fits[name] ? [at] : []));
}
