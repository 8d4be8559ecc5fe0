import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Hit } from "../api/client";
import { fieldLabel } from "../shared/FieldList";
import { KindIcon, KindLabel } from "../shared/KindIcon";
import { plainOf } from "../shared/Markdown";
import { Name } from "../shared/Name";
import { Marked, SafeText } from "../shared/SafeText";
import { openEntity, peek, type Selected, select, useSelected } from "../shared/selection";

const rowHeight = 50;
const asSelected = ({ id, kind, name }: Hit): Selected => ({ id, kind, name });

interface HitListProps {
  hits: Hit[];
  total: number;
  onEnd(): void;
}

/** The results: what each is, where it lives, why it is here, and the words that matched. */
export function HitList({ hits, total, onEnd }: HitListProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useSelected();
  const [at, setAt] = useState(0);
  const active = Math.min(at, hits.length - 1);
  const virtual = useVirtualizer({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= hits.length - 20) onEnd();
  }, [last, hits.length, onEnd]);

  const choose = (index: number): void => {
    const hit = hits[index];
    if (!hit) return;
    setAt(index);
    select(asSelected(hit));
    virtual.scrollToIndex(index, { align: "auto" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 500) / rowHeight) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    const hit = hits[active];
    if (step !== undefined && !event.altKey) choose(Math.max(0, Math.min(hits.length - 1, active + step)));
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(hits.length - 1);
    else if (event.key === " " && hit) peek(asSelected(hit));
    else if (event.key === "Enter" && hit) openEntity(hit.id, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="scroll" ref={scroller}>
      <div
        className="hits"
        role="listbox"
        aria-label="Results"
        tabIndex={0}
        aria-activedescendant={`${id}-${active}`}
        onKeyDown={onKeyDown}
        onFocus={() => selected === null && choose(active)}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const hit = hits[item.index];
          if (!hit) return null;
          return (
            <div
              key={hit.id}
              id={`${id}-${item.index}`}
              className="hit"
              role="option"
              aria-selected={selected?.id === hit.id}
              aria-posinset={item.index + 1}
              aria-setsize={total}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={(event) => {
                choose(item.index);
                if (event.ctrlKey || event.metaKey) openEntity(hit.id, true);
              }}
              onDoubleClick={() => openEntity(hit.id)}
              onMouseDown={(event) => event.button === 1 && event.preventDefault()}
              onAuxClick={(event) => event.button === 1 && openEntity(hit.id, true)}
            >
              <HitRow hit={hit} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function HitRow({ hit }: { hit: Hit }) {
  const { matched, also_matched: also } = hit;
  const inName = matched?.field === "name";
  const where = hit.parent?.name ?? hit.qualified_names[0];
  return (
    <>
      <KindIcon kind={hit.kind} size={16} />
      <div className="hit-words">
        <div className="hit-first">
          <span className="hit-name">
            {inName && matched.text === hit.name && hit.name.length < 80 ? (
              <Marked text={hit.name} ranges={matched.ranges} />
            ) : (
              <Name>{hit.name}</Name>
            )}
          </span>
          {where && (
            <span className="hit-where">
              <Name code>{where}</Name>
            </span>
          )}
        </div>
        <div className="hit-second">
          {matched && !inName ? (
            <>
              <span className="faint">{fieldLabel(matched.field)}:</span>{" "}
              <span className="hit-matched">
                <Marked text={matched.text} ranges={matched.ranges} />
              </span>
            </>
          ) : (
            <span className="hit-matched">{hit.description && <SafeText>{plainOf(hit.description)}</SafeText>}</span>
          )}
          {also.map((one) => (
            <span key={`${one.field} ${one.text}`} className="hit-also" title={one.text}>
              <span className="faint">{fieldLabel(one.field)}:</span> <Marked text={one.text} ranges={one.ranges} />
            </span>
          ))}
        </div>
      </div>
      <div className="hit-side">
        <div className="hit-tags">
          {hit.tags.slice(0, 3).map((tag) => (
            <span className="chip" key={tag}>
              <SafeText>{tag}</SafeText>
            </span>
          ))}
          {hit.tags.length > 3 && <span className="faint">+{hit.tags.length - 3}</span>}
          <KindLabel kind={hit.kind} />
        </div>
        <div className="hit-why">
          <SafeText>{hit.why}</SafeText>
        </div>
      </div>
    </>
  );
}
