import { ArrowRight } from "lucide-react";
import type { EntityRelation, EntityView } from "../api/client";
import { EntityLink } from "../shared/EntityLink";
import { plural } from "../shared/format";
import { KindIcon } from "../shared/KindIcon";
import { Name } from "../shared/Name";
import { sideOf } from "./fields";

const shown = 6;

function distinct(relations: EntityRelation[]): EntityRelation["other"][] {
  return [...new Map(relations.map((relation) => [relation.other.id, relation.other])).values()];
}

/** The small lineage: one step up and one down, with how much lies beyond. */
export function Neighbours({ view, onAll }: { view: EntityView; onAll(): void }) {
  const up = distinct(view.relations.filter((relation) => sideOf(relation) === "upstream"));
  const down = distinct(view.relations.filter((relation) => sideOf(relation) === "downstream"));
  if (up.length + down.length === 0) return <p className="faint">Nothing is known to feed it or to use it.</p>;
  return (
    <div className="neighbours">
      <Side
        title={`${plural(view.counts.upstream, "source")} in all`}
        others={up}
        none="No source known"
        onAll={onAll}
      />
      <ArrowRight size={14} aria-hidden className="neighbours-arrow" />
      <div className="neighbours-self">
        <KindIcon kind={view.kind} />
        <Name strong>{view.name}</Name>
      </div>
      <ArrowRight size={14} aria-hidden className="neighbours-arrow" />
      <Side title={`${plural(view.counts.downstream, "use")} in all`} others={down} none="No use known" onAll={onAll} />
    </div>
  );
}

interface SideProps {
  title: string;
  others: EntityRelation["other"][];
  none: string;
  onAll(): void;
}

function Side({ title, others, none, onAll }: SideProps) {
  return (
    <div className="neighbours-side">
      {others.length === 0 ? (
        <span className="faint">{none}</span>
      ) : (
        <>
          <span className="neighbours-title">{title}</span>
          {others.slice(0, shown).map((other) => (
            <EntityLink key={other.id} entity={other} />
          ))}
          {others.length > shown && (
            <button type="button" className="text-link" onClick={onAll}>
              {others.length - shown} more
            </button>
          )}
        </>
      )}
    </div>
  );
}
