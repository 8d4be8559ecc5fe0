import { HistoryIcon } from "lucide-react";
import { Button } from "../shared/Button";
import { OperationCard } from "../shared/OperationCard";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { useReadPages } from "../shared/query";

const limit = 50;

/** Everything that ever changed this entity: who, when, through what, from what to what. */
export function History({ id, readOnly }: { id: string; readOnly: boolean }) {
  const pages = useReadPages(
    "history",
    { id, limit, before: null },
    {
      next: (all) => {
        const last = all[all.length - 1];
        return last && last.length === limit ? { id, limit, before: last[last.length - 1]?.seq ?? null } : null;
      },
    },
  );
  if (pages.error) {
    return <ErrorPanel what="The history could not be read" error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (!pages.data) return <Skeleton rows={10} label="Reading the history" />;
  const operations = pages.data.pages.flat();
  return (
    <div className="scroll">
      {operations.length === 0 && (
        <Empty icon={HistoryIcon} title="Nothing has changed yet">
          Imports and edits of this entity are listed here, and can be undone.
        </Empty>
      )}
      <div className="history">
        {operations.map((operation) => (
          <OperationCard key={operation.id} operation={operation} readOnly={readOnly} />
        ))}
        {pages.hasNextPage && (
          <Button isDisabled={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
            Show older
          </Button>
        )}
      </div>
    </div>
  );
}
