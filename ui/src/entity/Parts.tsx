import { useMemo } from "react";
import type { EntityView, Named } from "../api/client";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import { Name } from "../shared/Name";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useReadPages } from "../shared/query";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";

const limit = 200;
const columns: Column<Named>[] = [
  {
    id: "name",
    header: "Name",
    width: 320,
    grow: true,
    value: (part) => part.name,
    cell: (part) => (
      <>
        <KindIcon kind={part.kind} />
        <Name>{part.name}</Name>
      </>
    ),
  },
  { id: "kind", header: "Kind", width: 140, value: (part) => kindLabel(part.kind) },
];

/** What this consists of: an experiment's runs, a model's versions. */
export function Parts({ view }: { view: EntityView }) {
  const pages = useReadPages(
    "parts",
    { id: view.id, offset: 0, limit },
    {
      next: (all) => {
        const here = all.reduce((sum, page) => sum + page.rows.length, 0);
        return here > 0 && here < (all[0]?.total ?? 0) ? { id: view.id, offset: here, limit } : null;
      },
    },
  );
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  if (pages.error) {
    return <ErrorPanel what="The parts could not be read" error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (!pages.data) return <Skeleton rows={8} label="Reading the parts" />;
  return (
    <DataTable
      label={`Parts of ${view.name}`}
      view="entity.parts"
      rows={rows}
      columns={columns}
      rowId={(part) => part.id}
      entity={(part) => part}
      onEnd={() => {
        if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
      }}
    />
  );
}
