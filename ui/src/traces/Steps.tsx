import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, CircleAlert, Copy, ListTree, Search, X } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Json, SpanKind, TraceView } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { count, duration, exact, number, plural } from "../shared/format";
import { JsonValue } from "../shared/JsonValue";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { cause, closedAtFirst, named, opened, visible } from "./tree";
import "./traces.css";

const rowHeight = 28;

/** Which hue a step has: the same as the things of its kind have elsewhere. */
const hue: { [kind in SpanKind]: string } = {
  other: "other",
  task: "run",
  workflow: "run",
  agent: "agent",
  tool: "agent",
  reranking: "data",
  retrieval: "data",
  embedding: "data",
  llm: "model",
  evaluation: "prompt",
  guardrail: "vocabulary",
};

const money = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.01 ? `$${number(Number(value.toPrecision(3)))}` : `$${value.toFixed(2)}`;

/** The steps of a trace: a tree, and when each was at work. */
export function Steps({ id }: { id: string }) {
  const { data, error, refetch } = useRead("trace", { id });
  if (error && !data) {
    return <ErrorPanel what="The steps could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={12} label="Reading the steps" />;
  if (data.ids.length === 0) {
    return (
      <Empty icon={ListTree} title="No steps of this trace are known">
        The system that told of the trace sent none of its spans.
      </Empty>
    );
  }
  return <StepTree key={id} id={id} trace={data} />;
}

function StepTree({ id, trace }: { id: string; trace: TraceView }) {
  const [query, setQuery] = useLinkState();
  const [closed, setClosed] = useState<ReadonlySet<number>>(() => closedAtFirst(trace));
  const [text, setText] = useState("");
  const [sought, setSought] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => visible(trace, closed), [trace, closed]);
  const chosen = trace.ids.indexOf(word(query.step));
  const row = shown.indexOf(chosen);

  const within = useRead("trace_find", { trace: id, text: sought }, { enabled: sought.trim() !== "" });
  const found = useMemo(() => {
    const all = new Set(named(trace, sought));
    for (const other of within.data?.ids ?? []) all.add(trace.ids.indexOf(other));
    return [...all].filter((at) => at >= 0).sort((a, b) => a - b);
  }, [trace, sought, within.data]);
  const marked = useMemo(() => new Set(found), [found]);

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });

  const choose = (at: number) => {
    if (at < 0) return;
    setClosed((now) => opened(trace, now, at));
    setQuery({ step: trace.ids[at] ?? "" });
  };
  // After the way to it was opened.
  useEffect(() => {
    if (row >= 0) virtual.scrollToIndex(row, { align: "auto" });
  }, [row, virtual]);

  const toggle = (at: number, close = !closed.has(at)) => {
    if (!trace.below[at]) return;
    setClosed((now) => {
      const next = new Set(now);
      if (close) next.add(at);
      else next.delete(at);
      return next;
    });
  };
  const jump = (list: number[], by: 1 | -1) => {
    if (list.length === 0) return;
    const next = by === 1 ? list.find((at) => at > chosen) : list.findLast((at) => at < chosen);
    choose(next ?? (by === 1 ? list[0] : list[list.length - 1]) ?? -1);
  };
  const errors = useMemo(() => trace.status.flatMap((status, at) => (status === "error" ? [at] : [])), [trace]);

  const move = (to: number) => choose(shown[Math.min(Math.max(to, 0), shown.length - 1)] ?? -1);
  const into = () => {
    if (closed.has(chosen)) toggle(chosen, false);
    else if (trace.below[chosen]) choose(chosen + 1);
  };
  const out = () => {
    if (trace.below[chosen] && !closed.has(chosen)) toggle(chosen, true);
    else choose(cause(trace, chosen));
  };
  const keys = new Map<string, () => void>([
    ["ArrowDown", () => move(row + 1)],
    ["ArrowUp", () => move(row - 1)],
    ["Home", () => move(0)],
    ["End", () => move(shown.length - 1)],
    ["PageDown", () => move(row + 20)],
    ["PageUp", () => move(row - 20)],
    ["ArrowRight", into],
    ["ArrowLeft", out],
    ["n", () => jump(found, 1)],
    ["N", () => jump(found, -1)],
    ["e", () => jump(errors, 1)],
    ["E", () => jump(errors, -1)],
    ["Escape", () => setQuery({ step: "" })],
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const run = keys.get(event.key);
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  return (
    <div className="steps">
      <div className="steps-bar">
        <span>{plural(trace.ids.length, "step")}</span>
        <span className="quiet">{duration(trace.duration)}</span>
        {trace.total_input_tokens + trace.total_output_tokens > 0 && (
          <span className="quiet">
            {count(trace.total_input_tokens)} tokens in, {count(trace.total_output_tokens)} out
          </span>
        )}
        {trace.total_cost !== null && <span className="quiet">{money(trace.total_cost)}</span>}
        {trace.errors > 0 && (
          <Button small look="quiet" icon={CircleAlert} onPress={() => jump(errors, 1)}>
            {plural(trace.errors, "error")}
          </Button>
        )}
        {trace.orphans > 0 && (
          <span className="faint" title="What caused them was never told of, so they stand at the top">
            {plural(trace.orphans, "step")} without a known cause
          </span>
        )}
        <form
          className="steps-search"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            if (sought === text) jump(found, 1);
            else setSought(text);
          }}
        >
          <Search size={13} aria-hidden />
          <input
            aria-label="Find in the steps"
            placeholder="Find in names and content"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value === "") setSought("");
            }}
          />
          {sought !== "" && (
            <span className="faint" aria-live="polite">
              {within.isFetching
                ? "…"
                : found.length === 0
                  ? "none"
                  : `${count(found.indexOf(chosen) + 1)} / ${count(found.length)}`}
            </span>
          )}
        </form>
      </div>
      <div className="steps-body">
        <div
          ref={scroller}
          className="steps-tree"
          role="tree"
          aria-label="Steps"
          tabIndex={0}
          aria-activedescendant={row >= 0 ? `step-${chosen}` : undefined}
          onKeyDown={onKeyDown}
        >
          <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map((item) => {
              const at = shown[item.index];
              if (at === undefined) return null;
              return (
                <Row
                  key={at}
                  trace={trace}
                  at={at}
                  top={item.start}
                  isClosed={closed.has(at)}
                  isChosen={at === chosen}
                  isFound={marked.has(at)}
                  onChoose={() => choose(at)}
                  onToggle={() => toggle(at)}
                />
              );
            })}
          </div>
        </div>
        {chosen >= 0 && <Step id={id} trace={trace} at={chosen} onClose={() => setQuery({ step: "" })} />}
      </div>
    </div>
  );
}

