import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { OnLater } from "../api/client";
import { Button } from "../shared/Button";
import { plural } from "../shared/format";
import { useEnter } from "../shared/modal";
import { ChangeList } from "../shared/OperationCard";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { useStore } from "../shared/store";
import { collision, type Undoing, useUndo } from "../shared/undo";

/** An undo that a person has to decide on. */
export function CollisionDialog() {
  const undoing = useStore(collision);
  return undoing ? <Ask undoing={undoing} /> : null;
}

/** An undo never overwrites later edits without showing them, and never takes an import back without saying how much. */
function Ask({ undoing }: { undoing: Undoing }) {
  const { data, error } = useRead("undo_plan", { operation: undoing.id });
  const { undo } = useUndo();
  const close = (): void => collision.set(null);
  const go = (later: OnLater): void => {
    close();
    void undo({ id: undoing.id, title: undoing.title }, later);
  };
  const collides = (data?.collision_count ?? 0) > 0;
  const asksOnly = undoing.import !== undefined && !collides;
  const empty = asksOnly && data?.change_count === 0;
  useEnter(data && !empty ? () => go(asksOnly ? "refuse" : "keep") : null);
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && close()}>
      <Modal className="dialog-box">
        <Dialog>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              Undo: {undoing.title}
            </Heading>
          </div>
          <div className="dialog-body">
            {error && <ErrorPanel what="The undo could not be planned" error={error} />}
            {!data && !error && <Skeleton rows={4} />}
            {data && (
              <>
                {undoing.import && (
                  <p>
                    {data.change_count === 0
                      ? "Nothing of this import is left to be taken back."
                      : `${plural(data.change_count, "change")} in ${plural(data.operations, "operation")} will be taken back. Importing the same again brings them back.`}
                  </p>
                )}
                {collides && (
                  <>
                    <p>
                      {plural(data.collision_count, "value was", "values were")} changed again since. The present value
                      comes first, then what undo would put in its place.
                    </p>
                    <ChangeList changes={data.collisions} total={data.collision_count} />
                  </>
                )}
              </>
            )}
          </div>
          <div className="dialog-foot">
            <Button look="quiet" onPress={close}>
              Cancel
            </Button>
            {asksOnly ? (
              <Button look="primary" isDisabled={!data || empty} onPress={() => go("refuse")}>
                Undo import
              </Button>
            ) : (
              <>
                <Button isDisabled={!data} onPress={() => go("overwrite")}>
                  Overwrite the later ones
                </Button>
                <Button look="primary" isDisabled={!data} onPress={() => go("keep")}>
                  Undo the rest
                </Button>
              </>
            )}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
