import { ChartColumn, Download } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import type { ActivityPair, ActivityPoint, ActivityView, EntityView, Period } from "../api/client";
import { csvField } from "../lineage/csv";
import { saveAs } from "../lineage/save";
import { Button } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { count, duration, number, plural } from "../shared/format";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { Chart, type Series } from "./Chart";
import "./activity.css";

const periods: { id: Period; label: string; words: string }[] = [
  { id: "day", label: "24 hours", words: "the last 24 hours" },
  { id: "week", label: "7 days", words: "the last 7 days" },
  { id: "month", label: "30 days", words: "the last 30 days" },
  { id: "quarter", label: "90 days", words: "the last 90 days" },
  { id: "all", label: "All", words: "all time" },
];

/** More scores than this are not drawn one by one. */
const mostScores = 12;

const dollars = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.01 ? `$${number(Number(value.toPrecision(3)))}` : `$${value.toFixed(2)}`;
const share = (part: number, whole: number): string => `${number(Number(((100 * part) / whole).toPrecision(2)))} %`;

/** What happened with an entity over time. */
export function Activity({ view }: { view: EntityView }) {
  const [query, setQuery] = useLinkState();
  const chosen = periods.find((one) => one.id === word(query.period)) ?? periods[2];
  const period = chosen?.id ?? "month";
  const { data, error, refetch } = useRead("activity", { id: view.id, period });
  const quiet = data && data.points.length === 0;
  return (
    <div className="scroll">
      <div className="activity">
        <div className="activity-bar">
          <ToggleButtonGroup
            className="segments"
            aria-label="Period"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[period]}
            onSelectionChange={(keys) => {
              const [key] = [...keys];
              setQuery({ period: key === "month" ? "" : String(key) });
            }}
          >
            {periods.map(({ id, label }) => (
              <ToggleButton key={id} id={id} className="segment">
                {label}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <span className="faint">Times in UTC</span>
          <Button
            small
            look="quiet"
            icon={Download}
            isDisabled={!data || quiet === true}
            onPress={() => {
              if (data) void saveAs(`${plain(view.name)}-activity.csv`, csvOf(data));
            }}
          >
            Export CSV
          </Button>
        </div>
        {error && !data ? (
          <ErrorPanel what="The activity could not be read" error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <Skeleton rows={10} label="Reading the activity" />
        ) : quiet ? (
          <Empty
            icon={ChartColumn}
            title={`Nothing happened in ${chosen?.words ?? "this time"}`}
            actions={
              data.last && period !== "all" ? (
                <Button onPress={() => setQuery({ period: "all" })}>Show all time</Button>
              ) : undefined
            }
          >
            {data.last ? (
              <>
                The last that is known was <Time at={data.last} />.
              </>
            ) : (
              "Calls, tokens and cost are counted from traces and runs as they come in."
            )}
          </Empty>
        ) : (
          <Shown data={data} />
        )}
      </div>
    </div>
  );
}

function Shown({ data }: { data: ActivityView }) {
  const start = Date.parse(data.from);
  const steps = Math.max(1, Math.round((Date.parse(data.until) - start) / data.step_ms));
  const times = Array.from({ length: steps }, (_, index) => start + index * data.step_ms);
  const byStep = new Map(
    data.points.map((point) => [Math.floor((Date.parse(point.at) - start) / data.step_ms), point] as const),
  );
  const values = (of: (point: ActivityPoint) => number | null | undefined): (number | null)[] =>
    times.map((_, index) => {
      const point = byStep.get(index);
      return point ? (of(point) ?? null) : null;
    });
  const bar = (label: string, colour: string, of: (point: ActivityPoint) => number): Series => ({
    label,
    colour: `var(--${colour})`,
    as: "bar",
    values: values(of),
  });
  const line = (label: string, colour: string, of: (point: ActivityPoint) => number | null | undefined): Series => ({
    label,
    colour: `var(--${colour})`,
    as: "line",
    values: values(of),
  });
  const { total } = data;
  const same = { times, step: data.step_ms };
  const millis = (value: number): string => duration(value);
  return (
    <>
      <dl className="totals">
        {total.calls > 0 && <Total title="Calls" value={count(total.calls)} />}
        {total.calls > 0 && (
          <Total
            title="Errors"
            value={total.errors === 0 ? "none" : `${count(total.errors)} (${share(total.errors, total.calls)})`}
            bad={total.errors > 0}
          />
        )}
        {total.reads > 0 && <Total title="Reads" value={count(total.reads)} />}
        {total.p50_ms !== null && <Total title="Half within" value={millis(total.p50_ms)} />}
        {total.p95_ms !== null && <Total title="95 % within" value={millis(total.p95_ms)} />}
        {total.input_tokens + total.output_tokens > 0 && (
          <Total title="Tokens in and out" value={`${count(total.input_tokens)} · ${count(total.output_tokens)}`} />
        )}
        {total.cost !== 0 && <Total title="Cost" value={dollars(total.cost)} />}
      </dl>
      <div className="charts">
        {total.calls > 0 && (
          <Chart
            title="Calls"
            {...same}
            show={count}
            series={[
              bar("well", "family-run", (point) => point.calls - point.errors),
              bar("with an error", "bad", (point) => point.errors),
            ]}
          />
        )}
        {total.reads > 0 && (
          <Chart title="Reads" {...same} show={count} series={[bar("reads", "family-data", (point) => point.reads)]} />
        )}
        {total.p95_ms !== null && (
          <Chart
            title="Latency"
            {...same}
            show={millis}
            series={[
              line("95 %", "family-prompt", (point) => point.p95_ms),
              line("half", "family-run", (point) => point.p50_ms),
            ]}
          />
        )}
        {total.input_tokens + total.output_tokens > 0 && (
          <Chart
            title="Tokens"
            {...same}
            show={count}
            series={[
              bar("in", "family-vocabulary", (point) => point.input_tokens),
              bar("out", "family-output", (point) => point.output_tokens),
            ]}
          />
        )}
        {total.cost !== 0 && (
          <Chart title="Cost" {...same} show={dollars} series={[bar("cost", "family-agent", (point) => point.cost)]} />
        )}
        {data.scores.slice(0, mostScores).map(({ name, mean, count: many }) => (
          <Chart
            key={name}
            title={`${name}: ${number(Number(mean.toPrecision(3)))} on average of ${plural(many, "score")}`}
            {...same}
            show={(value) => number(Number(value.toPrecision(3)))}
            series={[line(name, "family-model", (point) => point.scores.find((one) => one.name === name)?.mean)]}
          />
        ))}
      </div>
      {data.scores.length > mostScores && (
        <p className="faint">{plural(data.scores.length - mostScores, "more score")} not drawn.</p>
      )}
      <div className="pairs">
        <Pairs title="Called or read by" pairs={data.callers} total={data.callers_total} />
        <Pairs title="Calls or reads" pairs={data.called} total={data.called_total} />
      </div>
    </>
  );
}

function Total({ title, value, bad = false }: { title: string; value: string; bad?: boolean }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd data-bad={bad}>{value}</dd>
    </div>
  );
}

function Pairs({ title, pairs, total }: { title: string; pairs: ActivityPair[]; total: number }) {
  if (pairs.length === 0) return null;
  const most = Math.max(...pairs.map((one) => one.calls));
  return (
    <section className="part">
      <div className="part-head">
        <h2>{title}</h2>
      </div>
      <ul className="pair-list">
        {pairs.map(({ who, calls, errors }) => (
          <li key={who.id}>
            <EntityLink entity={who} />
            <span className="pair-bar" aria-hidden>
              <i style={{ width: `${(100 * calls) / most}%` }} />
            </span>
            <span className="number">{count(calls)}</span>
            <span className="pair-errors">{errors > 0 && <SafeText>{plural(errors, "error")}</SafeText>}</span>
          </li>
        ))}
      </ul>
      {total > pairs.length && <p className="faint">{plural(total - pairs.length, "other")} less often.</p>}
    </section>
  );
}

/** A name that can stand in a file's. */
const plain = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 80) || "entity";

/** One row for each step in which anything happened. */
export function csvOf(data: ActivityView): Blob {
  const names = data.scores.map((one) => one.name);
  const head = ["from", "calls", "errors", "reads", "p50_ms", "p95_ms", "input_tokens", "output_tokens", "cost_usd"];
  const rows = data.points.map((point) => [
    point.at,
    point.calls,
    point.errors,
    point.reads,
    point.p50_ms ?? "",
    point.p95_ms ?? "",
    point.input_tokens,
    point.output_tokens,
    point.cost,
    ...names.map((name) => point.scores.find((one) => one.name === name)?.mean ?? ""),
  ]);
  const lines = [[...head, ...names.map((name) => `score ${name}`)], ...rows];
  return new Blob([lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("")], { type: "text/csv" });
}
