import { X } from "lucide-react";
import type { Job } from "../api/client";
import { Button, IconButton } from "./Button";
import { bytes, count, duration } from "./format";
import { useAct } from "./query";
import { SafeText } from "./SafeText";
import { Time } from "./Time";

const states: Record<Job["state"], string> = {
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

const amount = (many: number, unit: string, bare = false): string =>
  unit === "bytes" ? bytes(many) : bare ? count(many) : `${count(many)} ${unit}`;

/** A long piece of work: how far, how fast, how long still, and a way to stop it. */
export function JobCard({ job, onOpen, selected }: { job: Job; onOpen?(): void; selected?: boolean }) {
  const cancel = useAct("job_cancel");
  const dismiss = useAct("job_dismiss");
  const share = job.total ? Math.min(1, job.done / job.total) : null;
  const title = (
    <span className="job-title">
      <SafeText>{job.title}</SafeText>
    </span>
  );
  return (
    <div className="job" data-selected={selected ?? false}>
      <div className="job-head">
        <span className="dot" data-state={job.state} />
        {onOpen ? (
          <button type="button" className="job-open" onClick={onOpen}>
            {title}
          </button>
        ) : (
          title
        )}
        <span className="quiet">
          {states[job.state]} {job.ended_at && <Time at={job.ended_at} />}
        </span>
        {job.state === "running" && (
          <Button
            small
            look="quiet"
            icon={X}
            isDisabled={cancel.isPending}
            onPress={() => cancel.mutate({ job: job.id })}
          >
            Cancel
          </Button>
        )}
        {job.state !== "running" && (
          <IconButton icon={X} label="Remove from the list" size={13} onPress={() => dismiss.mutate({ job: job.id })} />
        )}
      </div>
      {job.state === "running" && (
        <>
          <div
            className="progress"
            role="progressbar"
            aria-label={job.title}
            data-unknown={share === null}
            {...(share === null ? {} : { "aria-valuenow": Math.round(share * 100) })}
          >
            <span style={share === null ? undefined : { width: `${share * 100}%` }} />
          </div>
          <div className="job-numbers">
            {job.total
              ? `${amount(job.done, job.unit, true)} of ${amount(job.total, job.unit)}`
              : amount(job.done, job.unit)}
            {job.rate ? `, ${amount(job.rate, job.unit, true)} per second` : ""}
            {job.seconds_left === null ? "" : `, ${duration(job.seconds_left * 1000)} left`}
          </div>
        </>
      )}
      {job.error && <p className="job-error selectable">{job.error}</p>}
      {job.report && (
        <div className="job-numbers">
          {count(job.report.created)} created, {count(job.report.changed)} changed, {count(job.report.same)} same
          {job.report.rejected.length > 0 && (
            <span className="job-rejected">, {count(job.report.rejected.length)} rejected</span>
          )}
        </div>
      )}
    </div>
  );
}
