import type {
  ColumnOrderState,
  ColumnSizingState,
  ColumnVisibilityState,
  SortingState,
  Updater,
} from "@tanstack/react-table";
import { useCallback, useState } from "react";
import { recall, remember } from "../remember";
import type { Column } from "./columns";

interface Layout {
  columnOrder: ColumnOrderState;
  columnSizing: ColumnSizingState;
  columnVisibility: ColumnVisibilityState;
  sorting: SortingState;
}

const next = <V>(updater: Updater<V>, now: V): V =>
  typeof updater === "function" ? (updater as (now: V) => V)(now) : updater;

function initial<T>(columns: Column<T>[]): Layout {
  return {
    columnOrder: columns.map((column) => column.id),
    columnSizing: {},
    columnVisibility: Object.fromEntries(columns.map((column) => [column.id, !column.hidden])),
    sorting: [],
  };
}

/** A saved order may name columns that are gone and miss ones that are new. */
function fitTo<T>(saved: Layout, columns: Column<T>[]): Layout {
  const ids = columns.map((column) => column.id);
  const order = saved.columnOrder.filter((id) => ids.includes(id));
  return {
    ...saved,
    columnOrder: [...order, ...ids.filter((id) => !order.includes(id))],
    columnVisibility: { ...initial(columns).columnVisibility, ...saved.columnVisibility },
    sorting: saved.sorting.filter((one) => ids.includes(one.id)),
  };
}

/** Which columns a view shows, in which order, how wide and sorted by what; saved per view. */
export function useLayout<T>(view: string, columns: Column<T>[]) {
  const key = `table.${view}`;
  const [state, setState] = useState<Layout>(() => fitTo(recall(key, initial(columns)), columns));
  const change = useCallback(
    <K extends keyof Layout>(part: K) =>
      (updater: Updater<Layout[K]>): void =>
        setState((now) => {
          const changed = { ...now, [part]: next(updater, now[part]) };
          remember(key, changed);
          return changed;
        }),
    [key],
  );
  return {
    state,
    setOrder: change("columnOrder"),
    setSizing: change("columnSizing"),
    setVisibility: change("columnVisibility"),
    setSorting: change("sorting"),
    reset: () => {
      remember(key, null);
      setState(initial(columns));
    },
  };
}
