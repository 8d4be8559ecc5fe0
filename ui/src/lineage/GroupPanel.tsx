import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { SearchInput } from "../shared/Field";
import { count } from "../shared/format";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { type LineageArgs, type OpenGroup, useLineageGroup } from "./api";

interface GroupPanelProps {
  view: LineageArgs;
  group: string;
  name: string;
  /** The page that is shown in the graph, if one is. */
  open: OpenGroup | undefined;
  onOpen(page: OpenGroup | null): void;
  onClose(): void;
}

/** What a group stands for: searched, paged, and a page of it shown in the graph on request. */
export function GroupPanel({ view, group, name, open, onOpen, onClose }: GroupPanelProps) {
  const [filter, setFilter] = useState(open?.filter ?? "");
  const [page, setPage] = useState(open?.page ?? 0);
  const answer = useLineageGroup(view, group, page, filter);
  const data = answer.data;
  const first = data ? page * data.page_size + 1 : 0;
  const last = data ? Math.min(first + data.rows.length - 1, data.matching) : 0;
  const shown = open !== undefined && open.page === page && open.filter === filter;
  return (
    <aside className="lineage-panel" aria-label={name}>
      <header className="lineage-panel-head">
        <strong>{name}</strong>
        <IconButton icon={X} label="Close" keys="Esc" onPress={onClose} />
      </header>
      <div className="lineage-panel-search">
        <SearchInput
          label="Search in the group"
          value={filter}
          autoFocus
          onChange={(value) => {
            setFilter(value);
            setPage(0);
          }}
        />
      </div>
      <div className="lineage-panel-body">
        {answer.isPending && <Skeleton rows={8} label="Reading the group" />}
        {answer.error && (
          <ErrorPanel what="The group could not be read" error={answer.error} onRetry={() => void answer.refetch()} />
        )}
        {data?.rows.map((row) => (
          <div key={row.id} className="lineage-member" title={row.qualified_name}>
            <EntityLink entity={row} />
          </div>
        ))}
        {data && data.rows.length === 0 && <p className="faint">None has “{filter}” in its name.</p>}
      </div>
      {data && (
        <footer className="lineage-panel-foot">
          <span className="number quiet">
            {data.matching === 0 ? "0" : `${count(first)}–${count(last)}`} of {count(data.matching)}
          </span>
          <IconButton
            icon={ChevronLeft}
            label="Previous page"
            isDisabled={page === 0}
            onPress={() => setPage((now) => now - 1)}
          />
          <IconButton
            icon={ChevronRight}
            label="Next page"
            isDisabled={last >= data.matching}
            onPress={() => setPage((now) => now + 1)}
          />
          <span className="spacer" />
          <Button
            small
            look={shown ? "plain" : "primary"}
            isDisabled={data.rows.length === 0}
            onPress={() => onOpen(shown ? null : { id: group, page, filter })}
          >
            {shown ? "Fold again" : "Show in the graph"}
          </Button>
        </footer>
      )}
    </aside>
  );
}
