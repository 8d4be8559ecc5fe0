import type { Header, Table } from "@tanstack/react-table";
import {
  ArrowDown,
  ArrowDownAZ,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ArrowUpAZ,
  ChevronDown,
  Columns3,
  Copy,
  EyeOff,
  ListFilter,
  RotateCcw,
} from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { Button as AriaButton, Dialog, Popover } from "react-aria-components";
import { SearchInput } from "../Field";
import { Menu } from "../Menu";
import type { Column, Features } from "./columns";

type TableLayout<T extends object> = Pick<
  Table<Features, T>,
  "getVisibleLeafColumns" | "getAllLeafColumns" | "setColumnOrder" | "setColumnSizing" | "getColumn"
>;

interface HeaderCellProps<T extends object> {
  header: Header<Features, T, unknown>;
  column: Column<T> | undefined;
  all: Column<T>[];
  table: TableLayout<T>;
  onReset(): void;
  onCopy(): void;
}

const dragType = "text/x-catena-column";

/** Click sorts, drag moves, the edge resizes; the menu does all of it from the keyboard, and filters. */
export function HeaderCell<T extends object>({ header, column, all, table, onReset, onCopy }: HeaderCellProps<T>) {
  const cell = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  const [filtering, setFiltering] = useState(false);
  const id = header.column.id;
  const sorted = header.column.getIsSorted();
  const filter = String(header.column.getFilterValue() ?? "");
  const order = table.getVisibleLeafColumns().map((one) => one.id);
  const at = order.indexOf(id);

  const move = (dragged: string, before: string): void => {
    if (dragged === before) return;
    const ids = table.getAllLeafColumns().map((one) => one.id);
    const right = ids.indexOf(dragged) < ids.indexOf(before);
    const rest = ids.filter((one) => one !== dragged);
    rest.splice(rest.indexOf(before) + (right ? 1 : 0), 0, dragged);
    table.setColumnOrder(rest);
  };
  const resize = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const size = header.column.getSize() + (event.key === "ArrowRight" ? 16 : -16);
    table.setColumnSizing((now) => ({ ...now, [id]: Math.max(48, Math.min(900, size)) }));
  };
  const neighbour = (offset: number): string | undefined => order[at + offset];

  return (
    <div
      ref={cell}
      role="columnheader"
      className={`table-cell table-header${column?.align ? " number" : ""}`}
      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none"}
      data-over={over}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragType)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        move(event.dataTransfer.getData(dragType), id);
      }}
    >
      <button type="button" className="header-sort" onClick={() => header.column.toggleSorting()}>
        <span>{column?.header ?? id}</span>
        {sorted === "asc" && <ArrowUp size={12} aria-hidden />}
        {sorted === "desc" && <ArrowDown size={12} aria-hidden />}
      </button>
      {filter !== "" && (
        <button
          type="button"
          className="header-filtered"
          aria-label={`Filtered by ${filter}`}
          title={`Filtered by “${filter}”`}
          onClick={() => setFiltering(true)}
        >
          <ListFilter size={12} aria-hidden />
        </button>
      )}
      <Menu
        label={`${column?.header ?? id} column`}
        trigger={
          <AriaButton className="header-menu" aria-label={`${column?.header ?? id} column`}>
            <ChevronDown size={12} aria-hidden />
          </AriaButton>
        }
        groups={[
          {
            entries: [
              { id: "filter", label: "Filter", icon: ListFilter, onAction: () => setFiltering(true) },
              {
                id: "asc",
                label: "Sort ascending",
                icon: ArrowUpAZ,
                onAction: () => header.column.toggleSorting(false),
              },
              {
                id: "desc",
                label: "Sort descending",
                icon: ArrowDownAZ,
                onAction: () => header.column.toggleSorting(true),
              },
            ],
          },
          {
            entries: [
              {
                id: "left",
                label: "Move left",
                icon: ArrowLeft,
                disabled: neighbour(-1) ? undefined : "It is the first column",
                onAction: () => move(id, neighbour(-1) ?? id),
              },
              {
                id: "right",
                label: "Move right",
                icon: ArrowRight,
                disabled: neighbour(1) ? undefined : "It is the last column",
                onAction: () => move(id, neighbour(1) ?? id),
              },
              {
                id: "hide",
                label: "Hide",
                icon: EyeOff,
                disabled: order.length > 1 ? undefined : "One column stays",
                onAction: () => header.column.toggleVisibility(false),
              },
            ],
          },
          {
            title: "Columns",
            entries: all.map((one) => {
              const on = order.includes(one.id);
              return {
                id: `column-${one.id}`,
                label: one.header,
                icon: Columns3,
                checked: on,
                disabled: on && order.length === 1 ? "One column stays" : undefined,
                onAction: () => table.getColumn(one.id)?.toggleVisibility(!on),
              };
            }),
          },
          {
            entries: [
              { id: "copy", label: "Copy all rows", icon: Copy, onAction: onCopy },
              { id: "reset", label: "Reset columns", icon: RotateCcw, onAction: onReset },
            ],
          },
        ]}
      />
      <Popover className="popover" triggerRef={cell} isOpen={filtering} onOpenChange={setFiltering} offset={2}>
        <Dialog className="filter-box" aria-label={`Filter ${column?.header ?? id}`}>
          <SearchInput
            label={`Filter ${column?.header ?? id}`}
            value={filter}
            onChange={(value) => header.column.setFilterValue(value || undefined)}
            autoFocus
            onKeyDown={(event) => event.key === "Enter" && setFiltering(false)}
          />
        </Dialog>
      </Popover>
      <div
        className="header-edge"
        role="separator"
        aria-orientation="vertical"
        aria-label={`Width of ${column?.header ?? id}`}
        aria-valuenow={header.column.getSize()}
        aria-valuemin={48}
        aria-valuemax={900}
        tabIndex={0}
        draggable
        onDragStart={(event) => {
          event.preventDefault();
          event.stopPropagation();
        }}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
        onDoubleClick={() => header.column.resetSize()}
        onKeyDown={resize}
      />
    </div>
  );
}
