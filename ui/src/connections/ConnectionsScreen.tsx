import { Cable, FileText, FolderOpen, Globe } from "lucide-react";
import { useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import type { ImportKind, Job } from "../api/client";
import { Button } from "../shared/Button";
import { TextInput } from "../shared/Field";
import { pickFile, pickFolder } from "../shared/files";
import { JobCard } from "../shared/JobCard";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { errorText, useAct, useRead } from "../shared/query";
import { toast } from "../shared/toasts";
import { CatalogFile } from "./CatalogFile";
import { PastImports, usePastImports } from "./PastImports";
import { ReportView } from "./ReportView";
import { Receivers } from "./receivers/Receivers";
import { type Source, sources } from "./sources";
import { Systems } from "./systems/Systems";
import "./connections.css";

/** Where metadata comes from: imports, their progress and reports, and the care of the catalog file. */
export function ConnectionsScreen() {
  usePlace("Connections");
  const [query, setQuery] = useLinkState();
  const info = useRead("catalog_info", undefined).data;
  const { data: jobs, error, refetch } = useRead("jobs", undefined);
  const start = useAct("import_start");
  const chosen = jobs?.find((job) => job.id === word(query.job)) ?? jobs?.[0];
  // Those of this session are listed as jobs, with their reports.
  const past = usePastImports(jobs?.reduce<string | null>(earlier, null) ?? null);
  const readOnly = Boolean(info?.read_only);
  const importFrom = (kind: ImportKind, from: string | null): void => {
    if (!from) return;
    start.mutate(
      { kind, from },
      {
        onSuccess: ({ job }) => setQuery({ job }),
        onError: (problem) => toast({ text: `The import did not start: ${errorText(problem)}`, look: "bad" }),
      },
    );
  };
  return (
    <>
      <div className="screen-head">
        <h1>Connections</h1>
        {readOnly && <span className="quiet">The catalog is read-only, so nothing can be imported.</span>}
      </div>
      <div className="screen-body connections">
        <div className="scroll connections-left">
          <Systems readOnly={readOnly} />
          <h2>Import</h2>
          {sources.map((source) => (
            <SourceCard key={source.kind} source={source} disabled={readOnly} onImport={importFrom} />
          ))}
          <Receivers readOnly={readOnly} />
          {info && <CatalogFile info={info} />}
        </div>
        <div className="connections-right">
          <h2>Imports</h2>
          {error && <ErrorPanel what="The jobs could not be read" error={error} onRetry={() => void refetch()} />}
          {!jobs && !error && <Skeleton rows={4} />}
          {jobs?.length === 0 && past?.length === 0 && (
            <Empty icon={Cable} title="No imports yet">
              Choose where to import from. Progress and the report appear here, and running the same import again
              changes nothing.
            </Empty>
          )}
          {jobs && jobs.length > 0 && <JobList jobs={jobs} chosen={chosen} onChoose={(job) => setQuery({ job })} />}
          {chosen && <ReportView key={chosen.id} job={chosen} />}
          {past && past.length > 0 && <PastImports imports={past} />}
        </div>
      </div>
    </>
  );
}

const earlier = (at: string | null, { started_at }: Job): string | null =>
  at === null || started_at < at ? started_at : at;

function JobList({ jobs, chosen, onChoose }: { jobs: Job[]; chosen: Job | undefined; onChoose(job: string): void }) {
  return (
    <div className="job-list">
      {jobs.map((job) => (
        <JobCard key={job.id} job={job} selected={job.id === chosen?.id} onOpen={() => onChoose(job.id)} />
      ))}
    </div>
  );
}

interface SourceCardProps {
  source: Source;
  disabled: boolean;
  onImport(kind: ImportKind, from: string | null): void;
}

function SourceCard({ source, disabled, onImport }: SourceCardProps) {
  const { kind, name, about, file, folder, server } = source;
  return (
    <section className="source" aria-label={name}>
      <h3>{name}</h3>
      <p className="quiet">{about}</p>
      <div className="source-acts">
        {file && (
          <Button
            small
            icon={FileText}
            isDisabled={disabled}
            onPress={async () => onImport(kind, await pickFile(`Import ${name}`, file.extensions))}
          >
            {file.label}
          </Button>
        )}
        {folder && (
          <Button
            small
            icon={FolderOpen}
            isDisabled={disabled}
            onPress={async () => onImport(kind, await pickFolder(`Import ${name}`))}
          >
            {folder.label}
          </Button>
        )}
        {server && <ServerButton source={source} server={server} disabled={disabled} onImport={onImport} />}
      </div>
    </section>
  );
}

function ServerButton({
  source,
  server,
  disabled,
  onImport,
}: SourceCardProps & { server: NonNullable<Source["server"]> }) {
  const [address, setAddress] = useState("");
  const wanted = address.trim();
  const usable = /^https?:\/\/[^\s/]+/.test(wanted);
  return (
    <DialogTrigger>
      <Button small icon={Globe} isDisabled={disabled}>
        {server.label}
      </Button>
      <Popover className="popover" placement="bottom start" offset={4}>
        <Dialog className="server-box" aria-label={`${source.name} server`}>
          {({ close }) => {
            const go = (): void => {
              if (!usable) return;
              onImport(source.kind, wanted);
              close();
            };
            return (
              <>
                <TextInput
                  label="Address"
                  value={address}
                  onChange={setAddress}
                  placeholder={server.placeholder}
                  hint={wanted && !usable ? "An address starts with http:// or https://" : server.hint}
                  code
                  autoFocus
                  onEnter={go}
                />
                <div className="edit-acts">
                  <Button look="primary" isDisabled={!usable} onPress={go}>
                    Import
                  </Button>
                </div>
              </>
            );
          }}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
