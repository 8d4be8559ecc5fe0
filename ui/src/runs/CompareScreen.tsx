import { FlaskConical, X } from "lucide-react";
import { useState } from "react";
import type { CompareReply, CompareRow, CompareSection } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { count } from "../shared/format";
import { useLinkState } from "../shared/linkState";
import { list, openLink, word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { TextDiff } from "../shared/TextDiff";
import { deltaText, textOf, titleOf, Value } from "./values";
import "./runs.css";

const titles: { [section in CompareSection]: string } = {
  attributes: "How it went",
  params: "Parameters",
  metrics: "Metrics",
  tags: "Tags",
  lineage: "Lineage",
};
/** Texts longer than this are compared word by word. */
const long = 60;

/** Runs beside each other, measured against one of them. */
export function CompareScreen() {
  const [query, setQuery] = useLinkState();
  const ids = [...new Set(list(query.ids))];
  const baseline = ids.includes(word(query.baseline)) ? word(query.baseline) : (ids[0] ?? "");
  usePlace("Compare runs", [{ label: "Runs", route: "/runs" }]);
  const { data, error, refetch } = useRead(
    "runs_compare",
    { runs: ids, baseline },
    { enabled: ids.length > 0, keepPrevious: true },
  );
  if (ids.length === 0) {
    return (
      <Empty
        icon={FlaskConical}
        title="No runs are chosen"
        actions={<Button onPress={() => openLink("/runs")}>Choose runs</Button>}
      >
        Tick two or more runs in the table, then press Compare.
      </Empty>
    );
  }
  if (error && !data) {
    return <ErrorPanel what="The runs could not be compared" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={12} label="Comparing the runs" />;
  return (
    <Comparison
      data={data}
      onBaseline={(id) => setQuery({ baseline: id })}
      onRemove={(id) => setQuery({ ids: ids.filter((one) => one !== id) })}
    />
  );
}

interface ComparisonProps {
  data: CompareReply;
  onBaseline(id: string): void;
  onRemove(id: string): void;
}

function Comparison({ data, onBaseline, onRemove }: ComparisonProps) {
  const [all, setAll] = useState(false);
  const [changes, setChanges] = useState(true);
  const [opened, setOpened] = useState<string | null>(null);
  const rows = data.rows.filter((row) => all || row.differs);
  return (
    <div className="scroll">
      <div className="compare">
        <div className="runs-bar">
          <span className="quiet">
            {count(data.runs.length)} runs, {count(data.rows.filter((row) => row.differs).length)} differences
          </span>
          <span className="spacer" />
          <Button small look="quiet" onPress={() => setChanges(!changes)}>
            {changes ? "Values only" : "Change from baseline"}
          </Button>
          <Button small look="quiet" onPress={() => setAll(!all)}>
            {all ? "Differences only" : "Also what is the same"}
          </Button>
        </div>
        <div className="compare-wide">
          <table className="compare-table">
            <thead>
              <tr>
                <th scope="col" />
                {data.runs.map((run, at) => (
                  <th key={run.id} scope="col" data-baseline={at === data.baseline || undefined}>
                    <div className="compare-run">
                      <EntityLink entity={run} />
                      <IconButton icon={X} size={12} label={`Leave out ${run.name}`} onPress={() => onRemove(run.id)} />
                    </div>
                    {run.of && (
                      <div className="faint">
                        <SafeText>{run.of.name}</SafeText>
                      </div>
                    )}
                    {at === data.baseline ? (
                      <span className="chip">baseline</span>
                    ) : (
                      <Button small look="quiet" onPress={() => onBaseline(run.id)}>
                        Make baseline
                      </Button>
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <Line
                  key={`${row.section}/${row.key}`}
                  row={row}
                  data={data}
                  changes={changes}
                  isFirst={rows[at - 1]?.section !== row.section}
                  isOpen={opened === `${row.section}/${row.key}`}
                  onOpen={(is) => setOpened(is ? `${row.section}/${row.key}` : null)}
                />
              ))}
            </tbody>
          </table>
        </div>
        {rows.length === 0 && <p className="quiet">They differ in nothing that is known.</p>}
      </div>
    </div>
  );
}

interface LineProps {
  row: CompareRow;
  data: CompareReply;
  changes: boolean;
  isFirst: boolean;
  isOpen: boolean;
  onOpen(is: boolean): void;
}

function Line({ row, data, changes, isFirst, isOpen, onOpen }: LineProps) {
  const key = row.section === "attributes" ? row.key : `${row.section}.${row.key}`;
  const texts = row.values.map((value) => textOf(key, value));
  const isLong = row.differs && texts.some((text) => text.length > long);
  const base = texts[data.baseline] ?? "";
  return (
    <>
      {isFirst && (
        <tr>
          <th scope="rowgroup" colSpan={row.values.length + 1} className="compare-section">
            {titles[row.section]}
          </th>
        </tr>
      )}
      <tr data-differs={row.differs || undefined}>
        <th scope="row">
          <SafeText>{row.section === "attributes" ? titleOf(row.key) : row.key}</SafeText>
          {isLong && (
            <Button small look="quiet" onPress={() => onOpen(!isOpen)}>
              {isOpen ? "Hide words" : "Show words"}
            </Button>
          )}
        </th>
        {data.runs.map((run, at) => {
          const delta = row.deltas[at];
          const isTime = row.key.endsWith("_time");
          return (
            <td key={run.id} className="selectable" data-baseline={at === data.baseline || undefined}>
              <Value of={key} value={row.values[at]} />
              {changes && typeof delta === "number" && !isTime && (
                <span className="compare-delta">{deltaText(row.key, delta)}</span>
              )}
              {changes &&
                at !== data.baseline &&
                typeof delta !== "number" &&
                row.values[at] !== null &&
                row.values[data.baseline] !== null &&
                texts[at] !== base && <span className="compare-delta">differs</span>}
            </td>
          );
        })}
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={row.values.length + 1}>
            {data.runs.map((run, at) =>
              at === data.baseline || texts[at] === base ? null : (
                <TextDiff
                  key={run.id}
                  before={base}
                  after={texts[at] ?? ""}
                  names={[data.runs[data.baseline]?.name ?? "baseline", run.name]}
                />
              ),
            )}
          </td>
        </tr>
      )}
    </>
  );
}
