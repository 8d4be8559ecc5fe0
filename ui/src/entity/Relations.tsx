import { ArrowLeft, ArrowRight, Unlink } from "lucide-react";
import { useState } from "react";
import type { EntityRelation, EntityView, EvidenceView } from "../api/client";
import { count } from "../shared/format";
import { JsonValue } from "../shared/JsonValue";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import { Mark } from "../shared/Mark";
import { Name } from "../shared/Name";
import { Empty } from "../shared/Panel";
import { SafeText } from "../shared/SafeText";
import { SayOfRelation } from "../shared/SayOfRelation";
import { Segmented } from "../shared/Segmented";
import { Time } from "../shared/Time";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { sourceShort, sourceWords, spaced } from "../shared/words";

const percent = (evidence: EvidenceView | undefined): string | null => (evidence ? `${evidence.confidence} %` : null);
const newest = (relation: EntityRelation): EvidenceView | undefined =>
  [...relation.evidence].sort((a, b) => b.at.localeCompare(a.at))[0];

const columns: Column<EntityRelation>[] = [
  {
    id: "direction",
    header: "Way",
    width: 70,
    value: (relation) => relation.direction,
    cell: (relation) =>
      relation.direction === "out" ? (
        <ArrowRight size={14} role="img" aria-label="To" />
      ) : (
        <ArrowLeft size={14} role="img" aria-label="From" />
      ),
  },
  { id: "kind", header: "Relation", width: 130, value: (relation) => spaced(relation.kind) },
  {
    id: "other",
    header: "Other end",
    width: 280,
    grow: true,
    value: (relation) => relation.other.name,
    cell: (relation) => (
      <>
        <KindIcon kind={relation.other.kind} />
        <Name>{relation.other.name}</Name>
        {relation.inferred && <Mark known="inferred" />}
        {relation.removed && <span className="chip">{relation.verdict === "rejected" ? "rejected" : "removed"}</span>}
      </>
    ),
  },
  { id: "otherKind", header: "Kind", width: 110, value: (relation) => kindLabel(relation.other.kind) },
  {
    id: "source",
    header: "Said by",
    width: 190,
    value: (relation) => relation.evidence.map((one) => sourceWords(one.source)).join(", "),
    cell: (relation) => (
      <span className="ellipsis">
        <SafeText>{sourceShort(newest(relation)?.source ?? "unknown")}</SafeText>
        {relation.evidence.length > 1 && <span className="faint"> and {relation.evidence.length - 1} more</span>}
      </span>
    ),
  },
  { id: "method", header: "How", width: 130, value: (relation) => spaced(newest(relation)?.method ?? "") || null },
  {
    id: "confidence",
    header: "Confidence",
    width: 112,
    align: "right",
    value: (relation) => newest(relation)?.confidence ?? null,
    cell: (relation) => percent(newest(relation)),
  },
  {
    id: "seen",
    header: "Seen",
    width: 120,
    value: (relation) => newest(relation)?.at ?? null,
    cell: (relation) => {
      const at = newest(relation)?.at;
      return at && <Time at={at} />;
    },
  },
];

type Shown = "standing" | "guesses" | "rejected";

export function Relations({ view }: { view: EntityView }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [wanted, setShown] = useState<Shown>("standing");
  const rejected = view.relations.filter((one) => one.verdict === "rejected");
  const standing = view.relations.filter((one) => one.verdict !== "rejected");
  const guesses = standing.filter((one) => one.inferred);
  const lists = { standing, guesses, rejected };
  // The last of a list may have got another verdict just now.
  const shown = lists[wanted].length > 0 ? wanted : "standing";
  const relation = lists[shown].find((one) => one.id === chosen);
  return (
    <div className="split">
      {guesses.length + rejected.length > 0 && (
        <div className="relations-bar">
          <Segmented<Shown>
            label="Which relations"
            value={shown}
            choices={[
              { id: "standing", label: `All ${count(standing.length)}` },
              {
                id: "guesses",
                label: `Suggestions ${count(guesses.length)}`,
                disabled: guesses.length === 0 ? "Nothing was inferred" : undefined,
              },
              {
                id: "rejected",
                label: `Rejected ${count(rejected.length)}`,
                disabled: rejected.length === 0 ? "You rejected none" : undefined,
              },
            ]}
            onChange={setShown}
          />
        </div>
      )}
      <DataTable
        label={`Relations of ${view.name}`}
        view="entity.relations"
        rows={lists[shown]}
        columns={columns}
        rowId={(one) => one.id}
        entity={(one) => one.other}
        onSelect={(one) => setChosen(one?.id ?? null)}
        empty={
          <Empty icon={Unlink} title="No relations">
            Relations come from imports: what reads, writes or is built from this.
          </Empty>
        }
      />
      {relation && (
        <section className="evidence" aria-label="Evidence">
          <h3>
            Why: <SafeText>{view.name}</SafeText> {relation.direction === "out" ? "" : "← "}
            {spaced(relation.kind)} {relation.direction === "out" ? "→ " : ""}
            <SafeText>{relation.other.name}</SafeText>
          </h3>
          <SayOfRelation relation={relation.relation} verdict={relation.verdict} inferred={relation.inferred} />
          {relation.evidence.map((one) => (
            <div className="evidence-row" key={one.source + one.method + one.at}>
              <span className="strong">
                <SafeText>{sourceWords(one.source)}</SafeText>
              </span>
              <span className="quiet">
                <SafeText>{spaced(one.method)}</SafeText>, {one.confidence} % sure, <Time at={one.at} />
                {one.withdrawn && ", withdrawn"}
              </span>
              {one.detail !== null && (
                <span className="evidence-detail">
                  <JsonValue value={one.detail} />
                </span>
              )}
            </div>
          ))}
        </section>
      )}
    </div>
  );
}
