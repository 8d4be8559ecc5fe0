import { FlaskConical, GitCompare } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Checkbox } from "react-aria-components";
import type { RunGroup, RunsReply, RunTableRow } from "../api/client";
import { Button } from "../shared/Button";
import { SearchInput } from "../shared/Field";
import { count, plural } from "../shared/format";
import { KindIcon } from "../shared/KindIcon";
import { useLinkState } from "../shared/linkState";
import { openLink, writeQuery } from "../shared/links";
import { Menu } from "../shared/Menu";
import { Name } from "../shared/Name";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { errorText, useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import type { CellValue, Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { argsOf, readRuns } from "./link";
import { figure, numeric, sectionOf, textOf, titleOf, Value } from "./values";
import "./runs.css";

/** More rows than this are asked to be narrowed down first. */
const mostRows = 10_000;
/** The most runs that are put side by side from here. */
const mostCompared = 50;

/** Runs of any system and any experiment in one table. */
export function RunsScreen() {
  const [query, setQuery] = useLinkState();
  const state = readRuns(query);
  const [text, setText] = useState(state.filter);
  // A link or Back brings another filter.
  useEffect(() => setText(state.filter), [state.filter]);
  usePlace("Runs", []);

  const { data, error, refetch, isFetching } = useRead("runs", argsOf(state, mostRows), { keepPrevious: true });
  const chosen = useMemo(() => new Set(state.ids), [state.ids]);
  const choose = (id: string, is: boolean) =>
    setQuery({ ids: is ? [...chosen, id] : [...chosen].filter((one) => one !== id) });
  const groupable = data?.columns.filter((column) => column.key !== "name" && column.present > 0).slice(0, 60) ?? [];

  return (
    <div className="runs">
      <div className="runs-bar">
        <form
          className="runs-filter"
          onSubmit={(event) => {
            event.preventDefault();
            setQuery({ filter: text.trim() }, { push: true });
          }}
        >
          <SearchInput
            label="Filter runs"
            placeholder="metrics.rmse < 40 AND params.model = 'xgb', or words"
            value={text}
            onChange={(next) => {
              setText(next);
              if (next === "") setQuery({ filter: "" });
            }}
          />
        </form>
        <span className="quiet" aria-live="polite">
          {data && !error
            ? data.matching === data.total
              ? plural(data.total, "run")
              : `${count(data.matching)} of ${plural(data.total, "run")}`
            : ""}
          {isFetching && data ? "…" : ""}
        </span>
        <span className="spacer" />
        <Menu
          label="Group by"
          placement="bottom end"
          trigger={
            <Button small look="quiet">
              {state.group ? `By ${titleOf(state.group)}` : "Group by…"}
            </Button>
          }
          groups={[
            {
              entries: [
                { id: "-", label: "No groups", checked: !state.group, onAction: () => setQuery({ group: "" }) },
              ],
            },
            {
              entries: groupable.map((column) => ({
                id: column.key,
                label: titleOf(column.key),
                note: sectionOf(column.key),
                checked: column.key === state.group,
                onAction: () => setQuery({ group: column.key }),
              })),
            },
          ]}
        />
        {chosen.size > 0 && (
          <Button small look="quiet" onPress={() => setQuery({ ids: [] })}>
            Choose none
          </Button>
        )}
        <Button
          small
          look="primary"
          icon={GitCompare}
          isDisabled={chosen.size < 2 || chosen.size > mostCompared}
          onPress={() => openLink(`/runs/compare${writeQuery({ ids: [...chosen] })}`)}
        >
          {chosen.size > 1 ? `Compare ${count(chosen.size)}` : "Compare"}
        </Button>
      </div>
      {error ? (
        state.filter ? (
          <p className="runs-wrong" role="alert">
            <SafeText>{errorText(error)}</SafeText>
          </p>
        ) : (
          <ErrorPanel what="The runs could not be read" error={error} onRetry={() => void refetch()} />
        )
      ) : null}
      {data && data.unknown.length > 0 && !error && (
        <p className="runs-wrong">
          No run has <SafeText>{data.unknown.join(", ")}</SafeText>.
        </p>
      )}
      {!data ? (
        !error && <Skeleton rows={12} label="Reading the runs" />
      ) : data.total === 0 ? (
        <Empty
          icon={FlaskConical}
          title="No runs yet"
          actions={<Button onPress={() => openLink("/connections")}>Go to connections</Button>}
        >
          Runs come from MLflow, OpenLineage and traces: import them, or switch on a receiver.
        </Empty>
      ) : state.group ? (
        <Groups groups={data.groups} of={state.group} />
      ) : (
        <Rows data={data} chosen={chosen} onChoose={choose} />
      )}
      {data && data.matching > mostRows && !state.group && (
        <p className="runs-wrong">The latest {count(mostRows)} are shown: filter to see others.</p>
      )}
    </div>
  );
}

interface RowsProps {
  data: RunsReply;
  chosen: ReadonlySet<string>;
  onChoose(id: string, is: boolean): void;
}

function Rows({ data, chosen, onChoose }: RowsProps) {
  const columns = useMemo<Column<RunTableRow>[]>(
    () => [
      {
        id: "chosen",
        header: "Chosen",
        width: 88,
        value: (row) => (chosen.has(row.id) ? "chosen" : null),
        cell: (row) => (
          <Checkbox
            className="runs-check"
            aria-label={`Compare ${row.name}`}
            isSelected={chosen.has(row.id)}
            onChange={(is) => onChoose(row.id, is)}
          >
            <span className="runs-box" aria-hidden />
          </Checkbox>
        ),
      },
      {
        id: "name",
        header: "Name",
        width: 220,
        value: (row) => row.name,
        cell: (row) => (
          <>
            <KindIcon kind={row.kind} />
            <Name>{row.name}</Name>
          </>
        ),
      },
      { id: "of", header: "Part of", width: 150, value: (row) => row.of?.name ?? null },
      ...data.shown
        .filter((key) => key !== "name")
        .map((key): Column<RunTableRow> => {
          const at = data.shown.indexOf(key);
          const value = (row: RunTableRow): CellValue => {
            const told = row.values[at];
            return numeric(told) ?? (textOf(key, told) || null);
          };
          return {
            id: key,
            header: titleOf(key),
            width: 120,
            ...(data.columns.find((column) => column.key === key)?.numeric ? { align: "right" as const } : {}),
            value,
            cell: (row) => <Value of={key} value={row.values[at]} />,
          };
        }),
    ],
    [data, chosen, onChoose],
  );
  return (
    <DataTable
      label="Runs"
      view="runs"
      rows={data.runs}
      columns={columns}
      rowId={(row) => row.id}
      entity={(row) => ({ id: row.id, kind: row.kind, name: row.name })}
      empty={<Empty icon={FlaskConical} title="No run is like that" />}
    />
  );
}

function Groups({ groups, of }: { groups: RunGroup[]; of: string }) {
  const columns = useMemo<Column<RunGroup>[]>(() => {
    const keys = [...new Set(groups.flatMap((group) => group.totals.map((total) => total.column)))];
    return [
      { id: "value", header: titleOf(of), width: 220, value: (group) => textOf(of, group.value) || "none" },
      { id: "runs", header: "Runs", width: 80, align: "right", value: (group) => group.runs },
      ...keys.map((key): Column<RunGroup> => {
        const total = (group: RunGroup) => group.totals.find((one) => one.column === key);
        return {
          id: key,
          header: titleOf(key),
          width: 190,
          align: "right",
          value: (group) => total(group)?.mean ?? null,
          cell: (group) => {
            const one = total(group);
            if (!one) return null;
            const reach = one.interval ? (one.interval[1] - one.interval[0]) / 2 : null;
            return (
              <span title={`${count(one.count)} runs, from ${figure(one.min)} to ${figure(one.max)}`}>
                {textOf(key, one.mean)}
                {reach !== null && <span className="faint"> ± {textOf(key, reach)}</span>}
              </span>
            );
          },
        };
      }),
    ];
  }, [groups, of]);
  return (
    <>
      <p className="runs-note faint">Means with the half width of their 95 % confidence interval.</p>
      <DataTable
        label={`Runs by ${titleOf(of)}`}
        view="runs.groups"
        rows={groups}
        columns={columns}
        rowId={(group) => JSON.stringify(group.value)}
      />
    </>
  );
}
