import type { Hit } from "../api/client";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import { Name } from "../shared/Name";
import { Marked, SafeText } from "../shared/SafeText";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";

const text = (value: string | null) => (
  <span className="ellipsis" title={value ?? ""}>
    {value && <SafeText>{value}</SafeText>}
  </span>
);

const columns: Column<Hit>[] = [
  {
    id: "name",
    header: "Name",
    width: 240,
    value: (hit) => hit.name,
    cell: (hit) => (
      <>
        <KindIcon kind={hit.kind} />
        <Name>{hit.name}</Name>
      </>
    ),
  },
  { id: "kind", header: "Kind", width: 110, value: (hit) => kindLabel(hit.kind) },
  {
    id: "qualified",
    header: "Qualified name",
    width: 280,
    value: (hit) => hit.qualified_names[0] ?? null,
    cell: (hit) => <Name code>{hit.qualified_names[0] ?? ""}</Name>,
  },
  {
    id: "parent",
    header: "Part of",
    width: 160,
    value: (hit) => hit.parent?.name ?? null,
    cell: (hit) => text(hit.parent?.name ?? null),
  },
  {
    id: "tags",
    header: "Tags",
    width: 150,
    value: (hit) => hit.tags.join(", "),
    cell: (hit) => text(hit.tags.join(", ")),
  },
  {
    id: "description",
    header: "Description",
    width: 260,
    grow: true,
    value: (hit) => hit.description,
    cell: (hit) => text(hit.description),
  },
  { id: "why", header: "Why", width: 130, value: (hit) => hit.why, cell: (hit) => text(hit.why) },
  {
    id: "matched",
    header: "Matched",
    width: 220,
    hidden: true,
    value: (hit) => hit.matched?.text ?? null,
    cell: (hit) =>
      hit.matched && (
        <span className="ellipsis">
          <Marked text={hit.matched.text} ranges={hit.matched.ranges} />
        </span>
      ),
  },
];

export function HitTable({ hits, onEnd }: { hits: Hit[]; onEnd(): void }) {
  return (
    <DataTable
      label="Results"
      view="search"
      rows={hits}
      columns={columns}
      rowId={(hit) => hit.id}
      entity={({ id, kind, name }) => ({ id, kind, name })}
      onEnd={onEnd}
    />
  );
}
