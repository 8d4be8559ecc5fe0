import { ArrowRight, CircleDashed, X } from "lucide-react";
import { IconButton } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { count, plural } from "../shared/format";
import { KindIcon } from "../shared/KindIcon";
import { Name } from "../shared/Name";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { SayOfRelation } from "../shared/SayOfRelation";
import { Time } from "../shared/Time";
import { type EdgeRelation, type EvidenceRow, type LineageArgs, type LineageEdge, useLineageEdge } from "./api";

interface End {
  id: string;
  kind: string;
  name: string;
}

/** Who said that there is this edge, and a say of one's own where it was only inferred. */
export function EdgePanel({ from, to, view, onClose }: { from: End; to: End; view: LineageArgs; onClose(): void }) {
  const answer = useLineageEdge({ from: from.id, to: to.id, view });
  return (
    <aside className="lineage-panel" aria-label="Who says so">
      <header className="lineage-panel-head">
        <strong>Who says so</strong>
        <IconButton icon={X} label="Close" keys="Esc" onPress={onClose} />
      </header>
      <div className="lineage-ends">
        <KindIcon kind={from.kind} />
        <Name code>{from.name}</Name>
        <ArrowRight size={13} aria-hidden />
        <KindIcon kind={to.kind} />
        <Name code>{to.name}</Name>
      </div>
      <div className="lineage-panel-body">
        {answer.isPending && <Skeleton rows={4} label="Reading the evidence" />}
        {answer.error && (
          <ErrorPanel
            what="The evidence could not be read"
            error={answer.error}
            onRetry={() => void answer.refetch()}
          />
        )}
        {answer.data && answer.data.between.length > 0 && <Between edge={answer.data} />}
        {answer.data && answer.data.through.length > 0 && (
          <section>
            <h4>Through what is hidden here</h4>
            {answer.data.through.map((step) => (
              <EntityLink key={step.id} entity={step} />
            ))}
          </section>
        )}
        {answer.data?.relations.map((relation) => (
          <Relation
            key={`${relation.relation.from} ${relation.relation.kind} ${relation.relation.to}`}
            relation={relation}
          />
        ))}
        {answer.data?.relations.length === 0 && answer.data.through.length === 0 && (
          <p className="faint">Nothing says so any more; reload the view.</p>
        )}
      </div>
    </aside>
  );
}

/** The edges that one between groups stands for. */
function Between({ edge }: { edge: LineageEdge }) {
  const more = edge.stands_for - edge.between.length;
  return (
    <section>
      <h4>Stands for {plural(edge.stands_for, "edge")}</h4>
      {edge.between.map(({ from, to }) => (
        <div key={`${from.id} ${to.id}`} className="lineage-ends">
          <EntityLink entity={from} />
          <ArrowRight size={13} aria-hidden />
          <EntityLink entity={to} />
        </div>
      ))}
      {more > 0 && <p className="faint">and {count(more)} more</p>}
    </section>
  );
}

function Relation({ relation }: { relation: EdgeRelation }) {
  const words = relation.relation.kind.replaceAll("_", " ");
  return (
    <section className="lineage-relation">
      <h4>
        {words.charAt(0).toUpperCase() + words.slice(1)}
        {relation.inferred && (
          <span className="chip">
            <CircleDashed size={11} aria-hidden /> inferred
          </span>
        )}
        {relation.removed && (
          <span className="chip">{relation.verdict === "rejected" ? "rejected" : "no longer seen"}</span>
        )}
      </h4>
      <SayOfRelation relation={relation.relation} verdict={relation.verdict} inferred={relation.inferred} />
      {relation.evidence.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no id and is never reordered in place
        <Evidence key={at} row={row} />
      ))}
    </section>
  );
}

function Evidence({ row }: { row: EvidenceRow }) {
  return (
    <div className="lineage-evidence">
      <div className="lineage-evidence-head">
        <strong>{row.source}</strong>
        <span className="quiet">
          {row.method.replaceAll("_", " ")}
          {row.matched_by && `: ${row.matched_by}`}
        </span>
        <span className="number" title="How sure the source is">
          {Math.round(row.confidence * 100)} %
        </span>
      </div>
      <div className="quiet">
        {row.last_seen !== null && (
          <>
            seen <Time at={row.last_seen} />
          </>
        )}
        {row.first_seen !== null && row.first_seen !== row.last_seen && (
          <>
            , first <Time at={row.first_seen} />
          </>
        )}
      </div>
      {row.job && <EntityLink entity={row.job} />}
      {row.run && <EntityLink entity={row.run} />}
      {row.sql && <pre className="lineage-sql">{row.sql}</pre>}
    </div>
  );
}
