import { GitCommitHorizontal, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { ImportView, OperationView } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { count, exact, plural } from "../shared/format";
import { onEscape } from "../shared/keys";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Author, ChangeList, UndoButton } from "../shared/OperationCard";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { useRead, useReadPages } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { undoneBy, useUndo } from "../shared/undo";
import { originWords } from "../shared/words";
import "./changes.css";

const limit = 200;
/** The operations of one import are one row. */
const folded = { id: null, limit, folded: true };

const subjects = (operation: OperationView): string => {
  const names = [...new Set(operation.changes.map((change) => change.subject_name))];
  const rest = operation.change_count > operation.changes.length ? " and others" : ` and ${names.length - 2} more`;
  return names.length > 2 ? names.slice(0, 2).join(", ") + rest : names.join(", ");
};
const text = (value: string) => (
  <span className="ellipsis" title={value}>
    <SafeText>{value}</SafeText>
  </span>
);

/** How many changes it has; an import that stands for all its operations, in all of them. */
const sizeOf = (one: OperationView): number => one.import?.change_count ?? one.change_count;

const columns: Column<OperationView>[] = [
  { id: "at", header: "When", width: 110, value: (one) => one.at, cell: (one) => <Time at={one.at} /> },
  {
    id: "title",
    header: "What",
    width: 210,
    grow: true,
    value: (one) => one.title,
    cell: (one) => (
      <>
        <span className={`ellipsis${undoneBy(one) ? " struck" : ""}`} title={one.title}>
          <SafeText>{one.title}</SafeText>
        </span>
        {one.import && one.import.operations > 1 && (
          <span className="chip">{plural(one.import.operations, "operation")}</span>
        )}
        {undoneBy(one) && <span className="chip">undone</span>}
      </>
    ),
  },
  { id: "subjects", header: "On", width: 120, value: subjects, cell: (one) => text(subjects(one)) },
  { id: "actor", header: "Who", width: 100, value: (one) => one.actor, cell: (one) => text(one.actor) },
  {
    id: "origin",
    header: "Through",
    width: 110,
    value: (one) => originWords(one.origin),
    cell: (one) => text(originWords(one.origin)),
  },
  { id: "changes", header: "Changes", width: 90, align: "right", value: sizeOf, cell: (one) => count(sizeOf(one)) },
  { id: "seq", header: "Number", width: 80, align: "right", hidden: true, value: (one) => one.seq },
  { id: "exact", header: "Exact time", width: 180, hidden: true, value: (one) => exact(Date.parse(one.at)) },
];

/** The history of the whole catalog: everything that people, imports and rules did, each with its undo. */
export function ChangesScreen() {
  usePlace("Changes");
  const [query, setQuery] = useLinkState();
  const readOnly = Boolean(useRead("catalog_info", undefined).data?.read_only);
  const { redo } = useUndo();
  const pages = useReadPages(
    "history",
    { ...folded, before: null },
    {
      next: (all) => {
        const last = all[all.length - 1];
        return last && last.length === limit ? { ...folded, before: last[last.length - 1]?.seq ?? null } : null;
      },
    },
  );
  const operations = useMemo(() => pages.data?.pages.flat() ?? [], [pages.data]);
  const chosen = operations.find((one) => one.id === word(query.operation)) ?? null;
  const [closed, setClosed] = useState(false);
  const shown = closed ? null : chosen;
  useEffect(
    () =>
      onEscape(() => {
        if (!shown) return false;
        setClosed(true);
        return true;
      }),
    [shown],
  );
  const choose = (one: OperationView | null): void => {
    setClosed(false);
    setQuery({ operation: one?.id ?? "" });
  };

  if (pages.error && !pages.data) {
    return <ErrorPanel what="The history could not be read" error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (!pages.data) return <Skeleton rows={16} label="Reading the history" />;
  return (
    <>
      <div className="screen-head">
        <h1>Changes</h1>
        <span className="quiet">
          {plural(operations.length, "operation")}
          {pages.hasNextPage && " so far"}
        </span>
        <span className="spacer" />
        <Button small look="quiet" isDisabled={readOnly} onPress={() => void redo()}>
          Redo last undo
        </Button>
      </div>
      <div className="screen-body">
        <DataTable<OperationView>
          label="Changes"
          view="changes"
          rows={operations}
          columns={columns}
          rowId={(one) => one.id}
          onSelect={choose}
          onOpen={choose}
          onPeek={(one) => (shown?.id === one.id ? setClosed(true) : choose(one))}
          onEnd={() => {
            if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
          }}
          empty={
            <Empty icon={GitCommitHorizontal} title="Nothing has changed yet">
              Every import and edit is listed here with who did it and when, and can be undone.
            </Empty>
          }
        />
        {shown && <Detail operation={shown} readOnly={readOnly} onClose={() => setClosed(true)} />}
      </div>
    </>
  );
}

function Detail({ operation, readOnly, onClose }: { operation: OperationView; readOnly: boolean; onClose(): void }) {
  return (
    <section className="operation-detail" aria-label="Operation">
      <div className="operation-detail-head">
        <h2>
          <SafeText>{operation.title}</SafeText>
        </h2>
        <UndoButton operation={operation} readOnly={readOnly} />
        <IconButton icon={X} label="Close" onPress={onClose} />
      </div>
      <div className="scroll operation-detail-body">
        <p className="quiet">
          <Author operation={operation} /> <Time at={operation.at} />
        </p>
        <p className="faint">
          Number {operation.seq}, {plural(sizeOf(operation), "change")}
        </p>
        {operation.import && operation.import.operations > 1 ? (
          <Operations of={operation.import} />
        ) : (
          <ChangeList changes={operation.changes} total={operation.change_count} />
        )}
      </div>
    </section>
  );
}

/** The operations of an import, each opened to its changes. */
function Operations({ of }: { of: ImportView }) {
  const { data, error, refetch } = useRead("history", { id: null, limit, before: null, import: of.id });
  if (error) return <ErrorPanel what="The import could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={4} />;
  return (
    <div className="operation-parts" role="list" aria-label="Operations of the import">
      {data.map((one) => (
        <details key={one.id} role="listitem">
          <summary>
            Number {one.seq}, {plural(one.change_count, "change")} <Time at={one.at} />
            {one.undone_by && <span className="chip">undone</span>}
          </summary>
          <ChangeList changes={one.changes} total={one.change_count} />
        </details>
      ))}
      {of.operations > data.length && <p className="quiet">and {of.operations - data.length} earlier operations</p>}
    </div>
  );
}
