import { ChevronRight, Share2 } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { lineage_table } from "../api/client";
import { Button } from "../shared/Button";
import { useLinkState } from "../shared/linkState";
import { openLink } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { errorText } from "../shared/query";
import { openEntity, peek, select } from "../shared/selection";
import { toast } from "../shared/toasts";
import { type Place, useLineageView } from "./api";
import { crossed, NEXT_BAND } from "./bands";
import type { LineageCanvas, Point } from "./canvas";
import { csvOf } from "./csv";
import { EdgePanel } from "./EdgePanel";
import { FindBar } from "./FindBar";
import type { Crumb, Frame } from "./frame";
import { type GraphEvents, GraphView } from "./GraphView";
import { GroupPanel } from "./GroupPanel";
import { Legend } from "./Legend";
import { argsOf, expand, type LineageState, readLink, writeLink } from "./link";
import { menuOf } from "./menu";
import { NodeMenu } from "./NodeMenu";
import { pngOf } from "./png";
import { fileNameOf, saveAs } from "./save";
import { bitmap } from "./shapes";
import { svgOf } from "./svg";
import { TableView } from "./TableView";
import { TooLargePanel } from "./TooLargePanel";
import { Toolbar } from "./Toolbar";
import { FittedText } from "./text";
import "./lineage.css";

/** As many places as are sent along; further ones are off screen and may move. */
const MOST_PLACES = 1500;
/** Room that the panel on the right takes. */
const PANEL_WIDTH = 370;

type Side = "edge" | "group";
interface Aside {
  what: Side;
  index: number;
}

/** The whole screen: its state is its link. */
export function LineageScreen() {
  const [query, setQuery] = useLinkState();
  const state = useMemo(() => readLink(query), [query]);
  const change = useCallback(
    (patch: Partial<LineageState>, push = true) => setQuery(writeLink({ ...state, ...patch }), { push }),
    [state, setQuery],
  );
  const args = useMemo(() => {
    // What is selected and how it is shown don't change what is asked for.
    return argsOf(state);
  }, [state]);
  const graph = useRef<LineageCanvas | null>(null);
  const anchor = useRef<string | null>(null);
  const place = useCallback(() => {
    const places = graph.current?.placesOnScreen(MOST_PLACES) ?? [];
    return { anchor: anchorAmong(places, anchor.current), previous: places };
  }, []);
  const asked = state.focus.length > 0 ? args : null;
  const answer = useLineageView(asked, place);
  const frame = answer.data?.reply === "view" ? answer.data : null;
  const title = frame ? titleOf(frame) : "Lineage";
  usePlace(frame ? `Lineage: ${title}` : "Lineage");

  if (state.focus.length === 0) return <NothingChosen />;
  return (
    <>
      <Toolbar
        state={state}
        totals={answer.data?.totals ?? null}
        hasColumns={frame?.columnCounts.some((many) => many > 0) ?? true}
        onChange={change}
        onFit={() => graph.current?.fit()}
        onFind={() => graph.current?.element.dispatchEvent(new CustomEvent("lineage-find"))}
        onExport={(what) => void exportAs(what, title, graph.current, state)}
      />
      <div className="screen-body lineage-body" data-waiting={answer.isFetching}>
        {answer.error && !answer.data && (
          <ErrorPanel what="The lineage could not be read" error={answer.error} onRetry={() => void answer.refetch()} />
        )}
        {answer.isPending && <Skeleton rows={12} label="Reading the lineage" />}
        {answer.data?.reply === "too-large" && (
          <TooLargePanel
            key={JSON.stringify(state.focus)}
            answer={answer.data}
            up={state.up}
            down={state.down}
            chosen={state.kinds}
            onFilter={change}
            onForce={() => change({ force: true })}
          />
        )}
        {frame && state.as === "graph" && (
          <Graph
            frame={frame}
            title={title}
            state={state}
            change={change}
            anchor={anchor}
            onGraph={(made) => {
              graph.current = made;
            }}
          />
        )}
        {frame && state.as === "table" && (
          <TableView args={args} onOpen={(row) => (row.kind === "group" ? undefined : openEntity(row.id))} />
        )}
      </div>
    </>
  );
}

function anchorAmong(places: Place[], id: string | null): Place | null {
  return places.find((one) => one.id === id) ?? null;
}

function titleOf(frame: Frame): string {
  const focus = frame.flags.findIndex((flag) => (flag & 1) !== 0);
  return focus < 0 ? (frame.crumbs.at(-1)?.label ?? "Lineage") : frame.name(focus);
}

