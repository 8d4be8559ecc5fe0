import { Undo2 } from "lucide-react";
import type { ChangeView, OperationView } from "../api/client";
import { Button } from "./Button";
import { fieldLabel, ValueView } from "./FieldList";
import { count } from "./format";
import { Name } from "./Name";
import { SafeText } from "./SafeText";
import { openEntity } from "./selection";
import { Time } from "./Time";
import { undoneBy, useUndo } from "./undo";
import { originWords } from "./words";

/** Who did it and through what, in one line. */
export function Author({ operation }: { operation: OperationView }) {
  return (
    <span className="author">
      <SafeText>{operation.actor}</SafeText>
      {operation.on_behalf_of && (
        <>
          {" "}
          for <SafeText>{operation.on_behalf_of}</SafeText>
        </>
      )}
      <span className="faint"> through {originWords(operation.origin)}</span>
    </span>
  );
}

export function UndoButton({ operation, readOnly }: { operation: OperationView; readOnly?: boolean }) {
  const { undo } = useUndo();
  if (undoneBy(operation)) return <span className="chip">undone</span>;
  return (
    <Button small icon={Undo2} look="quiet" isDisabled={readOnly ?? false} onPress={() => void undo(operation)}>
      {operation.import ? "Undo import" : "Undo"}
    </Button>
  );
}

interface ChangeListProps {
  changes: ChangeView[];
  /** Leaves the subject out where all changes are of one entity. */
  bare?: boolean;
  /** How many there are in all, when only the first are here. */
  total: number;
}

/** What changed: each field with its value before and after. */
export function ChangeList({ changes, bare, total }: ChangeListProps) {
  return (
    <div className="changes-list">
      {changes.map((change, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the changes of an operation never change
        <div className="change" key={index}>
          <div className="change-head">
            {!bare && (
              <button type="button" className="text-link change-subject" onClick={() => openEntity(change.subject)}>
                <Name>{change.subject_name}</Name>
              </button>
            )}
            <span className="quiet">{fieldLabel(change.field)}</span>
          </div>
          <div className="change-values">
            <div className="change-before">
              <span className="change-sign" role="img" aria-label="Before">
                −
              </span>
              <ValueView field="before" value={change.before} />
            </div>
            <div className="change-after">
              <span className="change-sign" role="img" aria-label="After">
                +
              </span>
              <ValueView field="after" value={change.after} />
            </div>
          </div>
        </div>
      ))}
      {total > changes.length && <p className="quiet">and {count(total - changes.length)} more changes</p>}
    </div>
  );
}

/** One operation in a history: title, who, when, what. */
export function OperationCard({ operation, readOnly }: { operation: OperationView; readOnly?: boolean }) {
  return (
    <article className="operation" data-undone={operation.undone_by !== null}>
      <div className="operation-head">
        <span className="strong">
          <SafeText>{operation.title}</SafeText>
        </span>
        <span className="spacer" />
        <UndoButton operation={operation} readOnly={readOnly ?? false} />
      </div>
      <div className="operation-by">
        <Author operation={operation} /> <Time at={operation.at} />
      </div>
      <ChangeList changes={operation.changes} total={operation.changes.length} bare />
    </article>
  );
}
