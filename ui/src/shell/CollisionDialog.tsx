import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../shared/Button";
import { plural } from "../shared/format";
import { ChangeList } from "../shared/OperationCard";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { useStore } from "../shared/store";
import { collision, type Undoing, useUndo } from "../shared/undo";

export function CollisionDialog() {
  const undoing = useStore(collision);
  return undoing ? <Ask undoing={undoing} /> : null;
}

/** An undo never overwrites later edits without showing them. */
function Ask({ undoing }: { undoing: Undoing }) {
  const { data, error } = useRead("undo_plan", { operation: undoing.id });
  const { undo } = useUndo();
  const close = (): void => collision.set(null);
  const go = (later: "keep" | "overwrite"): void => {
    close();
    void undo(undoing, later);
  };
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
                <p>
                  {plural(data.collisions.length, "value was", "values were")} changed again since. The present value
                  comes first, then what undo would put in its place.
                </p>
                <ChangeList changes={data.collisions} total={data.collisions.length} />
              </>
            )}
          </div>
          <div className="dialog-foot">
            <Button look="quiet" onPress={close}>
              Cancel
            </Button>
            <Button isDisabled={!data} onPress={() => go("overwrite")}>
              Overwrite the later ones
            </Button>
            <Button look="primary" isDisabled={!data} onPress={() => go("keep")}>
              Undo the rest
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
