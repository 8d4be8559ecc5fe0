import { KindIcon } from "./KindIcon";
import { Name } from "./Name";
import { acts, type Selected, useSelected } from "./selection";

/** An entity by name: click selects, Space peeks, Enter or double click opens. */
export function EntityLink({ entity, code }: { entity: Selected; code?: boolean }) {
  const selected = useSelected()?.id === entity.id;
  return (
    <button type="button" className="entity-link" data-selected={selected} {...acts(entity)}>
      <KindIcon kind={entity.kind} />
      <Name code={code ?? false}>{entity.name}</Name>
    </button>
  );
}
