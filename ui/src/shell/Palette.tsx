import { ArrowRight, CornerDownLeft, Link2, Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import type { Hit } from "../api/client";
import { KindIcon, KindLabel } from "../shared/KindIcon";
import { keyText } from "../shared/keys";
import { entityRoute, openLink, routeOf, writeQuery } from "../shared/links";
import { Name } from "../shared/Name";
import { useRead } from "../shared/query";
import { recall, remember } from "../shared/remember";
import { SafeText } from "../shared/SafeText";
import { peek } from "../shared/selection";
import type { Command } from "./commands";
import { closeOverlay } from "./overlays";

interface Item {
  id: string;
  group: string;
  view: ReactNode;
  run(newTab: boolean): void;
  entity?: { id: string; kind: string; name: string };
}

const limit = 8;
const words = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);
export const matches = (label: string, text: string): boolean =>
  words(text).every((one) => label.toLowerCase().includes(one));

type Recent = { id: string; kind: string; name: string };
const recentEntities = (): Recent[] => recall<Recent[]>("palette.recent", []).slice(0, 5);

/** Ctrl/Cmd+K anywhere. What it lists first is what the result page lists first: both ask the same search. */
export function Palette({ text: initial, commands }: { text: string; commands: Command[] }) {
  const [text, setText] = useState(initial);
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const only = text.startsWith(">");
  const query = only ? "" : text.trim();
  const found = useRead("search", { text: query, limit }, { enabled: query !== "", keepPrevious: true });

  const items = useMemo(() => {
    const fresh = query === "" ? [] : (found.data?.hits ?? []).map(hitItem);
    const link = routeOf(text);
    const shown = commands.filter((one) => !one.quiet && matches(one.label, only ? text.slice(1) : text));
    return [
      ...(link ? [linkItem(link, text)] : []),
      ...fresh,
      ...(query === "" ? [] : [moreItem(query, found.data?.total)]),
      ...(query === "" && !only ? recentEntities().map((one) => recentItem(one)) : []),
      ...shown.map(commandItem),
    ];
  }, [query, text, only, found.data, commands]);

  const active = Math.min(at, items.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });

  const run = (item: Item | undefined, newTab: boolean): void => {
    if (!item) return;
    closeOverlay();
    if (item.entity)
      remember("palette.recent", [item.entity, ...recentEntities().filter((one) => one.id !== item.entity?.id)]);
    item.run(newTab);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items[active];
    if (step) {
      setAt((active + step + items.length) % items.length);
    } else if (event.key === "Enter") {
      run(item, event.ctrlKey || event.metaKey);
    } else if (event.key === " " && event.ctrlKey && item?.entity) {
      closeOverlay();
      peek(item.entity);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && closeOverlay()}>
      <Modal className="dialog-box palette">
        <Dialog aria-label="Search or run a command">
          <div className="palette-head">
            <Search size={16} strokeWidth={1.75} aria-hidden />
            <input
              className="palette-input"
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls={`${id}-list`}
              aria-activedescendant={items.length > 0 ? `${id}-${active}` : undefined}
              aria-label="Search or run a command"
              placeholder="Search names, columns, descriptions, or > for commands"
              spellCheck={false}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div className="palette-list" role="listbox" id={`${id}-list`} aria-label="Matches" ref={list}>
            {items.map((item, index) => (
              <div key={item.id} role="presentation">
                {item.group !== items[index - 1]?.group && <div className="palette-group">{item.group}</div>}
                <div
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === active}
                  className="palette-item"
                  onPointerMove={() => setAt(index)}
                  onClick={(event) => run(item, event.ctrlKey || event.metaKey)}
                  onKeyDown={onKeyDown}
                >
                  {item.view}
                </div>
              </div>
            ))}
            {items.length === 0 && <p className="palette-none">Nothing matches.</p>}
          </div>
          <div className="palette-foot">
            <span>
              <kbd>
                <CornerDownLeft size={10} aria-hidden />
              </kbd>{" "}
              open
            </span>
            <span>
              <kbd>{keyText("mod+enter")}</kbd> in a new tab
            </span>
            <span>
              <kbd>{keyText("mod+space")}</kbd> peek
            </span>
            {query !== "" && found.data && <span className="spacer number">{found.data.total} found</span>}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function hitItem(hit: Hit): Item {
  return {
    id: hit.id,
    group: "Found",
    entity: { id: hit.id, kind: hit.kind, name: hit.name },
    run: (newTab) => openLink(entityRoute(hit.id), { newTab }),
    view: (
      <>
        <KindIcon kind={hit.kind} />
        <span className="palette-name">
          <Name>{hit.name}</Name>
        </span>
        {hit.parent && (
          <span className="palette-parent">
            <Name code>{hit.parent.name}</Name>
          </span>
        )}
        <span className="spacer" />
        <span className="palette-why">
          <SafeText>{hit.why}</SafeText>
        </span>
        <KindLabel kind={hit.kind} />
      </>
    ),
  };
}

function recentItem(one: Recent): Item {
  return {
    id: `recent-${one.id}`,
    group: "Recent",
    entity: one,
    run: (newTab) => openLink(entityRoute(one.id), { newTab }),
    view: (
      <>
        <KindIcon kind={one.kind} />
        <span className="palette-name">
          <Name>{one.name}</Name>
        </span>
        <span className="spacer" />
        <KindLabel kind={one.kind} />
      </>
    ),
  };
}

function moreItem(text: string, total: number | undefined): Item {
  return {
    id: "more",
    group: "Results",
    run: (newTab) => openLink(`/search${writeQuery({ text })}`, { newTab }),
    view: (
      <>
        <Search size={14} strokeWidth={1.75} aria-hidden />
        <span>
          All results for <strong>{text}</strong>
        </span>
        <span className="spacer" />
        {total !== undefined && <span className="quiet">{total}</span>}
      </>
    ),
  };
}

function linkItem(route: string, text: string): Item {
  return {
    id: "link",
    group: "Link",
    run: (newTab) => openLink(route, { newTab }),
    view: (
      <>
        <Link2 size={14} strokeWidth={1.75} aria-hidden />
        <span className="code">{text.trim()}</span>
      </>
    ),
  };
}

function commandItem(command: Command): Item {
  const Icon = command.icon ?? ArrowRight;
  return {
    id: `command-${command.id}`,
    group: command.group,
    run: () => command.run(),
    view: (
      <>
        <Icon size={14} strokeWidth={1.75} aria-hidden />
        <span>{command.label}</span>
        <span className="spacer" />
        {command.keys && <kbd>{keyText(command.keys)}</kbd>}
      </>
    ),
  };
}
