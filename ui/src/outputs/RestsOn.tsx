import { Copy } from "lucide-react";
import { useState } from "react";
import type { AnswerSource, AnswerView, CitationView, State } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { EntityLink } from "../shared/EntityLink";
import { number, plural } from "../shared/format";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { pieces } from "./characters";
import "./outputs.css";

const says: { [state in State]: string } = {
  exact: "stands in the source",
  approximate: "is in the source in other words",
  moved: "stood there; the source has changed since",
  missing: "less than half of it is found there, so nothing is marked",
};
/** So much of a long source is shown at first. */
const preview = 10_000;

/** What an answer rests on: its citations, and each passage that it was given, with the cited words marked. */
export function RestsOn({ id }: { id: string }) {
  const { data, error, refetch } = useRead("answer", { id });
  const [chosen, setChosen] = useState<number | null>(null);
  if (error && !data) {
    return <ErrorPanel what="What it rests on could not be looked up" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={4} label="Looking up what it rests on" />;
  if (data.sources.length === 0 && data.citations.length === 0) return null;
  const suggested = data.citations.every((citation) => citation.basis === "suggested");
  return (
    <section className="part rests" aria-label="What it rests on">
      <div className="part-head">
        <h2>What it rests on</h2>
        <IconButton
          icon={Copy}
          size={13}
          label="Copy the answer with its sources"
          onPress={() => copyText(asMarkdown(data))}
        />
      </div>
      {data.citations.length === 0 ? (
        <p className="quiet">It cites nothing, and nothing that it was given is like it.</p>
      ) : (
        <>
          {suggested && (
            <p className="quiet">
              The answer itself cites nothing. These are suggestions: words of it that are like a source&apos;s.
            </p>
          )}
          <ol className="rests-citations">
            {data.citations.map((citation, at) => (
              <li key={`${citation.answer_span.start}/${citation.source_index}/${citation.mark?.start}`}>
                <button
                  type="button"
                  className="rests-citation"
                  aria-pressed={chosen === at}
                  onClick={() => setChosen(chosen === at ? null : at)}
                >
                  <span className="rests-chip" data-state={citation.state}>
                    {citation.source_index === null ? "?" : citation.source_index + 1}
                  </span>
                  <span className="rests-words">
                    <SafeText>{pieces(data.text, citation.answer_span)[1]}</SafeText>
                    <span className="faint">
                      {citation.basis === "suggested" ? "Suggested: " : ""}
                      {stateText(citation)}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ol>
        </>
      )}
      <ol className="rests-sources">
        {data.sources.map((source, at) => (
          <Source
            key={source.entity?.id ?? source.title}
            source={source}
            at={at}
            citation={
              data.citations.find((citation, index) => citation.source_index === at && index === chosen) ??
              data.citations.find((citation) => citation.source_index === at) ??
              null
            }
            isChosen={chosen !== null && data.citations[chosen]?.source_index === at}
          />
        ))}
      </ol>
    </section>
  );
}

function stateText(citation: CitationView): string {
  if (citation.source_index === null) return `${citation.called ?? "its source"} is not known to this catalog`;
  const pages = citation.pages ? `page ${citation.pages.join(" to ")}: ` : "";
  return `${pages}${says[citation.state]}`;
}

interface SourceProps {
  source: AnswerSource;
  at: number;
  citation: CitationView | null;
  isChosen: boolean;
}

function Source({ source, at, citation, isChosen }: SourceProps) {
  const [all, setAll] = useState(false);
  const text = source.text ?? "";
  const span = citation?.source_span ?? null;
  const [before, marked, after] = span ? pieces(text, span) : [text, "", ""];
  const cut = !all && text.length > preview && before.length + marked.length < preview;
  const rest = cut ? after.slice(0, preview - before.length - marked.length) : after;
  return (
    <li className="rests-source" data-chosen={isChosen || undefined}>
      <div className="rests-head">
        <span className="rests-chip" data-state={source.cited ? "exact" : undefined}>
          {at + 1}
        </span>
        {source.entity ? <EntityLink entity={source.entity} /> : <SafeText>{source.title}</SafeText>}
        <span className="chip">{source.cited ? "cited" : "retrieved"}</span>
        {source.score !== null && <span className="faint">score {number(source.score)}</span>}
        {source.reranking_score !== null && <span className="faint">reranked {number(source.reranking_score)}</span>}
        {source.stale_since !== null && (
          <span className="rests-stale">
            changed <Time at={source.stale_since} />
          </span>
        )}
      </div>
      {source.made_from.length > 0 && (
        <div className="rests-from faint">
          from{" "}
          {source.made_from.map((one) => (
            <EntityLink key={one.id} entity={one} />
          ))}
        </div>
      )}
      {source.text === null ? (
        <p className="faint">Its text is not in the catalog.</p>
      ) : (
        <blockquote className="rests-text selectable">
          <SafeText>{before}</SafeText>
          {marked !== "" && (
            <mark data-suggested={citation?.basis === "suggested" || undefined}>
              <SafeText>{marked}</SafeText>
            </mark>
          )}
          <SafeText>{rest}</SafeText>
          {cut && (
            <Button small look="quiet" onPress={() => setAll(true)}>
              Show all {plural(source.characters, "character")}
            </Button>
          )}
        </blockquote>
      )}
    </li>
  );
}

/** The answer with its sources numbered, for another text. */
export function asMarkdown(view: AnswerView): string {
  const cited = view.sources.flatMap((source, at) => (source.cited ? [`${at + 1}. ${source.title}`] : []));
  return cited.length > 0 ? `${view.text}\n\nSources:\n${cited.join("\n")}` : view.text;
}