function NothingChosen() {
  return (
    <Empty
      icon={Share2}
      title="Where does it come from?"
      actions={
        <Button look="primary" onPress={() => openLink("/search")}>
          Find something
        </Button>
      }
    >
      Lineage starts at one thing: a table, a model, an answer. Find it, open it, and choose Lineage; or point at any
      name and choose it there.
    </Empty>
  );
}

interface GraphProps {
  frame: Frame;
  title: string;
  state: LineageState;
  change(patch: Partial<LineageState>, push?: boolean): void;
  anchor: { current: string | null };
  onGraph(graph: LineageCanvas | null): void;
}

function Graph({ frame, title, state, change, anchor, onGraph }: GraphProps) {
  const [graph, setGraph] = useState<LineageCanvas | null>(null);
  const [finding, setFinding] = useState(false);
  const [menu, setMenu] = useState<{ node: number | null; at: Point } | null>(null);
  const [aside, setAside] = useState<Aside | null>(null);
  const [push, setPush] = useState<{ towards: "in" | "out"; share: number } | null>(null);
  const [tip, setTip] = useState<{ text: string; at: Point } | null>(null);
  const keep = useRef(onGraph);
  keep.current = onGraph;
  const take = useCallback((made: LineageCanvas | null) => {
    setGraph(made);
    keep.current(made);
  }, []);

  // A frame brings new numbers for everything.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the frame's change that counts
  useEffect(() => {
    setMenu(null);
    setAside(null);
    setTip(null);
  }, [frame]);

  // The link's selection, when the view opens from one.
  const restored = useRef(false);
  useEffect(() => {
    if (!graph || graph.scene?.frame !== frame || restored.current) return;
    restored.current = true;
    const node = state.at === null ? undefined : frame.nodeOf(state.at);
    if (node === undefined) return;
    graph.select(node);
    graph.show(node);
  }, [graph, frame, state.at]);

  useEffect(() => {
    if (!graph) return;
    const find = () => setFinding(true);
    graph.element.addEventListener("lineage-find", find);
    graph.element.focus({ preventScroll: true });
    return () => graph.element.removeEventListener("lineage-find", find);
  }, [graph]);

  const entity = (node: number) => ({ id: frame.id(node), kind: frame.kind(node), name: frame.name(node) });
  const hold = (node: number) => {
    anchor.current = frame.id(node);
  };
  const events: GraphEvents = {
    select: (node) => {
      const group = node !== null && frame.kind(node) === "group";
      select(node === null || group ? null : entity(node));
      change({ at: node === null ? null : frame.id(node) }, false);
    },
    open: (node, newTab) => openEntity(frame.id(node), newTab),
    inspect: (node) => peek(entity(node)),
    caret: ({ node, side, action }) => {
      hold(node);
      change({ expanded: expand(state, frame.id(node), side, action) });
    },
    toggleColumns: (node) => {
      hold(node);
      const id = frame.id(node);
      const open = state.columns.includes(id);
      change({ columns: open ? state.columns.filter((one) => one !== id) : [...state.columns, id] });
    },
    column: (column) => {
      if (column !== null) hold(graph?.scene?.nodeOfColumn(column) ?? 0);
      change({ columnTrace: column === null ? null : frame.columnId(column) }, false);
    },
    edge: (edge) => {
      if (edge === null) {
        setAside((now) => (now?.what === "edge" ? null : now));
        return;
      }
      graph?.keepClear(edge, PANEL_WIDTH);
      setAside({ what: "edge", index: edge });
    },
    group: (node) => setAside({ what: "group", index: node }),
    menu: (node, at) => setMenu({ node, at }),
    push: (towards, share) => setPush(towards ? { towards, share } : null),
    cross: (towards, node) => {
      setPush(null);
      if (node !== null) hold(node);
      change(crossed(state, towards, node === null ? null : frame.id(node)));
    },
    hover: (hit, at) =>
      setTip(hit.what === "node" || hit.what === "toggle" ? { text: tipOf(frame, hit.node), at } : null),
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") {
      event.preventDefault();
      event.stopPropagation();
      setFinding(true);
    }
  };

  const closeAside = () => {
    graph?.selectEdge(null);
    setAside(null);
    graph?.element.focus();
  };
  const groupOf = (index: number) => frame.groups.find((one) => one.node === index);

  return (
    <GraphView
      frame={frame}
      anchor={anchor.current}
      label={`Lineage of ${title}: ${frame.nodeCount} nodes, ${frame.edgeCount} edges`}
      events={events}
      onGraph={take}
      onKeyDown={onKeyDown}
    >
      <Breadcrumbs
        crumbs={frame.crumbs}
        onChoose={(crumb) => change({ band: crumb.band, ...(crumb.id ? { focus: [crumb.id] } : {}) })}
      />
      <Legend frame={frame} />
      {finding && graph && <FindBar graph={graph} frame={frame} onClose={() => setFinding(false)} />}
      {push && NEXT_BAND[push.towards][state.band] !== "" && (
        <BandHint band={state.band} towards={push.towards} share={push.share} />
      )}
      {tip && graph && !menu && <Tip text={tip.text} at={tip.at} width={graph.size.width} />}
      {menu && graph && (
        <NodeMenu
          at={menu.at}
          label={menu.node === null ? "Graph" : frame.name(menu.node)}
          groups={menuOf({
            frame,
            node: menu.node,
            state,
            change,
            graph,
            onFind: () => setFinding(true),
            onGroup: (node) => setAside({ what: "group", index: node }),
          })}
          onClose={() => {
            setMenu(null);
            graph.element.focus();
          }}
        />
      )}
      {aside?.what === "edge" && graph?.scene && aside.index < frame.edgeCount && (
        <EdgePanel
          from={entity(graph.scene.from(aside.index))}
          to={entity(graph.scene.to(aside.index))}
          view={argsOf(state)}
          onClose={closeAside}
        />
      )}
      {aside?.what === "group" && groupOf(aside.index) && (
        <GroupPanel
          key={frame.id(aside.index)}
          view={argsOf(state)}
          group={frame.id(aside.index)}
          name={frame.name(aside.index)}
          open={state.openGroups.find((one) => one.id === frame.id(aside.index))}
          onOpen={(page) => {
            hold(groupOf(aside.index)?.parent ?? aside.index);
            const rest = state.openGroups.filter((one) => one.id !== frame.id(aside.index));
            change({ openGroups: page ? [...rest, page] : rest });
          }}
          onClose={closeAside}
        />
      )}
    </GraphView>
  );
}

