import { Layers } from "lucide-react";
import { useMemo } from "react";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import { Name } from "../shared/Name";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { type LineageArgs, type LineageRow, useLineageTable } from "./api";

const columns: Column<LineageRow>[] = [
  { id: "level", header: "Level", value: (row) => row.level, width: 84 },
  {
    id: "name",
    header: "Name",
    value: (row) => row.name,
    width: 260,
    grow: true,
    cell: (row) => (
      <>
        {row.kind === "group" ? <Layers size={14} aria-hidden /> : <KindIcon kind={row.kind} />}{" "}
        <Name code>{row.name}</Name>
      </>
    ),
  },
  { id: "kind", header: "Kind", value: (row) => (row.kind === "group" ? "Group" : kindLabel(row.kind)), width: 110 },
  { id: "system", header: "System", value: (row) => row.system, width: 100 },
  { id: "qualified", header: "Qualified name", value: (row) => row.qualified_name, width: 240 },
  { id: "upstream", header: "Made from", value: (row) => row.upstream.join(", "), width: 220 },
  { id: "downstream", header: "Feeds", value: (row) => row.downstream.join(", "), width: 220 },
  { id: "up", header: "Hidden up", value: (row) => row.hidden_up || null, width: 90 },
  { id: "down", header: "Hidden down", value: (row) => row.hidden_down || null, width: 100 },
  { id: "columns", header: "Columns", value: (row) => row.columns || null, width: 80 },
  {
    id: "marks",
    header: "Marks",
    value: (row) => [row.cycle && "cycle", row.removed && "no longer seen"].filter(Boolean).join(", "),
    width: 120,
  },
];

/** The same lineage as a table: a row for each node of the graph, in its order. */
export function TableView({ args, onOpen }: { args: LineageArgs; onOpen(row: LineageRow): void }) {
  const answer = useLineageTable(args);
  const rows = useMemo(() => answer.data?.rows ?? [], [answer.data]);
  if (answer.error) {
    return (
      <ErrorPanel what="The lineage could not be read" error={answer.error} onRetry={() => void answer.refetch()} />
    );
  }
  if (answer.isPending) return <Skeleton rows={14} label="Reading the lineage" />;
  return (
    <DataTable
      label="Lineage"
      view="lineage"
      rows={rows}
      columns={columns}
      rowId={(row) => row.id}
      entity={(row) => (row.kind === "group" ? null : { id: row.id, kind: row.kind, name: row.name })}
      onOpen={onOpen}
    />
  );
}
