import { ArrowLeft, ArrowRight, Unlink } from "lucide-react";
import { useState } from "react";
import type { EntityView, Evidence, RelationView } from "../api/client";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import { Name } from "../shared/Name";
import { Empty } from "../shared/Panel";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { relationWords } from "./fields";

const percent = (confidence: number | null): string | null =>
  confidence === null ? null : `${Math.round(confidence * 100)} %`;
const newest = (relation: RelationView): Evidence | undefined =>
  [...relation.evidence].sort((a, b) => b.at.localeCompare(a.at))[0];

const columns: Column<RelationView>[] = [
  {
    id: "direction",
    header: "Direction",
    width: 90,
    value: (relation) => relation.direction,
    cell: (relation) =>
      relation.direction === "out" ? (
        <ArrowRight size={14} role="img" aria-label="To" />
      ) : (
        <ArrowLeft size={14} role="img" aria-label="From" />
      ),
  },
  { id: "kind", header: "Relation", width: 130, value: (relation) => relationWords(relation.kind) },
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
      </>
    ),
  },
  { id: "otherKind", header: "Kind", width: 110, value: (relation) => kindLabel(relation.other.kind) },
  {
    id: "source",
    header: "Said by",
    width: 190,
    value: (relation) => relation.evidence.map((one) => one.source).join(", "),
    cell: (relation) => (
      <span className="ellipsis">
        <SafeText>{newest(relation)?.source ?? "unknown"}</SafeText>
        {relation.evidence.length > 1 && <span className="faint"> and {relation.evidence.length - 1} more</span>}
      </span>
    ),
  },
  { id: "method", header: "How", width: 130, value: (relation) => newest(relation)?.method ?? null },
  {
    id: "confidence",
    header: "Confidence",
    width: 100,
    align: "right",
    value: (relation) => newest(relation)?.confidence ?? null,
    cell: (relation) => percent(newest(relation)?.confidence ?? null),
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

export function Relations({ view }: { view: EntityView }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const relation = view.relations.find((one) => one.id === chosen);
  return (
    <div className="split">
      <DataTable
        label={`Relations of ${view.name}`}
        view="entity.relations"
        rows={view.relations}
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
            {relationWords(relation.kind)} {relation.direction === "out" ? "→ " : ""}
            <SafeText>{relation.other.name}</SafeText>
          </h3>
          {relation.evidence.map((one) => (
            <div className="evidence-row" key={one.source + one.method + one.at}>
              <span className="strong">
                <SafeText>{one.source}</SafeText>
              </span>
              <span className="quiet">
                <SafeText>{one.method}</SafeText>
                {one.confidence !== null && `, ${percent(one.confidence)} sure`} <Time at={one.at} />
              </span>
              {one.detail && (
                <code className="evidence-detail">
                  <SafeText>{one.detail}</SafeText>
                </code>
              )}
            </div>
          ))}
        </section>
      )}
    </div>
  );
}