function tipOf(frame: Frame, node: number): string {
  return frame.qualifiedName(node) || frame.name(node);
}

function Tip({ text, at, width }: { text: string; at: Point; width: number }) {
  const right = at.x > width - 340;
  return (
    <div
      className="lineage-tip code"
      role="presentation"
      style={{ top: at.y + 18, ...(right ? { right: width - at.x } : { left: at.x + 8 }) }}
    >
      {text}
    </div>
  );
}

function Breadcrumbs({ crumbs, onChoose }: { crumbs: Crumb[]; onChoose(crumb: Crumb): void }) {
  if (crumbs.length === 0) return null;
  return (
    <nav className="lineage-crumbs" aria-label="Where this is">
      {crumbs.map((crumb, at) => (
        <span key={`${crumb.label} ${crumb.id ?? at}`}>
          {at > 0 && <ChevronRight size={12} aria-hidden />}
          <button
            type="button"
            onClick={() => onChoose(crumb)}
            aria-current={at === crumbs.length - 1 ? "page" : undefined}
          >
            {crumb.label}
          </button>
        </span>
      ))}
    </nav>
  );
}

/** Crossing a band is announced before it happens, and happens only when the zoom goes on. */
function BandHint({ band, towards, share }: { band: LineageState["band"]; towards: "in" | "out"; share: number }) {
  return (
    <div className="lineage-hint" role="status">
      Keep zooming {towards} to see {NEXT_BAND[towards][band]}
      <span className="lineage-hint-bar" style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}

async function exportAs(
  what: "png" | "svg" | "csv",
  title: string,
  graph: LineageCanvas | null,
  state: LineageState,
): Promise<void> {
  const name = fileNameOf(title, what);
  try {
    if (what === "csv") {
      const { rows } = await lineage_table(argsOf(state));
      await saveAs(name, new Blob(["\ufeff", csvOf(rows)], { type: "text/csv" }));
    } else if (graph?.scene) {
      const scene = graph.scene;
      const { nodes, edges } = graph.palette;
      const content =
        what === "png"
          ? await pngOf(scene, graph.palette, () => {})
          : new Blob([svgOf(scene, edges.look, nodes.shapes, measuring())], { type: "image/svg+xml" });
      await saveAs(name, content);
    }
  } catch (error) {
    toast({ text: `The export did not work: ${errorText(error)}`, look: "bad" });
  }
}

function measuring(): FittedText {
  const context = bitmap(1, 1).getContext("2d");
  return new FittedText(context ?? { font: "", measureText: (text) => ({ width: text.length * 7 }) as TextMetrics });
}
