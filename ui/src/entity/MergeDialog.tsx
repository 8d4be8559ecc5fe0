import { X } from "lucide-react";
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { EntityView, Hit } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { SearchInput } from "../shared/Field";
import { KindIcon } from "../shared/KindIcon";
import { useEnter } from "../shared/modal";
import { Name } from "../shared/Name";
import { ErrorPanel } from "../shared/Panel";
import { useAct, useRead } from "../shared/query";
import { toast } from "../shared/toasts";
import { useUndo } from "../shared/undo";

/** Chooses an entity that means the same thing, and joins it into this one. */
export function MergeDialog({ view, onClose }: { view: EntityView; onClose(): void }) {
  const [text, setText] = useState(view.name);
  const [chosen, setChosen] = useState<Hit | null>(null);
  const merge = useAct("merge");
  const { undo } = useUndo();
  const { data } = useRead("search", { text, kinds: [view.kind], limit: 20 }, { keepPrevious: true });
  const others = (data?.hits ?? []).filter((hit) => hit.id !== view.id);
  const save = (): void => {
    if (!chosen) return;
    const title = `Merged ${chosen.name} into ${view.name}`;
    merge.mutate(
      { into: view.id, entities: [chosen.id] },
      {
        onSuccess: ({ operation }) => {
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
  useEnter(chosen && !merge.isPending ? save : null);
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="dialog-box">
        <Dialog>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              Merge into {view.name}
            </Heading>
            <IconButton icon={X} label="Close" onPress={onClose} />
          </div>
          <div className="dialog-body">
            <p className="quiet">
              Names, fields and relations of the other one move here. It can be split off again at any time.
            </p>
            <SearchInput label="Find the other one" value={text} onChange={setText} autoFocus />
            <div className="merge-list" role="radiogroup" aria-label="Entities">
              {others.map((hit) => (
                <label key={hit.id} className="merge-row" data-chosen={chosen?.id === hit.id}>
                  <input type="radio" name="merge" checked={chosen?.id === hit.id} onChange={() => setChosen(hit)} />
                  <KindIcon kind={hit.kind} />
                  <Name>{hit.name}</Name>
                  <span className="spacer" />
                  <span className="faint">
                    <Name code>{hit.qualified_names[0] ?? ""}</Name>
                  </span>
                </label>
              ))}
              {data && others.length === 0 && <p className="faint">No other entity of this kind matches.</p>}
            </div>
            {merge.error && <ErrorPanel what="The two were not merged" error={merge.error} />}
          </div>
          <div className="dialog-foot">
            <Button look="quiet" onPress={onClose}>
              Cancel
            </Button>
            <Button look="primary" isDisabled={!chosen || merge.isPending} onPress={save}>
              Merge
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
