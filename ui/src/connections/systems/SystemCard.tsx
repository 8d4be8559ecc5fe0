import { PlugZap, RefreshCw, Trash2, X } from "lucide-react";
import { useState } from "react";
import type { ConnectionView, Job } from "../../api/client";
import { Button, IconButton } from "../../shared/Button";
import { count } from "../../shared/format";
import { errorText, useAct, useRead } from "../../shared/query";
import { SafeText } from "../../shared/SafeText";
import { Time } from "../../shared/Time";
import { toast } from "../../shared/toasts";
import { Found } from "./Found";

const paces: [minutes: number | null, words: string][] = [
  [null, "only when told to"],
  [5, "every 5 minutes"],
  [15, "every 15 minutes"],
  [60, "every hour"],
  [1440, "every day"],
];

/** One connected system: what its last pull did, and what can be done with it. */
export function SystemCard({ system, readOnly }: { system: ConnectionView; readOnly: boolean }) {
  const { name, kind_title, address } = system;
  const jobs = useRead("jobs", undefined).data;
  const job = jobs?.find(({ id, state }) => id === system.job && state === "running");
  const pull = useAct("connection_pull");
  const test = useAct("connection_test");
  const schedule = useAct("connection_schedule");
  const failed = (what: string) => (problem: unknown) => toast({ text: `${what}: ${errorText(problem)}`, look: "bad" });
  const running = system.job !== null;
  return (
    <section className="system" aria-label={name}>
      <div className="system-head">
        <h3>
          <SafeText>{name}</SafeText>
        </h3>
        <span className="chip">{kind_title}</span>
      </div>
      <code className="system-address selectable" title={address}>
        <SafeText>{address}</SafeText>
      </code>
      <LastPull system={system} />
      {running && <Pulling name={name} job={job} />}
      <div className="system-acts">
        <Button
          small
          icon={RefreshCw}
          isDisabled={readOnly || running || pull.isPending}
          onPress={() => pull.mutate({ name }, { onError: failed("The pull did not start") })}
        >
          Pull now
        </Button>
        <Button
          small
          look="quiet"
          icon={PlugZap}
          isDisabled={test.isPending}
          onPress={() => test.mutate({ name, draft: null })}
        >
          {test.isPending ? "Testing" : "Test"}
        </Button>
        <select
          className="input system-pace"
          aria-label={`Pull ${name}`}
          value={system.minutes ?? ""}
          disabled={readOnly || schedule.isPending}
          onChange={({ target }) =>
            schedule.mutate(
              { name, minutes: target.value === "" ? null : Number(target.value) },
              { onError: failed("The schedule could not be kept") },
            )
          }
        >
          {pacesWith(system.minutes).map(([minutes, words]) => (
            <option key={words} value={minutes ?? ""}>
              {words}
            </option>
          ))}
        </select>
        <Remove name={name} disabled={readOnly || running} />
      </div>
      {system.next_at && !running && (
        <p className="quiet system-next">
          Next pull <Time at={system.next_at} />, while the window is open.
        </p>
      )}
      <Found result={test.data} error={test.error} onClose={test.reset} />
    </section>
  );
}

const pacesWith = (minutes: number | null): [minutes: number | null, words: string][] =>
  paces.some(([one]) => one === minutes) ? paces : [...paces, [minutes, `every ${minutes} minutes`]];

function LastPull({ system }: { system: ConnectionView }) {
  const { pulled_at, report } = system;
  if (!pulled_at || !report) return <p className="quiet">Never pulled.</p>;
  return (
    <>
      <p className="quiet">
        {report.cancelled ? "Cancelled" : "Pulled"} <Time at={pulled_at} />: {count(report.created)} created,{" "}
        {count(report.changed)} changed, {count(report.same)} same
        {report.rejected > 0 && <span className="job-rejected">, {count(report.rejected)} rejected</span>}
      </p>
      {report.error && (
        <p className="system-problem selectable">
          <SafeText>{report.error}</SafeText>
        </p>
      )}
    </>
  );
}

function Pulling({ name, job }: { name: string; job: Job | undefined }) {
  const cancel = useAct("job_cancel");
  const share = job?.total ? Math.min(1, job.done / job.total) : null;
  return (
    <div className="system-pulling">
      <div
        className="progress"
        role="progressbar"
        aria-label={`Pulling ${name}`}
        data-unknown={share === null}
        {...(share === null ? {} : { "aria-valuenow": Math.round(share * 100) })}
      >
        <span style={share === null ? undefined : { width: `${share * 100}%` }} />
      </div>
      {job && (
        <span className="quiet">
          {count(job.done)}
          {job.total ? ` of ${count(job.total)}` : ""} {job.unit}
        </span>
      )}
      {job && (
        <IconButton
          icon={X}
          size={13}
          label={`Cancel pulling ${name}`}
          isDisabled={cancel.isPending}
          onPress={() => cancel.mutate({ job: job.id })}
        />
      )}
    </div>
  );
}

function Remove({ name, disabled }: { name: string; disabled: boolean }) {
  const remove = useAct("connection_remove");
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <IconButton
        icon={Trash2}
        size={13}
        label={`Remove ${name}`}
        isDisabled={disabled}
        onPress={() => setAsking(true)}
      />
    );
  }
  return (
    <div className="system-ask" role="alertdialog" aria-label={`Remove ${name}`}>
      <span>Forget this connection and its secret? What it brought stays.</span>
      <Button
        small
        look="danger"
        isDisabled={remove.isPending}
        onPress={() =>
          remove.mutate(
            { name },
            {
              onError: (problem) => {
                setAsking(false);
                toast({ text: `It could not be removed: ${errorText(problem)}`, look: "bad" });
              },
            },
          )
        }
      >
        Remove
      </Button>
      <Button small autoFocus onPress={() => setAsking(false)}>
        Keep
      </Button>
    </div>
  );
}