interface RowProps {
  trace: TraceView;
  at: number;
  top: number;
  isClosed: boolean;
  isChosen: boolean;
  isFound: boolean;
  onChoose(): void;
  onToggle(): void;
}

function Row({ trace, at, top, isClosed, isChosen, isFound, onChoose, onToggle }: RowProps) {
  const kind = trace.kind[at] ?? "other";
  const below = trace.below[at] ?? 0;
  const start = trace.at[at] ?? null;
  const took = trace.took[at] ?? null;
  const whole = Math.max(trace.duration, 0.001);
  const bar: CSSProperties = {
    left: `${(100 * (start ?? 0)) / whole}%`,
    width: `${(100 * (took ?? whole - (start ?? 0))) / whole}%`,
    background: `var(--family-${hue[kind]})`,
  };
  const isError = trace.status[at] === "error";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
    <div
      id={`step-${at}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={(trace.depth[at] ?? 0) + 1}
      aria-selected={isChosen}
      aria-expanded={below > 0 ? !isClosed : undefined}
      className="step"
      data-found={isFound || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onChoose}
      onDoubleClick={onToggle}
    >
      <span className="step-name" style={{ paddingLeft: Math.min(trace.depth[at] ?? 0, 24) * 14 }}>
        {below > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            className="step-caret"
            aria-label={isClosed ? `Show ${plural(below, "step")}` : "Hide the steps below"}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            {isClosed ? <ChevronRight size={13} /> : <ChevronDown size={13} />}
          </button>
        ) : (
          <span className="step-caret" />
        )}
        <span className="step-dot" style={{ background: `var(--family-${hue[kind]})` }} title={kind} />
        <span className="step-text">
          <SafeText>{trace.names[trace.name[at] ?? 0] ?? ""}</SafeText>
        </span>
        {isClosed && below > 0 && <span className="badge">{count(below)}</span>}
        {isError && <CircleAlert size={13} className="steps-error" aria-label="ended with an error" />}
      </span>
      <span className="step-time" data-slow={trace.slow_path[at] || undefined}>
        <span className="step-bar" style={bar} data-running={took === null || undefined} />
      </span>
      <span className="step-took">{took === null ? "running" : duration(took)}</span>
    </div>
  );
}

function Step({ id, trace, at, onClose }: { id: string; trace: TraceView; at: number; onClose(): void }) {
  const span = trace.ids[at] ?? "";
  const { data, error, refetch } = useRead("trace_span", { trace: id, span });
  const start = trace.at[at];
  const lines: [string, string][] = [
    ["Kind", trace.kind[at] ?? ""],
    ["Status", trace.status[at] ?? ""],
  ];
  if (start !== null && start !== undefined) lines.push(["Started", exact(trace.start + start)]);
  const took = trace.took[at];
  if (took !== null && took !== undefined) lines.push(["Took", duration(took)]);
  const own = trace.own[at];
  if (own !== null && own !== undefined && trace.below[at]) lines.push(["Of it its own", duration(own)]);
  const [read, written, cost] = [trace.input_tokens[at], trace.output_tokens[at], trace.cost[at]];
  if (typeof read === "number" || typeof written === "number") {
    lines.push(["Tokens", `${count(read ?? 0)} in, ${count(written ?? 0)} out`]);
  }
  if (typeof cost === "number") lines.push(["Cost", money(cost)]);
  return (
    <aside className="step-panel" aria-label="Step">
      <div className="step-panel-head">
        <h2>
          <SafeText>{trace.names[trace.name[at] ?? 0] ?? ""}</SafeText>
        </h2>
        <IconButton icon={Copy} size={13} label="Copy the step's id" onPress={() => copyText(span)} />
        <IconButton icon={X} size={14} label="Close" onPress={onClose} />
      </div>
      <dl className="step-lines">
        {lines.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {error && !data ? (
        <ErrorPanel what="The step could not be read" error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <>
          <Folded title="Attributes" value={data.attributes} many={Object.keys(data.attributes).length} isOpen />
          <Folded title="Events" value={data.events} many={data.events.length} />
          <Folded title="Reported by" value={data.resource} many={1} />
        </>
      ) : (
        <Skeleton rows={6} label="Reading the step" />
      )}
    </aside>
  );
}

function Folded({
  title,
  value,
  many,
  isOpen = false,
}: {
  title: string;
  value: Json;
  many: number;
  isOpen?: boolean;
}) {
  const [open, setOpen] = useState(isOpen);
  if (many === 0) return null;
  return (
    <section className="step-part">
      <Button small look="quiet" icon={open ? ChevronDown : ChevronRight} onPress={() => setOpen(!open)}>
        {title}
      </Button>
      {open && <JsonValue value={value} bare />}
    </section>
  );
}
