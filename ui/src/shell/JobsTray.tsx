import { ListChecks, X } from "lucide-react";
import { useEffect } from "react";
import { IconButton } from "../shared/Button";
import { JobCard } from "../shared/JobCard";
import { onEscape } from "../shared/keys";
import { openLink, writeQuery } from "../shared/links";
import { Empty } from "../shared/Panel";
import { useRead } from "../shared/query";
import { useStore } from "../shared/store";
import { tray } from "./overlays";

export function JobsTray() {
  const open = useStore(tray);
  return open ? <Tray /> : null;
}

function Tray() {
  const jobs = useRead("jobs", undefined).data ?? [];
  useEffect(
    () =>
      onEscape(() => {
        tray.set(false);
        return true;
      }),
    [],
  );
  return (
    <section className="tray" aria-label="Jobs">
      <div className="tray-head">
        <h2>Jobs</h2>
        <IconButton icon={X} label="Close" onPress={() => tray.set(false)} />
      </div>
      <div className="tray-body">
        {jobs.length === 0 && (
          <Empty icon={ListChecks} title="No jobs">
            Imports and other long work appear here.
          </Empty>
        )}
        {jobs.map((job) => (
          <JobCard
            key={job.id}
            job={job}
            onOpen={() => {
              tray.set(false);
              openLink(`/connections${writeQuery({ job: job.id })}`);
            }}
          />
        ))}
      </div>
    </section>
  );
}
