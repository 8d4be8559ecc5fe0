import { CircleCheck, Copy, Undo2 } from "lucide-react";
import type { Job } from "../api/client";
import { Button } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { count, plural } from "../shared/format";
import { Empty, ErrorPanel } from "../shared/Panel";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { type Column, toTsv } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { recent, useUndo } from "../shared/undo";

interface Rejected {
  id: string;
  where: string;
  why: string;
}

const columns: Column<Rejected>[] = [
  {
    id: "where",
    header: "Where",
    width: 280,
    value: (row) => row.where,
    cell: (row) => (
      <span className="code ellipsis" title={row.where}>
        <SafeText>{row.where}</SafeText>
      </span>
    ),
  },
  {
    id: "why",
    header: "Why it was not stored",
    width: 380,
    grow: true,
    value: (row) => row.why,
    cell: (row) => (
      <span className="ellipsis" title={row.why}>
        <SafeText>{row.why}</SafeText>
      </span>
    ),
  },
];

/** What an import did, row by row for what it could not take. */
export function ReportView({ job }: { job: Job }) {
  const { undo } = useUndo();
  const { data: operations } = useRead("history", recent);
  const failure = job.error && <ErrorPanel what={`${job.title} stopped`} error={job.error} />;
  if (!job.report) return failure;
  const { created, changed, same } = job.report;
  const rejected = job.report.rejected.map((row, index) => ({ ...row, id: String(index) }));
  const notes = job.report.notes ?? [];
  const whole = job.report.import;
  const takenBack =
    whole !== undefined && Boolean(operations?.find((one) => one.import?.id === whole)?.import?.undone_by);
  const undoImport = async (): Promise<void> => {
    if (whole) await undo({ id: whole, title: job.title, import: { id: whole } });
  };
  return (
    <section className="report" aria-label="Report">
      {failure}
      <div className="report-head">
        <dl className="report-counts">
          <Figure label="created" value={created} />
          <Figure label="changed" value={changed} />
          <Figure label="same" value={same} />
          <Figure label="rejected" value={rejected.length} bad={rejected.length > 0} />
        </dl>
        <span className="spacer" />
        {takenBack && <span className="chip">taken back</span>}
        {whole && !takenBack && (
          <Button small look="quiet" icon={Undo2} onPress={() => void undoImport()}>
            Undo import
          </Button>
        )}
        {rejected.length > 0 && (
          <Button
            small
            look="quiet"
            icon={Copy}
            onPress={() => copyText(toTsv(columns, rejected), `${plural(rejected.length, "row")} copied`)}
          >
            Copy rejected
          </Button>
        )}
      </div>
      {notes.length > 0 && (
        <ul className="report-notes">
          {notes.slice(0, 20).map((note) => (
            <li key={note.where + note.why}>
              <span className="faint">
                <SafeText>{note.where}</SafeText>
              </span>{" "}
              <SafeText>{note.why}</SafeText>
            </li>
          ))}
        </ul>
      )}
      {rejected.length > 0 ? (
        <DataTable label="Rejected" view="report.rejected" rows={rejected} columns={columns} rowId={(row) => row.id} />
      ) : (
        // An import that stopped has nothing to be glad of, whatever it had stored by then.
        (takenBack && (
          <Empty icon={Undo2} title="Taken back">
            Nothing of this import is in the catalog any more. Importing the same again brings it back.
          </Empty>
        )) ||
        (job.state === "done" && (
          <Empty
            icon={CircleCheck}
            title={created + changed === 0 ? "Everything was here already" : "Everything was stored"}
          />
        ))
      )}
    </section>
  );
}

function Figure({ label, value, bad }: { label: string; value: number; bad?: boolean }) {
  return (
    <div data-bad={bad ?? false}>
      <dd>{count(value)}</dd>
      <dt>{label}</dt>
    </div>
  );
}
