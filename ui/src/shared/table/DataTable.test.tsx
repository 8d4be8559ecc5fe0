import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { type Column, compare, toTsv } from "./columns";
import { DataTable } from "./DataTable";

interface Row {
  id: string;
  name: string;
  rows: number | null;
}
const columns: Column<Row>[] = [
  { id: "name", header: "Name", value: (row) => row.name },
  { id: "rows", header: "Rows", value: (row) => row.rows },
];
const rows: Row[] = [
  { id: "a", name: "table_10", rows: 5 },
  { id: "b", name: "table_9", rows: null },
  { id: "c", name: "Table_1", rows: 100 },
];
const show = (more: Row[] = rows) =>
  render(<DataTable label="Tables" view="test" rows={more} columns={columns} rowId={(row) => row.id} />);
const names = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("gridcell")[0]?.textContent);

describe("table", () => {
  test("sorts names as people do and leaves what is missing to the end", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(names()).toEqual(["Table_1", "table_9", "table_10"]);
    await userEvent.click(screen.getByRole("button", { name: "Rows" }));
    expect(names()).toEqual(["table_10", "Table_1", "table_9"]);
    expect(screen.getByRole("columnheader", { name: /Rows/ })).toHaveAttribute("aria-sort", "ascending");
  });

  test("filters from the header", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "Name column" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Filter" }));
    await userEvent.type(await screen.findByRole("searchbox", { name: "Filter Name" }), "_1{Enter}");
    expect(names()).toEqual(["table_10", "Table_1"]);
  });

  test("remembers the columns of a view", async () => {
    const first = show();
    await userEvent.click(screen.getByRole("button", { name: "Name column" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Move right" }));
    first.unmount();
    show();
    expect(screen.getAllByRole("columnheader")[0]).toHaveTextContent("Rows");
  });

  test("moves by keys and selects a range", async () => {
    show();
    screen.getByRole("grid").focus();
    await userEvent.keyboard("{ArrowDown}{Shift>}{ArrowDown}{/Shift}");
    const selected = screen.getAllByRole("row", { selected: true });
    expect(selected.map((row) => row.textContent)).toEqual(["table_9", "Table_1100"]);
  });

  test("draws only the rows in sight", () => {
    show(Array.from({ length: 50_000 }, (_, index) => ({ id: String(index), name: `t${index}`, rows: index })));
    expect(screen.getByRole("grid")).toHaveAttribute("aria-rowcount", "50001");
    expect(screen.getAllByRole("row").length).toBeLessThan(100);
  });

  test("copies as tab-separated text on one line per row", () => {
    expect(toTsv(columns, [{ id: "x", name: "a\tb\nc", rows: null }])).toBe("Name\tRows\na b c\t");
  });

  test("orders numbers by size", () => {
    expect([10, 9, null, 1].sort(compare)).toEqual([1, 9, 10, null]);
  });
});
