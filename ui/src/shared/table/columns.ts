import {
  type ColumnDef,
  columnFilteringFeature,
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createFilteredRowModel,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
} from "@tanstack/react-table";
import type { ReactNode } from "react";

export const features = tableFeatures({
  columnFilteringFeature,
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
});
export type Features = typeof features;

export type CellValue = string | number | null;

/** One column: its value is what sorting, filtering and copying see; `cell` is only how it looks. */
export interface Column<T> {
  id: string;
  header: string;
  value(row: T): CellValue;
  cell?(row: T): ReactNode;
  width?: number;
  align?: "right";
  /** Takes the room that is left. */
  grow?: boolean;
  /** Off until a person turns it on. */
  hidden?: boolean;
}

const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Orders as a person expects: numbers by size, names naturally, what is missing at the end. */
export function compare(a: CellValue, b: CellValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return natural.compare(String(a), String(b));
}

export function toDefs<T extends object>(columns: Column<T>[]): ColumnDef<Features, T>[] {
  return columns.map((column) => ({
    id: column.id,
    header: column.header,
    accessorFn: (row: T) => column.value(row),
    size: column.width ?? 160,
    minSize: 48,
    maxSize: 900,
    filterFn: (row, _id, wanted: unknown) =>
      String(column.value(row.original) ?? "")
        .toLowerCase()
        .includes(String(wanted).toLowerCase()),
    sortFn: (a, b) => compare(column.value(a.original), column.value(b.original)),
  }));
}

const flat = (value: CellValue): string => (value === null ? "" : String(value).replace(/[\t\r\n]+/g, " "));

/** The rows as a spreadsheet takes them, with the visible columns in their present order. */
export function toTsv<T>(columns: Column<T>[], rows: T[]): string {
  const lines = [columns.map((column) => column.header), ...rows.map((row) => columns.map((c) => flat(c.value(row))))];
  return lines.map((cells) => cells.join("\t")).join("\n");
}
