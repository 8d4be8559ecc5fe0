import { ArrowUpRight, Copy, MousePointerClick, Pin, PinOff, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { FieldList } from "../shared/FieldList";
import { count } from "../shared/format";
import { KindIcon, KindLabel } from "../shared/KindIcon";
import { keyText } from "../shared/keys";
import { entityRoute, openLink } from "../shared/links";
import { Name } from "../shared/Name";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { recall, remember } from "../shared/remember";
import { closeInspector, pinInspector, type Selected, useInspector, useSelected } from "../shared/selection";

const [narrow, wide] = [260, 560];

/** Shows what is selected anywhere. It takes room of its own, so it never covers what it describes. */
export function Inspector() {
  const { open, pinned } = useInspector();
  const selected = useSelected();
  const [width, setWidth] = useState(() => recall("inspector.width", 320));
  if (!open) return null;
  const resize = (next: number): void => {
    const fitted = Math.max(narrow, Math.min(wide, next));
    setWidth(fitted);
    remember("inspector.width", fitted);
  };
  const onDrag = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons === 1) resize(window.innerWidth - event.clientX);
  };
  const onKeys = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft") resize(width + 16);
    if (event.key === "ArrowRight") resize(width - 16);
  };
  return (
    <aside className="inspector" aria-label="Inspector" style={{ width }}>
      <div
        className="inspector-edge"
        role="separator"
        aria-label="Width of the inspector"
        aria-orientation="vertical"
        aria-valuenow={width}
        aria-valuemin={narrow}
        aria-valuemax={wide}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onDrag}
        onKeyDown={onKeys}
      />
      <div className="inspector-head">
        <span className="quiet">{selected ? <KindLabel kind={selected.kind} /> : "Inspector"}</span>
        <span className="spacer" />
        <IconButton
          icon={pinned ? PinOff : Pin}
          label={pinned ? "Unpin" : "Keep open"}
          pressed={pinned}
          onPress={() => pinInspector(!pinned)}
        />
        <IconButton icon={X} label="Close" keys={keyText("escape")} onPress={() => closeInspector(true)} />
      </div>
      {selected ? (
        <Peek key={selected.id} selected={selected} />
      ) : (
        <Empty icon={MousePointerClick} title="Nothing selected">
          Click something to see it here. Space shows and hides this panel.
        </Empty>
      )}
    </aside>
  );
}

function Peek({ selected }: { selected: Selected }) {
  const { data, error, refetch } = useRead("entity_peek", { id: selected.id });
  const first = data?.qualified_names[0];
  return (
    <div className="inspector-body">
      <div className="inspector-title">
        <KindIcon kind={selected.kind} boxed />
        <h2>
          <Name>{data?.name ?? selected.name}</Name>
        </h2>
      </div>
      {first && (
        <div className="inspector-qualified">
          <Name code>{first.text}</Name>
          <IconButton icon={Copy} label="Copy name" size={13} onPress={() => copyText(first.text, "Name copied")} />
        </div>
      )}
      <div className="inspector-acts">
        <Button small icon={ArrowUpRight} onPress={() => openLink(entityRoute(selected.id))}>
          Open
        </Button>
        <Button small look="quiet" onPress={() => openLink(entityRoute(selected.id), { newTab: true })}>
          Open in tab
        </Button>
      </div>
      {error && <ErrorPanel what="The details could not be read" error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={6} />}
      {data && (
        <>
          <dl className="counts">
            <Count label="upstream" value={data.counts.upstream} />
            <Count label="downstream" value={data.counts.downstream} />
            <Count label="relations" value={data.counts.relations} />
            <Count label={data.kind === "dataset" ? "columns" : "parts"} value={data.counts.parts} />
          </dl>
          <FieldList fields={data.fields} stacked />
        </>
      )}
    </div>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <dd>{count(value)}</dd>
      <dt>{label}</dt>
    </div>
  );
}
