import { Share2 } from "lucide-react";
import { useCallback, useMemo } from "react";
import { Button } from "../shared/Button";
import { openLink } from "../shared/links";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { openEntity, peek, select } from "../shared/selection";
import { useLineageView } from "./api";
import { type GraphEvents, GraphView } from "./GraphView";
import { argsOf, defaults, expand, type LineageState } from "./link";
import { lineageLink } from "./route";
import "./lineage.css";

const nowhere = () => ({ anchor: null, previous: [] });

/** One level up and one down, for the page of an entity; scrolling the page is left alone. */
export function SmallLineage({ entity }: { entity: string }) {
  const state = useMemo<LineageState>(() => ({ ...defaults, focus: [entity] }), [entity]);
  const answer = useLineageView(
    useMemo(() => argsOf(state), [state]),
    nowhere,
  );
  const open = useCallback(
    (change: Partial<LineageState> = {}) => openLink(lineageLink({ ...state, ...change })),
    [state],
  );
  if (answer.isPending) return <Skeleton rows={5} label="Reading the lineage" />;
  if (answer.error) {
    return (
      <ErrorPanel what="The lineage could not be read" error={answer.error} onRetry={() => void answer.refetch()} />
    );
  }
  const frame = answer.data;
  if (frame.reply === "too-large") {
    return (
      <p className="quiet">
        It has {frame.totals.nodes} neighbours.{" "}
        <button type="button" className="text-link" onClick={() => open()}>
          Choose what to see
        </button>
      </p>
    );
  }
  if (frame.nodeCount <= 1) return <p className="faint">Nothing is known to feed it or to use it.</p>;
  const named = (node: number) => ({ id: frame.id(node), kind: frame.kind(node), name: frame.name(node) });
  const events: GraphEvents = {
    select: (node) => node !== null && select(named(node)),
    open: (node, newTab) => openEntity(frame.id(node), newTab),
    inspect: (node) => peek(named(node)),
    caret: ({ node, side, action }) => open({ expanded: expand(state, frame.id(node), side, action) }),
    toggleColumns: (node) => open({ columns: [frame.id(node)] }),
    group: () => open(),
    edge: (edge) => edge !== null && open(),
  };
  return (
    <div className="lineage-small">
      <GraphView
        frame={frame}
        anchor={null}
        label="Lineage, one level up and down"
        events={events}
        minimap={false}
        wheelZooms={false}
      >
        <div className="lineage-small-open">
          <Button small icon={Share2} onPress={() => open()}>
            Open lineage
          </Button>
        </div>
      </GraphView>
    </div>
  );
}
