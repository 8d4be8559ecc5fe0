import { X } from "lucide-react";
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { VersionRow } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { TextInput } from "../shared/Field";
import { useEnter } from "../shared/modal";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useAct, useRead } from "../shared/query";
import { toast } from "../shared/toasts";
import { useUndo } from "../shared/undo";
import { usesText } from "./Versions";

/** Points an alias at a version, after showing what may get another version by it. */
export function MoveAlias({ alias: given, to, onClose }: { alias: string; to: VersionRow; onClose(): void }) {
  const [name, setName] = useState(given);
  const alias = name.trim();
  const plan = useRead("alias_plan", { alias, to: to.version.id }, { enabled: alias !== "", keepPrevious: true });
  const move = useAct("alias_move");
  const { undo } = useUndo();
  const save = (): void => {
    move.mutate(
      { alias, to: to.version.id },
      {
        onSuccess: ({ operation, title }) => {
          if (operation) {
            toast({
              text: title,
              action: { label: "Undo", run: () => void undo({ id: operation, title }) },
              offers: operation,
            });
          }
          onClose();
        },
      },
    );
  };
  useEnter(alias !== "" && !move.isPending ? save : null);
  const touches = plan.data?.touches ?? [];
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="dialog-box">
        <Dialog>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              {given ? `Point ${given} at ${to.version.name}` : `New alias for ${to.version.name}`}
            </Heading>
            <IconButton icon={X} label="Close" onPress={onClose} />
          </div>
          <div className="dialog-body">
            {!given && <TextInput label="Alias" value={name} onChange={setName} autoFocus />}
            {plan.error ? (
              <ErrorPanel what="What it touches could not be found out" error={plan.error} />
            ) : alias !== "" && !plan.data ? (
              <Skeleton rows={3} label="Looking at what it touches" />
            ) : plan.data ? (
              <div className="alias-plan">
                {plan.data.from.length > 0 ? (
                  <p>
                    It is taken from{" "}
                    {plan.data.from.map((from) => (
                      <EntityLink key={from.id} entity={from} />
                    ))}
                  </p>
                ) : (
                  <p className="quiet">Nothing has this alias now.</p>
                )}
                {touches.length > 0 ? (
                  <>
                    <p>What may get the other version: {usesText(touches)}.</p>
                    <ul className="alias-touches">
                      {touches
                        .flatMap((uses) => uses.some)
                        .slice(0, 30)
                        .map((one) => (
                          <li key={one.id}>
                            <EntityLink entity={one} />
                          </li>
                        ))}
                    </ul>
                  </>
                ) : (
                  <p className="quiet">As far as this catalog knows, nothing uses what it pointed at.</p>
                )}
              </div>
            ) : null}
            {move.error && <ErrorPanel what="The alias could not be moved" error={move.error} />}
          </div>
          <div className="dialog-foot">
            <span className="faint">It is one operation, and can be undone.</span>
            <span className="spacer" />
            <Button look="quiet" onPress={onClose}>
              Cancel
            </Button>
            <Button look="primary" isDisabled={alias === "" || move.isPending} onPress={save}>
              Point it here
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
