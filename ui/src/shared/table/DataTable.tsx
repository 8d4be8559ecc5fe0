import { type ColumnFiltersState, type SortingState, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { copyText } from "../clipboard";
import { plural } from "../format";
import { openEntity, peek, type Selected, select } from "../selection";
import { type Column, type Features, features, toDefs, toTsv } from "./columns";
import { HeaderCell } from "./HeaderCell";
import { useLayout } from "./layout";
import "./table.css";

export interface DataTableProps<T extends object> {
  /** What the rows are, read aloud. */
  label: string;
  /** The column set is saved under this name. */
  view: string;
  rows: T[];
  columns: Column<T>[];
  rowId(row: T): string;
  /** The entity a row stands for: gives the row its three acts. */
  entity?(row: T): Selected | null;
  onOpen?(row: T): void;
  onSelect?(row: T | null): void;
  onPeek?(row: T): void;
  rowHeight?: number;
  onEnd?(): void;
  empty?: ReactNode;
}

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { label, view, rows, columns, rowId, entity, onOpen, onSelect, onPeek, rowHeight = 28, onEnd, empty } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [filters, setFilters] = useState<ColumnFiltersState>([]);
  const layout = useLayout(view, columns);
  const defs = useMemo(() => toDefs(columns), [columns]);
  const table = useTable<Features, T>({
    features,
    data: rows,
    columns: defs,
    getRowId: rowId,
    columnResizeMode: "onChange",
    sortDescFirst: false,
    state: { ...layout.state, columnFilters: filters },
    onColumnFiltersChange: setFilters,
    onColumnOrderChange: layout.setOrder,
    onColumnSizingChange: layout.setSizing,
    onColumnVisibilityChange: layout.setVisibility,
    onSortingChange: layout.setSorting as (next: SortingState | ((now: SortingState) => SortingState)) => void,
  });

  const shown = table.getRowModel().rows;
  const [active, setActive] = useState<string | null>(null);
  const [anchor, setAnchor] = useState<string | null>(null);
  const activeIndex = active === null ? -1 : shown.findIndex((row) => row.id === active);
  const anchorIndex = anchor === null ? activeIndex : shown.findIndex((row) => row.id === anchor);
  const [from, to] = [Math.min(activeIndex, anchorIndex), Math.max(activeIndex, anchorIndex)];

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (shown.length > 0 && last >= shown.length - 20) onEnd?.();
  }, [last, shown.length, onEnd]);

  const visible = table.getVisibleLeafColumns();
  const byId = new Map(columns.map((column) => [column.id, column]));
  const template = visible
    .map((column) => (byId.get(column.id)?.grow ? `minmax(${column.getSize()}px, 1fr)` : `${column.getSize()}px`))
    .join(" ");
  const visibleColumns = visible.flatMap((column) => byId.get(column.id) ?? []);

  const choose = (index: number, extend = false): void => {
    const row = shown[index];
    if (!row) return;
    setActive(row.id);
    if (!extend) setAnchor(row.id);
    virtual.scrollToIndex(index, { align: "auto" });
    onSelect?.(row.original);
    const one = entity?.(row.original);
    if (one) select(one);
  };
  const open = (row: T, newTab: boolean): void => {
    const one = entity?.(row);
    if (onOpen && !newTab) onOpen(row);
    else if (one) openEntity(one.id, newTab);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const mod = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const current = shown[activeIndex]?.original;
    const step = steps[event.key];
    if (step !== undefined && !mod && !event.altKey) {
      choose(Math.max(0, Math.min(shown.length - 1, activeIndex + step)), event.shiftKey);
    } else if (event.key === "Home" || event.key === "End") {
      choose(event.key === "Home" ? 0 : shown.length - 1, event.shiftKey);
    } else if (event.key === " " && current) {
      const one = entity?.(current);
      if (one) peek(one);
      else onPeek?.(current);
    } else if (event.key === "Enter" && current) {
      open(current, mod);
    } else if (mod && event.key.toLowerCase() === "a" && shown.length > 0) {
      setAnchor(shown[0]?.id ?? null);
      setActive(shown[shown.length - 1]?.id ?? null);
    } else if (mod && event.key.toLowerCase() === "c" && from >= 0) {
      const chosen = shown.slice(from, to + 1).map((row) => row.original);
      void copyText(toTsv(visibleColumns, chosen), `${plural(chosen.length, "row")} copied`);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onRowClick = (event: MouseEvent, index: number, row: T): void => {
    choose(index, event.shiftKey);
    if (event.ctrlKey || event.metaKey) open(row, true);
  };

  return (
    <div className="table" ref={scroller}>
      <div
        className="table-grid"
        role="grid"
        aria-label={label}
        aria-rowcount={shown.length + 1}
        aria-multiselectable
        aria-activedescendant={activeIndex >= 0 ? `${id}-${activeIndex}` : undefined}
        tabIndex={0}
        onKeyDown={(event) => event.target === event.currentTarget && onKeyDown(event)}
        onFocus={(event) => {
          if (event.target === event.currentTarget && activeIndex < 0 && shown.length > 0) choose(0);
        }}
        style={{ "--columns": template } as React.CSSProperties}
      >
        <div className="table-head" role="row" aria-rowindex={1}>
          {table.getHeaderGroups().map((group) =>
            group.headers.map((header) => (
              <HeaderCell
                key={header.id}
                header={header}
                column={byId.get(header.column.id)}
                all={columns}
                table={table}
                onReset={layout.reset}
                onCopy={() =>
                  copyText(
                    toTsv(
                      visibleColumns,
                      shown.map((row) => row.original),
                    ),
                    `${plural(shown.length, "row")} copied`,
                  )
                }
              />
            )),
          )}
        </div>
        <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = shown[item.index];
            if (!row) return null;
            const selected = item.index >= from && item.index <= to && from >= 0;
            return (
              <div
                key={row.id}
                id={`${id}-${item.index}`}
                className="table-row"
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={selected}
                style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
                onClick={(event) => onRowClick(event, item.index, row.original)}
                onDoubleClick={() => open(row.original, false)}
                onMouseDown={(event) => event.button === 1 && event.preventDefault()}
                onAuxClick={(event) => event.button === 1 && open(row.original, true)}
              >
                {visibleColumns.map((column) => (
                  <div key={column.id} role="gridcell" className={`table-cell${column.align ? " number" : ""}`}>
                    {column.cell ? column.cell(row.original) : column.value(row.original)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {shown.length === 0 && (rows.length > 0 ? <NoMatch onClear={() => setFilters([])} /> : empty)}
    </div>
  );
}

function NoMatch({ onClear }: { onClear(): void }) {
  return (
    <p className="table-none">
      No row matches the column filters.{" "}
      <button type="button" className="text-link" onClick={onClear}>
        Clear filters
      </button>
    </p>
  );
}
