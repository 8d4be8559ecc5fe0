import { CircleDot, Lock, Undo2 } from "lucide-react";
import { bytes, count, plural } from "../shared/format";
import { keyText } from "../shared/keys";
import { openLink } from "../shared/links";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { useLastOperation, useUndo } from "../shared/undo";
import { useCatalog } from "./catalog";
import { tray } from "./overlays";

export function StatusLine() {
  const info = useCatalog();
  const jobs = useRead("jobs", undefined).data ?? [];
  const running = jobs.filter((job) => job.state === "running");
  const failed = jobs.filter((job) => job.state === "failed").length;
  const last = useLastOperation();
  const { undo } = useUndo();
  const first = running[0];
  const share = first?.total ? Math.round((first.done / first.total) * 100) : null;
  return (
    <footer className="status">
      {info?.path && (
        <span className="status-part" title={info.path}>
          {plural(info.entity_count, "entity", "entities")}, {plural(info.relation_count, "relation")},{" "}
          {bytes(info.size_bytes)}
        </span>
      )}
      {info?.read_only && (
        <span className="status-part" title={info.read_only}>
          <Lock size={11} aria-hidden /> Read-only
        </span>
      )}
      {info && info.index_waiting > 0 && (
        <span className="status-part" title="Search finds these already; taking them in keeps it fast.">
          {count(info.index_waiting)} to index
        </span>
      )}
      <span className="spacer" />
      {last && (
        <>
          <button type="button" className="status-part status-last" onClick={() => openLink("/changes")}>
            <SafeText>{last.title}</SafeText> <Time at={last.at} />
          </button>
          <button
            type="button"
            className="status-part"
            title={`Undo “${last.title}” (${keyText("mod+z")})`}
            disabled={Boolean(info?.read_only)}
            onClick={() => void undo(last)}
          >
            <Undo2 size={12} aria-hidden /> Undo
          </button>
        </>
      )}
      <button type="button" className="status-part" onClick={() => tray.set((open) => !open)}>
        {first ? (
          <>
            <CircleDot size={11} aria-hidden className="status-running" />
            {running.length === 1 ? first.title : plural(running.length, "job")}
            {share === null
              ? `, ${first.unit === "bytes" ? bytes(first.done) : `${count(first.done)} ${first.unit}`}`
              : `, ${share} %`}
          </>
        ) : failed > 0 ? (
          <>
            <span className="dot" data-state="bad" /> {plural(failed, "failed job")}
          </>
        ) : (
          "No jobs"
        )}
      </button>
    </footer>
  );
}
