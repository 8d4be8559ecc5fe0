import type { EntityView, SchemaColumn } from "../api/client";
import { KindIcon } from "../shared/KindIcon";
import { Name } from "../shared/Name";
import { SafeText } from "../shared/SafeText";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { SchemaHistory } from "./SchemaHistory";

const columns: Column<SchemaColumn>[] = [
  { id: "position", header: "#", width: 56, align: "right", value: (column) => column.position },
  {
    id: "name",
    header: "Column",
    width: 220,
    value: (column) => column.name,
    cell: (column) => (
      <>
        <span style={{ width: column.depth * 14 }} />
        <KindIcon kind="column" />
        <span className={column.removed ? "column-gone ellipsis" : "ellipsis"}>
          <Name code>{column.name}</Name>
        </span>
        {column.removed && <span className="chip">removed</span>}
      </>
    ),
  },
  {
    id: "type",
    header: "Type",
    width: 140,
    value: (column) => column.data_type,
    cell: (column) =>
      column.data_type && (
        <span className="code quiet ellipsis">
          <SafeText>{column.data_type}</SafeText>
        </span>
      ),
  },
  {
    id: "description",
    header: "Description",
    width: 320,
    grow: true,
    value: (column) => column.description,
    cell: (column) => (
      <span className="ellipsis" title={column.description ?? ""}>
        {column.description && <SafeText>{column.description}</SafeText>}
      </span>
    ),
  },
  {
    id: "tags",
    header: "Tags",
    width: 160,
    value: (column) => column.tags.join(", "),
    cell: (column) =>
      column.tags.map((tag) => (
        <span className="chip" key={tag}>
          <SafeText>{tag}</SafeText>
        </span>
      )),
  },
];

export function Schema({ view }: { view: EntityView }) {
  const table = (
    <DataTable
      label={`Columns of ${view.name}`}
      view="entity.schema"
      rows={view.schema}
      columns={columns}
      rowId={(column) => column.id}
      entity={(column) => ({ id: column.id, kind: "column", name: column.name })}
    />
  );
  if (view.schema_versions.length === 0) return table;
  return (
    <div className="schema-page">
      {table}
      <SchemaHistory versions={view.schema_versions} />
    </div>
  );
}
