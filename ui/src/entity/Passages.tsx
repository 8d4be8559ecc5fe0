import { CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ChunkView, EntityView, Passages as PassagesView } from "../api/client";
import { EntityLink } from "../shared/EntityLink";
import { count, plural } from "../shared/format";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import "./activity.css";

const kinds = ["chunk", "document", "output", "trace"];

/** Whether a passage still stands in its document, and which passages of a document or answer don't. */
export function Passages({ view }: { view: EntityView }) {
  return kinds.includes(view.kind) ? <Asked view={view} /> : null;
}

function Asked({ view }: { view: EntityView }) {
  const { data } = useRead("passages", { id: view.id });
  if (!data) return null;
  if (data.own) return <Own chunk={data.own} />;
  return <Several view={view} data={data} />;
}

const reason = (one: ChunkView): string =>
  one.state === "stale" ? `stale${one.page === null ? "" : `, was on page ${one.page}`}` : one.why.join("; ");

function Note({ warn, children }: { warn: boolean; children: ReactNode }) {
  const Icon = warn ? TriangleAlert : CircleCheck;
  return (
    <p className="passages-note" data-look={warn ? "warn" : "quiet"} role={warn ? "status" : undefined}>
      <Icon size={14} aria-hidden />
      <span>{children}</span>
    </p>
  );
}

function Own({ chunk }: { chunk: ChunkView }) {
  const place = chunk.page === null ? "" : `, page ${count(chunk.page)}`;
  const letters =
    chunk.start !== null && chunk.end !== null ? `, bytes ${count(chunk.start)} to ${count(chunk.end)}` : "";
  if (chunk.state === "unknown" && chunk.why.length === 0) return null;
  return (
    <section className="part" aria-label="Standing in the document">
      {chunk.state === "stale" && (
        <Note warn>
          Stale: this text is not in the document any more
          {chunk.since && (
            <>
              {" "}
              since <Time at={chunk.since} />
            </>
          )}
          . It was in the version <code>{chunk.version?.slice(0, 12)}</code>
          {place}
          {letters}.
        </Note>
      )}
      {chunk.why
        .filter((why) => !why.startsWith("its text is not"))
        .map((why) => (
          <Note warn key={why}>
            Not for retrieval: <SafeText>{why}</SafeText>.
          </Note>
        ))}
      {chunk.state === "fresh" && (
        <Note warn={false}>
          Fresh: this text stands in the document{place}
          {letters}
          {chunk.fit === "spaced" && ", but for white space"}
          {chunk.fit === "letters" && ", by its letters and digits"}.
        </Note>
      )}
      {chunk.state === "unplaced" && (
        <Note warn={false}>
          This text was not found in the document as it was imported. Another program may have read the file otherwise.
        </Note>
      )}
      {chunk.document && <EntityLink entity={chunk.document} />}
    </section>
  );
}

function Several({ view, data }: { view: EntityView; data: PassagesView }) {
  const isDocument = view.kind === "document";
  const latest = data.versions[0];
  if (!isDocument && data.not_for_retrieval_total === 0) return null;
  if (isDocument && data.versions.length === 0 && data.chunks === 0) return null;
  const more = data.not_for_retrieval_total - data.not_for_retrieval.length;
  return (
    <section className="part" aria-label="Passages">
      <div className="part-head">
        <h2>{isDocument ? "Passages in vector stores" : "Retrieved passages"}</h2>
      </div>
      {data.not_for_retrieval_total > 0 ? (
        <Note warn>
          {count(data.not_for_retrieval_total)} of {plural(data.chunks, "passage")}{" "}
          {isDocument ? "must not be retrieved" : "that were retrieved must not be used any more"}
          {data.stale > 0 && `: ${count(data.stale)} stale`}
          {data.withheld && (
            <>
              {data.stale > 0 ? ", and " : ": "}
              <SafeText>{data.withheld}</SafeText>
            </>
          )}
          .
        </Note>
      ) : data.chunks > 0 ? (
        <Note warn={false}>{plural(data.chunks, "passage")}, none of them stale.</Note>
      ) : (
        <p className="faint">No vector store that is known holds a passage of it.</p>
      )}
      {latest && (
        <p className="faint">
          Read <Time at={latest.last_at} /> as version <code>{latest.sha256.slice(0, 12)}</code>
          {data.versions.length > 1 && `, ${plural(data.versions.length - 1, "earlier version")} known`}.
        </p>
      )}
      {data.not_for_retrieval.length > 0 && (
        <ul className="passages-list">
          {data.not_for_retrieval.map((one) => (
            <li key={one.chunk.id}>
              <EntityLink entity={one.chunk} />
              <span>
                <SafeText>{reason(one)}</SafeText> {one.since && <Time at={one.since} />}
              </span>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="faint">And {plural(more, "other")}: catena chunks --not-for-retrieval lists all.</p>}
    </section>
  );
}
