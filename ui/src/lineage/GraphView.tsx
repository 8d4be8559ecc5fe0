import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ErrorPanel } from "../shared/Panel";
import { useTheme } from "../shared/theme";
import { type CanvasEvents, LineageCanvas } from "./canvas";
import { type Frame, NodeFlag } from "./frame";
import { KindShapes } from "./KindShapes";
import { lookOf } from "./paint-nodes";
import type { Shape } from "./shapes";

export type GraphEvents = Partial<CanvasEvents>;

interface GraphViewProps {
  frame: Frame;
  /** The node that stays where it is when the frame changes. */
  anchor: string | null;
  label: string;
  events: GraphEvents;
  onGraph?(graph: LineageCanvas | null): void;
  minimap?: boolean;
  wheelZooms?: boolean;
  /** What stands over the canvas. */
  children?: ReactNode;
  onKeyDown?(event: KeyboardEvent): void;
}

const stillness =
  typeof window === "undefined" ? null : (window.matchMedia?.("(prefers-reduced-motion: reduce)") ?? null);

/** The canvas in the page: made once, told of new frames, themes and fonts, and read aloud. */
export function GraphView(props: GraphViewProps) {
  const { frame, anchor, label, events, onGraph, minimap = true, wheelZooms = true, children, onKeyDown } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const corner = useRef<HTMLCanvasElement>(null);
  const [graph, setGraph] = useState<LineageCanvas | null>(null);
  const [said, setSaid] = useState("");
  const [trouble, setTrouble] = useState<unknown>(null);
  const latest = useRef(events);
  latest.current = events;
  const theme = useTheme();

  useLayoutEffect(() => {
    if (!canvas.current) return;
    let made: LineageCanvas;
    try {
      made = makeGraph(canvas.current, corner.current, latest, wheelZooms);
    } catch (error) {
      setTrouble(error);
      return;
    }
    setGraph(made);
    onGraph?.(made);
    return () => {
      onGraph?.(null);
      made.destroy();
    };
  }, [onGraph, wheelZooms]);

  useLayoutEffect(() => {
    if (graph && graph.scene?.frame !== frame) graph.setFrame(frame, anchor);
  }, [graph, frame, anchor]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that are read
  useEffect(() => graph?.restyle(), [graph, theme]);

  useEffect(() => {
    void document.fonts?.ready.then(() => graph?.refreshText());
  }, [graph]);

  const onShapes = useCallback((shapes: ReadonlyMap<string, Shape>) => graph?.setShapes(shapes), [graph]);

  useEffect(() => {
    if (!graph) return;
    const say = () => setSaid(describe(graph));
    const { element } = graph;
    element.addEventListener("keyup", say);
    element.addEventListener("focus", say);
    return () => {
      element.removeEventListener("keyup", say);
      element.removeEventListener("focus", say);
    };
  }, [graph]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys come from the canvas and the panels in it
    <div className="lineage-graph" onKeyDown={onKeyDown}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas handles its own keys */}
      <canvas
        ref={canvas}
        className="lineage-canvas"
        tabIndex={0}
        role="application"
        aria-roledescription="lineage graph"
        aria-label={label}
        aria-describedby="lineage-keys"
      />
      {minimap && <canvas ref={corner} className="lineage-minimap" data-idle="true" aria-hidden />}
      <p id="lineage-keys" className="sr-only">
        Arrow left and right follow edges, up and down move within a column. Space peeks, Enter opens. Shift with left
        or right opens a level more. C shows columns, E goes through the edges. Plus, minus and 0 zoom. The same is
        there as a table.
      </p>
      <output className="sr-only" aria-live="polite">
        {said}
      </output>
      {trouble !== null && <ErrorPanel what="The graph can't be drawn; the table shows the same" error={trouble} />}
      {graph && <KindShapes onShapes={onShapes} />}
      {children}
    </div>
  );
}

function makeGraph(
  element: HTMLCanvasElement,
  minimap: HTMLCanvasElement | null,
  latest: { current: GraphEvents },
  wheelZooms: boolean,
): LineageCanvas {
  const on = () => latest.current;
  const events: CanvasEvents = {
    select: (node) => on().select?.(node),
    open: (node, newTab) => on().open?.(node, newTab),
    inspect: (node) => on().inspect?.(node),
    caret: (caret) => on().caret?.(caret),
    toggleColumns: (node) => on().toggleColumns?.(node),
    column: (column) => on().column?.(column),
    edge: (edge, at) => on().edge?.(edge, at),
    group: (node, at) => on().group?.(node, at),
    menu: (node, at) => on().menu?.(node, at),
    cross: (towards, node) => on().cross?.(towards, node),
    push: (towards, share) => on().push?.(towards, share),
    hover: (hit, at) => on().hover?.(hit, at),
    moved: (scale) => on().moved?.(scale),
  };
  return new LineageCanvas(element, minimap, events, () => stillness?.matches ?? false, wheelZooms);
}

/** The selected node in words. */
export function describe(graph: LineageCanvas): string {
  const node = graph.attention.selectedNode;
  const { scene } = graph;
  if (!scene || node === null) return "";
  const { frame } = scene;
  const level = frame.levels[node] as number;
  const where = level === 0 ? "in focus" : `${Math.abs(level)} ${level < 0 ? "up" : "down"}`;
  const side = (to: "up" | "down") => {
    const hidden = frame.hidden[node * 2 + (to === "up" ? 0 : 1)] as number;
    const words = to === "up" ? "sources" : "uses";
    return `${scene.neighbours(node, to).length} ${words}${hidden > 0 ? `, ${hidden} more hidden` : ""}`;
  };
  const flags = frame.flags[node] as number;
  const marks = [flags & NodeFlag.cycle && "part of a cycle", flags & NodeFlag.removed && "no longer seen"].filter(
    Boolean,
  );
  return [frame.name(node), lookOf(frame.kind(node)).label, where, side("up"), side("down"), ...marks].join(", ");
}
