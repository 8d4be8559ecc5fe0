// The lineage as comma-separated values, one row for each node, with its level.

import type { LineageRow } from "./api";

const HEAD = [
  "level",
  "kind",
  "name",
  "qualified_name",
  "system",
  "upstream",
  "downstream",
  "hidden_up",
  "hidden_down",
];

/** A field that a spreadsheet shows as text: quoted where needed, and never run as a formula. */
export function csvField(value: string | number): string {
  const text = typeof value === "number" ? String(value) : /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(rows: readonly LineageRow[]): string {
  const lines = rows.map((row) =>
    [
      row.level,
      row.kind,
      row.name,
      row.qualified_name,
      row.system,
      row.upstream.join("; "),
      row.downstream.join("; "),
      row.hidden_up,
      row.hidden_down,
    ]
      .map(csvField)
      .join(","),
  );
  return `${[HEAD.join(","), ...lines].join("\r\n")}\r\n`;
}
