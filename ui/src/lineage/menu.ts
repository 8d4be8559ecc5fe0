// The graph's context menu: what can be done with a node, or with the whole.

import {
  Columns3,
  Copy,
  Crosshair,
  ExternalLink,
  EyeOff,
  Link,
  Maximize,
  PanelRight,
  Search,
  UnfoldHorizontal,
} from "lucide-react";
import { copyText } from "../shared/clipboard";
import { deepLink, writeQuery } from "../shared/links";
import type { MenuGroup } from "../shared/Menu";
import { openEntity, peek } from "../shared/selection";
import type { LineageCanvas } from "./canvas";
import { type Frame, NodeFlag } from "./frame";
import { defaults, expand, type LineageState, writeLink } from "./link";

interface MenuInput {
  frame: Frame;
  node: number | null;
  state: LineageState;
  change(patch: Partial<LineageState>): void;
  graph: LineageCanvas;
  onFind(): void;
  onGroup(node: number): void;
}

export function menuOf(input: MenuInput): MenuGroup[] {
  return input.node === null ? wholeMenu(input) : nodeMenu(input, input.node);
}

function wholeMenu({ graph, onFind, state, change }: MenuInput): MenuGroup[] {
  return [
    {
      entries: [
        { id: "fit", label: "Fit all of it", icon: Maximize, keys: "0", onAction: () => graph.fit() },
        { id: "find", label: "Find in the graph", icon: Search, keys: "Ctrl F", onAction: onFind },
        {
          id: "show",
          label: "Show hidden branches",
          icon: UnfoldHorizontal,
          disabled: state.hidden.length === 0 ? "You have hidden none" : undefined,
          onAction: () => change({ hidden: [] }),
        },
      ],
    },
    {
      entries: [
        {
          id: "link",
          label: "Copy link to this view",
          icon: Link,
          onAction: () => void copyText(linkTo(state), "Link copied"),
        },
      ],
    },
  ];
}

const linkTo = (state: LineageState) => deepLink(`/lineage${writeQuery(writeLink(state))}`);

function nodeMenu({ frame, node, state, change, graph, onGroup }: MenuInput, at: number): MenuGroup[] {
  const id = frame.id(at);
  const entity = { id, kind: frame.kind(at), name: frame.name(at) };
  const flags = frame.flags[at] as number;
  if (flags & NodeFlag.group) {
    return [
      {
        entries: [
          { id: "group", label: "Search and page through", icon: Search, keys: "Enter", onAction: () => onGroup(at) },
        ],
      },
    ];
  }
  const focus = (flags & NodeFlag.focus) !== 0;
  const columns = frame.columnCounts[at] as number;
  const hidden = (side: "up" | "down") => frame.hidden[at * 2 + (side === "up" ? 0 : 1)] as number;
  const neighbours = (side: "up" | "down") =>
    graph.scene && node !== null ? graph.scene.neighbours(node, side).length : 0;
  const grow = (side: "up" | "down") => ({
    id: `grow-${side}`,
    label: side === "up" ? "Open everything it comes from" : "Open everything made from it",
    icon: UnfoldHorizontal,
    keys: side === "up" ? "[" : "]",
    disabled: hidden(side) === 0 ? "All of it is shown" : undefined,
    onAction: () => change({ expanded: expand(state, id, side, "open-all") }),
  });
  const hide = (side: "up" | "down") => ({
    id: `hide-${side}`,
    label: side === "up" ? "Hide this and its parents" : "Hide this and its children",
    icon: EyeOff,
    disabled: focus ? "This is what the view is about" : undefined,
    note: neighbours(side) === 0 ? "It has none here" : undefined,
    onAction: () => change({ hidden: [...state.hidden, { id, with: side }] }),
  });
  return [
    {
      entries: [
        {
          id: "focus",
          label: "Refocus here",
          icon: Crosshair,
          disabled: focus && state.focus.length === 1 ? "It is the focus" : undefined,
          onAction: () => change({ ...defaults, as: state.as, focus: [id] }),
        },
        { id: "open", label: "Open", icon: ExternalLink, keys: "Enter", onAction: () => openEntity(id) },
        { id: "peek", label: "Peek", icon: PanelRight, keys: "Space", onAction: () => peek(entity) },
        {
          id: "columns",
          label: flags & NodeFlag.open ? "Close columns" : "Open columns",
          icon: Columns3,
          keys: "C",
          disabled: columns === 0 ? "No columns are known" : undefined,
          onAction: () => graph.events.toggleColumns(at),
        },
      ],
    },
    { entries: [grow("up"), grow("down"), hide("up"), hide("down")] },
    {
      entries: [
        { id: "name", label: "Copy name", icon: Copy, onAction: () => void copyText(frame.name(at), "Name copied") },
        {
          id: "qualified",
          label: "Copy qualified name",
          icon: Copy,
          disabled: frame.qualifiedName(at) === "" ? "It has none" : undefined,
          onAction: () => void copyText(frame.qualifiedName(at), "Qualified name copied"),
        },
        {
          id: "link",
          label: "Copy link to its lineage",
          icon: Link,
          onAction: () => void copyText(linkTo({ ...defaults, focus: [id] }), "Link copied"),
        },
      ],
    },
  ];
}
